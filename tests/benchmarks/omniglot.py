"""Does the memory earn its name? Our small network from scratch on Omniglot, with and without cross-batch memory.

`lookalike bench omniglot --source omniglot.zip [--size STEPS] --json`: `small:conv4` (28 px) learns the characters of
the background alphabets and is measured on those of the evaluation alphabets, which it has never seen:
leave-one-out R@1 and MAP@R over all 13,180 drawings. Everything runs through the program's own trainer; nothing
is selected on the evaluation classes during a run.

Arms and what is shown, by `LOOKALIKE_OMNIGLOT`:

- `pair` (default): contrastive with and without memory, the same seeds, steps and batch, and without memory at the
  processor time that the memory took; paired differences with 95 % intervals (Student's t over seeds).
- `rates`: one seed for every learning rate, to tune both arms equally, on background classes that were held out.
- `losses`: every loss with and without memory.

Runs take turns between the arms, each on one thread; `seconds` are processor time. `LOOKALIKE_OMNIGLOT_SEEDS` (5),
`_BATCH` (32), `_RATE` (0.004).
"""

import io
import json
import math
import os
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 28
STEPS = 1500
# Student's t at 97.5 %, by degrees of freedom.
_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The figures of the arms that were asked for."""
    if source is None:
        raise SystemExit("lookalike: say where omniglot.zip lies, with --source.")
    import torch

    # One thread, and its processor time: the same on a busy machine, and small networks gain little from more.
    torch.set_num_threads(1)
    data = read(source)
    steps = size or STEPS
    which = os.environ.get("LOOKALIKE_OMNIGLOT", "pair")
    seeds = int(os.environ.get("LOOKALIKE_OMNIGLOT_SEEDS", "5"))
    return {"pair": pair, "rates": rates, "losses": losses}[which](data, steps, seeds)


Part = tuple[NDArray[np.uint8], NDArray[np.int64]]
Data = dict[str, Part]


def read(source: Path) -> Data:
    """By set: pictures uint8 [n, SIDE, SIDE, 3], dark on light, and character numbers int64 [n]."""
    found: dict[str, tuple[list[Any], list[str]]] = {
        "background": ([], []),
        "evaluation": ([], []),
    }
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".png"):
                continue
            part = "background" if "background" in name else "evaluation"
            with Image.open(io.BytesIO(archive.read(name))) as picture:
                small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.HAMMING)
            found[part][0].append(np.asarray(small))
            found[part][1].append(name.rsplit("/", 1)[0])
    data: Data = {}
    for part, (pictures, names) in found.items():
        _, labels = np.unique(names, return_inverse=True)
        planes = np.repeat(np.stack(pictures)[..., None], 3, axis=3)
        data[part] = (planes, labels.astype(np.int64))
    return data


def learn(
    data: Data,
    *,
    loss: str = "contrastive",
    memory: int,
    steps: int,
    seed: int,
    rate: float | None = None,
    on: str = "evaluation",
    classes: int | None = None,
    **others: Any,
) -> dict[str, Any]:
    """One run: {"recall@1", "map@r", "seconds"}; ``on`` "background" holds out a quarter of its classes;
    ``classes``: measured on so many, always the same ones (None: all)."""
    from core.encoders import names, small
    from core.training.models import on_pictures

    learned, test = data["background"], data["evaluation"]
    if on == "background":
        learned, test = divided(learned)
    towers = small.make(names.parse("small:conv4"), None)
    settings = make_settings(
        loss=loss,
        memory=min(memory, len(learned[1])),
        steps=steps,
        learning_rate=rate or float(os.environ.get("LOOKALIKE_OMNIGLOT_RATE", "0.004")),
        seed=seed,
        **others,
    )
    model = on_pictures(towers, 128, settings, is_from_scratch=True, device="cpu")
    found = train(model, feed_of(learned, settings.augmentation), learned[1], settings)
    return {**measure(model, feed_of(test), test[1]), **found}


def divided(part: Part) -> tuple[Part, Part]:
    """Three quarters of the classes and the last one, the same in every call."""
    pictures, labels = part
    kept = np.random.default_rng(1).permutation(int(labels.max()) + 1) >= labels.max() // 4
    return (pictures[kept[labels]], labels[kept[labels]]), (
        pictures[~kept[labels]],
        labels[~kept[labels]],
    )


def make_settings(**said: Any) -> Any:
    """Settings with what all runs here have in common."""
    from core.training.settings import Settings

    common: dict[str, Any] = {
        "depth": "whole",
        "loss": "contrastive",
        "batch": int(os.environ.get("LOOKALIKE_OMNIGLOT_BATCH", "32")),
        "per_class": 4,
        "weight_decay": 1e-4,
        "dim": 128,
        "augmentation": "none",
        "patience": 0,
        "precision": "fp32",
        "clip": 10.0,
    }
    return Settings(**common | said)


def feed_of(part: Part, augmentation: str = "none") -> Any:
    """The pictures as our small networks are given them."""
    from core.encoders import small_shapes
    from core.training.feeds import PictureFeed

    return PictureFeed(part[0], small_shapes.MEAN, small_shapes.STD, augmentation)


def train(
    model: Any,
    feed: Any,
    labels: NDArray[np.int64],
    settings: Any,
    *,
    is_from_scratch: bool = True,
) -> dict[str, Any]:
    """Train ``model`` on all that ``feed`` shows: {"seconds" of the processor, "steps", …}."""
    from core.jobs import Job
    from core.training.material import Material
    from core.training.trainer import Trainer

    rows = np.arange(len(labels))
    material = Material(labels, rows, rows, np.zeros(0, dtype=np.int64))
    trainer = Trainer(model, feed, material, settings, is_from_scratch=is_from_scratch)
    begun = time.process_time()
    ending = trainer.run(Job())
    seconds = time.process_time() - begun
    curves = trainer.curves()
    return {
        "seconds": round(seconds, 1),
        "steps": ending.step,
        "drift": curves["drift"],
        "hard_memory": [one for one in curves["hard_memory"] if one is not None][-1:],
        "failure": ending.failure,
    }


def measure(model: Any, feed: Any, labels: NDArray[np.int64]) -> dict[str, float]:
    """Leave-one-out R@1 and MAP@R over all that ``feed`` shows."""
    import torch

    from core.jobs import Job
    from core.training.evaluate import rank
    from core.training.siamese import embed_all

    rows = np.arange(len(labels))
    with torch.inference_mode():
        vectors = embed_all(model, feed.plain(rows)).numpy()
    ranking = rank(vectors, labels, rows, rows, Job())
    return {
        "recall@1": float(ranking.hits[1].mean()),
        "map@r": float(ranking.average_precision.mean()),
    }


def tell(words: str) -> None:
    """How far it is, beside the figures."""
    sys.stderr.write(f"{words}\n")


def pair(data: Data, steps: int, seeds: int) -> dict[str, Any]:
    """With and without memory, paired by seed; then without, for as long as the memory took."""
    everything = len(data["background"][1])
    arms: dict[str, list[dict[str, Any]]] = {"without": [], "with": [], "without_equal_time": []}
    for seed in range(seeds):
        arms["without"].append(learn(data, memory=0, steps=steps, seed=seed))
        arms["with"].append(learn(data, memory=everything, steps=steps, seed=seed))
        longer = math.ceil(
            steps * arms["with"][-1]["seconds"] / max(0.1, arms["without"][-1]["seconds"])
        )
        arms["without_equal_time"].append(learn(data, memory=0, steps=longer, seed=seed))
        tell(json.dumps({name: runs[-1] for name, runs in arms.items()}))
    found: dict[str, Any] = {"steps": steps, "seeds": seeds}
    for name, runs in arms.items():
        found[name] = {
            key: [round(one[key], 4) for one in runs]
            for key in ("recall@1", "map@r", "seconds", "steps")
        }
    for name in ("without", "without_equal_time"):
        for key in ("recall@1", "map@r"):
            difference = [w[key] - o[key] for w, o in zip(arms["with"], arms[name], strict=True)]
            found[f"{key}_gain_over_{name}"] = interval(difference)
    return found


def interval(values: list[float]) -> dict[str, float | None]:
    """Mean and its 95 % interval over seeds; of one seed there is none."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return {"value": round(mean, 4), "low": None, "high": None}
    half = _T.get(len(values) - 1, 1.96) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return {
        "value": round(mean, 4),
        "low": round(mean - half, 4),
        "high": round(mean + half, 4),
    }


