"""The house rules that concern the window: who may import whom, and what may not be imported yet."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
PROBE = """
import json, sys
from PySide6.QtWidgets import QApplication
from app.window_app import Application
qt = QApplication([])
application = Application()
application.window.painted.connect(lambda: qt.exit(0))
application.window.show()
qt.exec()
print(json.dumps(sorted(sys.modules)))
application.close()
"""


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted((APP / "views").rglob("*.py")), ids=lambda path: path.stem)
def test_views_do_not_import_each_other(path: Path) -> None:
    folder = path.parent.name
    own = f"app.views.{folder}." if folder != "views" else "none of them"
    found = {one for one in imports_of(path) if one.startswith("app.views.")}
    assert not {one for one in found if not f"{one}.".startswith(own)}


WIDGETS = [path for room in ("views", "widgets", "dialogs") for path in (APP / room).rglob("*.py")]


@pytest.mark.parametrize(
    "path", sorted(WIDGETS), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_widgets_open_no_session_and_start_no_task(path: Path) -> None:
    barred = ("core.operations", "core.project", "app.tasks", "app.document", "app.presenters")
    assert not {one for one in imports_of(path) if one.startswith(barred)}


def test_threads_are_made_in_one_place() -> None:
    makers = {p.name for p in APP.rglob("*.py") if "threading.Thread(" in p.read_text("utf-8")}
    assert makers <= {"tasks.py", "progress.py"}  # the second is the command line's


def test_the_start_page_needs_nothing_heavy() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(json.loads(answer.stdout.splitlines()[-1]))
    heavy = {
        "torch",
        "torchvision",
        "faiss",
        "open_clip",
        "timm",
        "transformers",
        "huggingface_hub",
        "sqlalchemy",
        "pyqtgraph",
        "numpy",
    }
    assert not heavy & loaded


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind there")
def test_an_interrupt_closes_the_window_and_says_130(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        time.sleep(3.0)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_the_hook_that_measures_the_start_says_so_in_json() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "app"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "LOOKALIKE_MEASURE_START": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    measured = json.loads(answer.stdout)
    assert measured["torch_imported"] is False
    assert 0 < measured["first_paint_ms"] < 20_000
