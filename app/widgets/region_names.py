"""Draws the names of regions over the map: none over another, each with a casing in the ground's colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from app.models.frame import Frame
from app.models.region_labels import Label, Regions
from app.style.theme import Theme

SIZES_PX = (15, 13, 12)  # for the largest regions, for large ones, for all others
LONGEST_PX = 168
CASING_PX = 3.5
GAP_PX = 10.0
MOST = 48
TOO_FEW = 150  # a region with so many times fewer points than the largest in sight is not named
KEPT = 600
Placed = tuple[QRectF, Label, int]


class RegionNames:
    """Places and draws labels; keeps drawn texts and the last placing."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._texts: dict[tuple[str, int, str, float], QPixmap] = {}
        self._placed: list[Placed] = []
        self._of: tuple[Frame, Regions] | None = None

    def at(self, place: QPointF) -> Label | None:
        """The label drawn last under a position."""
        return next((label for rect, label, _ in self._placed if rect.contains(place)), None)

    def place(self, frame: Frame, regions: Regions) -> list[Placed]:
        """The labels that have room, largest first: where, which, and the size of the text."""
        if self._of is None or self._of[0] != frame or self._of[1] is not regions:
            self._placed, self._of = placed(frame, regions), (frame, regions)
        return self._placed

    def draw(self, painter: QPainter, frame: Frame, regions: Regions) -> None:
        """Draw them with a painter in logical pixels of the frame."""
        ratio = painter.device().devicePixelRatioF()
        for rect, label, size_px in self.place(frame, regions):
            key = (label.text, size_px, self._theme.tokens.name, ratio)
            text = self._texts.get(key)
            if text is None:
                if len(self._texts) >= KEPT:
                    self._texts.clear()
                text = self._texts[key] = _drawn(label.text, size_px, self._theme, rect, ratio)
            painter.drawPixmap(QPointF(round(rect.x()), round(rect.y())), text)


def placed(frame: Frame, regions: Regions) -> list[Placed]:
    """Greedily, by weight: a name that would touch another is left out."""
    found: list[Placed] = []
    view = QRectF(0, 0, frame.width_px, frame.height_px)
    labels = regions.in_sight(frame)
    largest = labels[0].weight if labels else 0
    for label in labels:
        if label.weight * TOO_FEW < largest:
            break
        step = 0 if label.weight >= largest / 3 else 1 if label.weight >= largest / 12 else 2
        metrics = QFontMetricsF(font_of(SIZES_PX[step]))
        width = metrics.horizontalAdvance(shortened(label.text, metrics)) + 2 * CASING_PX
        rect = QRectF(0, 0, width, metrics.height() + 2 * CASING_PX)
        rect.moveCenter(frame.pixel_of(label.x, label.y))
        apart = rect.adjusted(-GAP_PX, -GAP_PX / 2, GAP_PX, GAP_PX / 2)
        if view.contains(rect) and not any(apart.intersects(other) for other, _, _ in found):
            found.append((rect, label, SIZES_PX[step]))
            if len(found) == MOST:
                break
    return found


def font_of(size_px: int) -> QFont:
    """The window's font, heavier."""
    font = QFont(QGuiApplication.font())
    font.setPixelSize(size_px)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def shortened(text: str, metrics: QFontMetricsF) -> str:
    """The text, cut in its middle where it is too long."""
    return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, LONGEST_PX)


def outline_of(text: str, size_px: int, rect: QRectF) -> QPainterPath:
    """The text's outline, where it is drawn in ``rect``."""
    font = font_of(size_px)
    metrics = QFontMetricsF(font)
    path = QPainterPath()
    base = QPointF(rect.x() + CASING_PX, rect.y() + CASING_PX + metrics.ascent())
    path.addText(base, font, shortened(text, metrics))
    return path


def _drawn(text: str, size_px: int, theme: Theme, rect: QRectF, ratio: float) -> QPixmap:
    picture = QPixmap(round(rect.width() * ratio) + 1, round(rect.height() * ratio) + 1)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = outline_of(text, size_px, QRectF(0, 0, rect.width(), rect.height()))
    casing = theme.colour("canvas")
    casing.setAlphaF(0.85)
    pen = QPen(casing, 2 * CASING_PX)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(outline, pen)
    painter.fillPath(outline, theme.colour("text"))
    painter.end()
    return picture
