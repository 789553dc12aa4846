"""Which loss and which option pays: all of them on heads of photos, and on a small network of characters from scratch.

`lookalike bench methods --source DATA [--size SEEDS] --json`. DATA is a folder of photos that holds `train`, `test` and
perhaps `val`, or omniglot.zip, or a folder in which both are found. Everything else is what a user gets:

- photos: a head of 512 numbers on `builtin`, learnt from `train` in 300 steps at most, stopped by `val`, measured on
  `test`; six varied copies of each photo (made once, the same for all). `seconds` are of the steps alone.
- characters: `small:conv4` from scratch on the background alphabets of Omniglot, batch 32, rate 0.004, 600 steps
  (`LOOKALIKE_OMNIGLOT_STEPS`), measured on 330 characters of the evaluation alphabets.

Rows: what differs from contrastive with the memory, which is the default; R@1 and MAP@R as means over the seeds (3)
with 95 % intervals (Student's t), the difference to the default paired by seed, and processor seconds of one thread.
`LOOKALIKE_METHODS` names some rows, by semicolons; `LOOKALIKE_METHODS_ON` one of `photos` and `characters`.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _heads
import omniglot

SEEDS, CHARACTER_STEPS, CHARACTER_CLASSES = 3, 600, 330
PHOTO_DIM, PHOTO_STEPS = 512, 300
Learn = Callable[..., dict[str, Any]]
DEFAULT = "default"
# What differs from contrastive with the memory. Memory -1: as much as the default takes.
ARMS: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "contrastive": {"memory": 0},
    "triplet": {"loss": "triplet", "memory": 0},
    "triplet + memory": {"loss": "triplet", "memory": -1},
    "circle": {"loss": "circle", "memory": 0},
    "multi-similarity": {"loss": "multi-similarity", "memory": 0},
    "multi-similarity + memory": {"loss": "multi-similarity", "memory": -1},
    "hardest-negative": {"loss": "hardest-negative", "memory": 0},
    "recall-at-k": {"loss": "recall-at-k", "memory": 0},
    "recall-at-k + mix": {"loss": "recall-at-k", "memory": 0, "mix": True},
    "recall-at-k, batch x 8": {"loss": "recall-at-k", "memory": 0, "batch": 8},
    "circle, batch x 8": {"loss": "circle", "memory": 0, "batch": 8},
    "multi-similarity, batch x 8": {"loss": "multi-similarity", "memory": 0, "batch": 8},
    "batch x 8": {"batch": 8},
    "circle, steps x 6": {"loss": "circle", "memory": 0, "steps": 6},
    "mix": {"mix": True},
    "nested": {"nested": True},
    "difficulty 1.5": {"difficulty": 1.5},
    "gradient noise 0.3": {"gradient_noise": 0.3},
    "lambc": {"optimiser": "lambc"},
    "lambc, rate x 4": {"optimiser": "lambc", "learning_rate": 4},
}
# Means nothing where nobody watches.
_NOT_CHARACTERS = ("difficulty 1.5",)


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The tables of what there is in the folder."""
    if source is None:
        raise SystemExit("lookalike: say where the photos or omniglot.zip lie, with --source.")
    import torch

    from core.preload import preload_torch

    preload_torch()
    # One thread, and its processor time: the same on a busy machine.
    torch.set_num_threads(1)
    seeds = range(size or SEEDS)
    wanted = os.environ.get("LOOKALIKE_METHODS_ON", "")
    found: dict[str, Any] = {"seeds": len(seeds)}
    archive, folder = find(source)
    if folder is not None and wanted in ("", "photos"):
        found["photos"] = _photos(source, seeds)
    if archive is not None and wanted in ("", "characters"):
        found["characters"] = _characters(archive, seeds)
    if len(found) == 1:
        raise SystemExit(f"lookalike: {source} holds neither train and test nor omniglot.zip.")
    return found


def find(source: Path) -> tuple[Path | None, Path | None]:
    """(omniglot.zip, the folder that holds train and test), as far as they are there."""
    if source.is_file():
        return source, None
    archive = source / "omniglot.zip"
    folders = [source, *(one for one in sorted(source.glob("*/")) if one.is_dir())]
    folders += [one for one in sorted(source.glob("*/*/")) if one.is_dir()]
    photos = [one for one in folders if (one / "train").is_dir() and (one / "test").is_dir()]
    return (archive if archive.is_file() else None), (photos[0].absolute() if photos else None)


