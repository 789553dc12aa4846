"""Feeds the full view: the picture, its neighbours in the grid ready, a sharper one on demand."""

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from app.document import Document
from app.models.pictures import PictureCache, load_picture
from app.models.rows import Rows
from app.models.thumbnails import Thumbnails
from app.views.full import FullView
from core.catalogue.records import Image
from core.errors import KnownError
from core.operations import images

FIT_PX = 2048
SHARP_PX = 4096


class FullPresenter(QObject):
    """Shows one image after the other over the work area."""

    moved = Signal(int)  # image id on show
    step_wanted = Signal(int)

    def __init__(
        self, document: Document, view: FullView, rows: Rows, thumbnails: Thumbnails,
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document, self._view = document, view
        self._rows, self._thumbnails = rows, thumbnails
        self._cache = PictureCache()
        self._under_way: set[tuple[int, int]] = set()
        self._image: Image | None = None
        self.wanted: int | None = None
        view.stepped.connect(self.step_wanted)
        view.sharper_wanted.connect(self._sharpen)

    def show(self, image_id: int, around: list[int]) -> None:
        """Show an image; those ``around`` it are decoded next."""
        if image_id != self.wanted:
            self._view.part.leave()
        self.wanted = image_id
        known = self._rows.get(image_id)
        is_missing = known is not None and known.is_missing
        if known is not None:
            self._begin([known])
        else:
            self._document.read(images.describe, [image_id], on_done=self._begin)
        for other in around if is_missing else (image_id, *around):
            self._load(other, FIT_PX)

    @property
    def is_sharp(self) -> bool:
        """Whether the picture itself is on show, not its stand-in."""
        return self.wanted is not None and self._cache.get(self.wanted, FIT_PX) is not None

    def _begin(self, found: list[Image]) -> None:
        if not found or found[0].id != self.wanted:
            return
        image = self._image = found[0]
        size = QSize(image.width, image.height)
        picture = self._cache.get(image.id, FIT_PX)
        if picture is not None:
            self._view.show_image(picture, size, _caption(image))
        else:
            thumbnail = self._thumbnails.get(image.content_id)
            self._view.show_standin(thumbnail, size, _caption(image))

    def _load(self, image_id: int, max_px: int) -> None:
        key = (image_id, max_px)
        if self._cache.get(*key) is not None or key in self._under_way:
            return
        self._under_way.add(key)

        def take(picture: QImage) -> None:
            self._cache.put(image_id, max_px, picture)
            image = self._image
            if image is not None and image.id == image_id == self.wanted:
                size = QSize(image.width, image.height)
                is_same = max_px == SHARP_PX
                self._view.show_image(picture, size, _caption(image), is_same=is_same)

        def fail(error: BaseException) -> None:
            if not isinstance(error, KnownError):
                self._document.report(error)
            elif self.wanted == image_id:
                self._view.show_note(str(error))

        self._document.read(
            load_picture,
            image_id,
            max_px,
            on_done=take,
            on_failed=fail,
            on_ended=lambda: self._under_way.discard(key),
        )

    def _sharpen(self) -> None:
        image = self._image
        if image is not None and max(image.width, image.height) > FIT_PX:
            self._load(image.id, SHARP_PX)


def _caption(image: Image) -> str:
    words = f"{image.name}    {image.width} × {image.height}    {image.class_name}"
    return f"{words}    the file is missing" if image.is_missing else words
