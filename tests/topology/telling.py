"""What a file says, as short words: "call 4 127.0.0.1:8080", "listen 1 :53/udp", "read 3 /logs/*.log"."""

from sidecars.edges import formats
from sidecars.edges.formats.mentions import Mention


def told(name: str, content: str) -> set[str]:
    return {_words(mention) for mention in formats.read(name, content)}


def _words(mention: Mention) -> str:
    where = mention.path
    if address := mention.address:
        where = address.shown + ("/udp" if address.protocol == "udp" else "")
    return f"{mention.says} {mention.line} {where}{' assumed' if mention.is_inferred else ''}"
