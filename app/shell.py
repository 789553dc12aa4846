"""What the window has open: the document, its work area, and what is said and counted about it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QImageReader

from app.errors import ErrorPresenter
from app.keeper import Keeper
from app.main_window import MainWindow
from app.places import is_file, is_folder, is_label_file
from app.presenters.jobs import JobsPresenter
from app.presenters.stopping import Stopping
from app.presenters.tally import Tally, TallyPresenter, Work
from app.style.theme import Theme
from app.tasks import Task, TaskRunner
from app.views.status import CatalogueState
from app.widgets import text
from core.changes import Changes
from core.errors import KnownError

if TYPE_CHECKING:
    from app.document import Document
    from app.explore import Explore
    from app.presenters.opening import OpeningPresenter
    from core.history import HistoryState
    from core.operations.sources import ImportReport


NARROW_PX = 1500
# What the banner offers for as long as there is something of the kind.
UNDO, SHOW_MISSING = "Undo", "Show the missing"
SHOW_UNREADABLE = ("Show them", "Show the unreadable")
FIRST_THUMB_PX = 120  # three in a row beside the map, until the user chooses


class Shell(QObject):
    """Everything that outlives one catalogue. Heavy parts come with ``attach``, after first paint."""

    labels_dropped = Signal(object)  # Path
    state_changed = Signal()  # what actions depend on

    def __init__(
        self, window: MainWindow, theme: Theme, runner: TaskRunner, keeper: Keeper
    ) -> None:
        super().__init__(window)
        self.window_, self.theme, self.runner, self.keeper = window, theme, runner, keeper
        self.opening: OpeningPresenter | None = None
        self.explore: Explore | None = None
        self.document: Document | None = None
        self.tallying: TallyPresenter | None = None
        self._watched: tuple[str, ...] = ()
        self.was_started_with_path = False
        self._build: Callable[[Theme, Document], Explore] | None = None
        self.work: Work | None = None
        self._waiting: list[Callable[[], object]] = []
        self.jobs = JobsPresenter(runner, self)
        self.errors = ErrorPresenter(window, self.say)
        self.stopping = Stopping(window, lambda: self.training_name, lambda: self.is_training_kept)
        self._failed: str | None = None  # the lane of the failure in the banner; "" is any
        runner.failed.connect(self._show_failure)
        runner.ended.connect(self._forget_failure)
        self.jobs.shown.connect(window.status.show_jobs)
        self.jobs.noted.connect(lambda note: self.say(note, "warning"))
        window.status.pause_toggled.connect(self.jobs.toggle_pause)
        window.status.cancel_requested.connect(self.jobs.cancel)
        self._show_recents()

    @property
    def training_name(self) -> str:
        """The training that runs, or nothing."""
        teaching = self.explore.training.teaching if self.explore is not None else None
        return teaching.name if teaching is not None and teaching.is_running else ""

    @property
    def is_training_kept(self) -> bool:
        """Whether what runs can be resumed when it is stopped; of settings that are tried nothing can."""
        return self.explore is None or not self.explore.training.teaching.is_trying

    @property
    def history(self) -> "HistoryState | None":
        """What undo and redo would do."""
        return self.tallying.history if self.tallying is not None else None

    # -- the parts that come after first paint

    def attach(
        self,
        opening: "OpeningPresenter",
        build: "Callable[[Theme, Document], Explore]",
        work: Work,
    ) -> None:
        """Everything is imported now: do what was asked for meanwhile."""
        self.opening, self._build, self.work = opening, build, work
        opening.opened.connect(self._open)
        opening.said.connect(self.say)
        opening.imported.connect(self._say_imported)
        opening.raised_other.connect(self._say_raised)
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            self.attempt(call)
        self.state_changed.emit()

    def when_ready(self, call: Callable[[], object]) -> None:
        """Now, or as soon as the heavy parts are there."""
        if self.opening is None:
            self._waiting.append(call)
        else:
            self.attempt(call)

    def attempt(self, call: Callable[[], object]) -> None:
        """Call, and show a known error instead of raising it."""
        try:
            call()
        except KnownError as error:
            self.errors.present(error)

    # -- saying

    def say(
        self, words: str, tone: str = "info", *choices: tuple[str, Callable[[], object]]
    ) -> None:
        """A sentence in the banner; one of tone ``quiet`` in the status bar, for a moment."""
        if tone == "quiet":
            self.window_.status.flash(words)
            return
        self._failed = "" if tone == "danger" else None
        self.window_.start.show_note()
        self.window_.banner.show_message(words, tone, *choices)

    def _show_failure(self, task: Task | None, error: BaseException) -> None:
        self.errors.present(error)
        self._failed = task.lane if task is not None and task.is_listed else ""

    def _forget_failure(self, task: Task) -> None:
        """An error that stays after the same kind of thing went well would only mislead."""
        is_over = self._failed is not None and self._failed in ("", task.lane)
        if is_over and task.is_listed and task.state == "done":
            self._failed = None
            if self.window_.banner.tone == "danger":
                self.window_.banner.hide()

    def _say_raised(self) -> None:
        if self.was_started_with_path and self.document is None:
            self.window_.close()  # this window was only asked for what that one shows
            return
        self.say("This catalogue is open in another window, which was brought to the front.")

    def _say_imported(self, report: "ImportReport") -> None:
        explore, found = self.explore, report.added + report.changed
        if explore is None:
            return
        read = f"{text.plural(found, 'image')} read in {text.span(report.seconds)}."
        parts = [read] if found else []
        choices: list[tuple[str, Callable[[], object]]] = []
        if report.moved:
            parts.append(f"{text.plural(report.moved, 'moved file')} recognised.")
        if report.missing:
            gone = "file is" if report.missing == 1 else "files are"
            parts.append(f"{text.number(report.missing)} {gone} gone since the last time.")
            choices.append((SHOW_MISSING, explore.show_missing))
        is_news = bool(found) or not (report.missing or report.unchanged)
        if report.unreadable and is_news:  # else the status bar tells how many there are
            parts.append(f"{text.plural(report.unreadable, 'file')} could not be read.")
            choices.append((SHOW_UNREADABLE[bool(choices)], explore.show_unreadable))
        if parts:
            self.say(" ".join(parts), "warning" if choices else "info", *choices)

    # -- opening and closing

    def open_path(self, path: Path) -> None:
        """A folder or a catalogue."""
        opening = self.opening
        if self.document is None:
            self.window_.start.show_note(f"Opening {text.readable_name(str(path))}…")
        if opening is None:
            self.when_ready(lambda: self.open_path(path))
        else:
            self.stopping.ask_first(lambda: self.attempt(lambda: opening.open_path(path)))

    def open_demo(self) -> None:
        """The demo images, made where they are lacking."""
        if self.opening is not None:
            self.opening.open_demo()

    def _open(self, document: "Document") -> None:
        stopped = self._let_go()
        assert self._build is not None and self.work is not None
        self.document = document
        with self.theme.put_on_at_the_end():  # once, when all is in its place
            self.explore = explore = self._build(self.theme, document)
            self.tallying = tallying = TallyPresenter(document, self.work, document)
            tallying.counted.connect(self._show_tally)
            tallying.history_read.connect(self.state_changed)
            self._attach(document, explore)
            name = text.readable_name(str(document.project.path))
            self.window_.show_work(explore, explore.search, name)
        explore.grid.setFocus()
        tallying.follow(Changes.ALL)
        self.state_changed.emit()
        explore.begin()
        self._say_stopped(stopped)

    def _attach(self, document: "Document", explore: "Explore") -> None:
        """Give the work area what is kept, and follow it."""
        kept = self.keeper.settings
        is_first = not kept.recent
        is_narrow = self.window_.width() < NARROW_PX
        explore.grid.set_thumb_size(
            FIRST_THUMB_PX if is_first and is_narrow else kept.thumbnail_size_px
        )
        explore.bar.show_thumb_size(explore.grid.thumb_px)
        self.keeper.restore_splitter("explore", explore.splitter)
        explore.show_pane("map", kept.map_is_shown)
        explore.show_pane("grid", kept.grid_is_shown)
        explore.show_pane("inspector", kept.inspector_is_shown)
        path = document.project.path
        self.keeper.add_recent(str(path))
        document.said.connect(lambda words, tone, choices: self.say(words, tone, *choices))
        explore.panes_changed.connect(self.state_changed)
        explore.pages.turned.connect(self._page_turned)
        document.changed.connect(lambda changes: self.state_changed.emit())
        explore.switching.listed.connect(self._selection_changed)
        document.edited.connect(lambda _: self.window_.banner.withdraw(UNDO))
        explore.browse.asked.connect(self.state_changed)
        explore.browse.answered.connect(lambda query: self.state_changed.emit())
        explore.accuracy.changed.connect(self.state_changed)
        explore.map.show_names(kept.map_names_are_shown)
        choosing = explore.map_presenter.layouts
        choosing.remember(kept.map_layouts)
        choosing.chosen_changed.connect(lambda one: self.keeper.change(map_layouts=one))
        explore.map_presenter.changed.connect(self.state_changed)
        explore.words.recent = kept.word_searches
        explore.words.is_plain = kept.words_as_typed
        explore.words.remembered.connect(lambda words: self.keeper.change(word_searches=words))
        explore.watching.counted.connect(self._show_watched)
        explore.training.changed.connect(self.state_changed)
        explore.comparing.changed.connect(self.state_changed)
        explore.deduplicating.changed.connect(self.state_changed)
        explore.sourcing.placed.connect(lambda place: self.keeper.keep_place(str(path), place))
        document.selection.changed.connect(lambda origin: self._selection_changed())
        self.window_.banner.hide()
        self.window_.start.show_note()

    def close_document(self) -> None:
        """Back to the start page."""
        stopped = self._let_go()
        self._show_recents()
        self.window_.show_start()
        self.state_changed.emit()
        self._say_stopped(stopped)

    def _say_stopped(self, words: str) -> None:
        if words:
            self.say(words)

    def _let_go(self) -> str:
        """Close the document. Returns what is said where that stops a long job, else nothing."""
        if self.document is None or self.explore is None:
            return ""
        stopped = ""
        if self.document.is_computing:
            name = text.readable_name(str(self.document.project.path))
            stopped = _stopped_words(name, self.training_name, self.is_training_kept)
        self.keep_layout()
        self.explore.release()
        self.window_.drop_work()
        if self.opening is not None:
            self.opening.released(self.document)
        self.document.close()
        self.document = self.explore = self.tallying = None
        self._watched = ()
        return stopped

    def shut(self) -> None:
        """The window closes: nothing more is to be drawn, all tasks are to stop."""
        if self.explore is not None:
            self.explore.release(is_end=True)
        if self.document is not None:
            self.document.is_open = False

    def finish(self) -> None:
        """The lanes have ended: close the catalogue."""
        if self.document is not None:
            self.document.shut()

    def keep_layout(self) -> None:
        """Remember sizes and panes."""
        explore = self.explore
        if explore is None:
            return
        self.keeper.keep_splitter("explore", explore.splitter)
        self.keeper.change(
            thumbnail_size_px=explore.grid.thumb_px,
            map_is_shown=explore.is_pane_shown("map"),
            grid_is_shown=explore.is_pane_shown("grid"),
            inspector_is_shown=explore.is_pane_shown("inspector"),
        )

    def _show_recents(self) -> None:
        self.window_.start.set_recents([(one, self.keeper.place_of(one)) for one in self.recents()])

    def recents(self) -> list[str]:
        return [path for path in self.keeper.settings.recent if is_folder(Path(path))]

    # -- dropped and pasted

    def take_paths(self, paths: list[Path]) -> None:
        """Folders are opened or added; an image is searched for."""
        folders = [path for path in paths if is_folder(path)]
        opening, document = self.opening, self.document
        if opening is None:
            self.when_ready(lambda: self.take_paths(paths))
        elif (folders and folders[0].suffix == ".lookalike") or (folders and document is None):
            self.open_path(folders[0])
        elif folders:
            opening.add_folders(folders)
        elif self.explore is None:
            self.say("Open a folder first, then drop an image to find what is like it.")
        elif paths and is_label_file(paths[0]):
            self.labels_dropped.emit(paths[0])
        elif paths:
            self.search_file(paths[0])

    def take_image(self, image: QImage) -> None:
        """Search with pixels that have no file."""
        if self.explore is None:
            self.say("Open a folder first, then paste an image to find what is like it.")
        elif image.isNull():
            self.say("The clipboard holds no picture that can be read.", "warning")
        else:
            self.explore.asking.like_picture(image)

    def search_file(self, path: Path) -> None:
        """Search with an image file."""
        if self.explore is None:
            self.say("Open a folder first, then search it with an image.")
        elif not is_file(path):
            self.say(f"There is no file {path}.", "warning")
        elif QImageReader.imageFormat(str(path)).isEmpty() and path.suffix.lower() in (".txt", ""):
            self.say(f"{path.name} is not a picture.", "warning")
        else:
            self.explore.asking.like_file(path)

    # -- counts, encoder, undo

    def _selection_changed(self) -> None:
        self._show_counts()
        self.state_changed.emit()

    def _page_turned(self, name: str) -> None:
        if name == "unreadable":
            self.window_.banner.withdraw(*SHOW_UNREADABLE)
        self.state_changed.emit()

    def _show_tally(self, tally: Tally, before: Tally) -> None:
        self._show_counts()
        if before.missing and not tally.missing:
            self.window_.banner.withdraw(SHOW_MISSING)
        if before.unreadable and not tally.unreadable:
            self.window_.banner.withdraw(*SHOW_UNREADABLE)
        if self.explore is not None:
            self.explore.show_unreadable_count(tally.unreadable)

    def _show_watched(self, folders: list[str]) -> None:
        self._watched = tuple(folders)
        self._show_counts()

    def _show_counts(self) -> None:
        if self.document is None or self.tallying is None or self.explore is None:
            return
        tally, chosen = self.tallying.tally, len(self.document.selection)
        self.window_.status.show_state(
            CatalogueState(
                text.plural(tally.images, "image"),
                f"{text.number(chosen)} selected" if chosen else "",
                tally.unreadable,
                tally.missing,
                self.explore.switching.short_title or tally.encoder,
                self._watched,
            )
        )


def _stopped_words(name: str, training: str, is_kept: bool) -> str:
    if training and not is_kept:
        return f"Trying settings for {name} was stopped; nothing of it is kept."
    if training:
        return (
            f"The training {training} of {name} was stopped at a checkpoint. "
            "Open it again, and resume it from Train."
        )
    return (
        f"The import of {name} was stopped, and what was read is kept. "
        "Open it again and look for new files to go on."
    )
