"""What nested vectors keep of themselves when they are cut short.

`lookalike bench nested --source DATA [--size SEEDS] --json`: heads of 512 numbers on photos (DATA as for `bench
methods`), learnt from `train` in 300 steps at most, stopped by `val`, measured on `test`. By the first 8, 16 … numbers
of

- `nested`: one head, trained with every prefix;
- `plain`: one head trained as a whole, cut;
- `plain_pca`: the same, turned onto the principal axes of its vectors of `train`, cut;
- `separate`: a head of so many numbers, trained for them alone;
- `base_pca`: the encoder's own vectors, turned and cut.

R@1 and MAP@R, means over the seeds (2); `seconds` of processor time by way of training, one thread.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

import _heads
import methods

Floats = NDArray[np.float32]
SEEDS, DIM, STEPS = 2, 512, 300
LENGTHS = (8, 16, 32, 64, 128, 256, 512)


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """A row for each length."""
    found: dict[str, dict[int, list[tuple[float, float]]]] = {}
    seconds: dict[str, float] = {}
    seeds = range(size or SEEDS)
    with methods.on_photos(source) as data:
        for seed in seeds:
            for name, vectors in _vectors(data, seed, seconds):
                for length, figures in _by_length(data, vectors):
                    found.setdefault(name, {}).setdefault(length, []).append(figures)
            for length in LENGTHS[:-1]:
                one = _trained(data, seed, seconds, "separate", dim=length)
                found.setdefault("separate", {}).setdefault(length, []).append(_figures(data, one))
    rows = []
    for length in LENGTHS:
        row: dict[str, Any] = {"dim": length}
        for name, by_length in found.items():
            if length in by_length:
                recall, precision = np.mean(by_length[length], axis=0)
                row[name] = {
                    "recall@1": round(float(recall), 4),
                    "map@r": round(float(precision), 4),
                }
        rows.append(row)
    return {"seeds": len(seeds), "rows": rows, "seconds": seconds}


def _vectors(data: Any, seed: int, seconds: dict[str, float]) -> list[tuple[str, Floats]]:
    nested = _trained(data, seed, seconds, "nested", dim=DIM, nested=True)
    plain = _trained(data, seed, seconds, "plain", dim=DIM)
    base = data.vectors.astype(np.float32)
    return [
        ("nested", nested),
        ("plain", plain),
        ("plain_pca", _turned(data, plain)),
        ("base_pca", _turned(data, base)),
    ]


def _trained(data: Any, seed: int, seconds: dict[str, float], name: str, **given: Any) -> Floats:
    """Vectors of all examples by a head with these settings."""
    from core.training.siamese import embed_all

    one = _heads.learn(data, seed=seed, steps=STEPS, **given)
    seconds[name] = round(seconds.get(name, 0.0) + one["seconds"], 1)
    subject = one["subject"]
    rows = np.arange(len(data.vectors))
    made: Floats = embed_all(subject.model, subject.feed.plain(rows)).numpy()
    sys.stderr.write(f"{name} {given} seed {seed}: {one['seconds']} s\n")
    return made


def _turned(data: Any, vectors: Floats) -> Floats:
    learned = vectors[data.brief.gathered.parts.learned].astype(np.float64)
    mean = learned.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((learned - mean).T))
    turned: Floats = ((vectors - mean) @ axes[:, ::-1]).astype(np.float32)
    return turned


def _by_length(data: Any, vectors: Floats) -> list[tuple[int, tuple[float, float]]]:
    return [(length, _figures(data, vectors[:, :length])) for length in LENGTHS]


def _figures(data: Any, vectors: Floats) -> tuple[float, float]:
    """(R@1, MAP@R) of the held-out images among themselves."""
    from core.jobs import Job
    from core.training.evaluate import retrieval

    gathered = data.brief.gathered
    rows = vectors[gathered.measured]
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    labels, every = gathered.examples.labels[gathered.measured], np.arange(len(rows))
    found = retrieval(rows, labels, every, every, Job())
    return found.recall[1], found.map_at_r
