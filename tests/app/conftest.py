"""The window under test: no display, an inline twin of the lanes, and nothing may leak."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.explore import Explore
from app.style.theme import Theme
from app.tasks import Task, TaskRunner, carry_out
from app.widgets import moving
from app.window_app import Application
from core.operations import projects, sources
from tests.conftest import FakeEncoder

# What the offscreen platform cannot do; nothing of ours.
OFFSCREEN = r"This plugin does not support"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "logs_warnings: the test makes the program log a warning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN, extend=True))


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["lookalike"]


@pytest.fixture(scope="session", autouse=True)
def _fusion(qapp: QApplication) -> None:
    """The program's style, once: setting it styles every widget anew, and tests share windows."""
    qapp.setStyle("Fusion")


@pytest.fixture(autouse=True)
def _points_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points are at their new places at once."""
    monkeypatch.setattr(moving, "MOVE_S", 0.0)


@pytest.fixture(autouse=True)
def _nothing_leaks(
    request: pytest.FixtureRequest, qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """A test fails on a warning in the log, a live thread, or a window left behind."""
    QCursor.setPos(QPoint(5000, 5000))
    threads = set(threading.enumerate())
    windows = set(QApplication.topLevelWidgets())
    yield
    settle()
    left = [w for w in QApplication.topLevelWidgets() if w not in windows and w.parent() is None]
    assert not left, f"windows left behind: {left}"
    alive = [t.name for t in threading.enumerate() if t not in threads and t.is_alive()]
    # The test's own hub answers in such threads; they end with the connection.
    alive = [name for name in alive if "process_request_thread" not in name]
    assert not alive, f"threads left behind: {alive}"
    if request.node.get_closest_marker("logs_warnings") is None:
        loud = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.WARNING]
        assert not loud, f"unannounced in the log: {loud}"


def settle() -> None:
    """Deliver what is queued, deletions too."""
    for _ in range(5):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class InlineRunner(TaskRunner):
    """Carries a task out before ``run`` returns: no threads, no waiting."""

    def _enqueue(self, task: Task) -> None:
        self.started.emit(task)
        carry_out(task)
        self._settle(task)

    def relay(self, callback: Callable[..., None]) -> Callable[..., None]:
        return callback


@pytest.fixture
def inline_runner(qapp: QApplication) -> InlineRunner:
    """The twin."""
    return InlineRunner()


@pytest.fixture
def application(qapp: QApplication, fake_encoder: type) -> Iterator[Application]:
    """The window with the inline twin, at its start page, ready for work."""
    yield from _run(Application(runner=InlineRunner()), fake_encoder)


@pytest.fixture
def live_application(qapp: QApplication, fake_encoder: type) -> Iterator[Application]:
    """The window with its real lanes, and an encoder slow enough to watch."""

    class SlowEncoder(fake_encoder):  # type: ignore[misc]
        def encode_images(self, pixels: np.ndarray) -> np.ndarray:
            time.sleep(0.3)
            return np.asarray(super().encode_images(pixels))

    yield from _run(Application(), SlowEncoder)


def _run(application: Application, encoder: type) -> Iterator[Application]:
    application.window.resize(1280, 720)
    application.show()
    while application.shell.opening is None:
        QCoreApplication.processEvents()
    application.shell.opening.opened.connect(
        lambda document: document.project.keep("encoder:builtin", encoder)
    )
    application.window.activateWindow()
    settle()
    yield application
    application.window.close()
    application.close()
    application.window.deleteLater()
    application.deleteLater()
    settle()


@pytest.fixture
def catalogue(photos: Path, tmp_path: Path, fake_encoder: type) -> Path:
    """A catalogue of the generated photos, with vectors, graph and layout."""
    path = tmp_path / "photos.lookalike"
    with projects.create(path) as project:
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [photos])
    return path


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for a window that the tests of a file share."""
    home = tmp_path_factory.mktemp("shared-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_CONFIG_DIR", str(home / "config"))
        patch.setenv("LOOKALIKE_DATA_DIR", str(home / "data"))
        patch.setenv("LOOKALIKE_WORKERS", "0")
        yield home


@pytest.fixture(scope="module")
def shared_catalogue(shared_home: Path, fill_photos: Callable[[Path], Path]) -> Path:
    """As ``catalogue``, for all tests of a file."""
    path = shared_home / "photos.lookalike"
    with projects.create(path) as project:
        project.keep("encoder:builtin", FakeEncoder)
        sources.import_folders(project, [fill_photos(shared_home / "photos")])
    return path


@pytest.fixture(scope="module")
def shared_application(qapp: QApplication, shared_home: Path) -> Iterator[Application]:
    """As ``application``: opening a catalogue in it takes over a second, so tests of a file may share it."""
    yield from _run(Application(runner=InlineRunner()), FakeEncoder)


@pytest.fixture
def explore(application: Application, catalogue: Path) -> Explore:
    """The catalogue open in the window."""
    application.shell.open_path(catalogue)
    settle()
    assert application.shell.explore is not None, application.window.banner.message
    return application.shell.explore


@pytest.fixture
def settled() -> Callable[[], None]:
    """Deliver what is queued."""
    return settle


@pytest.fixture
def theme(qtbot: QtBot) -> Theme:
    """The light one, in force."""
    made = Theme("light")
    made.apply()
    return made


@pytest.fixture
def show(qtbot: QtBot, settled: Callable[[], None]) -> Iterator[Callable[[QWidget], None]]:
    """Show a widget at the size that the view has in a small window."""
    shown: list[QWidget] = []

    def open_it(widget: QWidget) -> None:
        shown.append(widget)
        widget.resize(976, 640)
        widget.show()
        settled()

    yield open_it
    for one in shown:
        one.close()
        one.deleteLater()
    settled()
