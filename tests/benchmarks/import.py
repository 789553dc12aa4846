"""Import end to end against decoding alone: same files, same workers, same reduced scale, same run.

`lookalike bench import [--size N] --json`: N generated JPEGs of 1600 x 1200 (default 400), seed fixed. The limit
is the decode-only loop; what import adds is the encoder, the database and the thumbnails.
"""

import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from core.images.decode import DecodeTask, decode
from core.operations import projects, search, sources
from core.parallel import Workers, worker_count


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Decode-only, import, decode-only; the decode figure is the mean of its two runs."""
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        photos = Path(folder) / "photos"
        count = _make(photos, size or 400)
        search.prepare()
        first_s = _decode_only(photos)
        with _Memory() as memory, projects.create(Path(folder) / "c.lookalike") as project:
            begun_s = time.perf_counter()
            report = sources.import_folders(project, [photos])
            import_s = time.perf_counter() - begun_s
        assert report.added == count, report
        decode_s = (first_s + _decode_only(photos)) / 2
    return {
        "images": count,
        "images_per_s": round(count / import_s, 1),
        "decode_only_images_per_s": round(count / decode_s, 1),
        "ratio": round(decode_s / import_s, 3),
        "peak_rss_mb": round(memory.peak_bytes / 2**20),
    }


def _make(folder: Path, count: int) -> int:
    folder.mkdir()
    random = np.random.default_rng(5)
    for number in range(count):
        coarse = random.integers(0, 255, (12, 16, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((1600, 1200), Image.Resampling.BICUBIC)
        grain = random.normal(0, 6, (1200, 1600, 1)) + np.asarray(picture, dtype=np.float32)
        Image.fromarray(grain.clip(0, 255).astype(np.uint8)).save(
            folder / f"{number:05}.jpg", quality=88
        )
    return count


def _decode_only(folder: Path) -> float:
    """Seconds to decode every file for a 96 px square, nothing kept."""
    workers = Workers(decode, worker_count(), slot_bytes=96 * 96 * 3)
    tasks = [DecodeTask(os.fsencode(path), square_px=96) for path in sorted(folder.iterdir())]
    list(workers.map(tasks[:8]))  # the processes start outside the measured time
    begun_s = time.perf_counter()
    for outcome in workers.map(tasks, window=96):
        assert outcome.result is not None, outcome.error
    elapsed_s = time.perf_counter() - begun_s
    workers.close()
    return elapsed_s


class _Memory:
    """The largest resident set of this process and its children, sampled."""

    peak_bytes = 0

    def __enter__(self) -> "_Memory":
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        process = psutil.Process()
        while not self._stop.wait(0.05):
            family = [process, *process.children(recursive=True)]
            total = 0
            for one in family:
                try:
                    total += one.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak_bytes = max(self.peak_bytes, total)
