"""Feeds the panel Removal: plans of what is to go, their check, the removal, and the way back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from app.document import Document
from app.file_manager import FileManager
from app.models.removal_rows import PlanState, RemovalRow, went_words
from app.presenters import duplicate_removal_facts as facts
from app.presenters.duplicate_panel import DuplicatePanel
from app.presenters.duplicate_removal_facts import Surroundings, Wish
from app.presenters.reading import Reading
from app.tasks import Task
from app.views.duplicates.removal import RemovalPanel
from core.changes import Changes
from core.duplicates.removal.records import Done, Restored
from core.errors import KnownError
from core.operations import removal

FOLLOWED = Changes.LINKS | Changes.PAIRS | Changes.IMAGES | Changes.SETTINGS
SETTLE_MS, PROGRESS_MS = 250, 150


class DuplicateRemoval(DuplicatePanel):
    """Binds the panel to a document. Nothing is planned before the panel is shown."""

    def __init__(self, document: Document, panel: RemovalPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._panel = document, panel
        self._state: PlanState | None = None
        self._out: frozenset[int] = frozenset()  # images that a person took out
        self._refused: dict[bytes, str] = {}
        self._manifest = ""
        self._is_stale, self._is_planning, self._is_shown = True, False, False
        self._work: Task | None = None
        self._beside: Reading[Surroundings] = Reading(
            document, facts.surroundings, self._take_beside
        )
        self._files = FileManager(document.runner)
        self._settle = self._timer(SETTLE_MS, self._plan_anew)
        self._settle.setSingleShot(True)
        self._pulse = self._timer(PROGRESS_MS, self._show_progress)
        self._connect()

    def _timer(self, every_ms: int, call: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setInterval(every_ms)
        made.timeout.connect(call)
        return made

    def _connect(self) -> None:
        panel, side = self._panel, self._panel.side
        side.changed.connect(self._settle.start)
        side.folder_wanted.connect(self.choose_folder)
        side.rules_wanted.connect(lambda: self.panel_wanted.emit("groups"))
        side.restore_wanted.connect(self.restore)
        panel.restore_wanted.connect(self.restore)
        panel.turned.connect(self.turn)
        panel.check_wanted.connect(self.check)
        panel.apply_wanted.connect(self.apply)
        panel.stop_wanted.connect(self.stop)
        panel.save_wanted.connect(self.save)
        panel.again_wanted.connect(self._plan)
        panel.manifest_wanted.connect(lambda: self._files.show(self._manifest))
        panel.opened.connect(self.image_wanted)
        self._document.changed.connect(self._follow)

    # -- the plan

    def begin(self) -> None:
        """The panel is shown."""
        self._is_shown = True
        self._panel.show_writable(self._document.is_writable)
        self._beside.ask()
        if self._is_stale and self._panel.phase != "report":
            self._plan()

    def forget(self) -> None:
        """Let go of the plan: the document closes."""
        self._settle.stop()
        self._pulse.stop()
        self._state, self._work = None, None
        self._out, self._refused = frozenset(), {}

    def _follow(self, changes: Changes) -> None:
        if not changes & (FOLLOWED | Changes.REMOVALS):
            return
        self._is_stale = True
        if self._is_shown and self._panel.isVisible():
            self._beside.ask()
            if self._panel.phase in ("plan", "sure"):
                self._settle.start()

    def _wish(self) -> Wish:
        side = self._panel.side
        return Wish(
            side.how.currentData(), side.folder, side.kinds, side.judged.isChecked(), side.threshold
        )

    def _plan_anew(self) -> None:
        """Something that the plan rests on has changed; a report stays until a person asks for more."""
        if self._panel.phase in ("plan", "sure"):
            self._plan()

    def _plan(self) -> None:
        """Make the plan anew; while one is being made, once more when that is done."""
        self._settle.stop()
        if self._work is not None:
            return
        self._is_stale = True
        if self._is_planning:
            return
        wish = self._wish()
        if wish.how == "folder" and not wish.folder:
            self._panel.say_nothing("Choose the folder that the files are to be moved to.")
            return
        self._is_planning, self._is_stale = True, False
        self._document.query(
            "Plan of a removal", facts.planned, wish, self._out,
            on_done=self._take_plan, on_failed=self._fail_plan, on_ended=self._planned,
        )  # fmt: skip

    def _take_plan(self, state: PlanState) -> None:
        self._state, self._refused = state, {}
        if state.plan.files:
            self._panel.show_plan(state, state.plan.notes)
        else:
            self._panel.say_nothing(
                "No file is surplus by what is ticked here. " + " ".join(state.plan.notes),
                is_final=True,
            )

    def _fail_plan(self, error: BaseException) -> None:
        if not isinstance(error, KnownError):
            self._document.report(error)
            return
        self._panel.say_nothing(str(error))

    def _planned(self) -> None:
        self._is_planning = False
        if self._is_stale and self._is_shown:
            self._plan()

    def turn(self, images: list[int]) -> None:
        """Take files out of the plan, or, where all of them are out, put them back."""
        if self._state is None or self._panel.phase != "plan" or not images:
            return
        chosen = frozenset(images)
        self._out = self._out - chosen if chosen <= self._out else self._out | chosen
        self._restate()

    def _restate(self) -> None:
        if self._state is not None:
            self._document.read(
                facts.restated, self._state.plan, self._out, self._refused, on_done=self._take_state
            )

    def _take_state(self, state: PlanState) -> None:
        self._state = state
        self._panel.show_plan(state, state.plan.notes)

    def choose_folder(self) -> None:
        """Ask where files are to be moved to."""
        side = self._panel.side
        folder = QFileDialog.getExistingDirectory(
            self._panel, "Move surplus files into", side.folder or ""
        )
        if folder:
            side.show_folder(folder)
        self._plan()

    def save(self) -> None:
        """Write the plan where a person says."""
        if self._state is None:
            return
        path, _ = QFileDialog.getSaveFileName(
            self._panel, "Save the plan", "removal-plan.json", "Plan (*.json)"
        )
        if path:
            self._document.read(
                facts.save, self._state.plan, tuple(self._out), path,
                on_done=lambda _: self._document.say(f"The plan is in {path}."),
            )  # fmt: skip

    # -- the check and the removal

    def check(self) -> None:
        """Look at every file of the plan; what cannot go is marked with its reason."""
        if self._state is None or self._work is not None:
            return
        self._begin("Checking files", "Check of a removal", self._take_check)(
            facts.checked, self._state.plan, self._out
        )

    def _take_check(self, refused: dict[bytes, str]) -> None:
        self._refused = refused
        if not refused:
            self._document.say("Every file is as the plan says and has its survivor.")

    def apply(self) -> None:
        """Carry the plan out."""
        if self._state is None or self._work is not None or not self._document.is_writable:
            return
        self._begin("Removing files", "Removal of files", self._take_done, removal.CHANGES)(
            facts.applied, self._state.plan, self._out
        )

    def _take_done(self, found: tuple[Done, tuple[RemovalRow, ...]]) -> None:
        done, stayed = found
        self._manifest = str(done.manifest or "")
        self._out, self._refused, self._state = frozenset(), {}, None
        words = f"{went_words(done.how, len(done.went), done.size_bytes)}."
        self._panel.show_report(done.uid if done.went else "", words, stayed, done.notes)

    def restore(self, uid: str, copies: bool = False) -> None:
        """Put back what a removal took."""
        if self._work is not None or not self._document.is_writable:
            return
        taken = partial(self._take_restored, uid)
        self._begin("Restoring files", "Restoring files", taken, removal.CHANGES)(
            removal.restore, uid, copies=copies
        )

    def _take_restored(self, uid: str, found: Restored) -> None:
        words = facts.restored_words(found)
        copies = sum(one.copy_of is not None for one in found.lost)
        if not copies:
            self._document.say(words, "warning" if found.lost else "info")
        else:
            words += f" Of {copies:,} there is another file with the same bytes."
            self._document.say(
                words, "warning", ("Copy that instead", partial(self.restore, uid, True))
            )
        self._state = None

    def _begin(
        self,
        words: str,
        title: str,
        on_done: Callable[[Any], None],
        changes: Changes = Changes.NONE,
    ) -> Callable[..., None]:
        """What runs a function in its lane, with the panel busy until it has ended."""

        def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
            self._settle.stop()
            self._panel.show_busy(words)
            self._pulse.start()
            ended = partial(self._over, changes)
            task = self._document.compute(
                title, function, *args, on_done=on_done, on_ended=ended, **kwargs
            )
            self._work = None if task.is_over else task

        return run

    def _over(self, changes: Changes) -> None:
        """The work has ended, in whatever way."""
        self._pulse.stop()
        self._work = None
        self._panel.show_rest()
        if changes:
            self._document.changed.emit(changes)
        self._beside.ask()
        if self._panel.phase == "plan":
            if self._state is None or changes:
                self._plan()
            else:
                self._restate()

    def stop(self) -> None:
        """Stop the work under way; what was done stays done."""
        if self._work is not None:
            self._work.cancel()

    def _show_progress(self) -> None:
        if self._work is not None:
            now = self._work.job.progress
            of = f"  {now.done:,} of {now.total:,}" if now.total else ""
            self._panel.show_busy(f"{now.stage or 'Waiting for other work'}{of}")

    def _take_beside(self, found: Surroundings) -> None:
        side = self._panel.side
        side.show_rules(found.rules)
        side.show_past(found.past, is_writable=self._document.is_writable)
        for one in found.notes:
            self._document.say(one, "warning")
