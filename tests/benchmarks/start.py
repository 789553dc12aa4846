"""How long until a window shows, and, with a size, how it holds up with that many images.

`lookalike bench start --json`: process start to first painted frame, in fresh processes, warm. The limit is
the interpreter plus the import of Qt's widgets, which is measured beside it in the same run.

`lookalike bench start --size 1000000 --json` makes a catalogue of that size (`_million.py` says what is in
it) and opens it in a window of its own process (`_window.py`):

- `open_ms`: from the wish to open until the grid is painted with its thumbnails and the map has its points,
  p95 of five openings in one window. `open_unkept_ms`: the same where the index that is kept in the cache was
  deleted before (after a kill, or on another machine), three openings.
- `filter_ms`, `sort_ms`: from the wish to the painted grid; the greatest of the p95s by class, source,
  name, date and size, which `by` gives one by one. Warm: each was asked once before.
- `scroll_frame_ms`: p95 of painting the grid by wheel, page and leap.
- `rss_mb`: the window with its children after all that, at rest; torch is not imported yet.
- `reimport_unchanged_s`: `lookalike import` of a tenth as many real files (100,000 of a million), none of
  them changed, as a process of its own from start to end.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

RUNS = 7


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Median of interleaved runs; with ``size``, the figures of a catalogue of that many images too."""
    environment = {**os.environ, "LOOKALIKE_MEASURE_START": "1"}
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    _paint(environment)
    shown, bare = [], []
    for _ in range(RUNS):
        shown.append(_paint(environment))
        bare.append(_bare_qt(environment))
    figures = {
        "first_paint_ms": round(statistics.median(shown), 1),
        "first_paint_worst_ms": round(max(shown), 1),
        "qt_import_only_ms": round(statistics.median(bare), 1),
        "runs": RUNS,
    }
    return figures | (_at_size(size) if size else {})


def _at_size(size: int) -> dict[str, Any]:
    here = Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    import _million  # beside this file, which is loaded by its path

    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        files, catalogue = Path(folder) / "files", Path(folder) / "large.lookalike"
        _million.make_files(files, size // 10)
        _million.make_catalogue(catalogue, size, files=files)
        answer = subprocess.run(
            [sys.executable, str(here / "_window.py"), str(catalogue), folder],
            cwd=here.parent.parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=1200,
        )
        window = json.loads(answer.stdout.strip().splitlines()[-1])
        reimport_s = [_reimport_s(files, catalogue) for _ in range(3)]
    if window["torch_imported"]:
        raise RuntimeError("torch was imported by a window that had no need of it")
    by = {
        kind: {key: _p95(values) for key, values in window[kind].items()}
        for kind in ("filter", "sort")
    }
    return {
        "images": window["images"],
        "open_ms": _p95(window["open"]),
        "open_unkept_ms": _p95(window["open_unkept"]),
        "filter_ms": max(by["filter"].values()),
        "sort_ms": max(by["sort"].values()),
        "scroll_frame_ms": _p95(window["scroll"]),
        "rss_mb": window["rss_mb"],
        "rss_peak_mb": window["rss_peak_mb"],
        "reimport_files": size // 10,
        "reimport_unchanged_s": round(statistics.median(reimport_s), 2),
        "by": by,
    }


def _p95(values: list[float]) -> float:
    return round(float(np.percentile(values, 95)), 1)


def _reimport_s(files: Path, catalogue: Path) -> float:
    command = [sys.executable, "-m", "app", "import", str(files), "--catalogue", str(catalogue)]
    begun_s = time.perf_counter()
    answer = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, check=True, timeout=600
    )
    elapsed_s = time.perf_counter() - begun_s
    report = json.loads(answer.stdout)
    if report["added"] or report["changed"] or not report["unchanged"]:
        raise RuntimeError(f"the files were to be unchanged: {report}")
    return elapsed_s


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
