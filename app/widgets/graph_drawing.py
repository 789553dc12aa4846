"""How members and links of a group are drawn; what a person said differs from what a machine found by more than hue."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.models.group_rows import Line, Node
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from app.widgets import fonts, thumb

RADIUS_PX, CROWN_PX, MARK_PX = 5.0, 22.0, 20.0
THIN_PX, THICK_PX = 1.25, 4.5
LOOSE = 0.7  # the score of the thinnest line
COLOURS = {
    "duplicate": "success",
    "similar": "muted",
    "different": "danger",
    "unsure": "muted",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a member stands. ``is_far``: it would be on the other side of a cut."""

    is_selected: bool = False
    is_hovered: bool = False
    is_focused: bool = False
    is_far: bool = False


def distance(where: QPointF, a: QPointF, b: QPointF) -> float:
    """From a point to the line from ``a`` to ``b``, in pixels."""
    along = b - a
    length = along.x() ** 2 + along.y() ** 2
    away = where - a
    share = (away.x() * along.x() + away.y() * along.y()) / length if length else 0.0
    nearest = a + along * max(0.0, min(1.0, share))
    return math.hypot(where.x() - nearest.x(), where.y() - nearest.y())


def strength(score: float) -> float:
    """How strong a line of this score looks, 0 to 1."""
    return max(0.0, min(1.0, (score - LOOSE) / (1.0 - LOOSE)))


def draw_line(
    painter: QPainter,
    theme: Theme,
    line: Line,
    a: QPointF,
    b: QPointF,
    *,
    is_chosen: bool,
    is_hovered: bool,
) -> None:
    """A link: wider and darker the more alike; the weakest dashed; a person's word in a colour and style of its own."""
    strong = strength(line.score)
    if is_chosen:
        colour = theme.colour("accent")
        colour.setAlphaF(0.35)
        painter.setPen(QPen(colour, THICK_PX + 4, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(a, b)
    name = COLOURS[line.verdict] if line.verdict else "warning" if line.is_weakest else "muted"
    colour = QColor(theme.colour(name))
    is_plain = line.verdict is None and not line.is_weakest
    colour.setAlphaF(0.3 + 0.55 * strong if is_plain and not (is_chosen or is_hovered) else 1.0)
    pen = QPen(colour, THIN_PX + (THICK_PX - THIN_PX) * strong)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if line.is_weakest:
        pen.setWidthF(max(2.5, pen.widthF()))
        pen.setDashPattern([4, 2.5])
    elif line.verdict in ("similar", "different"):
        pen.setWidthF(2)
        pen.setDashPattern([1.5, 2.5])
    elif line.verdict == "unsure":
        pen.setWidthF(2)
        pen.setDashPattern([1, 4])
    if is_hovered:
        pen.setWidthF(pen.widthF() + 1.5)
    painter.setPen(pen)
    painter.drawLine(a, b)


def draw_mark(painter: QPainter, theme: Theme, line: Line, place: QPointF, has_words: bool) -> None:
    """At the middle of a link: a tick, a cross or a question mark for what was said, "weakest" in words."""
    painter.setFont(fonts.sized(painter.font(), 11, is_strong=True))
    words = f"{100 * line.score:.0f} %" if has_words else ""
    if line.is_weakest:
        words = f"weakest  {words}".strip()
    sign = {"duplicate": "✓", "different": "✕", "similar": "≈", "unsure": "?"}.get(
        line.verdict or "", ""
    )
    shown = f"{sign} {words}".strip()
    if not shown:
        return
    wide = max(MARK_PX, painter.fontMetrics().horizontalAdvance(shown) + 12)
    rect = QRectF(0, 0, wide, MARK_PX)
    rect.moveCenter(place)
    name = COLOURS[line.verdict] if line.verdict else "warning" if line.is_weakest else "muted"
    painter.setPen(QPen(theme.colour(name), 1.25))
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(rect, MARK_PX / 2, MARK_PX / 2)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_node(
    painter: QPainter, theme: Theme, thumbnails: Thumbnails, node: Node, rect: QRectF, look: Look
) -> None:
    """A member: its picture whole, the keeper with a crown, files of the same bytes as a count."""
    shape = QPainterPath()
    shape.addRoundedRect(rect, RADIUS_PX, RADIUS_PX)
    painter.fillPath(shape, theme.colour("raised"))
    pixmap = thumbnails.get(node.content_id)
    if pixmap is not None and not pixmap.isNull():
        target = thumb.fitted(pixmap, rect.adjusted(3, 3, -3, -3))
        painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
    name, wide = "outline", 1.0
    if node.is_keeper:
        name, wide = "text", 1.5
    if look.is_far:
        name, wide = "warning", 2.5
    if look.is_selected or look.is_hovered:
        name, wide = "accent", 2.5 if look.is_selected else 1.5
    pen = QPen(theme.colour(name), wide)
    if look.is_far and not look.is_selected:
        pen.setDashPattern([3, 2])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)
    if look.is_focused:
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 4), RADIUS_PX + 3, RADIUS_PX + 3)
    if node.is_keeper:
        draw_crown(painter, theme, QPointF(rect.left() + 2, rect.top() + 2))
    if node.copies > 1:
        _draw_copies(painter, theme, node.copies, rect)


def draw_crown(painter: QPainter, theme: Theme, place: QPointF) -> None:
    """The badge of what is kept, from its top left corner on."""
    badge = QRectF(place.x(), place.y(), CROWN_PX, CROWN_PX)
    painter.setPen(QPen(theme.colour("raised"), 1.5))
    painter.setBrush(theme.colour("accent"))
    painter.drawEllipse(badge)
    points = [
        (0.0, 0.3),
        (0.27, 0.55),
        (0.5, 0.15),
        (0.73, 0.55),
        (1.0, 0.3),
        (0.88, 0.95),
        (0.12, 0.95),
    ]
    box = badge.adjusted(5.5, 5, -5.5, -6.5)
    crown = QPolygonF(
        [QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in points]
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("on_accent"))
    painter.drawPolygon(crown)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_copies(painter: QPainter, theme: Theme, copies: int, rect: QRectF) -> None:
    painter.setFont(fonts.sized(painter.font(), 11, is_strong=True))
    words = f"× {copies}"
    wide = painter.fontMetrics().horizontalAdvance(words) + 10
    badge = QRectF(rect.right() - wide - 3, rect.bottom() - 21, wide, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("raised"))
    painter.drawRoundedRect(badge, 9, 9)
    painter.setPen(theme.colour("text"))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_more(painter: QPainter, theme: Theme, more: int, rect: QRectF) -> None:
    """How many members there is no room for."""
    painter.setFont(fonts.sized(painter.font(), 12))
    words = f"The keeper and what is nearest to it; {more:,} more members are listed below"
    painter.setPen(theme.colour("muted"))
    line = rect.adjusted(12, 6, -12, -6)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, words)
