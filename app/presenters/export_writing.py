"""Where an export goes, and the export itself: the place is checked while it is typed, the job can be cancelled."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from app import places
from app.document import Document
from app.models.export_choice import ExportChoice, file_name, list_beside, renamed
from app.presenters import export_facts as facts
from app.presenters.export_facts import Place
from app.presenters.export_preview import ExportPreview
from app.tasks import Task
from app.views.export.destination import Destination
from app.widgets import text
from core.errors import KnownError
from core.export.kinds import Format, What
from core.operations import exports
from core.operations.exports import Exported, Request

SETTLE_MS, PULSE_MS = 150, 100
BUSY = "Waiting for other work"


class ExportWriting(QObject):
    """Knows the place; one export at a time."""

    shown = Signal(object)  # Path, in the file manager
    placed = Signal(str)  # the folder that was written to

    def __init__(
        self,
        document: Document,
        foot: Destination,
        choice: ExportChoice,
        request: Callable[[], Request],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._foot, self._choice, self._request = document, foot, choice, request
        self.preview: ExportPreview | None = None
        self.folder = Path.home()
        self.name = ""
        self._is_own = False  # a person typed the name
        self._place: Place | None = None
        self._place_of_list: Place | None = None
        self._asked = 0
        self._written: Exported | None = None
        self._said = ("", "muted")  # what came of the last export
        self.task: Task | None = None
        self._is_told = True  # whether it has said what came of it; a cancelled one says nothing
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.look)
        self._pulse = QTimer(self)
        self._pulse.setInterval(PULSE_MS)
        self._pulse.timeout.connect(self._show_progress)
        foot.place_typed.connect(self._typed)
        foot.browse_wanted.connect(self.browse)
        foot.export_wanted.connect(self.begin)
        foot.stop_wanted.connect(self.stop)
        foot.show_wanted.connect(self._show)
        foot.list_wanted.connect(self.write_list)

    # -- the place

    @property
    def out(self) -> Path | None:
        """Where to; None where nothing is said."""
        return self.folder / self.name if self.name else None

    def suggest(self, catalogue: str, before: Format | None = None) -> None:
        """A name for what is chosen; one that a person typed keeps its stem for another format of it."""
        now = self._choice.format
        if self._is_own and before is not None:
            self.name = renamed(self.name, before, now)
        elif before is None or not self._is_own:
            self._is_own = False
            self.name = file_name(catalogue, self._choice.what, now)
        self._foot.show_place(str(self.folder / self.name))
        self.ask()

    def take(self, out: Path) -> None:
        """Put it there."""
        self.folder, self.name, self._is_own = out.parent, out.name, True
        self._foot.show_place(str(out))
        self.ask()

    def _typed(self, typed: str) -> None:
        given = places.expanded(typed.strip()) if typed.strip() else None
        if given is None:
            self.name = ""
        else:
            whole = given if given.is_absolute() else self.folder / given
            if typed.rstrip().endswith(("/", "\\")):
                self.folder, self.name = whole, ""
            else:
                self.folder, self.name = whole.parent, whole.name
        self._is_own = True
        self.ask()

    def browse(self) -> None:
        """Ask for the file, or for the folder that the new one is to lie in."""
        form, start = self._choice.format, self.folder / (self.name or "export")
        if form.is_folder:
            folder = QFileDialog.getExistingDirectory(
                self._foot, "Make the folder in", str(self.folder)
            )
            if folder:
                self.take(Path(folder) / (self.name or "export"))
            return
        kind = f"{form.title} (*{form.suffix})"
        # What is there already is told under the field, so it is not asked for twice.
        how = QFileDialog.Option.DontConfirmOverwrite
        name, _ = QFileDialog.getSaveFileName(
            self._foot, "Export to", str(start), kind, options=how
        )
        if name:
            out = Path(name)
            self.take(out if out.suffix else out.with_name(out.name + form.suffix))

    def ask(self) -> None:
        """Something else is chosen: what came of the last export is of no interest any more."""
        self._place = self._place_of_list = None
        self._said, self._written = ("", "muted"), None
        self._settle.start()
        self.tell()

    def look_again(self) -> None:
        """What is there has changed: what is said stays until that has been looked at."""
        if not self._settle.isActive():
            self._settle.start()

    def look(self) -> None:
        """Look at the place; again when the preview has told how much it will be."""
        self.tell()
        if not self._foot.isVisible():
            return
        self._asked += 1
        asked, request = self._asked, self._request()
        size = self.preview.size_bytes if self.preview is not None else None

        def take(places: tuple[Place, Place | None]) -> None:
            if asked == self._asked:
                self._place, self._place_of_list = places
                self.tell()

        self._document.read(facts.load_places, request, size, self._beside(request), on_done=take)

    def _beside(self, request: Request) -> Path | None:
        """Where the list of images that were chosen by hand goes."""
        if request.image_ids is None or self.out is None:
            return None
        return list_beside(self.out, self._choice.format)

    # -- what is said

    def tell(self) -> None:
        """Say what is known of the place, and offer what can be done."""
        foot, place, request = self._foot, self._place, self._request()
        is_busy = self.task is not None
        foot.show_busy(is_busy)
        problem = self._problem
        can = place is not None and not place.problem and not problem and not is_busy
        replaces = place is not None and place.replaces
        foot.show_state(can_export=can, verb="Replace" if replaces else "Export")
        if not is_busy:
            self._tell_place(place)
        self._tell_command(request)

    @property
    def _problem(self) -> str:
        """Why there is nothing to write."""
        return self.preview.problem if self.preview is not None else ""

    def _tell_place(self, place: Place | None) -> None:
        words, tone = self._said
        if self._problem and not words:
            self._foot.say(self._problem)
        elif words:
            self._foot.say(words, tone, can_show=self._written is not None)
        elif place is None:
            self._foot.say("")
        elif place.problem:
            self._foot.say(place.problem, "danger")
        elif place.notes:
            self._foot.say(" ".join(place.notes), "warning")
        else:
            self._foot.say(f"{text.size(place.free_bytes)} are free there.")

    def _tell_command(self, request: Request) -> None:
        foot, beside, listed = self._foot, self._beside(request), self._place_of_list
        if self._choice.format.only_in_window:
            foot.command.show_line("")
            foot.command.field.setPlaceholderText(
                "PDF is made in the window; the command line writes HTML"
            )
        else:
            foot.command.show_line(exports.command_line(self._document.project, request, beside))
        foot.command.copy.setEnabled(bool(foot.command.text))
        if beside is not None and foot.command.text:
            count = len(request.image_ids) if request.image_ids is not None else 0
            which = "this image" if count == 1 else f"these {count:,} images"
            verb = "Replace" if listed is not None and listed.replaces else "Write"
            can = listed is not None and not listed.problem
            words = f"The command takes {which} from {beside.name}"
            if listed is not None and listed.problem:
                words = f"{words}. {listed.problem}"
            foot.show_list(words, f"{verb} that list", can_write=can)
        else:
            foot.show_list("", "")

    # -- the export

    @property
    def can_begin(self) -> bool:
        return self._foot.export.isEnabled() and self.task is None

    def begin(self) -> None:
        """Write it."""
        if not self.can_begin:
            return
        request, kind = self._request(), self._choice.what
        assert request.out is not None
        self._said, self._written = ("", "muted"), None
        self._is_told = False

        def done(written: Exported) -> None:
            self._is_told = True
            self._take(kind, written)

        def failed(error: BaseException) -> None:
            self._is_told = True
            if isinstance(error, KnownError):
                words = " ".join(one for one in (error.sentence, error.remedy) if one)
                self._said = (words, "danger")
                if not self._foot.isVisible():
                    self._document.say(words, "danger")
            else:
                self._said = ("It could not be written; nothing of it was left.", "danger")
                self._document.report(error)

        def ended() -> None:
            self._pulse.stop()
            self.task = None
            if not self._is_told:
                self._said = ("Cancelled: nothing was written.", "muted")
            self._settle.start()  # what was written is there now
            self.tell()

        # Not among what computes: a table is not to wait for an hour of training.
        task = self._document.export(
            f"Exporting {kind.title.lower()}", facts.write, request,
            on_done=done, on_failed=failed, on_ended=ended,
        )  # fmt: skip
        if not task.is_over:
            self.task = task
            self._pulse.start()
            self._show_progress()
        self.tell()

    def stop(self) -> None:
        """Give it up: nothing half is left."""
        if self.task is not None:
            self.task.cancel()
            self._foot.say("Cancelling")

    def _take(self, kind: What, written: Exported) -> None:
        names = " and ".join(one.name for one in written.files[::-1])
        words = (
            f"{kind.title}: {written.count:,} written"
            if kind.has_images
            else f"{kind.title} written"
        ) + f" to {names}, {text.size(written.size_bytes)} in {text.span(written.seconds)}."
        self._written = written
        before = self._place.notes if self._place is not None else ()
        notes = [one for one in written.notes if one not in before]  # those were said
        self._said = (" ".join((words, *notes)), "done")
        self.placed.emit(str(written.files[-1].parent))
        self._document.changed.emit(written.changes)
        if not self._foot.isVisible():
            self._document.say(words, "info", ("Show in folder", self._show))

    def _show(self) -> None:
        if self._written is not None:
            self.shown.emit(self._written.files[-1])

    def _show_progress(self) -> None:
        if self.task is None or self.task.job.is_cancelled:
            return
        now = self.task.job.progress
        of = f"  {now.done:,} of {now.total:,}" if now.total else ""
        self._foot.say(f"{now.stage or BUSY}{of}")
        self._foot.show_progress(now.done, now.total or 0)

    # -- the list for the command line

    def write_list(self) -> None:
        """The images that were chosen by hand, as the command line reads them."""
        request = self._request()
        beside = self._beside(request)
        if beside is None:
            return

        def tell(count: int) -> None:
            words = f"{text.plural(count, 'path')} written to {beside.name}; the command reads it."
            self._said, self._written = (words, "muted"), None
            self.look()  # it is there now

        self._document.export(
            "Writing the list", facts.write_list, request.image_ids, beside, on_done=tell
        )
