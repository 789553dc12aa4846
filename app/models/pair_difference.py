"""What two pictures that lie over each other differ in, as a picture: grey where they agree, bright where not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPainter, QTransform

AMPLIFIED = 4.0  # a quarter of the range of a colour is drawn as the most there is
DIFFERS = 24  # of 255: less is noise of JPEG
DIM = 0.45  # of the grey below the colour
HEAT = ((0.0, (0, 0, 0)), (0.35, (176, 58, 12)), (0.7, (245, 150, 30)), (1.0, (255, 240, 190)))


@dataclass(frozen=True, slots=True)
class Difference:
    """``image`` was drawn where ``base`` takes the plane of A. ``share`` of what both show that differs, 0 to 1;
    None where they do not meet in what is in sight."""

    image: QImage
    base: QTransform
    share: float | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture, how large its file is, and where its pixels come to lie in the pane."""

    image: QImage
    file_px: QSizeF
    placed: QTransform


def difference(a: Placed, b: Placed, base: QTransform, size: QSize) -> Difference:
    """The absolute difference of both in a pane of ``size`` device pixels. Safe in any thread."""
    one, other = _drawn(a, size), _drawn(b, size)
    is_shared = (one[..., 3] > 250) & (other[..., 3] > 250)
    gap = np.abs(one[..., :3].astype(np.int16) - other[..., :3]).max(axis=2)
    gap[~is_shared] = 0
    heat = _heat(np.minimum(1.0, gap * (AMPLIFIED / 255)))
    shown = np.where(one[..., 3:] > 250, one, other)[..., :3]
    grey = shown @ np.array([0.114, 0.587, 0.299], dtype=np.float32) * DIM
    alpha = np.maximum(one[..., 3], other[..., 3])
    made = np.empty((size.height(), size.width(), 4), dtype=np.uint8)
    weight = np.minimum(1.0, gap / DIFFERS)[..., None]
    made[..., :3] = np.clip(grey[..., None] * (1 - weight) + heat * weight, 0, 255)
    made[..., 3] = 255
    made[alpha < 250] = 0
    shared = int(is_shared.sum())
    share = float((gap >= DIFFERS).sum() / shared) if shared else None
    image = QImage(
        made.tobytes(), size.width(), size.height(), 4 * size.width(), QImage.Format.Format_ARGB32
    )
    return Difference(image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied), base, share)


def _drawn(picture: Placed, size: QSize) -> NDArray[np.uint8]:
    """As it lies in the pane: blue, green, red and alpha, uint8 [h, w, 4]."""
    canvas = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(picture.placed)
    painter.drawImage(QRectF(QPointF(), picture.file_px), picture.image)
    painter.end()
    lines = np.frombuffer(canvas.constBits(), dtype=np.uint8)
    return np.array(lines.reshape(size.height(), canvas.bytesPerLine() // 4, 4)[:, : size.width()])


def _heat(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """0 to 1 as blue, green and red: lightness goes one way, so that it reads without hues."""
    stops = [place for place, _ in HEAT]
    return np.stack(
        [np.interp(values, stops, [colour[at] for _, colour in HEAT]) for at in (2, 1, 0)], axis=-1
    ).astype(np.float32)
