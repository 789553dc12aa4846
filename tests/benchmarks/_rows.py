"""Rows for benchmarks of search: drawn from a seed, or vectors of real photos and of pieces cut out of them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Floats = NDArray[np.float32]

DIM, SEED = 512, 7
FAMILIES, CLUSTERS = 100, 20_000
HELD_OUT = 20  # one photo in so many gives questions, and no rows
_BLOCK = 50_000
_BATCH = 256


class Synthetic:
    """Unit rows of 512 numbers as encoders make them: clusters of very unequal size (Pareto, 1.5) in families, numbers
    whose spread falls as the root of their place (variance as 1/i, of 512: 74 % of it in the first 64), an offset that
    all share, turned at random so that no number means anything by itself. In the mean the nearest of a million rows
    has a cosine of 0.88 and the hundredth 0.75."""

    def __init__(self, seed: int = SEED, dim: int = DIM) -> None:
        random = np.random.default_rng(seed)
        self.seed, self.dim = seed, dim
        turn = np.linalg.qr(random.normal(size=(dim, dim)))[0]
        self.turn = (np.arange(1, dim + 1)[:, None] ** -0.5 * turn).astype(np.float32)
        families = random.normal(size=(FAMILIES, dim))[random.integers(0, FAMILIES, CLUSTERS)]
        self.centres = (0.7 * families + 0.7 * random.normal(size=(CLUSTERS, dim))).astype(
            np.float32
        )
        weights = random.pareto(1.5, CLUSTERS) + 1
        self.weights = weights / weights.sum()
        self.spread = (0.35 + 0.35 * random.random((CLUSTERS, 1))).astype(np.float32)
        self.offset = (0.5 * random.normal(size=dim)).astype(np.float32)

    def block(self, count: int, number: int) -> Floats:
        """``count`` rows of the block of this number; block 0 is for questions."""
        random = np.random.default_rng((self.seed, number))
        chosen = random.choice(CLUSTERS, count, p=self.weights)
        noise = random.standard_normal((count, self.dim), dtype=np.float32)
        rows = (self.centres[chosen] + self.spread[chosen] * noise + self.offset) @ self.turn
        unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def blocks(self, count: int) -> Iterator[Floats]:
        """``count`` rows, some at a time."""
        for number, start in enumerate(range(0, count, _BLOCK), start=1):
            yield self.block(min(_BLOCK, count - start), number)


def photos(source: Path) -> list[Path]:
    """The photos below a folder, in order."""
    found = sorted(one for one in source.rglob("*") if one.suffix.lower() in (".jpg", ".png"))
    if len(found) < 2 * HELD_OUT:
        raise SystemExit(f"lookalike: there are too few photos below {source}.")
    return found


class Pieces:
    """Pieces of photos: 30 to 100 % of the area, sides 3:4 to 4:3, mirrored or not, brightness, contrast and colour
    changed by up to 25 %, as vectors of the builtin encoder."""

    def __init__(self, files: list[Path], seed: int = SEED) -> None:
        from core.encoders.builtin import Builtin

        self.encoder = Builtin()
        self.random = np.random.default_rng(seed)
        self.pictures = []
        for path in files:
            with Image.open(path) as picture:
                picture.draft("RGB", (320, 320))
                upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((256, 256))
            self.pictures.append(upright)

    def blocks(self, count: int) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
        """(rows, which photo each is of), each photo as often as the next, some at a time."""
        for start in range(0, count, _BATCH):
            which = np.arange(start, min(count, start + _BATCH)) % len(self.pictures)
            squares = np.stack([self._piece(self.pictures[one]) for one in which])
            yield self.encoder.encode_images(squares), which
            if start % (40 * _BATCH) == 0:
                sys.stderr.write(f"{start} of {count} pieces\n")

    def _piece(self, picture: Image.Image) -> NDArray[np.uint8]:
        random, side = self.random, self.encoder.preprocessing.size_px
        width, height = picture.size
        area, ratio = random.uniform(0.3, 1), np.exp(random.uniform(-0.29, 0.29))
        w = min(width, int(np.sqrt(area * width * height * ratio)))
        h = min(height, int(np.sqrt(area * width * height / ratio)))
        x, y = random.integers(0, width - w + 1), random.integers(0, height - h + 1)
        small = picture.resize((side, side), Image.Resampling.HAMMING, box=(x, y, x + w, y + h))
        pixels = np.asarray(small, dtype=np.float32)
        if random.random() < 0.5:
            pixels = pixels[:, ::-1]
        grey = pixels.mean(axis=2, keepdims=True)
        mean = pixels.mean()
        bright, contrast, colour = random.uniform(0.75, 1.25, 3)
        pixels = ((grey + colour * (pixels - grey) - mean) * contrast + mean) * bright
        return np.asarray(pixels.clip(0, 255), dtype=np.uint8)
