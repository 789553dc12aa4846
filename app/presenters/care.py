"""Check, repair, compact and merge as jobs, with their results in words."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from app.views.care import CareView
from app.widgets import text
from core.catalogue.records import Counts
from core.changes import Changes
from core.operations import check, images, merge, projects, sources
from core.operations.check import CheckReport
from core.operations.merge import MergeReport
from core.operations.space import Space, measure

if TYPE_CHECKING:
    from core.project import Project

TITLES = {"check": "Checking", "repair": "Repairing", "compact": "Compacting"}


@dataclass(frozen=True)
class Other:
    """What another catalogue holds."""

    path: Path
    name: str
    counts: Counts
    folders: list[str]


class CarePresenter(QObject):
    """Binds the page to a document."""

    def __init__(self, document: Document, view: CareView, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._view = document, view
        view.check_wanted.connect(lambda: self._run("check"))
        view.repair_wanted.connect(lambda: self._run("repair"))
        view.compact_wanted.connect(lambda: self._run("compact"))
        view.merge_confirmed.connect(self.merge)
        view.show_busy(False, is_writable=document.is_writable)

    def measure(self) -> None:
        """Show the space that the catalogue takes now."""

        def show(space: Space) -> None:
            self._view.show_space(space_parts(space), space.free)

        self._document.read(measure, on_done=show)

    def look_at(self, other: Path) -> None:
        """See what another catalogue holds, and ask whether it is to come into this one."""

        def ask(found: Other) -> None:
            folders = "\n".join(f"    {one}" for one in found.folders[:8])
            more = f"\n    and {len(found.folders) - 8} more" if len(found.folders) > 8 else ""
            self._view.ask_merge(
                found.path,
                f"{found.name} at {found.path} holds {text.plural(found.counts.images, 'image')} of "
                f"{text.plural(len(found.folders), 'folder')}:\n{folders}{more}",
            )

        self._document.query(f"Looking at {other.stem}", look_at, other, on_done=ask)

    def merge(self, other: Path) -> None:
        """Bring what another catalogue holds into this one."""
        self._view.show_busy(True)
        self._document.compute(
            f"Merging {text.readable_name(str(other))}",
            merge.merge,
            other,
            on_changes=self._document.announce(),
            on_done=self._tell_merged,
            on_ended=self._calm,
        )

    def _run(self, what: str) -> None:
        self._view.show_busy(True)
        self._view.show_result(f"{TITLES[what]}…", [])

        def tell(report: CheckReport) -> None:
            self._view.show_space(space_parts(report.space), report.space.free)
            self._view.show_result(*describe(report, what))
            if what == "repair":
                self._document.changed.emit(Changes.ALL)

        def fail(error: BaseException) -> None:
            self._view.show_result("", [])
            self._document.report(error)

        self._document.compute(
            f"{TITLES[what]} the catalogue",
            check.check,
            repair=what == "repair",
            compact=what == "compact",
            on_done=tell,
            on_failed=fail,
            on_ended=self._calm,
        )

    def _tell_merged(self, report: MergeReport) -> None:
        self._document.changed.emit(Changes.ALL)
        self._view.show_merge(describe_merge(report))

    def _calm(self) -> None:
        self._view.show_busy(False, is_writable=self._document.is_writable)


def look_at(project: "Project", other: Path) -> Other:
    """What the catalogue at ``other`` holds; runs in a lane. Raises CatalogueError, UsageError."""
    merge.refuse_itself(project, other)
    with projects.open(other, write=False) as found:
        folders = [one.path for one in sources.list_sources(found)]
        name = text.readable_name(str(other))
        return Other(other, name, images.counts(found), folders)


def space_parts(space: Space) -> list[tuple[str, int]]:
    """What takes space worth a line, by a name that people know."""
    parts = [
        ("Images, tags and marks", space.database),
        ("Thumbnails", space.thumbnails),
        *((f"Vectors of {name}", count) for name, count in space.vectors.items()),
        ("Encoders", space.models),
        ("What can be made again", space.cache),
        ("Backups and leftovers", space.other),
    ]
    return [(name, count) for name, count in parts if count >= 1000]


def describe(report: CheckReport, what: str) -> tuple[str, list[str]]:
    """(a sentence, details) on what a check found or did."""
    details = []
    for problem in report.problems:
        details.append(f"•  {problem.sentence}")
        details += [f"    {example}" for example in problem.examples[:3]]
    details += report.notes
    parts = []
    if what == "repair":
        count = text.plural(report.repaired, "thing was", "things were")
        parts.append(f"{count} repaired." if report.repaired else "Nothing needed repair.")
    if what == "compact":
        freed = text.size(report.freed_bytes)
        parts.append(
            f"{freed} given back to the disk." if report.freed_bytes else "Compact already."
        )
    if report.problems:
        left = text.plural(len(report.problems), "fault")
        can = any(one.is_repairable for one in report.problems)
        parts.append(f"{left} found{'; Repair mends what can be made again' if can else ''}.")
    elif what == "check":
        parts.append("No faults found. The catalogue is sound.")
    return " ".join(parts), details


def describe_merge(report: MergeReport) -> str:
    """What came in, in words."""
    counted = (
        (report.sources, "folder", "folders"),
        (report.images, "image", "images"),
        (report.tags, "tag", "tags"),
        (report.labels, "label", "labels"),
        (report.fields, "value", "values"),
        (report.pairs, "mark on a pair", "marks on pairs"),
        (report.unreadable, "unreadable file", "unreadable files"),
    )
    came = [text.plural(count, one, many) for count, one, many in counted if count]
    first = f"Merged: {', '.join(came)}." if came else "Everything of it was here already."
    return "\n".join([first, *report.conflicts[:8], *report.not_taken[:8]])
