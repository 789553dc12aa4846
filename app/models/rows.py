"""Facts of the images on screen, fetched a screenful at a time."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.models.lazy import LazyCache
from core.catalogue.records import Image
from core.operations import images

if TYPE_CHECKING:
    from app.document import Document
    from core.project import Project


def load(project: "Project", ids: list[int]) -> dict[int, Image]:
    """Describe images; runs in the reads lane."""
    return {image.id: image for image in images.describe(project, ids)}


class Rows:
    """An LRU of image records by id."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._document: Document | None = None
        self.cache: LazyCache[Image] = LazyCache(self._fetch, capacity, batch=128, in_flight=1)
        self.arrived = self.cache.arrived

    def bind(self, document: "Document | None") -> None:
        """Feed from this document."""
        self.cache.clear()
        self._document = document

    def get(self, image_id: int) -> Image | None:
        return self.cache.get(image_id)

    def want(self, ids: list[int]) -> None:
        self.cache.want(ids)

    def refresh(self) -> None:
        """Tags or files changed: read again what is shown."""
        self.cache.refresh()

    def _fetch(self, keys: list[int], receive: Callable[[dict[int, Any]], None]) -> None:
        if self._document is None:
            return
        document = self._document

        def fail(error: BaseException) -> None:
            receive({})
            document.report(error)

        document.read(load, keys, on_done=receive, on_failed=fail)
