"""Starts the window: first the frame, then, when it has been drawn, everything heavy."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.action_table import ActionTable
from app.interrupt import Interrupt
from app.keeper import Keeper
from app.main_window import MainWindow
from app.open_requests import OpenRequests
from app.shell import Shell
from app.style import icons
from app.style.theme import Theme
from app.tasks import Task, TaskRunner
from app.window_commands import Commands
from core import homes, memory

if TYPE_CHECKING:
    from app.document import Document
    from app.explore import Explore
    from app.popups import Popups

MEASURE = "LOOKALIKE_MEASURE_START"
LOOK_MS, LONGEST_WAIT_S = 100, 3.0
REST_MS, TIDYING = 3_000, "Tidying up"
SWITCH_S = 0.0002  # how long a busy thread may keep the interpreter while the window waits


class Application(QObject):
    """The window with all that belongs to it; one a process."""

    def __init__(self, runner: TaskRunner | None = None, keeper: Keeper | None = None) -> None:
        super().__init__()
        self.keeper = keeper or Keeper()
        self.theme = Theme(self.keeper.settings.theme)
        self.theme.apply()
        self.runner = runner or TaskRunner()
        self.window = MainWindow(self.theme)
        self.keeper.restore_window(self.window)
        self.shell = Shell(self.window, self.theme, self.runner, self.keeper)
        self.commands = Commands(self.shell)
        self.actions = ActionTable(
            self.window, self.theme, self.commands, self.keeper.settings.shortcuts
        )
        self.window.take_actions(self.actions.actions, self.actions.menus())
        self.is_closed = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._connect()

    def _connect(self) -> None:
        window, commands, shell = self.window, self.commands, self.shell
        window.start.folder_wanted.connect(commands.open_folder)
        window.start.catalogue_wanted.connect(commands.open_catalogue)
        window.start.demo_wanted.connect(commands.open_demo)
        window.start.recent_wanted.connect(lambda path: shell.open_path(Path(path)))
        window.paths_dropped.connect(shell.take_paths)
        window.image_dropped.connect(shell.take_image)
        window.closing.connect(self.close)
        window.may_close = lambda: shell.stopping.may_close(window.close_unasked)
        window.status.unreadable_wanted.connect(commands.show_unreadable)
        window.status.missing_wanted.connect(commands.show_missing)
        window.status.sources_wanted.connect(commands.show_sources)
        window.status.jobs_wanted.connect(commands.show_jobs)
        self.runner.ended.connect(self._begin_rest)
        self._rest.timeout.connect(self._give_back_memory)

    def show(self) -> None:
        """Show the frame; the heavy parts follow its first picture."""
        self.window.painted.connect(self.prepare)
        self.window.show()

    def prepare(self) -> None:
        """Import what the work needs, in a lane: the frame stays awake meanwhile."""
        self.runner.run("Preparing", import_work, lane="query", on_done=lambda _: self._attach())

    def _attach(self) -> None:
        # The seam of the import rule: these modules bring the database and the map, and the
        # frame was to be drawn before them.
        from app.explore import Explore
        from app.popups import Popups
        from app.presenters.opening import OpeningPresenter
        from app.single import Front
        from app.work import WORK, import_search

        self.actions.draw_icons()
        self.popups = Popups(self.window, self.theme, self.shell, self.commands, self.actions)
        front = Front(self)
        front.wanted.connect(self.window.bring_to_front)
        opening = OpeningPresenter(self.runner, front, self)
        self._import_search = import_search
        self.shell.attach(opening, self._build_explore(Explore, self.popups), WORK)
        self._prepare_search()
        if self.keeper.settings.looks_for_releases:
            self.commands.about.releases.begin()

    def _prepare_search(self, waited_s: float = 0.0) -> None:
        """The rest of the imports, which take seconds: after what was asked for is on screen."""
        if self.is_closed:
            return
        if self.runner.tasks and waited_s < LONGEST_WAIT_S:
            QTimer.singleShot(
                LOOK_MS, self, lambda: self._prepare_search(waited_s + LOOK_MS / 1000)
            )
            return
        self.runner.run("Preparing", self._import_search, lane="query")

    def _build_explore(
        self, kind: "type[Explore]", popups: "Popups"
    ) -> "Callable[[Theme, Document], Explore]":
        def build(theme: Theme, document: "Document") -> "Explore":
            opening = self.shell.opening
            assert opening is not None and opening.importing is not None
            explore = kind(theme, document, opening.importing)
            explore.add_folder_wanted.connect(self.commands.add_folder)
            explore.pick_image_wanted.connect(self.commands.search_file)
            explore.paste_wanted.connect(self.commands.paste)
            explore.menu_requested.connect(popups.show_image_menu)
            explore.found_menu_requested.connect(popups.show_found_menu)
            explore.map_menu_requested.connect(popups.show_map_menu)
            explore.tag_wanted.connect(self.commands.tag)
            explore.save_list_wanted.connect(self.commands.mapping.save_list)
            explore.unreadable.shown.connect(self.commands.files.show)
            explore.unreadable.export_wanted.connect(self.commands.export_unreadable)
            explore.faults.exported.connect(self.commands.files.show)
            explore.sources.shown.connect(lambda one: self.commands.files.show(one.raw_path))
            explore.sourcing.move_wanted.connect(self.commands.move_source)
            explore.training.labels_wanted.connect(self.commands.import_labels)
            explore.encoders.checkpoint_wanted.connect(self.commands.open_checkpoint)
            explore.encoders.import_wanted.connect(self.commands.import_embeddings)
            explore.encoders.folder_wanted.connect(self.commands.choose_weights_folder)
            explore.encoders.folder_shown.connect(self.commands.files.show)
            explore.hinting.labels_wanted.connect(self.commands.import_labels)
            explore.insight.oddest_wanted.connect(self.commands.searching.oddest)
            explore.hinting.changed.connect(self.shell.state_changed)
            explore.care.merge_wanted.connect(self.commands.merge_catalogue)
            kept, exporting = self.keeper.settings, explore.exporting
            exporting.remember(kept.export_folder, kept.export_choices)
            exporting.remembered.connect(
                lambda folder, choices: self.keeper.change(
                    export_folder=folder, export_choices=choices
                )
            )
            exporting.shown.connect(self.commands.files.show)
            exporting.remedy_wanted.connect(self.commands.exporting.make)
            explore.duplicates.export_wanted.connect(self.commands.exporting.show_pairs)
            explore.training.export_wanted.connect(self.commands.exporting.show_model)
            self.actions.attach([explore.grid, explore.map.canvas])
            return explore

        return build

    def _begin_rest(self, task: Task) -> None:
        if task.title != TIDYING:
            self._rest.start()

    def _give_back_memory(self) -> None:
        if not self.is_closed and not self.runner.tasks:
            self.runner.run(TIDYING, memory.give_back, lane="reads", is_listed=False)

    def close(self) -> None:
        """Remember, cancel, wait, and give everything back."""
        if self.is_closed:
            return
        self.is_closed = True
        self._rest.stop()
        self.shell.keep_layout()
        self.keeper.keep_window(self.window)
        self.window.hide()
        self.shell.shut()
        self.runner.close()
        self.shell.finish()


def import_work() -> None:
    """Everything but torch; runs in a lane."""
    import app.explore
    import app.log
    import app.popups
    import app.presenters.opening
    import app.work

    assert app.explore and app.popups and app.presenters.opening and app.work
    app.log.start_log()


def open_window(path: Path | None = None) -> int:
    """Show the window, on a folder or catalogue if given; returns the exit code."""
    sys.setswitchinterval(SWITCH_S)
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(qt, QApplication)
    qt.setApplicationName("Lookalike")
    qt.setDesktopFileName("lookalike")
    qt.setWindowIcon(icons.window_icon())
    qt.setStyle("Fusion")
    if path is not None and is_shown_elsewhere(path):
        return 0
    application = Application()
    application.shell.errors.install_hooks()
    requests = OpenRequests(application.shell.open_path, application)
    if sys.platform == "darwin":  # elsewhere it would only look at every event for nothing
        qt.installEventFilter(requests)
    if os.environ.get(MEASURE):
        application.window.painted.connect(lambda: _tell_start(application))
        application.window.show()
    else:
        application.show()
        if path is not None:
            application.shell.was_started_with_path = True
            application.shell.open_path(path)
    interrupt = Interrupt(application.window.close_unasked)
    code = int(qt.exec())
    interrupt.undo()
    application.shell.errors.remove_hooks()
    qt.removeEventFilter(requests)
    application.close()
    icons.forget()
    return 128 + interrupt.number if interrupt.number else code


def is_shown_elsewhere(path: Path) -> bool:
    """Whether another window has what this folder or catalogue opens, and came to the front: none is made then."""
    from app.single import Front  # sockets, which a start without a path does not need

    return Front().raise_other(homes.of_place(path))


def _tell_start(application: Application) -> None:
    """Print how long it took from the start of the process to the first picture, and quit."""
    measured = {
        "first_paint_ms": round(process_age_s() * 1000, 1),
        "torch_imported": "torch" in sys.modules,
    }
    print(json.dumps(measured), flush=True)
    QTimer.singleShot(0, application.window.close)


def process_age_s() -> float:
    """Seconds since this process was started."""
    stat = Path("/proc/self/stat")
    if stat.exists():
        # Ticks since boot, to 10 ms; psutil adds the boot time, which is rounded to a second.
        started_ticks = int(stat.read_text().rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / os.sysconf("SC_CLK_TCK")
    now_s = time.time()
    import psutil

    return float(now_s - psutil.Process().create_time())
