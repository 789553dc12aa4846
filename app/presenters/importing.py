"""Imports of the open catalogue: adding folders, looking for new files, the demo; and what came of it."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.tasks import Task
from app.widgets import text
from core.changes import Changes
from core.errors import DiskFull
from core.jobs import Job
from core.operations import demo, sources, unreadable
from core.operations.sources import ImportReport

if TYPE_CHECKING:
    from core.catalogue.records import Source
    from core.project import Project

IMPORTED = (
    Changes.SOURCES
    | Changes.IMAGES
    | Changes.THUMBNAILS
    | Changes.UNREADABLE
    | Changes.CLASSES
    | Changes.EMBEDDINGS
    | Changes.NEIGHBOURS
    | Changes.LAYOUTS
)


class Importing(QObject):
    """Starts imports in the compute lane, one after the other, and says what each found."""

    imported = Signal(object)  # ImportReport of an import that found something
    absent = Signal(
        object
    )  # list[Source]: folders that were to be looked through and are not there
    ended = Signal()  # an import is over, however it went

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._running = 0

    @property
    def is_running(self) -> bool:
        """Whether an import runs, or waits for its turn."""
        return self._running > 0

    def add_folders(self, folders: Sequence[Path]) -> None:
        """Add folders to the catalogue, and read what is in them."""
        names = ", ".join(folder.name or str(folder) for folder in folders)
        self._start(
            f"Importing {names}",
            sources.import_folders,
            list(folders),
            on_changes=self._document.announce(),
            on_done=self.imported.emit,
            again=lambda: self.add_folders(folders),
        )

    def look_again(
        self, raw_paths: Sequence[bytes] | None = None, *, quietly: bool = False
    ) -> None:
        """Import what is new or changed in these sources, or in every one that is there.

        ``quietly``: say nothing where nothing was found; nobody asked.
        """
        say = self._document.announce()

        def work(project: "Project", job: Job) -> tuple[ImportReport, list["Source"]]:
            known = sources.list_sources(project)
            asked = [one for one in known if raw_paths is None or one.raw_path in raw_paths]
            folders = [Path(os.fsdecode(one.raw_path)) for one in asked if one.is_present]
            report = sources.import_folders(project, folders, job=job, on_changes=say)
            return report, [one for one in asked if not one.is_present]

        def tell(found: tuple[ImportReport, list["Source"]]) -> None:
            self._tell_again(*found, quietly=quietly)

        self._start(
            "Looking for new files",
            work,
            on_done=tell,
            again=lambda: self.look_again(raw_paths, quietly=quietly),
        )

    def try_again(self, paths: Sequence[str] | None, *, limit_px: int | None = None) -> None:
        """Read unreadable files again, or all of them; with ``limit_px`` raise the limit first."""
        say = self._document.announce()

        def work(project: "Project", job: Job) -> ImportReport:
            if limit_px is not None:
                unreadable.set_limit_px(project, limit_px)
            return unreadable.retry(project, paths, job=job, on_changes=say)

        count = text.plural(len(paths), "file") if paths is not None else "all files"
        self._start(
            f"Trying {count} again",
            work,
            on_done=self._tell_tried,
            again=lambda: self.try_again(None if paths is None else paths, limit_px=limit_px),
        )

    def import_demo(self, folder: Path) -> None:
        """Make the demo images where they are lacking, and read them as they are drawn."""
        say = self._document.announce()
        begun_s = time.monotonic()

        def work(project: "Project", job: Job) -> ImportReport:
            shown: list[ImportReport] = []

            def show() -> None:  # what is drawn so far; vectors and map come at the end
                shown.append(sources.import_folders(project, [folder], embed=False, on_changes=say))
                say(IMPORTED)

            demo.make_images(folder, job, on_drawn=show)
            last = sources.import_folders(project, [folder], job=job, on_changes=say)
            return replace(
                last,
                added=last.added + sum(one.added for one in shown),
                seconds=time.monotonic() - begun_s,
            )

        self._start(
            "Importing the demo",
            work,
            on_done=self.imported.emit,
            again=lambda: self.import_demo(folder),
        )

    def _start(
        self,
        title: str,
        function: Callable[..., object],
        *args: object,
        on_done: Callable[[Any], None],
        again: Callable[[], None],
        **kwargs: object,
    ) -> Task | None:
        document = self._document
        if not document.is_open:
            return None
        self._running += 1
        begun: list[Task] = []

        def fail(error: BaseException) -> None:
            if isinstance(error, DiskFull):
                document.say(str(error), "danger", ("Go on", again))
            else:
                document.report(error)

        def end() -> None:
            # Finished, failed or cancelled: what was committed since the last word of it is shown.
            self._running -= 1
            document.changed.emit(IMPORTED)
            if begun and begun[0].state == "cancelled":
                document.say(f"{title}: stopped. What was read is kept.", "info", ("Go on", again))
            self.ended.emit()

        begun.append(
            document.compute(
                title, function, *args, on_done=on_done, on_failed=fail, on_ended=end, **kwargs
            )
        )
        return begun[0]

    def _tell_tried(self, report: ImportReport) -> None:
        found = report.added + report.changed
        now = text.plural(found, "file can", "files can")
        still = text.plural(report.unreadable, "file still cannot", "files still cannot")
        if found and report.unreadable:
            self._document.say(f"{now} be read now; {still}.", "warning")
        elif found:
            self._document.say(f"{now} be read now.")
        elif report.unreadable:
            self._document.say(f"{still} be read.", "warning")
        else:
            self._document.say("These files are no longer there.")

    def _tell_again(self, report: ImportReport, absent: list["Source"], *, quietly: bool) -> None:
        fresh = report.added + report.changed + report.moved
        if absent:
            self.absent.emit(absent)
        elif fresh or report.missing:
            self.imported.emit(report)
        elif not quietly:
            faulty = text.plural(report.unreadable, "file")
            still = f" {faulty} still cannot be read." if report.unreadable else ""
            self._document.say(f"No new images were found.{still}")
