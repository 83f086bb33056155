"""The measures of the picture, in SVG units (about 1 px)."""

from dataclasses import dataclass

CARD_WIDTH = 276.0
SINGLE_WIDTH = 560.0
GAP = 30.0
MARGIN = 6.0  # around the shell
PADDING = 34.0  # inside the shell
LEFT = MARGIN + PADDING
TOP = 8.0
CHIP_HEIGHT = 46.0
CHIP_GAP = 8.0
SHELL_BELOW_CHIPS = 32.0
RAIL_BELOW_SHELL = 42.0
RAIL_HEIGHT = 30.0
LANE = 14.0
ENTRY_LANE = 16.0  # rows between shell and rail for wires that go to another column
CARDS_BELOW_RAIL = 50.0
HEAD = 58.0
ROW = 29.0
PIN_INSET = 34.0
PIN_STEP = 26.0
TANKS_BELOW_CARDS = 54.0
TANK_HEIGHT = 52.0
TANK_GAP = 18.0
TANK_CAP = 11.0
STREAM_ROW = 30.0  # a flow of files on its tank
STREAM_HEIGHT = 24.0
PORT_HEIGHT = 30.0
PORT_GAP = 8.0
SOCKET_INSET = 36.0  # of the first jack
PLUG_INSET = 66.0  # of the first plug's middle, from the right


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the cards stand."""

    count: int

    @property
    def card_width(self) -> float:
        return CARD_WIDTH if self.count > 1 else SINGLE_WIDTH

    @property
    def width(self) -> float:
        count = max(self.count, 1)
        return 2 * (MARGIN + PADDING) + count * self.card_width + (count - 1) * GAP

    @property
    def right(self) -> float:
        return self.width - LEFT

    def x(self, index: int) -> float:
        return LEFT + index * (self.card_width + GAP)


@dataclass(frozen=True, slots=True)
class Levels:
    """The heights at which the bands begin; outside and rail grow, all below shifts."""

    shell: float
    rail: float
    rail_height: float

    @property
    def cards(self) -> float:
        return self.rail + self.rail_height + CARDS_BELOW_RAIL
