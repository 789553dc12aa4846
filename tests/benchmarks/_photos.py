"""Generated photos for benchmarks, and how much memory a family of processes takes."""

import threading
from pathlib import Path

import numpy as np
import psutil
from PIL import Image


def make_photos(folder: Path, size_px: tuple[int, int], count: int, *, seed: int) -> int:
    """Write ``count`` JPEGs that weigh what photos weigh; returns their bytes."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    grounds = [_ground(random, size_px) for _ in range(4)]
    total = 0
    for number in range(count):
        ground = grounds[number % len(grounds)]
        # Another part of a picture that goes round, in other colours: another photo, quickly.
        shift = (int(random.integers(ground.shape[0])), int(random.integers(ground.shape[1])))
        turned = np.roll(ground, shift, axis=(0, 1))[:, :, random.permutation(3)]
        path = folder / f"{number:06}.jpg"
        Image.fromarray(turned).save(path, quality=92)
        total += path.stat().st_size
    return total


def _ground(random: np.random.Generator, size_px: tuple[int, int]) -> np.ndarray:
    width, height = size_px
    total = np.full((height, width, 3), 128, dtype=np.float32)
    for cells, strength in ((6, 55), (24, 28), (96, 18), (384, 11), (1536, 7)):
        shape = (max(2, min(cells, width) * height // width), min(cells, width))
        for channel in range(3):
            coarse = Image.fromarray(random.normal(0, strength, shape).astype(np.float32))
            total[:, :, channel] += np.asarray(coarse.resize(size_px, Image.Resampling.BICUBIC))
    total += random.normal(0, 4, (height, width, 1))
    return total.clip(0, 255).astype(np.uint8)


class Memory:
    """The largest resident set of this process and its children, sampled twenty times a second."""

    peak_bytes = 0

    def __enter__(self) -> "Memory":
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
            total = 0
            for one in (process, *process.children(recursive=True)):
                try:
                    total += one.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak_bytes = max(self.peak_bytes, total)
