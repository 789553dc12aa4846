"""The whole window as benchmarks start it, in a process of their own, and waiting while it works."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication


def start(work: Path, *, with_torch: bool = True) -> tuple[QApplication, Any]:
    """(Qt, the program) with its window of 1440 x 900 open, offscreen where there is no display; settings and data
    lie in ``work``. Without ``with_torch`` nothing heavy is imported before it is needed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["LOOKALIKE_CONFIG_DIR"] = str(work / "config")
    os.environ["LOOKALIKE_DATA_DIR"] = str(work / "data")
    from app.window_app import SWITCH_S, Application

    sys.setswitchinterval(SWITCH_S)
    qt = QApplication([])
    qt.setStyle("Fusion")
    application = Application()
    if not with_torch:
        application._prepare_search = lambda *_: None  # type: ignore[method-assign]
    application.window.resize(1440, 900)
    application.show()
    return qt, application


def until(is_done: Callable[[], bool], step: Callable[[], object], limit_s: float) -> None:
    """Call ``step``, which lets the window work for a moment, until it is so. Raises TimeoutError."""
    end_s = time.monotonic() + limit_s
    while not is_done():
        step()
        if time.monotonic() > end_s:
            raise TimeoutError("the window does not come to rest")
