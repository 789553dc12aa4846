"""The part of the map's plane that is on screen, and how its coordinates become pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF


@dataclass(frozen=True)
class Frame:
    """A rectangle of data and the logical pixels it is shown on; y of the data points upwards."""

    left: float
    right: float
    bottom: float
    top: float
    width_px: int
    height_px: int

    @property
    def x_per_px(self) -> float:
        """Data units a pixel is wide."""
        return (self.right - self.left) / self.width_px

    @property
    def y_per_px(self) -> float:
        """Data units a pixel is high."""
        return (self.top - self.bottom) / self.height_px

    def to_pixels(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """Data positions [n, 2] to logical pixels [n, 2], y downwards."""
        factor = np.array([1 / self.x_per_px, -1 / self.y_per_px], dtype=np.float32)
        origin = np.array([self.left, self.top], dtype=np.float32)
        return np.asarray((places - origin) * factor, dtype=np.float32)

    def pixel_of(self, x: float, y: float) -> QPointF:
        """Where a data position is drawn."""
        return QPointF((x - self.left) / self.x_per_px, (self.top - y) / self.y_per_px)

    def place_of(self, pixel: QPointF) -> tuple[float, float]:
        """The data position under a pixel."""
        return self.left + pixel.x() * self.x_per_px, self.top - pixel.y() * self.y_per_px

    def rect_in(self, other: "Frame") -> QRectF:
        """Where this part of the plane lies in the pixels of another frame."""
        return QRectF(other.pixel_of(self.left, self.top), other.pixel_of(self.right, self.bottom))

    def widened(self, margin_px: int) -> "Frame":
        """The same with a margin on every side, at the same scale."""
        dx, dy = margin_px * self.x_per_px, margin_px * self.y_per_px
        return Frame(
            self.left - dx, self.right + dx, self.bottom - dy, self.top + dy,
            self.width_px + 2 * margin_px, self.height_px + 2 * margin_px,
        )  # fmt: skip

    def resized(self, width_px: int, height_px: int) -> "Frame":
        """The same middle on other pixels, at a scale at which all of it is seen."""
        per_px = max((self.right - self.left) / width_px, (self.top - self.bottom) / height_px)
        x, y = (self.left + self.right) / 2, (self.bottom + self.top) / 2
        dx, dy = per_px * width_px / 2, per_px * height_px / 2
        return Frame(x - dx, x + dx, y - dy, y + dy, width_px, height_px)

    def holds(self, bounds: tuple[float, float, float, float]) -> bool:
        """Whether a rectangle of data (left, right, bottom, top) is all in sight."""
        left, right, bottom, top = bounds
        return (
            self.left <= left and right <= self.right and self.bottom <= bottom and top <= self.top
        )

    def shows(self, other: "Frame") -> bool:
        """Whether a picture of this frame holds all of the other, at the same scale."""
        wide, high = self.x_per_px, self.y_per_px
        return (
            abs(other.x_per_px / wide - 1) * other.width_px < 0.5
            and abs(other.y_per_px / high - 1) * other.height_px < 0.5
            and self.left <= other.left + 0.5 * wide
            and self.right >= other.right - 0.5 * wide
            and self.bottom <= other.bottom + 0.5 * high
            and self.top >= other.top - 0.5 * high
        )
