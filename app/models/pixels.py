"""Pictures between Qt and numpy: what was pasted for the engine, what the engine found for a chip."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage

from app.models.thumbnails import from_jpeg
from core.operations.portraits import Portrait
from core.search.question import Region

_LONGEST_PX = 1024  # more tells an encoder nothing


def to_rgb(image: QImage) -> NDArray[np.uint8]:
    """The pixels as uint8 [h, w, 3]; at most 1024 a side."""
    if max(image.width(), image.height()) > _LONGEST_PX:
        image = image.scaled(
            _LONGEST_PX,
            _LONGEST_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), dtype=np.uint8)
    lines = lines.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    # A copy: the bytes belong to the image, which ends here.
    return np.array(lines.reshape(image.height(), image.width(), 3))


def stamp(portrait: Portrait, region: Region | None, side_px: int) -> QImage:
    """The middle square of a portrait, or of the part of it that is meant; null where it has no picture."""
    if portrait.pixels is not None:
        height, width = portrait.pixels.shape[:2]
        data = portrait.pixels.tobytes()
        image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    else:
        image = from_jpeg(portrait.jpeg) if portrait.jpeg else QImage()
    if image.isNull():
        return image
    x, y, wide, high = region or (0.0, 0.0, 1.0, 1.0)
    width, height = max(1, round(wide * image.width())), max(1, round(high * image.height()))
    left, top = round(x * image.width()), round(y * image.height())
    side = min(width, height)
    square = QRect(left + (width - side) // 2, top + (height - side) // 2, side, side)
    return image.copy(square).scaled(
        side_px,
        side_px,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
