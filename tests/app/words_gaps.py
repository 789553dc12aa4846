"""Measures how long the window stands still in the first searches by words, and how soon they answer. Prints JSON.

    python tests/app/words_gaps.py CATALOGUE ENCODER

CATALOGUE has vectors of ENCODER, which knows words. The first turn to the field makes the encoder ready; what
falls within that job, "Preparing", is told apart.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtWidgets import QApplication

from app.window_app import SWITCH_S, Application
from tests.app.gui_gaps import GapMeter

SEARCHES = ("a street at night -car", "beach, sunset^2", "a dog", "flowers in a field")


def main(catalogue: Path, encoder: str) -> dict[str, object]:
    """Open, turn to the field, search four times."""
    sys.setswitchinterval(SWITCH_S)
    qt = QApplication([])
    application = Application()
    application.show()

    def wait(until: Callable[[], object]) -> float:
        begun_s = time.perf_counter()
        while not until():
            qt.processEvents()
            time.sleep(0.0005)
        return time.perf_counter() - begun_s

    def idle() -> bool:
        return not application.runner.tasks

    wait(lambda: application.shell.opening is not None)
    wait(idle)
    application.shell.open_path(catalogue)
    wait(lambda: application.shell.explore is not None)
    wait(idle)
    explore = application.shell.explore
    assert explore is not None
    explore.switching.switch_to(encoder)
    wait(idle)
    meter = GapMeter()
    explore.search.focus_field()
    prepared_s = wait(idle)
    preparing, meter.gaps = [gap for _, gap in meter.gaps], []
    answered_ms = []
    for text in SEARCHES:
        explore.words.search(text)
        answered_ms.append(
            wait(lambda: explore.browse.query and explore.browse.query.found is not None)
        )
        wait(idle)
    gaps = np.array([gap for _, gap in meter.gaps])
    meter.stop()
    answer = {
        "prepared_s": round(prepared_s, 2),
        "preparing_longest_gap_ms": round(max(preparing), 1),
        "answered_ms": [round(one * 1000, 1) for one in answered_ms],
        "gap_p95_ms": round(float(np.percentile(gaps, 95)), 1),
        "longest_gap_ms": round(float(gaps.max()), 1),
    }
    application.window.close()
    application.close()
    return answer


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with TemporaryDirectory() as home:
        os.environ.update(LOOKALIKE_CONFIG_DIR=f"{home}/config", LOOKALIKE_DATA_DIR=f"{home}/data")
        print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