def rates(data: Data, steps: int, seeds: int) -> dict[str, Any]:
    """Both arms at every learning rate, measured on background classes that are held out."""
    everything = len(data["background"][1])
    found: dict[str, Any] = {"steps": steps}
    for rate in (0.001, 0.002, 0.004, 0.008):
        for name, memory in (("without", 0), ("with", everything)):
            result = learn(data, memory=memory, steps=steps, seed=100, rate=rate, on="background")
            found[f"{name} {rate}"] = {key: round(result[key], 4) for key in ("recall@1", "map@r")}
            tell(f"{name} {rate} {found[f'{name} {rate}']}")
    return found


def losses(data: Data, steps: int, seeds: int) -> dict[str, Any]:
    """Every loss with and without memory, means and spread over seeds."""
    from core.training.losses.registry import every

    everything = len(data["background"][1])
    table: list[dict[str, Any]] = []
    for one in every():
        for memory in (0, everything) if one.suits_memory else (0,):
            runs = [
                learn(data, loss=one.name, memory=memory, steps=steps, seed=seed)
                for seed in range(seeds)
            ]
            row = {"loss": one.name, "memory": memory}
            for key in ("recall@1", "map@r", "seconds"):
                row[key] = round(float(np.mean([run[key] for run in runs])), 4)
            row["recall@1_spread"] = round(float(np.std([run["recall@1"] for run in runs])), 4)
            table.append(row)
            tell(json.dumps(row))
    return {"steps": steps, "seeds": seeds, "table": table}
