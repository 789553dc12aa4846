"""Import end to end against decoding alone: same files, same processes, same reduced scale, same run.

`lookalike bench import [--size N] --json`: N generated JPEGs of 4000 x 3000 (default 96, some 3.9 MB each), and
as `small` 30 N of 640 x 480 (some 150 kB), drawn from a fixed seed: blurs of several sizes and grain, no two
alike.

Both loops are warm: the processes run, torch is loaded and a first folder is imported before the clock starts,
and the files lie in the system's cache. In each of five rounds the same worker processes decode, import, and
decode again. `decode_only_images_per_s` is `Workers.map` over `decode` with `only_pixels`: the file is read,
decoded at the scale that import asks for too, made upright RGB, cut to the encoder's square and handed over
through shared memory; there is no hash, no fingerprint, no thumbnail, no vector, and no database.
`bare_ratio` is against the same without the square: nothing but reading and decoding. `task_ratio` is
against all that the processes do for an import (hash, fingerprint and thumbnail too), with nothing kept:
what is left is the cost of the encoder, the catalogue, the neighbours and the layout.
`processor_ratio` is `ratio` in processor seconds of all processes instead of time, which says the same where both
loops keep every core busy, and which other programs disturb less.
`images_per_s` is the whole of `import_folders`: walk, plan, decode, hash, fingerprint, thumbnail, vector,
catalogue, neighbours and layout. `peak_rss_mb` is that of all processes together while importing.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from core.images.decode import DecodeTask
from core.operations import projects, search, sources
from core.project import Project

sys.path.insert(0, str(Path(__file__).parent))
from _photos import Memory, make_photos

ROUNDS = 5
SQUARE_PX = 96
_LARGE = (4000, 3000)
_SMALL = (640, 480)


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Both sizes of picture, one after the other; medians of the rounds."""
    count = size or 96
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        search.prepare()
        large = _measure(Path(folder) / "large", _LARGE, count)
        small = _measure(Path(folder) / "small", _SMALL, 30 * count)
    return {**large, "small": small}


def _measure(folder: Path, size_px: tuple[int, int], count: int) -> dict[str, Any]:
    photos, warm = folder / "photos", folder / "warm"
    file_bytes = make_photos(photos, size_px, count, seed=5)
    make_photos(warm, size_px, 24, seed=6)
    rounds = [_round(folder / f"{number}.lookalike", photos, warm) for number in range(ROUNDS)]
    figures = {key: [one[key] for one in rounds] for key in rounds[0]}

    def ratios(loop: str, whole: str = "import", unit: str = "") -> list[float]:
        pairs = zip(figures[loop + unit], figures[whole + unit], strict=True)
        return [loop_s / whole_s for loop_s, whole_s in pairs]

    return {
        "images": count,
        "size_px": list(size_px),
        "mean_file_kb": round(file_bytes / count / 1000),
        "images_per_s": round(count / median(figures["import"]), 1),
        "decode_only_images_per_s": round(count / median(figures["decode"]), 1),
        "ratio": round(median(ratios("decode")), 3),
        "ratio_lowest": round(min(ratios("decode")), 3),
        "ratio_highest": round(max(ratios("decode")), 3),
        "processor_ratio": round(median(ratios("decode", "import", "_processor")), 3),
        "bare_ratio": round(median(ratios("bare")), 3),
        "task_ratio": round(median(ratios("task")), 3),
        "peak_rss_mb": round(max(figures["peak_bytes"]) / 2**20),
    }


def _round(catalogue: Path, photos: Path, warm: Path) -> dict[str, float]:
    """Seconds of each loop, in an order that a slow drift of the machine does not favour."""
    files = [os.fsencode(path) for path in sorted(photos.iterdir())]
    loops = {
        "decode": [DecodeTask(file, square_px=SQUARE_PX, only_pixels=True) for file in files],
        "bare": [DecodeTask(file, only_pixels=True) for file in files],
        "task": [DecodeTask(file, square_px=SQUARE_PX) for file in files],
    }
    with projects.create(catalogue) as project:
        sources.import_folders(project, [warm])
        first = _decode(project, loops["decode"])
        with Memory() as memory:
            whole = _timed(lambda: sources.import_folders(project, [photos]))
        second = _decode(project, loops["decode"])
        bare, task = (_decode(project, loops[name]) for name in ("bare", "task"))
    return {
        "decode": (first[0] + second[0]) / 2,
        "decode_processor": (first[1] + second[1]) / 2,
        "import": whole[0],
        "import_processor": whole[1],
        "bare": bare[0],
        "task": task[0],
        "peak_bytes": memory.peak_bytes,
    }


def _decode(project: Project, tasks: list[DecodeTask]) -> tuple[float, float]:
    """What it takes to decode them all, nothing kept."""

    def decode_all() -> None:
        for outcome in project.readers.map(tasks, window=96):
            assert outcome.result is not None, outcome.error

    return _timed(decode_all)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of all processors in this process and its children."""
    begun_s, spent_s = time.perf_counter(), _processor_s()
    work()
    return time.perf_counter() - begun_s, _processor_s() - spent_s


def _processor_s() -> float:
    me = psutil.Process()
    times = [one.cpu_times() for one in (me, *me.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))
