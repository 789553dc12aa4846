"""Opens a catalogue in a window, filters, sorts and scrolls it, and prints what that took as JSON.

A process of its own, started by the benchmark `start`, so that memory is that of a window and no more:

    python tests/benchmarks/_window.py CATALOGUE WORK_FOLDER
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from _application import start, until
from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtGui import QPaintEvent

LIMIT_S = 120.0
REST_S = 4.0  # until the window has given idle memory back
OPENINGS, UNKEPT = 5, 3  # with the kept index, and without it
SCREENS = 240
SORTS = ("path", "name", "date", "size", "class")


def main(catalogue: Path, work: Path) -> dict[str, Any]:
    """Everything in one window of 1440 x 900, offscreen where there is no display."""
    _qt, application = start(work, with_torch=False)
    _wait(lambda: application.shell.opening is not None)
    openings: dict[str, list[float]] = {"open": [], "open_unkept": []}
    for number in range(OPENINGS + UNKEPT):
        if number:
            application.shell.close_document()
            _wait(lambda: not application.runner.tasks)
        key = "open" if number < OPENINGS else "open_unkept"
        if key == "open_unkept":
            (catalogue / "cache" / "index.npz").unlink()
        openings[key].append(_open(application, catalogue))
    figures: dict[str, Any] = {"images": len(application.shell.explore.browse.listing), **openings}
    figures |= _ask(application)
    figures |= {"scroll": _scroll(application)}
    figures["rss_peak_mb"] = _rss_peak_mb()
    _pump(REST_S)
    figures["rss_mb"] = _rss_mb()
    figures["torch_imported"] = "torch" in sys.modules
    application.window.close()
    application.close()
    return figures


def _open(application: Any, catalogue: Path) -> float:
    """Milliseconds from the wish to open until the grid is painted with its thumbnails."""
    begun_s = time.perf_counter()
    application.shell.open_path(catalogue)
    shell = application.shell

    def is_shown() -> bool:
        explore = shell.explore
        return (
            explore is not None
            and len(explore.browse.listing) > 0
            and _has_pictures(explore.grid)
            and len(explore.map.ids) > 0
        )

    _wait(is_shown)
    shell.explore.grid.viewport().repaint()
    elapsed_ms = (time.perf_counter() - begun_s) * 1000
    _wait(lambda: not application.runner.tasks)
    return elapsed_ms


def _has_pictures(grid: Any) -> bool:
    rows = grid.visible_rows()
    shown = grid.listing.contents[rows.start : rows.stop].tolist()
    return bool(shown) and all(grid._thumbnails.cache.is_known(one) for one in shown)


def _ask(application: Any) -> dict[str, Any]:
    """Filters and orders, each from the wish to the painted grid; every one twice before, so warm."""
    explore = application.shell.explore
    browse, facets = explore.browse, explore.browse.facets
    _wait(lambda: bool(browse.facets.classes))
    facets = browse.facets
    values = {
        "class": [("class", one.value) for one in facets.classes[:8]],
        "source": [("source", one.value) for one in facets.sources[:8]],
        "size": [("size", one.value) for one in facets.sizes],
        "date": [("date", one.value) for one in facets.years[:8]],
    }
    words = ("img_00", "dsc12", "scan 5", "jpg", "class 77", "7f3a", "zebra")
    filters: dict[str, list[float]] = {key: [] for key in (*values, "name")}
    sorts: dict[str, list[float]] = {key: [] for key in SORTS}
    for turn in range(3):
        for kind, choices in values.items():
            for choice in choices:
                spent = _listed(browse, lambda c=choice: browse.set_value(*c, True))
                back = _listed(browse, browse.clear)
                if turn:
                    filters[kind] += [spent, back]
        for word in words:
            spent = _listed(browse, lambda w=word: browse.set_text(w))
            back = _listed(browse, browse.clear)
            if turn:
                filters["name"] += [spent, back]
        for key in SORTS:
            for descending in (True, False):
                spent = _listed(browse, lambda k=key, d=descending: browse.set_sort(k, d))
                if turn:
                    sorts[key].append(spent)
        browse.set_sort("path", False)
        _wait(lambda: not application.runner.tasks)
    return {"filter": filters, "sort": sorts}


def _listed(browse: Any, ask: Callable[[], None]) -> float:
    before = browse.listing
    begun_s = time.perf_counter()
    ask()
    _wait(lambda: browse.listing is not before)
    explore = browse.parent()
    explore.grid.viewport().repaint()
    elapsed_ms = (time.perf_counter() - begun_s) * 1000
    _pump(0.02)
    return elapsed_ms


def _scroll(application: Any) -> list[float]:
    """Milliseconds that each painting of the grid takes: by the wheel, by pages and by leaps."""
    explore = application.shell.explore
    grid = explore.grid
    frames: list[float] = []
    paint = type(grid).paintEvent

    def timed(event: QPaintEvent) -> None:
        begun_s = time.perf_counter()
        paint(grid, event)
        frames.append((time.perf_counter() - begun_s) * 1000)

    grid.paintEvent = timed
    bar = grid.verticalScrollBar()
    random = np.random.default_rng(1)
    page = bar.pageStep()
    for number in range(SCREENS):
        step = (bar.singleStep() * 3, page, 0)[number % 3]
        place = bar.value() + step if step else int(random.integers(0, bar.maximum()))
        bar.setValue(min(place, bar.maximum()) if number % 12 else 0)
        _pump(0.016)
    del grid.paintEvent
    return frames


def _wait(is_done: Callable[[], bool]) -> None:
    def step() -> None:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)

    until(is_done, step, LIMIT_S)


def _pump(seconds: float) -> None:
    until_s = time.perf_counter() + seconds
    while time.perf_counter() < until_s:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)


def _rss_mb() -> int:
    process = psutil.Process()
    family = [process, *process.children(recursive=True)]
    return round(sum(one.memory_info().rss for one in family) / 2**20)


def _rss_peak_mb() -> int:
    """The highest that this process alone ever held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
