"""What a page of a report is made of: sections of blocks, in words. HTML and PDF both write these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from core.export.drawing import Drawing
from core.export.report import Picture

Tone = Literal["body", "muted", "note"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a note says what to do where something is not there."""

    text: str
    tone: Tone = "body"


@dataclass(frozen=True, slots=True)
class Heading:
    """Of a part of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers to read at a glance: (number, what it counts)."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Names with a bar for each count; ``more`` says what is left out."""

    title: str
    rows: tuple[tuple[str, int], ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under ``columns``; those in ``numbers`` (places) stand right, those in ``codes`` are paths and
    hashes."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = field(default_factory=frozenset)
    codes: frozenset[int] = field(default_factory=frozenset)
    more: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with a line or two below it; a marked one stands out from those beside it."""

    picture: Picture
    caption: str
    under: str = ""
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Shots:
    """Pictures in rows, under a title with a line beside it."""

    title: str
    text: str
    shots: tuple[Shot, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing under its title, made for the width that it will have."""

    title: str
    draw: Callable[[float], Drawing]


@dataclass(frozen=True, slots=True)
class Chart2:
    """Two charts side by side where there is room."""

    left: Chart
    right: Chart


@dataclass(frozen=True, slots=True)
class Mapped:
    """A map: PNG pictures for light and dark grounds, and (name, images) for each colour of the palette, in order;
    ``others`` have that of points without a class."""

    title: str
    light: bytes
    dark: bytes
    words: str
    legend: tuple[tuple[str, int], ...]
    others: int
    texts: tuple[str, ...]


Block = Text | Heading | Figures | Bars | Table | Shots | Chart | Chart2 | Mapped


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: ``key`` names it for links, ``summary`` is its one sentence in the contents."""

    key: str
    title: str
    summary: str
    blocks: tuple[Block, ...]
