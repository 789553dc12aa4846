"""Watched sources: when files in them have come, gone or changed and all is quiet, they are read."""

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.presenters.importing import Importing
from core.catalogue.records import Source
from core.changes import Changes
from core.images.watch import QUIET_S, FolderWatch
from core.operations import sources


class WatchingPresenter(QObject):
    """Keeps a watch on the sources of a document that are to be watched."""

    counted = Signal(object)  # list[str]: the folders that are watched

    def __init__(
        self, document: Document, importing: Importing, parent: QObject, quiet_s: float = QUIET_S
    ) -> None:
        super().__init__(parent)
        self._document, self._importing, self._quiet_s = document, importing, quiet_s
        self._watch: FolderWatch | None = None
        self._roots: list[bytes] = []
        self._waiting: set[bytes] = set()  # roots with changes, while an import runs
        self._is_closed = False

    def start(self) -> None:
        """Watch what is to be watched, from now on."""
        if self._document.is_writable:
            self._document.changed.connect(self._follow)
            self._importing.ended.connect(self._read_waiting)
            self._read()

    def close(self, *, waits: bool = False) -> None:
        """Watch nothing any more; ``waits`` at the end of the program, when no lane will do it."""
        self._is_closed = True
        self._let_go(waits=waits)

    def _follow(self, changes: Changes) -> None:
        if changes & Changes.SOURCES:
            self._read()

    def _read(self) -> None:
        self._document.read(sources.list_sources, on_done=self._take)

    def _take(self, found: list[Source]) -> None:
        # A watched folder that is not there is watched too: it may come back.
        watched = [one for one in found if one.is_watched]
        roots = [one.raw_path for one in watched]
        if self._is_closed or roots == self._roots:
            return
        self._let_go()
        self._roots = roots
        if roots:
            relay = self._document.runner.relay
            self._watch = FolderWatch(
                roots, relay(self._take_quiet), self._quiet_s, on_trouble=relay(self._say_trouble)
            )
            self._watch.start()
        self.counted.emit([one.path for one in watched])

    def _let_go(self, *, waits: bool = False) -> None:
        watch, self._watch, self._roots = self._watch, None, []
        if watch is None:
            return
        if waits:
            watch.close()
        else:  # its thread may be looking through a folder
            self._document.runner.run("Closing", watch.close, lane="reads", is_listed=False)

    def _take_quiet(self, roots: set[bytes]) -> None:
        if self._is_closed or not self._document.is_open:
            return
        self._waiting |= roots & set(self._roots)
        self._read_waiting()

    def _read_waiting(self) -> None:
        if self._waiting and not self._importing.is_running and not self._is_closed:
            roots, self._waiting = sorted(self._waiting), set()
            self._importing.look_again(roots, quietly=True)

    def _say_trouble(self, sentence: str) -> None:
        self._document.say(sentence, "warning")
