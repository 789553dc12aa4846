"""Classes of few images: what attention to hard classes and made-up examples are worth.

`lookalike bench long-tail --source DATA [--size SEEDS] --json`: photos as for `bench methods`, but of `train` the
classes keep ever fewer images, from all of the largest down to a fiftieth of it, on an exponential; which class comes
where is drawn by the seed, and what remains of it too (never fewer than 2). Heads of 512 numbers, 300 steps at most,
stopped by `val`, measured on `test`: R@1 and MAP@R over all images, and over those of the `head`, `middle` and `tail`
third of the classes, means over the seeds (3) with 95 % intervals (Student's t), and the change against the default,
paired.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

import _heads
import methods
import omniglot

SEEDS, DIM, STEPS = 3, 512, 300
RATIO, LEAST = 50, 2
ARMS: dict[str, dict[str, Any]] = {
    "default": {},
    "difficulty 0.5": {"difficulty": 0.5},
    "difficulty 1.5": {"difficulty": 1.5},
    "hallucinate": {"hallucinate": True},
    "mix": {"mix": True},
    "hallucinate, difficulty 0.5": {"hallucinate": True, "difficulty": 0.5},
}
THIRDS = ("head", "middle", "tail")


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """A row for each arm, and the sizes of the classes."""
    made: dict[str, list[dict[str, float]]] = {name: [] for name in ARMS}
    sizes: list[int] = []
    with methods.on_photos(source) as data:
        for seed in range(size or SEEDS):
            learned, third = _cut(data, seed)
            labels = data.brief.gathered.examples.labels
            sizes = sorted(np.bincount(labels[learned]).tolist(), reverse=True)
            for name, arm in ARMS.items():
                given = {"dim": DIM, "steps": STEPS, "seed": seed, **arm}
                found = _figures(data, _heads.learn(data, learned, **given), third)
                sys.stderr.write(f"{name} {seed} {found}\n")
                made[name].append(found)
    rows = []
    for name, runs in made.items():
        row: dict[str, Any] = {"arm": name}
        for key in runs[0]:
            row[key] = omniglot.interval([one[key] for one in runs])
            if name != "default":
                pairs = zip(runs, made["default"], strict=True)
                row[f"{key}_change"] = omniglot.interval([a[key] - b[key] for a, b in pairs])
        rows.append(row)
    return {"classes": sizes, "rows": rows}


def _cut(data: Any, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """(what is still learnt from [n], the third of each class [labels])."""
    gathered = data.brief.gathered
    labels, learned = gathered.examples.labels, gathered.parts.learned
    random = np.random.default_rng([11, seed])
    names = random.permutation(np.unique(labels[learned]))
    most = np.bincount(labels[learned]).max()
    kept = np.zeros(len(labels), dtype=bool)
    third = np.zeros(int(labels.max()) + 1, dtype=np.int64)
    for place, name in enumerate(names):
        share = RATIO ** (-place / (len(names) - 1))
        rows = random.permutation(np.flatnonzero(learned & (labels == name)))
        kept[rows[: max(LEAST, round(most * share))]] = True
        third[name] = 3 * place // len(names)
    return kept, third


def _figures(data: Any, found: dict[str, Any], third: NDArray[np.int64]) -> dict[str, float]:
    from core.jobs import Job
    from core.training.evaluate import rank
    from core.training.siamese import embed_all

    gathered, subject = data.brief.gathered, found["subject"]
    rows = gathered.measured
    vectors = embed_all(subject.model, subject.feed.plain(rows)).numpy()
    labels, every = gathered.examples.labels[rows], np.arange(len(rows))
    ranking = rank(vectors, labels, every, every, Job())
    told = {
        "recall@1": float(ranking.hits[1].mean()),
        "map@r": float(ranking.average_precision.mean()),
    }
    of = third[labels[ranking.queries]]
    for place, name in enumerate(THIRDS):
        told[f"{name}_recall@1"] = float(ranking.hits[1][of == place].mean())
        told[f"{name}_map@r"] = float(ranking.average_precision[of == place].mean())
    return told
