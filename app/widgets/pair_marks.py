"""What is drawn over a pair: the letter of a side, what was answered, how a difference is read."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

from app.models.pair_difference import AMPLIFIED, HEAT, Difference
from app.style.theme import Theme
from app.widgets import fonts

BADGE_PX, EDGE_PX, KEY_PX = 24.0, 8.0, 96.0


def draw_letter(
    painter: QPainter, theme: Theme, pane: QRectF, letter: str, *, is_swapped: bool
) -> None:
    """The letter of what is shown in a pane, in its corner; in the accent where it is not its own place."""
    place = QRectF(pane.x() + EDGE_PX, pane.y() + EDGE_PX, BADGE_PX, BADGE_PX)
    ground, ink = ("accent", "on_accent") if is_swapped else ("raised", "text")
    _plate(painter, theme, place, ground)
    _write(painter, theme, place, letter, ink)


def draw_verdict(painter: QPainter, theme: Theme, whole: QRectF, verdict: str) -> None:
    """What was answered, in the middle below, while it is being stored."""
    words = verdict.capitalize()
    painter.setFont(fonts.sized(painter.font(), 15, is_strong=True))
    wide = painter.fontMetrics().horizontalAdvance(words) + 32
    place = QRectF(0, 0, wide, 36)
    place.moveCenter(QPointF(whole.center().x(), whole.bottom() - 36))
    _plate(painter, theme, place, "accent")
    _write(painter, theme, place, words, "on_accent", 15)


def draw_focus(painter: QPainter, theme: Theme, pane: QRectF) -> None:
    """A line around the pane that the keyboard is about."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("accent"), 2))
    painter.drawRect(pane.adjusted(1, 1, -1, -1))


def draw_difference_key(
    painter: QPainter, theme: Theme, pane: QRectF, found: Difference | None
) -> None:
    """What the colours of a difference mean, and how much of it there is."""
    words = "Comparing…"
    if found is not None:
        words = "Nothing in common in sight"
        if found.share is not None:
            words = share_words(found.share)
    painter.setFont(fonts.sized(painter.font(), 12, is_strong=True))
    wide = painter.fontMetrics().horizontalAdvance(words) + 3 * EDGE_PX + KEY_PX
    place = QRectF(pane.x() + EDGE_PX, pane.y() + EDGE_PX, wide, BADGE_PX)
    _plate(painter, theme, place, "raised")
    bar = QRectF(place.x() + EDGE_PX, place.center().y() - 4, KEY_PX, 8)
    ramp = QLinearGradient(bar.topLeft(), bar.topRight())
    for at, colour in HEAT:
        ramp.setColorAt(at, QColor(*colour))
    painter.fillRect(bar, ramp)
    painter.setPen(theme.colour("text"))
    painter.drawText(
        place.adjusted(2 * EDGE_PX + KEY_PX, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words
    )


def share_words(share: float) -> str:
    """How much of what is in sight differs."""
    if share == 0:
        return "No difference in sight"
    if share < 0.001:
        return "Less than 0.1 % in sight differs"
    digits = 1 if share < 0.1 else 0
    return f"{100 * share:.{digits}f} % in sight differs"


DIFFERENCE_TOLD = f"Bright is different: {100 / AMPLIFIED:.0f} % of the range of a colour, or more, is the brightest."


def _plate(painter: QPainter, theme: Theme, place: QRectF, ground: str) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("border"), 1))
    painter.setBrush(theme.colour(ground))
    painter.drawRoundedRect(place, 6, 6)
    painter.restore()


def _write(
    painter: QPainter, theme: Theme, place: QRectF, words: str, ink: str, size_px: int = 13
) -> None:
    painter.setFont(fonts.sized(painter.font(), size_px, is_strong=True))
    painter.setPen(theme.colour(ink))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
