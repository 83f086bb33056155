"""Writes the painted part of static/css/diagram.css: `python -m tests.topology.stylesheet`."""

from pathlib import Path

from sidecars.diagram.paint import stylesheet

FILE = Path(__file__).parents[2] / "static/css/diagram.css"
BEGIN, END = "  /* paint: begin */\n", "  /* paint: end */\n"


def painted(text: str) -> str:
    return text.split(BEGIN, 1)[1].split(END, 1)[0]


def write() -> None:
    text = FILE.read_text()
    FILE.write_text(text.replace(BEGIN + painted(text) + END, BEGIN + stylesheet() + END))


if __name__ == "__main__":
    write()
