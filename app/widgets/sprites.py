"""Pictures of points, each drawn once with its rim and then only copied."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.models.thumbnails import Thumbnails
from app.style.theme import Theme

MOST = 1_500  # kept: more than twice what is drawn at a time
RIM_PX = 2.0
FAINT = 0.32  # opacity of what filter or legend leave out
Key = tuple[int, int]


class Sprites:
    """Thumbnails at the size and with the rim they have on the map, by content and colour of the rim."""

    def __init__(
        self, theme: Theme, thumbnails: Thumbnails, side_px: float = 0.0, ratio: float = 1.0
    ) -> None:
        self._theme, self._thumbnails = theme, thumbnails
        self._made: dict[Key, tuple[QPixmap, QPixmap]] = {}  # of which thumbnail, and the sprite
        self._side_px, self._ratio = side_px, ratio

    def forget(self) -> None:
        """Let go of all."""
        self._made.clear()

    def want(self, contents: list[int], side_px: float, ratio: float) -> None:
        """These will be drawn, at this side in logical pixels."""
        if (side_px, ratio) != (self._side_px, self._ratio):
            self._made.clear()
            self._side_px, self._ratio = side_px, ratio
        self._thumbnails.set_side(round(120 * ratio))
        self._thumbnails.want(contents)

    def draw(
        self,
        painter: QPainter,
        centres: NDArray[np.float32],
        contents: NDArray[np.int64],
        rims: NDArray[np.uint32],
        faint: NDArray[np.bool_],
    ) -> None:
        """Draw those whose thumbnails are here, centred; [k] each, rims 0xrrggbb."""
        is_faint_now = False
        for (x, y), content, rim, is_faint in zip(
            centres.tolist(), contents.tolist(), rims.tolist(), faint.tolist(), strict=True
        ):
            sprite = self._sprite(content, rim)
            if sprite is None:
                continue
            if is_faint != is_faint_now:
                painter.setOpacity(FAINT if is_faint else 1.0)
                is_faint_now = is_faint
            half = sprite.deviceIndependentSize() / 2
            place = QPointF(round(x - half.width()), round(y - half.height()))
            painter.drawPixmap(place, sprite)
        painter.setOpacity(1.0)

    def _sprite(self, content: int, rim: int) -> QPixmap | None:
        thumbnail = self._thumbnails.get(content)
        if thumbnail is None:
            return None
        made = self._made.get((content, rim))
        if made is not None and made[0] is thumbnail:
            return made[1]
        if len(self._made) >= MOST:
            self._made.clear()
        sprite = self._make(thumbnail, QColor(rim))
        self._made[content, rim] = (thumbnail, sprite)
        return sprite

    def _make(self, thumbnail: QPixmap, rim: QColor) -> QPixmap:
        side, ratio = self._side_px, self._ratio
        aspect = thumbnail.width() / max(1, thumbnail.height())
        width, height = (side, side / aspect) if aspect >= 1 else (side * aspect, side)
        inner = QRectF(RIM_PX, RIM_PX, width, height)
        outer = inner.adjusted(-RIM_PX, -RIM_PX, RIM_PX, RIM_PX)
        sprite = QPixmap(round(outer.width() * ratio), round(outer.height() * ratio))
        sprite.setDevicePixelRatio(ratio)
        sprite.fill(Qt.GlobalColor.transparent)
        painter = QPainter(sprite)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(rim)
        painter.drawRoundedRect(outer, 5, 5)
        painter.drawPixmap(inner, thumbnail, QRectF(thumbnail.rect()))
        painter.end()
        return sprite
