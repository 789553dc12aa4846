"""The window with its real lanes, for tests of what several threads do together."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.explore import Explore
from app.window_app import Application


@contextmanager
def opened(catalogue: Path) -> Iterator[Application]:
    """A window of 1280 x 720 with this catalogue open in Train; closed without a question in the end."""
    application = Application()
    application.window.resize(1280, 720)
    application.show()
    try:
        wait(lambda: application.shell.opening is not None)
        application.shell.open_path(catalogue)
        wait(lambda: application.shell.explore is not None)
        explore_of(application).training.show()
        yield application
    finally:
        application.window.close_unasked()
        application.close()
        application.window.deleteLater()
        application.deleteLater()


def wait(until: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Let the window work until something is so."""
    deadline_s = time.monotonic() + timeout_s
    while not until():
        assert time.monotonic() < deadline_s, "it did not come"
        QCoreApplication.processEvents()
        time.sleep(0.002)


def explore_of(application: Application) -> Explore:
    assert application.shell.explore is not None, application.window.banner.message
    return application.shell.explore
