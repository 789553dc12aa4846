"""Measures how long the window keeps its user waiting while a folder is imported. Prints JSON.

    python tests/app/gui_gaps.py FOLDER [WORK_FOLDER]

A 5 ms timer notes how late it comes. What falls within the "Preparing" jobs is told apart.
"""

import json
import os
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

TICK_MS = 5


LATE_MS = 30


class GapMeter(QObject):
    """Notes the time between two turns of the event loop, and where a late one was spent."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gaps: list[tuple[float, float]] = []  # when, milliseconds
        self._last_s = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self.stacks: list[tuple[float, str]] = []
        self._main = threading.get_ident()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(0.01)
            late_ms = (time.perf_counter() - self._last_s) * 1000 - TICK_MS
            if late_ms > LATE_MS:
                frame = sys._current_frames()[self._main]
                where = [
                    f"{Path(f.filename).stem}:{f.lineno}" for f in traceback.extract_stack(frame)
                ]
                del frame  # it would keep painters alive
                self.stacks.append((round(time.perf_counter(), 2), " < ".join(where[:-8:-1])))

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()
        self._last_s = float("inf")

    def _tick(self) -> None:
        now_s = time.perf_counter()
        self.gaps.append((now_s, (now_s - self._last_s) * 1000 - TICK_MS))
        self._last_s = now_s


def main(folder: Path, work: Path) -> int:
    """Import the folder in a window, scrolling and selecting meanwhile."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["LOOKALIKE_CONFIG_DIR"] = str(work / "config")
    os.environ["LOOKALIKE_DATA_DIR"] = str(work / "data")
    from app.window_app import SWITCH_S, Application

    sys.setswitchinterval(SWITCH_S)
    qt = QApplication([])
    qt.setStyle("Fusion")
    application = Application()
    meter = GapMeter()
    preparing: list[list[float]] = []
    moves: list[float] = []

    def begin(task):  # type: ignore[no-untyped-def]
        if task.title == "Preparing":
            preparing.append([time.perf_counter(), float("inf")])

    def end(task):  # type: ignore[no-untyped-def]
        if task.title == "Preparing":
            next(p for p in preparing if p[1] == float("inf"))[1] = time.perf_counter()
        if task.lane == "compute":
            QTimer.singleShot(3000, finish)

    def finish() -> None:
        meter.stop()
        application.window.close()

    def play() -> None:
        explore = application.shell.explore
        if explore is None or not len(explore.browse.listing):
            return
        count = len(explore.browse.listing)
        bar = explore.grid.verticalScrollBar()
        bar.setValue((bar.value() + 60) % max(1, bar.maximum()))
        if len(moves) % 20 == 0:
            row = (len(moves) * 37) % count
            explore.document.selection.set([int(explore.browse.listing.ids[row])])
        moves.append(time.perf_counter())

    player = QTimer()
    player.timeout.connect(play)
    player.start(100)
    application.runner.started.connect(begin)
    application.runner.ended.connect(end)
    application.show()
    begun_s = time.perf_counter()
    QTimer.singleShot(1500, lambda: application.shell.open_path(folder))
    qt.exec()
    application.close()
    when = np.array([gap[0] for gap in meter.gaps])
    late = np.array([gap[1] for gap in meter.gaps])
    in_preparing = np.zeros(len(when), dtype=bool)
    for start, stop in preparing:
        in_preparing |= (when >= start) & (when - late / 1000 <= stop + 0.005)
    usual = late[~in_preparing]
    worst = np.argsort(-np.where(in_preparing, 0, late))[:8]
    print(
        json.dumps(
            {
                "ticks": len(usual),
                "p50_ms": round(float(np.percentile(usual, 50)), 2),
                "p95_ms": round(float(np.percentile(usual, 95)), 2),
                "p99_ms": round(float(np.percentile(usual, 99)), 2),
                "max_ms": round(float(usual.max()), 1),
                "over_50_ms": int((usual > 50).sum()),
                "preparing_max_ms": round(float(late[in_preparing].max(initial=0)), 1),
                "worst": [
                    (round(float(when[i] - begun_s), 1), round(float(late[i]), 1)) for i in worst
                ],
                "preparing_worst": [
                    (round(float(when[i] - begun_s), 1), round(float(late[i]), 1))
                    for i in np.argsort(-np.where(in_preparing, late, 0))[:4]
                ],
                "moves": len(moves),
                "seconds": round(time.perf_counter() - begun_s, 1),
            }
        )
    )
    for when_s, where in meter.stacks:
        if not any(start <= when_s <= stop for start, stop in preparing):
            print(f"{when_s - begun_s:7.2f} s  {where}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    place = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
    sys.exit(main(Path(sys.argv[1]), Path(place)))
