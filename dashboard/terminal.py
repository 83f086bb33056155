"""What a running dashboard says in its terminal: plain lines, flushed, in English."""

import sys


def say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)


def print_link(link: str, *, used: bool = False) -> None:
    say(f"{'Signed in. For another browser' if used else 'Open'}: {link}")
