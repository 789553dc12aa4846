"""One look-up at a time: asked for while it is under way, it is made again when that is done."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from app.document import Document

if TYPE_CHECKING:
    from core.project import Project

T = TypeVar("T")


class Reading(Generic[T]):
    """Reads something of the document in a lane, and shows it in the window's thread."""

    def __init__(
        self,
        document: Document,
        load: "Callable[[Project], T]",
        show: Callable[[T], object],
    ) -> None:
        self._document, self._load, self._show = document, load, show
        self._is_reading = self._is_stale = False
        self._then: list[Callable[[], object]] = []

    def ask(self, then: Callable[[], object] = lambda: None) -> None:
        """Read and show, then call ``then``."""
        self._then.append(then)
        if self._is_reading:
            self._is_stale = True
            return
        self._is_reading = True
        self._document.read(self._load, on_done=self._take, on_ended=self._ended)

    def _take(self, found: T) -> None:
        self._show(found)
        following, self._then = self._then, []
        for call in following:
            call()

    def _ended(self) -> None:
        self._is_reading = False
        if self._is_stale:
            self._is_stale = False
            self.ask()