@contextmanager
def on_photos(source: Path | None) -> Iterator[Any]:
    """The photos in a folder, ready to train heads on (``_heads.Photos``), on one thread."""
    import torch

    from core.operations import projects
    from core.preload import preload_torch

    folder = None if source is None else find(source)[1]
    if folder is None:
        raise SystemExit("lookalike: say where the folders train and test lie, with --source.")
    preload_torch()
    torch.set_num_threads(1)
    with (
        tempfile.TemporaryDirectory(prefix="lookalike-bench-") as place,
        projects.create(Path(place) / "c.lookalike") as project,
    ):
        yield _heads.photos(project, folder)


def table(arms: dict[str, dict[str, Any]], seeds: range, learn: Learn) -> list[dict[str, Any]]:
    """A row for each arm; ``learn(seed, **arm)`` gives {"recall@1", "map@r", "seconds", "steps"}. Seeds go round
    outermost, so that what is stopped early has whole rounds."""
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in arms}
    for seed in seeds:
        for name, arm in arms.items():
            made[name].append(learn(seed, **arm))
            told = {key: made[name][-1][key] for key in ("recall@1", "map@r", "seconds", "steps")}
            sys.stderr.write(json.dumps({"arm": name, "seed": seed, **told}) + "\n")
    rows = []
    for name, runs in made.items():
        row: dict[str, Any] = {"arm": name}
        for key in ("recall@1", "map@r"):
            row[key] = omniglot.interval([one[key] for one in runs])
            pairs = zip(runs, made[DEFAULT], strict=True)
            if name != DEFAULT:
                row[f"{key}_change"] = omniglot.interval([a[key] - b[key] for a, b in pairs])
        for key in ("seconds", "steps"):
            row[key] = round(sum(one[key] for one in runs) / len(runs), 1)
        rows.append(row)
    return rows


def chosen(arms: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those that were asked for, and the default."""
    wanted = [one.strip() for one in os.environ.get("LOOKALIKE_METHODS", "").split(";") if one]
    return {name: arm for name, arm in arms.items() if not wanted or name in (DEFAULT, *wanted)}


def scaled(arm: dict[str, Any], batch: int, rate: float, memory: int, steps: int) -> dict[str, Any]:
    """An arm with its batch, rate and steps, which are multiples, as numbers."""
    arm = {**arm, "steps": arm.get("steps", 1) * steps}
    if "batch" in arm:
        arm["batch"] *= batch
    if "learning_rate" in arm:
        arm["learning_rate"] *= rate
    if arm.get("memory") == -1:
        arm["memory"] = memory
    return arm


def _photos(source: Path, seeds: range) -> list[dict[str, Any]]:
    with on_photos(source) as data:

        def learn(seed: int, **arm: Any) -> dict[str, Any]:
            given = scaled(arm, 64, 1e-3, data.brief.facts.learned, PHOTO_STEPS)
            given = {"dim": PHOTO_DIM, **given}
            found: dict[str, Any] = _heads.learn(data, seed=seed, **given)
            return {**found, **{key: found["after"][key] for key in ("recall@1", "map@r")}}

        return table(chosen(ARMS), seeds, learn)


def _characters(archive: Path, seeds: range) -> list[dict[str, Any]]:
    data = omniglot.read(archive)
    steps = int(os.environ.get("LOOKALIKE_OMNIGLOT_STEPS", str(CHARACTER_STEPS)))
    everything = len(data["background"][1])

    def learn(seed: int, **arm: Any) -> dict[str, Any]:
        given = {"memory": everything, **scaled(arm, 32, 0.004, everything, steps)}
        rate = given.pop("learning_rate", None)
        given |= {"seed": seed, "rate": rate, "classes": CHARACTER_CLASSES}
        found: dict[str, Any] = omniglot.learn(data, **given)
        return found

    arms = {name: arm for name, arm in ARMS.items() if name not in _NOT_CHARACTERS}
    return table(chosen(arms), seeds, learn)
