"""Selects on the map of a window and looks when the grid follows; prints what each took as JSON.

python tests/benchmarks/_map_link.py CATALOGUE WORK_FOLDER
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _application import start, until
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPointF, Qt
from PySide6.QtGui import QMouseEvent

TURNS, WARM = 8, 1
LIMIT_S = 120.0
NONE = Qt.KeyboardModifier.NoModifier
gaps: list[float] = []


def main(catalogue: Path, work: Path) -> dict[str, Any]:
    """Everything in one window."""
    _qt, application = start(work)
    wait(lambda: application.shell.opening is not None)
    application.shell.open_path(catalogue)
    wait(lambda: application.shell.explore is not None)
    explore = application.shell.explore
    wait(lambda: len(explore.browse.listing) > 0 and len(explore.map.ids) > 0)
    rest(application)
    hands = Hands(application)
    times: dict[str, list[float]] = {}
    selected = 0
    for number in range(TURNS + WARM):
        if number == WARM:
            gaps.clear()
        for kind, measured in hands.turn(number).items():
            if number >= WARM:
                times.setdefault(kind, []).append(measured)
        selected = hands.selected
        print(f"turn {number + 1} of {TURNS + WARM}", file=sys.stderr)
    found = {
        "images": len(explore.browse.listing),
        "points": len(explore.map.ids),
        "selected": selected,
        "times": times,
        "gap_max_ms": max(gaps),
    }
    application.window.close()
    application.close()
    return found


class Hands:
    """What a user does, each with the milliseconds until it shows."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.explore = application.shell.explore
        self.view = self.explore.map
        self.canvas = self.view.canvas
        self.selection = self.explore.document.selection
        self.selected, self.cpu_ms = 0, 0.0
        frame, seen = self.canvas.frame(), self.view.points.seen
        self.x = float(frame.to_pixels(seen)[:, 0].astype(np.float64).mean())
        self.middle_x = float(np.median(frame.to_pixels(seen)[:, 0]))
        self.quarter_x = float(np.quantile(frame.to_pixels(seen)[:, 0], 0.25))
        self.wide, self.high = frame.width_px, frame.height_px

    def turn(self, number: int) -> dict[str, float]:
        """Everything once."""
        explore, selecting = self.explore, self.explore.map_presenter.selecting
        found: dict[str, float] = {}
        self.clear()
        self.view.set_tool("lasso")
        self.trace(self.lasso(self.middle_x + number % 3), NONE)
        found["lasso"], found["lasso_map"] = self.until_shown(self.let_go)
        found["lasso_cpu"] = self.cpu_ms
        self.selected = len(self.selection)
        self.trace(self.lasso(self.quarter_x), Qt.KeyboardModifier.ControlModifier)
        found["subtract"] = self.until_shown(self.let_go)[0]
        found["invert"] = self.until_shown(selecting.invert)[0]
        self.clear()
        self.view.set_tool("box")
        self.trace([QPointF(2, 2), QPointF(self.middle_x, self.high - 2)], NONE)
        found["box"] = self.until_shown(self.let_go)[0]
        before = explore.browse.listing
        begun_s = time.perf_counter()
        selecting.filter()
        wait(lambda: explore.browse.listing is not before)
        explore.grid.viewport().repaint()
        found["filter"] = (time.perf_counter() - begun_s) * 1000
        rest(self.application)
        explore.browse.clear()
        rest(self.application)
        self.clear()
        self.view.set_tool("pointer")
        found["in_sight"] = self.until_shown(selecting.select_in_sight)[0]
        self.clear()
        place = self.point(number)
        found["click"] = self.until_shown(lambda: self.click(place))[0]
        found["lens"] = self.lens(number)
        return found

    def lens(self, number: int) -> float:
        """The mouse comes to a point; until its neighbours are drawn."""
        lens = self.explore.map_presenter.lens
        lens.turn(True)
        rest(self.application)
        row = number * 1_009 % len(self.view.ids)
        begun_s = time.perf_counter()
        self.view.pointed.emit(row)
        wait(lambda: self.canvas.lens_row == row)
        elapsed_ms = (time.perf_counter() - begun_s) * 1000
        lens.turn(False)
        return elapsed_ms

    def lasso(self, right: float) -> list[QPointF]:
        """A ragged outline of everything left of ``right``."""
        y = np.linspace(4, self.high - 4, 40)
        edge = right + 6 * np.sin(np.arange(40))
        return [QPointF(2, 2), *(QPointF(*one) for one in zip(edge, y, strict=True)),
                QPointF(2, self.high - 2)]  # fmt: skip

    def trace(self, trail: list[QPointF], keys: Qt.KeyboardModifier) -> None:
        """Press, and draw the outline; not let go yet."""
        self._last, self._keys = trail[-1], keys
        self.mouse(QEvent.Type.MouseButtonPress, trail[0])
        for one in trail[1:]:
            self.mouse(QEvent.Type.MouseMove, one)
        pump(0.05)

    def let_go(self) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, self._last)

    def click(self, place: QPointF) -> None:
        self._keys = NONE
        self.mouse(QEvent.Type.MouseButtonPress, place)
        self.mouse(QEvent.Type.MouseButtonRelease, place)

    def point(self, number: int) -> QPointF:
        """Where one of the points in sight lies."""
        pixels = self.canvas.frame().to_pixels(
            self.view.points.seen[number * 997 : number * 997 + 1]
        )
        return QPointF(*pixels[0].tolist())

    def mouse(self, kind: QEvent.Type, place: QPointF) -> None:
        left = Qt.MouseButton.LeftButton
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else left
        event = QMouseEvent(kind, place, place, button, left, self._keys)
        {
            QEvent.Type.MouseButtonPress: self.canvas.mousePressEvent,
            QEvent.Type.MouseMove: self.canvas.mouseMoveEvent,
            QEvent.Type.MouseButtonRelease: self.canvas.mouseReleaseEvent,
        }[kind](event)

    def until_shown(self, do: Callable[[], None]) -> tuple[float, float]:
        """(until the grid shows the selection, until the map's exact picture does), ms."""
        grid, before = self.explore.grid, self.selection.ids
        begun_s, cpu_s = time.perf_counter(), time.thread_time()
        do()
        wait(lambda: self.selection.ids is not before)
        grid.viewport().repaint()
        self.cpu_ms = (time.thread_time() - cpu_s) * 1000
        grid_ms = (time.perf_counter() - begun_s) * 1000
        row = grid.listing.row_of(self.selection.current)
        assert row in grid.visible_rows(), "the grid does not show the selection"
        wait(lambda: self.canvas.item.is_exact)
        map_ms = (time.perf_counter() - begun_s) * 1000
        rest(self.application)
        return grid_ms, map_ms

    def clear(self) -> None:
        self.selection.clear()
        rest(self.application)


def wait(is_done: Callable[[], bool]) -> None:
    last_s = time.perf_counter()

    def step() -> None:
        nonlocal last_s
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 2)
        now_s = time.perf_counter()
        gaps.append((now_s - last_s) * 1000)
        last_s = now_s

    until(is_done, step, LIMIT_S)


def rest(application: Any) -> None:
    """Until nothing is under way."""
    wait(lambda: not application.runner.tasks)
    pump(0.03)
    wait(lambda: not application.runner.tasks)


def pump(seconds: float) -> None:
    until_s = time.perf_counter() + seconds
    wait(lambda: time.perf_counter() > until_s)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
