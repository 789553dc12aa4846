"""What a head on `builtin` learns: by loss and memory, from a dozen classes, and from pairs instead of classes.

`lookalike bench head --source FOLDER [--size N] --json`: FOLDER holds `train`, `test` and perhaps `val`; the class of
an image is the name of the folder that it lies in. All runs go through `core.operations.training`, as a user has them,
with the settings that a row names and everything else left to what is the default. `--size` is the seeds (1).

By `LOOKALIKE_HEAD`:

- `arms` (default): learnt from `train`, stopped by `val`, measured on `test`: the start of a head alone (a rate of 0),
  also with fewer numbers, then every loss with and without memory.
- `dozen`: the twelve largest classes, 40 images each, drawn by the seed; 30 % held out.
- `pairs`: 100 pairs of `train` that are alike and 100 look-alikes that are not, by the seed; measured on `test` by
  class.

Each row: `recall@1` and `map@r` before and after, `steps`, `best_step`, `seconds` of the whole run.
"""

import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from core.catalogue import labels, pairs, queries
from core.catalogue.records import Verdict
from core.images.formats import has_image_extension
from core.operations import evaluate, neighbours, projects, runs, sources, training
from core.operations.embeddings import require
from core.preload import preload_torch
from core.project import Project
from core.training.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))
from _heads import SPLIT, divided

_CLASSES, _EACH, _PAIRS = 12, 40, 100


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The rows of the part that was asked for."""
    if source is None:
        raise SystemExit("lookalike: say where the folders train and test lie, with --source.")
    preload_torch()
    which = os.environ.get("LOOKALIKE_HEAD", "arms")
    make = {"arms": _arms, "dozen": _dozen, "pairs": _pairs}[which]
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        return {"part": which, "rows": make(source.absolute(), Path(folder), range(size or 1))}


def _arms(source: Path, folder: Path, seeds: range) -> list[dict[str, Any]]:
    from core.training.losses.registry import every

    with projects.create(folder / "c.lookalike") as project:
        divided(project, source)
        arms: list[dict[str, Any]] = [
            {"learning_rate": 0.0, "steps": 1, "copies": 0, "augmentation": "none", **more}
            for more in ({}, {"dim": 512}, {"dim": 128})
        ]
        arms += [{"loss": one.name, "memory": 0} for one in every()]
        arms += [{"loss": one.name, "memory": 65_536} for one in every() if one.suits_memory]
        return [
            _row(project, Settings(split=SPLIT, seed=seed, **arm), arm | {"seed": seed})
            for arm in arms
            for seed in seeds
        ]


def _dozen(source: Path, folder: Path, seeds: range) -> list[dict[str, Any]]:
    by_class: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(source.rglob("*")):
        if path.is_file() and has_image_extension(os.fsencode(path)):
            by_class[path.parent.name].append(path)
    rows = []
    for seed in seeds:
        photos = folder / f"photos-{seed}"
        largest = sorted(by_class, key=lambda name: (-len(by_class[name]), name))[:_CLASSES]
        for name in largest:
            (photos / name).mkdir(parents=True)
            drawn = np.random.default_rng(seed).permutation(len(by_class[name]))[:_EACH]
            for place in drawn:
                shutil.copy(by_class[name][place], photos / name)
        with projects.create(folder / f"{seed}.lookalike") as project:
            sources.import_folders(project, [photos])
            rows.append(_row(project, Settings(seed=seed), {"seed": seed}))
    return rows


def _pairs(source: Path, folder: Path, seeds: range) -> list[dict[str, Any]]:
    rows = []
    for seed in seeds:
        with projects.create(folder / f"{seed}.lookalike") as project:
            divided(project, source)
            _judge(project, seed)
            before = evaluate.evaluate(project, "folders", split="test")
            began = time.perf_counter()
            found = training.train(project, Settings(labels="pairs", seed=seed), name="pairs")
            seconds = time.perf_counter() - began
            runs.promote(project, "pairs", anyway=True)
            after = evaluate.evaluate(project, "folders", split="test")
            document = found.document
            rows.append(
                {
                    "seed": seed,
                    **_told(before, after),
                    "pair_ap": [document[state]["pair_ap"] for state in ("before", "after")],
                    "learned_from": document["learned_from"],
                    "steps": document["steps"],
                    "best_step": document["best_step"],
                    "seconds": round(seconds, 1),
                    "verdict": document["verdict"],
                }
            )
    return rows


def _judge(project: Project, seed: int) -> None:
    """What somebody may have said of the images in `train`."""
    with project.read() as session:
        index = project.index(session)
        names = queries.class_names(session, index, "folders")
        parts = labels.split(session, SPLIT)
        ids = np.array(sorted(one for one in names if parts.get(one) == "train"), dtype=np.int64)
        contents = queries.content_ids(index, ids)
    classes = {int(c): names[int(i)] for i, c in zip(ids, contents, strict=True)}
    random = np.random.default_rng(seed)
    said: list[tuple[int, int, Verdict]] = []
    while len(said) < _PAIRS:
        a, b = (int(one) for one in random.choice(contents, 2))
        if a != b and classes[a] == classes[b]:
            said.append((a, b, "similar"))
    graph = neighbours.load(project, require(project, "builtin"))
    assert graph is not None
    for row in random.permutation(len(graph.content_ids)):
        own = int(graph.content_ids[row])
        others = [int(one) for one in graph.neighbour_ids[row] if int(one) in classes]
        wrong = [one for one in others if own in classes and classes[one] != classes[own]]
        if wrong and len(said) < 2 * _PAIRS:
            said.append((own, wrong[0], "different"))
    with project.write() as session:
        pairs.put(session, said, origin="person")


def _row(project: Project, settings: Settings, words: dict[str, Any]) -> dict[str, Any]:
    began = time.perf_counter()
    document = training.train(project, settings).document
    seconds = time.perf_counter() - began
    runs.discard(project, document["run"])
    return {
        **words,
        **_told(document["before"], document["after"]),
        "map@r_change": document["difference"]["map@r"],
        "recall@1_change": document["difference"]["recall@1"],
        "learned_from": document["learned_from"],
        "held_out": document["held_out"],
        "steps": document["steps"],
        "best_step": document["best_step"],
        "seconds": round(seconds, 1),
    }


def _told(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {key: [round(one[key], 4) for one in (before, after)] for key in ("recall@1", "map@r")}
