"""Whether old and new vectors can be searched together: mixed R@1 in both directions, on photos and on characters.

`lookalike bench harmony --source DATA [--size SEEDS] --json` (DATA as for `bench methods`):

- photos: a head on `builtin` that stays comparable, learnt from `train`, 300 steps at most, measured on `test`.
- characters: `small:conv4` from scratch on half of the characters of Omniglot's background is the old encoder; the
  new one goes on from it with fifteen of sixteen characters, as a head on its vectors and as the whole network, by
  Circle loss, 300 steps of batch 128; the others are watched, and 330 characters of the evaluation alphabets measured.

Each row: R@1 as query to gallery, `old` (old to old), `new`, `old_to_new`, `new_to_old`, whether the gate passes, and
the same without the option `comparable` (`apart`). One row a seed (2).
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import _heads
import methods
import omniglot

SEEDS, STEPS, OLD_STEPS = 2, 300, 400
_FIGURES = ("old", "new", "old_to_new", "new_to_old", "is_comparable")


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The rows of what there is in the folder."""
    seeds = range(size or SEEDS)
    archive, folder = methods.find(source or Path())
    found: dict[str, Any] = {}
    if archive is not None:
        found["characters"] = _characters(archive, seeds)
    if folder is not None:
        with methods.on_photos(source) as data:
            found["photos"] = [_photos(data, seed) for seed in seeds]
    return found


def _photos(data: Any, seed: int) -> dict[str, Any]:
    together = _heads.learn(data, seed=seed, steps=STEPS, comparable=True)["comparable"]
    row = {"seed": seed, **{name: together[name] for name in _FIGURES}}
    sys.stderr.write(f"photos {row}\n")
    return row


def _characters(archive: Path, seeds: range) -> list[dict[str, Any]]:
    import torch

    from core.encoders import names, small
    from core.jobs import Job
    from core.training import harmony
    from core.training.feeds import PictureFeed, VectorFeed
    from core.training.heads import ResidualHead
    from core.training.material import Material
    from core.training.models import on_pictures, on_vectors
    from core.training.settings import Settings
    from core.training.siamese import Siamese, embed_all
    from core.training.trainer import Trainer

    torch.set_num_threads(1)
    data = omniglot.read(archive)
    pictures, labels = data["background"]
    test, test_labels = data["evaluation"]
    some = np.random.default_rng(2).permutation(int(test_labels.max()) + 1) < 330
    test, test_labels = test[some[test_labels]], test_labels[some[test_labels]]
    every, nobody = np.arange(len(labels)), np.zeros(0, dtype=np.int64)
    half = np.flatnonzero(labels % 2 == 0)
    watched = np.flatnonzero(labels % 16 == 1)  # characters that the old encoder never saw
    learned = np.flatnonzero(labels % 16 != 1)
    towers = small.make(names.parse("small:conv4"), None)
    shown = PictureFeed(pictures, towers.mean, towers.std, "none")
    asked = PictureFeed(test, towers.mean, towers.std, "none")
    rows = []
    for seed in seeds:
        settings = Settings(
            depth="whole", loss="contrastive", memory=len(half), batch=32, per_class=4,
            steps=OLD_STEPS, learning_rate=0.004, weight_decay=1e-4, dim=128, patience=0,
            clip=10.0, seed=seed,
        )  # fmt: skip
        towers = small.make(names.parse("small:conv4"), None)
        old = on_pictures(towers, 128, settings, is_from_scratch=True, device="cpu")
        material = Material(labels, every + 1, half, nobody)
        Trainer(old, shown, material, settings, is_from_scratch=True).run(Job())
        start = embed_all(old, shown.plain(every)).half().numpy()
        before = embed_all(old, asked.plain(np.arange(len(test)))).numpy()
        material = Material(labels, every + 1, learned, watched)
        for depth in ("head", "whole"):
            for is_comparable in (True, False):
                then = Settings(
                    depth=depth, loss="circle", memory=0, batch=128, per_class=4,
                    steps=STEPS, learning_rate=0.002, weight_decay=1e-4, dim=128, patience=0,
                    clip=10.0, seed=seed, comparable=is_comparable,
                )  # fmt: skip
                if depth == "head":
                    model = on_vectors(128, then)
                    feed: Any = VectorFeed(start, np.zeros((0, 0, 128), np.float16), nobody)
                    known = VectorFeed(before.astype(np.float16), start[:0, None], nobody)
                else:
                    again = _copied(old)
                    model = Siamese(again, ResidualHead(128, 128, 64))
                    feed, known = shown, asked
                Trainer(model, feed, material, then, start=start).run(Job())
                after = embed_all(model, known.plain(np.arange(len(test)))).numpy()
                found = harmony.measure(before, after, test_labels, Job())
                row = {"seed": seed, "depth": depth, "comparable": is_comparable}
                rows.append(row | {name: found[name] for name in _FIGURES})
                sys.stderr.write(f"characters {rows[-1]}\n")
    return rows


def _copied(old: Any) -> Any:
    import copy

    return copy.deepcopy(old)
