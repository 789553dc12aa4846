"""How one image is drawn in the grid: picture, name, class, score, selection."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap

from app.style.theme import FONT_PX, Theme
from app.widgets.part_box import draw_part
from core.catalogue.records import Image
from core.search.question import Region

AWAY_OPACITY = 0.4  # of images whose file is missing, or that were taken out


@dataclass(frozen=True)
class Tile:
    """What is to be drawn where; lengths in logical pixels."""

    rect: QRect
    side_px: float
    pixmap: QPixmap | None
    image: Image | None
    score: float | None
    is_selected: bool
    is_current: bool
    has_caption: bool
    box: Region | None = None  # the part of it that answers


class TilePainter:
    """Draws tiles with the theme's colours."""

    caption_px = 40

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._font = QFont()
        self._font.setPixelSize(FONT_PX - 1)
        self._metrics = QFontMetrics(self._font)
        # Shortening is the dearest part of a tile, and the same tiles are drawn again and again.
        # (Qt's method itself must not be wrapped: asking for its docstring takes 400 ms.)
        self._elided = lru_cache(4096)(lambda *how: self._metrics.elidedText(*how))

    def paint(self, painter: QPainter, tile: Tile, ratio: float) -> None:
        """Draw one tile."""
        rect = QRectF(tile.rect)
        frame = rect.adjusted(-3, -3, 3, 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if tile.is_selected:
            painter.setPen(QPen(self._theme.colour("accent"), 2 if tile.is_current else 1.5))
            painter.setBrush(self._theme.colour("accent_soft"))
            painter.drawRoundedRect(frame, 6, 6)
        place = QRectF(rect.x(), rect.y(), rect.width(), tile.side_px)
        if tile.pixmap is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("hover"))
            side = min(place.width(), place.height())
            blank = QRectF(0, 0, side * 0.8, side * 0.8)
            blank.moveCenter(place.center())
            painter.drawRoundedRect(blank, 4, 4)
        else:
            is_away = tile.image is not None and (tile.image.is_missing or tile.image.is_removed)
            painter.setOpacity(AWAY_OPACITY if is_away else 1.0)
            target = _draw_fitted(painter, tile.pixmap, place, tile.side_px, ratio)
            if tile.box is not None:
                draw_part(painter, self._theme, tile.box, target)
            painter.setOpacity(1.0)
        if tile.image is not None and tile.image.is_removed:
            self._note(painter, "Taken out", place)
        elif tile.image is not None and tile.image.is_missing:
            self._note(painter, "Missing", place)
        if tile.has_caption:
            self._caption(painter, tile, rect)
        elif tile.score is not None and tile.score == tile.score:
            self._badge(painter, f"{tile.score:.2f}", place)

    def paint_band(self, painter: QPainter, rect: QRect) -> None:
        """Draw the rubber band."""
        accent = self._theme.colour("accent")
        painter.setPen(QPen(accent, 1))
        painter.setBrush(QColor(accent.red(), accent.green(), accent.blue(), 40))
        painter.drawRect(rect)

    def _caption(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        painter.setFont(self._font)
        line = 16
        top = rect.y() + tile.side_px + 4
        first = QRectF(rect.x() + 4, top, rect.width() - 8, line)
        second = first.translated(0, line)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if tile.score is not None and tile.score == tile.score:
            text = f"{tile.score:.3f}"
            painter.setPen(self._theme.colour("accent"))
            painter.drawText(first, right, text)
            first.setWidth(first.width() - self._metrics.horizontalAdvance(text) - 6)
        if tile.image is None:
            return
        elide = self._elided
        middle = Qt.TextElideMode.ElideMiddle
        painter.setPen(self._theme.colour("text"))
        painter.drawText(first, left, elide(tile.image.name, middle, int(first.width())))
        painter.setPen(self._theme.colour("muted"))
        words = tile.image.class_name
        if tile.image.tags:
            words += "  ·  " + ", ".join(tile.image.tags)
        painter.drawText(
            second, left, elide(words, Qt.TextElideMode.ElideRight, int(second.width()))
        )

    def _note(self, painter: QPainter, text: str, place: QRectF) -> None:
        """Why the picture is pale, on its lower edge."""
        painter.setFont(self._font)
        width = min(place.width(), self._metrics.horizontalAdvance(text) + 16)
        badge = QRectF(0, 0, width, 20)
        badge.moveCenter(QPointF(place.center().x(), place.bottom() - 18))
        painter.setPen(QPen(self._theme.colour("border"), 1))
        painter.setBrush(self._theme.colour("raised"))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)

    def _badge(self, painter: QPainter, text: str, place: QRectF) -> None:
        painter.setFont(self._font)
        width = self._metrics.horizontalAdvance(text) + 8
        badge = QRectF(place.right() - width, place.bottom() - 18, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(QColor("white"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


def _draw_fitted(
    painter: QPainter, pixmap: QPixmap, place: QRectF, side_px: float, ratio: float
) -> QRectF:
    """Draw the pixmap centred; one made for another size is scaled for the moment. Returns where."""
    width, height = pixmap.width() / ratio, pixmap.height() / ratio
    longest = max(width, height, 1.0)
    is_sharp = abs(longest - side_px) < 1.5
    factor = 1.0 if is_sharp else side_px / longest
    target = QRectF(0, 0, width * factor, height * factor)
    target.moveCenter(place.center())
    if is_sharp:
        x = round(target.x() * ratio) / ratio
        y = round(target.y() * ratio) / ratio
        target.moveTopLeft(QPointF(x, y))
    painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
    return target
