"""Thumbnails at the size they are drawn, decoded and rounded off the window's thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPixmap

from app.models.lazy import LazyCache
from core.operations import images

if TYPE_CHECKING:
    from app.document import Document
    from core.project import Project

RADIUS_PX = 4.0


def from_jpeg(data: bytes) -> QImage:
    """The picture, or a null one where it is broken. Safe in any thread.

    The format is named. Else Qt asks every plugin whether it is theirs; that of SVG connects signals for it,
    which waits for a lock that the window's thread may hold while it waits for Python, and nobody goes on.
    """
    return QImage.fromData(data, "JPG")  # type: ignore[arg-type]  # its stub says bytes, which it refuses


def decode(data: bytes, side_px: int, radius_px: float) -> QImage:
    """An image of at most ``side_px`` a side with rounded corners; null where it is broken."""
    image = from_jpeg(data)
    if image.isNull():
        return image
    if max(image.width(), image.height()) > side_px:
        image = image.scaled(
            side_px,
            side_px,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    rounded = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(QRectF(rounded.rect()), radius_px, radius_px)
    painter.setClipPath(path)
    painter.drawImage(0, 0, image)
    painter.end()
    return rounded


def load(
    project: "Project", content_ids: list[int], side_px: int, radius_px: float
) -> dict[int, QImage]:
    """Read and decode thumbnails; runs in the reads lane."""
    found = images.thumbnails(project, content_ids)
    return {key: decode(data, side_px, radius_px) for key, data in found.items()}


class Thumbnails:
    """An LRU of pixmaps by content. ``side_px`` is in device pixels."""

    def __init__(self, side_px: int = 160, memory_mb: int = 192, batch: int = 16) -> None:
        self.side_px = side_px
        self._document: Document | None = None
        capacity = max(64, memory_mb * 1024 * 1024 // (160 * 160 * 4))
        self.cache: LazyCache[QPixmap] = LazyCache(self._fetch, capacity, batch)
        self.arrived = self.cache.arrived

    def bind(self, document: "Document | None") -> None:
        """Feed from this document."""
        self.cache.clear()
        self._document = document

    def set_side(self, side_px: int) -> None:
        """Draw at another size; what is here serves until the sharp one comes."""
        side_px = min(256, side_px)
        if side_px != self.side_px:
            self.side_px = side_px
            self.cache.refresh()

    def get(self, content_id: int) -> QPixmap | None:
        return self.cache.get(content_id)

    def want(self, content_ids: list[int]) -> None:
        self.cache.want(content_ids)

    def _fetch(self, keys: list[int], receive: Callable[[dict[int, Any]], None]) -> None:
        if self._document is None:
            return

        def keep(found: dict[int, QImage]) -> None:
            pixmaps = {k: QPixmap.fromImage(i) for k, i in found.items() if not i.isNull()}
            receive(pixmaps)

        document = self._document

        def fail(error: BaseException) -> None:
            receive({})
            document.report(error)

        document.read(load, keys, self.side_px, RADIUS_PX, on_done=keep, on_failed=fail)
