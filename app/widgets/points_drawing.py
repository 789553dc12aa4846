"""Drawing the map's points into a picture: a function of arrays, so that a lane can do it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from app.models import raster
from app.models.shading import Scene, Shade, shade

PICTURE_FROM_PX = 28.0  # room a point needs, on average, before pictures come by themselves


@dataclass(frozen=True)
class Frame:
    """The part of the plane on screen: data rectangle and logical pixels."""

    left: float
    right: float
    bottom: float
    top: float
    width_px: int
    height_px: int

    def to_pixels(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """Data positions [n, 2] to logical pixels [n, 2], y downwards."""
        factor = np.array(
            [
                self.width_px / (self.right - self.left),
                -self.height_px / (self.top - self.bottom),
            ],
            dtype=np.float32,
        )
        origin = np.array([self.left, self.top], dtype=np.float32)
        return np.asarray((places - origin) * factor, dtype=np.float32)

    def rect_in(self, other: "Frame") -> QRectF:
        """Where this part of the plane lies in the pixels of another frame."""
        corners = np.array([[self.left, self.top], [self.right, self.bottom]], dtype=np.float32)
        (x0, y0), (x1, y1) = other.to_pixels(corners).tolist()
        return QRectF(x0, y0, x1 - x0, y1 - y0)


@dataclass(frozen=True, eq=False)
class Drawing:
    """The points of a scene as drawn: ``pixels`` [n, 2], ``in_sight`` rows in drawing order."""

    frame: Frame
    shade: Shade
    image: QImage
    pixels: NDArray[np.float32]
    in_sight: NDArray[np.int32]
    radius_px: float
    picture_rows: NDArray[np.int64]
    picture_px: float


def draw(
    scene: Scene, known: Shade | None, frame: Frame, ratio: float, *, always_pictures: bool
) -> Drawing:
    """Draw the scene; ``known`` is its shade where that was worked out already."""
    done = known or shade(scene)
    pixels = frame.to_pixels(scene.places)
    x, y = pixels[:, 0], pixels[:, 1]
    seen = (x > -8) & (y > -8) & (x < frame.width_px + 8) & (y < frame.height_px + 8)
    in_sight = done.order[seen[done.order]]
    radius_px = raster.radius_for(len(in_sight), frame.width_px, frame.height_px)
    width, height = round(frame.width_px * ratio), round(frame.height_px * ratio)
    drawn = raster.draw(
        x[in_sight] * np.float32(ratio),
        y[in_sight] * np.float32(ratio),
        done.colours[in_sight],
        done.layers[in_sight],
        width,
        height,
        radius_px * ratio,
    )
    kind = QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(drawn.tobytes(), width, height, 4 * width, kind).copy()
    image.setDevicePixelRatio(ratio)
    rows, side_px = _choose_pictures(frame, pixels, in_sight, always=always_pictures)
    return Drawing(frame, done, image, pixels, in_sight, radius_px, rows, side_px)


def _choose_pictures(
    frame: Frame, pixels: NDArray[np.float32], in_sight: NDArray[np.int32], *, always: bool
) -> tuple[NDArray[np.int64], float]:
    """The points that have room for their picture, and its side in pixels."""
    room = (frame.width_px * frame.height_px / max(1, len(in_sight))) ** 0.5
    if not len(in_sight) or (room < PICTURE_FROM_PX and not always):
        return np.empty(0, dtype=np.int64), 0.0
    side_px = float(np.clip(room * 1.1, 44, 120))
    rows = in_sight[::-1]  # topmost first: selected, then coloured
    cells = np.floor(pixels[rows] / (side_px / 3)).astype(np.int64)
    _, first = np.unique(cells[:, 0] * 100_003 + cells[:, 1], return_index=True)
    rows = rows[np.sort(first)]
    kept = raster.spread(pixels[rows, 0], pixels[rows, 1], side_px + 4, limit=600)
    return rows[kept].astype(np.int64), side_px
