"""Blocks of a report laid out on pages: pieces that are never split, each with its height and how it is painted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtGui import QPainter

from app.report_drawing import POINT

PAGE_WIDTH, PAGE_HEIGHT = 595.0 * POINT, 842.0 * POINT  # A4
MARGIN, FOOT = 45.0 * POINT, 56.0 * POINT
WIDTH = PAGE_WIDTH - 2 * MARGIN
HEIGHT = PAGE_HEIGHT - MARGIN - FOOT


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that stays on one page. ``paint`` draws it at the painter's origin, ``height`` high; ``gap`` is left
    above it unless it is the first of its page. One that ``leads`` is not the last of a page; ``head`` is drawn
    again above one that begins a page. ``key`` names a place that the contents tell the page of."""

    height: float
    paint: Callable[[QPainter], None]
    gap: float = 0.0
    leads: bool = False
    head: "Piece | None" = None
    key: str = ""


@dataclass(slots=True)
class Page:
    """Pieces with the distance of each from the top."""

    pieces: list[tuple[float, Piece]] = field(default_factory=list)
    used: float = 0.0

    def room_for(self, wanted: float) -> bool:
        """Whether so much fits below what is there."""
        return self.used + wanted <= HEIGHT

    def put(self, piece: Piece) -> None:
        """Add it below."""
        top = self.used + (piece.gap if self.pieces else 0)
        self.pieces.append((top, piece))
        self.used = top + piece.height


def flow(pieces: Iterable[Piece], first: Page) -> list[Page]:
    """All pieces on pages, the first of which may hold something already."""
    every = list(pieces)
    pages = [first]
    for place, piece in enumerate(every):
        needed = piece.gap + piece.height
        # What leads goes on with what it leads to.
        for one, following in pairwise(every[place:]):
            if not one.leads:
                break
            needed += following.gap + following.height
        if pages[-1].pieces and not pages[-1].room_for(needed):
            pages.append(Page())
            if piece.head is not None:
                pages[-1].put(piece.head)
        pages[-1].put(piece)
    return pages


def pages_of(pages: list[Page]) -> dict[str, int]:
    """The number of the page, from 1, by the key of a piece."""
    return {
        piece.key: number
        for number, page in enumerate(pages, 1)
        for _, piece in page.pieces
        if piece.key
    }
