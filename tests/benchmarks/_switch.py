"""Switches between two encoders in a window, and prints what that took as JSON.

python tests/benchmarks/_switch.py CATALOGUE WORK_FOLDER
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _application import start, until
from PySide6.QtCore import QCoreApplication, QEventLoop

TURNS, WARM = 20, 2
LIMIT_S = 30.0
gaps: list[float] = []


def main(catalogue: Path, work: Path) -> dict[str, Any]:
    """Everything in one window of 1440 x 900, offscreen where there is no display."""
    from app.widgets import moving

    _qt, application = start(work, with_torch=False)
    _wait(lambda: application.shell.opening is not None)
    application.shell.open_path(catalogue)
    _wait(lambda: application.shell.explore is not None)
    explore = application.shell.explore
    _wait(lambda: len(explore.map.ids) > 0 and len(explore.switching.choices) == 2)
    explore.document.selection.set([int(explore.map.ids[len(explore.map.ids) // 2])])
    _rest(application)
    found: dict[str, Any] = {"images": len(explore.browse.listing)}
    found["redraw"], found["look_alikes"], found["first_frame"], found["walk"] = [], [], [], []
    whole_s, moving.MOVE_S = moving.MOVE_S, 0.0
    for number in range(TURNS + WARM):
        redraw, look_alikes = _jump(application)
        if number == WARM:
            gaps.clear()
        if number >= WARM:
            found["redraw"].append(redraw)
            found["look_alikes"].append(look_alikes)
    moving.MOVE_S = whole_s
    for _ in range(TURNS):
        first, frames = _walk(application)
        found["first_frame"].append(first)
        found["walk"] += frames
    found["gaps"] = list(gaps)
    application.window.close()
    application.close()
    return found


def _jump(application: Any) -> tuple[float, float]:
    explore = application.shell.explore
    view, item, strip = explore.map, explore.map.canvas.item, explore.inspector.strip
    before, listed = view.places, strip.items
    begun_s = time.perf_counter()
    explore.switching.switch_on()

    def is_drawn() -> bool:
        return view.places is not before and item._drawn is not None and (
            item._drawn[2] == item._version and item._asked is None
        )  # fmt: skip

    times: dict[str, float] = {}

    def is_done() -> bool:
        now_ms = (time.perf_counter() - begun_s) * 1000
        if is_drawn():
            times.setdefault("map", now_ms)
        if strip.items != listed:
            times.setdefault("strip", now_ms)
        return len(times) == 2

    _wait(is_done)
    _rest(application)
    return times["map"], times["strip"]


def _walk(application: Any) -> tuple[float, list[float]]:
    explore = application.shell.explore
    view, item = explore.map, explore.map.canvas.item
    frames: list[float] = []
    painted: list[float] = []
    ask, before = item._ask, view.places

    def timed(key: Any) -> None:
        """Few points are drawn in this call; the rest of painting is one image."""
        begun = time.perf_counter()
        ask(key)
        if view.places is not before:
            painted.append(time.perf_counter())
            frames.append((painted[-1] - begun) * 1000)

    item._ask = timed
    begun_s = time.perf_counter()
    explore.switching.switch_on()
    _wait(lambda: bool(painted))
    _rest(application)
    del item._ask
    return (painted[0] - begun_s) * 1000, frames


def _rest(application: Any) -> None:
    calm_s = time.perf_counter() + 0.15
    until_s = time.monotonic() + LIMIT_S
    while time.perf_counter() < calm_s and time.monotonic() < until_s:
        _step()
        explore = application.shell.explore
        if application.runner.tasks or explore.map.is_moving or not explore.inspecting.is_settled:
            calm_s = time.perf_counter() + 0.15


def _wait(is_done: Callable[[], bool]) -> None:
    until(is_done, _step, LIMIT_S)


def _step() -> None:
    begun_s = time.perf_counter()
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    gaps.append((time.perf_counter() - begun_s) * 1000)
    time.sleep(0.0005)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
