"""Two strips of neighbours, one below the other: what only one of them has is framed and bears a sign."""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from app.models.compare import CompareRow, Mark
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import thumb

GAP_PX, LETTER_PX = 3, 16
PALE = 0.35  # of another class
SIDES = ("A", "B")


def places(
    row: CompareRow, left: float, top: float, right: float, side_px: float
) -> Iterator[tuple[int, int, QRectF, Mark]]:
    """(strip, number, where, neighbour) of those that there is room for from ``left`` to ``right``."""
    room = max(1, int((right - left - LETTER_PX + GAP_PX) // (side_px + GAP_PX)))
    for strip, marks in enumerate((row.a, row.b)):
        y = top + strip * (side_px + GAP_PX)
        for number, mark in enumerate(marks[:room]):
            x = left + LETTER_PX + number * (side_px + GAP_PX)
            yield strip, number, QRectF(x, y, side_px, side_px), mark


def draw_letters(painter: QPainter, theme: Theme, left: float, top: float, side_px: float) -> None:
    """Which strip is whose."""
    font = QFont(painter.font())
    font.setPixelSize(11)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(theme.colour("muted"))
    for strip, letter in enumerate(SIDES):
        line = QRectF(left, top + strip * (side_px + GAP_PX), LETTER_PX, side_px)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, letter)


def draw_mark(
    painter: QPainter,
    theme: Theme,
    thumbnails: Thumbnails,
    rect: QRectF,
    mark: Mark,
    strip: int,
) -> None:
    """One neighbour: pale where it is of another class; framed, with + or −, where it is in this strip alone."""
    painter.setOpacity(PALE if mark.is_own is False else 1.0)
    thumb.draw(painter, theme, thumbnails, rect, mark.picture.content_id)
    painter.setOpacity(1.0)
    if not mark.is_alone:
        return
    colour = theme.colour("success" if strip else "danger")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(colour, 1.75)
    if not strip:
        pen.setDashPattern([2.5, 1.5])
    painter.setPen(pen)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), thumb.RADIUS_PX, thumb.RADIUS_PX)
    size = max(11.0, rect.width() / 3.6)
    badge = QRectF(rect.right() - size, rect.y(), size, size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(badge, 3, 3)
    painter.setPen(QPen(theme.colour("raised"), 1.75))
    middle, arm = badge.center(), size / 2 - 2.75
    painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))
    if strip:
        painter.drawLine(middle - QPointF(0, arm), middle + QPointF(0, arm))
