"""How long until a window shows: process start to first painted frame, in fresh processes, warm.

`lookalike bench start --json`. The limit is the interpreter plus the import of Qt's widgets, which is
measured beside it in the same run.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

RUNS = 7


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Median of interleaved runs. The figures of a large catalogue (``size``) are not built yet."""
    environment = {**os.environ, "LOOKALIKE_MEASURE_START": "1"}
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    _paint(environment)
    shown, bare = [], []
    for _ in range(RUNS):
        shown.append(_paint(environment))
        bare.append(_bare_qt(environment))
    return {
        "first_paint_ms": round(statistics.median(shown), 1),
        "first_paint_worst_ms": round(max(shown), 1),
        "qt_import_only_ms": round(statistics.median(bare), 1),
        "runs": RUNS,
    }


def _paint(environment: dict[str, str]) -> float:
    answer = subprocess.run(
        [sys.executable, "-m", "app"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    figures = json.loads(answer.stdout.strip().splitlines()[-1])
    if figures["torch_imported"]:
        raise RuntimeError("torch was imported before the first paint")
    return float(figures["first_paint_ms"])


def _bare_qt(environment: dict[str, str]) -> float:
    """A process that imports Qt's widgets, makes an application and does nothing else."""
    code = "from PySide6.QtWidgets import QApplication; QApplication([])"
    begun_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)
    return (time.perf_counter() - begun_s) * 1000
