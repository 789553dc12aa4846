"""Whole pictures for the inspector and the full view, decoded off the window's thread."""

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from core.operations import images

if TYPE_CHECKING:
    from core.project import Project


def load_picture(project: "Project", image_id: int, max_px: int) -> QImage:
    """The upright picture; runs in the reads lane. Raises ImageError."""
    pixels = images.picture(project, image_id, max_px)
    height, width = pixels.shape[:2]
    data = pixels.tobytes()
    # A 32-bit image is drawn without conversion in the window's thread; the copy owns its bytes.
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )


class PictureCache:
    """The few pictures around the one on show."""

    def __init__(self, capacity: int = 7) -> None:
        self._capacity = capacity
        self._pictures: OrderedDict[tuple[int, int], QImage] = OrderedDict()

    def get(self, image_id: int, max_px: int) -> QImage | None:
        """The picture at this size, if it is here."""
        return self._pictures.get((image_id, max_px))

    def put(self, image_id: int, max_px: int, picture: QImage) -> None:
        """Keep a picture, and drop the oldest."""
        self._pictures[(image_id, max_px)] = picture
        self._pictures.move_to_end((image_id, max_px))
        while len(self._pictures) > self._capacity:
            self._pictures.popitem(last=False)
