"""Which adapters are worth their numbers? Our small network goes on to other alphabets, by LoRA, FLoRA, or as a whole.

`lookalike bench adapters --source omniglot.zip [--size STEPS] --json`: for each seed `small:conv4` (28 px) learns the
characters of fifteen of Omniglot's thirty background alphabets from scratch. Then it goes on to the characters of the
other fifteen, 15 drawings of each, with a head that is the same for every arm, and is measured on the other 5
drawings of these characters (`drawings`) and on 10 drawings of each character of the evaluation alphabets, which it has
never seen (`alphabets`): leave-one-out R@1 and MAP@R. Everything runs through the program's own trainer; nothing is
selected on what is measured.

By `LOOKALIKE_ADAPTERS`:

- `arms` (default): the network as it was (`none`), a head alone, LoRA and FLoRA of several ranks, the whole network.
- `rates`: one seed for every learning rate of the three that train the network, to tune them equally, measured on a
  quarter of the adapted characters, which are not learnt from.
- `choices`: FLoRA of rank 8 by what is zero at the start and by the rank of the kernel's sides, measured likewise.

Each row: `parameters` that are trained of the network (the head's come on top), `bytes` of their safetensors file,
figures by seed, means with 95 % intervals (Student's t over seeds), `seconds` of processor time on one thread.
`LOOKALIKE_ADAPTERS_SEEDS` (0,1,2), `_BASE` (700: steps from scratch).
"""

import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import omniglot
from omniglot import Data, Part, tell

STEPS = 200
RATE = 1e-3  # of the head, and a share of it for the network, as in every training
ARMS = (
    *(("none", 0), ("head", 0)),
    *(("lora", rank) for rank in (4, 8, 16)),
    *(("flora", rank) for rank in (4, 8, 16, 32)),
    ("whole", 0),
)
_ALPHABETS, _SEEN, _MEASURED, _DIM = 15, 15, 10, 128


def run(*, size: int | None, with_peers: bool, source: Path | None = None) -> dict[str, Any]:
    """The rows of the part that was asked for."""
    if source is None:
        raise SystemExit("lookalike: say where omniglot.zip lies, with --source.")
    import torch

    torch.set_num_threads(1)
    data = _parts(source)
    which = os.environ.get("LOOKALIKE_ADAPTERS", "arms")
    make = {"arms": _arms, "rates": _rates, "choices": _choices}[which]
    return {"part": which, "steps": size or STEPS, "rows": make(data, size or STEPS)}


def _parts(source: Path) -> Data:
    """To learn from, "base" and then "learned"; to measure with, "drawings" and "alphabets"."""
    data = omniglot.read(source)
    pictures, labels = data["background"]
    with zipfile.ZipFile(source) as archive:
        files = [one for one in archive.namelist() if one.endswith(".png") and "background" in one]
    characters = sorted({name.rsplit("/", 1)[0] for name in files})
    _, alphabets = np.unique([name.rsplit("/", 1)[0] for name in characters], return_inverse=True)
    is_base = np.random.default_rng(1).permutation(int(alphabets.max()) + 1) < _ALPHABETS
    on_base = is_base[alphabets[labels]]
    learned = ~on_base & (_places(labels) < _SEEN)
    held = ~on_base & (_places(labels) >= _SEEN)
    others = data["evaluation"]
    few = _places(others[1]) < _MEASURED
    return {
        "base": (pictures[on_base], labels[on_base]),
        "learned": (pictures[learned], labels[learned]),
        "drawings": (pictures[held], labels[held]),
        "alphabets": (others[0][few], others[1][few]),
    }


def _places(labels: Any) -> Any:
    """Number of each drawing among those of its character, which stand together; each is by another hand."""
    return np.arange(len(labels)) - np.searchsorted(labels, labels)


def _base(part: Part, seed: int) -> dict[str, Any]:
    """Weights of a network that learnt these characters from scratch."""
    from core.training.models import on_pictures

    settings = omniglot.make_settings(
        memory=len(part[1]),
        steps=int(os.environ.get("LOOKALIKE_ADAPTERS_BASE", "700")),
        learning_rate=0.004,
        seed=seed,
    )
    model = on_pictures(_towers(None), _DIM, settings, is_from_scratch=True, device="cpu")
    omniglot.train(model, omniglot.feed_of(part), part[1], settings)
    assert model.backbone is not None
    return {name: one.clone() for name, one in model.backbone.state_dict().items()}


def _towers(weights: dict[str, Any] | None) -> Any:
    from core.encoders import names, small

    towers = small.make(names.parse("small:conv4"), None)
    if weights is not None:
        towers.pictures.load_state_dict(weights)
    return towers


def _adapted(
    weights: dict[str, Any],
    learned: Part,
    tests: Data,
    arm: tuple[str, int],
    steps: int,
    seed: int,
    rate: float | None = None,
) -> dict[str, Any]:
    """One arm from the weights of a base, measured on each of ``tests``."""
    from safetensors.torch import save

    from core.training.feeds import VectorFeed
    from core.training.models import MOST_FITTED, fit_head, on_pictures, on_vectors

    name, rank = arm
    towers = _towers(weights)
    settings = omniglot.make_settings(
        depth=name if name in ("head", "whole") else "adapters",
        adapter=name if name in ("lora", "flora") else "lora",
        rank=rank or 8,
        memory=len(learned[1]),
        steps=steps,
        learning_rate=rate or RATE,
        weight_decay=1e-2 if name == "head" else 1e-4,
        seed=seed,
    )
    feeds: dict[str, Any] = {key: omniglot.feed_of(part) for key, part in tests.items()}
    feed = omniglot.feed_of(learned)
    found: dict[str, Any] = {"parameters": 0, "bytes": 0, "seconds": 0.0}
    if name in ("none", "head"):
        none = np.zeros(0, dtype=np.int64)

        def seen(pictures: Any, count: int) -> VectorFeed:
            vectors = _features(towers, pictures, count)
            return VectorFeed(vectors, np.zeros((0, 0, _DIM), np.float16), none)

        feed = seen(feed, len(learned[1]))
        feeds = {key: seen(one, len(tests[key][1])) for key, one in feeds.items()}
        model = on_vectors(_DIM, settings)
    else:
        model = on_pictures(towers, _DIM, settings, is_from_scratch=False, device="cpu")
        kept = model.adapted.packed() if model.adapted else towers.pictures.state_dict()
        found["parameters"] = sum(one.numel() for one in model.backbone_parameters())
        found["bytes"] = len(save({key: one.contiguous() for key, one in kept.items()}))
    if name == "none":
        import torch

        model.head = torch.nn.Identity()  # type: ignore[assignment]
    else:
        import torch

        fitted = np.random.default_rng(10).permutation(len(learned[1]))[:MOST_FITTED]
        fit_head(model, feed.plain(fitted), torch.from_numpy(learned[1][fitted]))
        done = omniglot.train(model, feed, learned[1], settings, is_from_scratch=False)
        found |= {"seconds": done["seconds"]}
        if done["failure"]:
            raise SystemExit(f"lookalike: {arm}: {done['failure']}")
    for key, shown in feeds.items():
        for measure, value in omniglot.measure(model, shown, tests[key][1]).items():
            found[f"{key} {measure}"] = value
    return found


def _features(towers: Any, feed: Any, count: int) -> Any:
    """Unit vectors of the network as it is, as a catalogue stores them."""
    import torch
    from torch.nn import functional

    with torch.inference_mode():
        rows = [towers.pictures.eval()(one) for one in feed.plain(np.arange(count))]
        return functional.normalize(torch.cat(rows), dim=1).half().numpy()


def _arms(data: Data, steps: int) -> list[dict[str, Any]]:
    tests = {key: data[key] for key in ("drawings", "alphabets")}
    runs: dict[tuple[str, int], list[dict[str, Any]]] = {arm: [] for arm in ARMS}
    for seed in _seeds():
        weights = _base(data["base"], seed)
        for arm in ARMS:  # in turns
            runs[arm].append(_adapted(weights, data["learned"], tests, arm, steps, seed))
            tell(json.dumps({"seed": seed, "arm": arm, **runs[arm][-1]}))
    return [{"arm": name, "rank": rank, **_summed(runs[name, rank])} for name, rank in ARMS]


def _rates(data: Data, steps: int) -> list[dict[str, Any]]:
    learned, test = omniglot.divided(_renumbered(data["learned"]))
    weights = _base(data["base"], 100)
    rows = []
    for rate in (1e-3, 3e-3, 1e-2, 3e-2):
        for arm in (("lora", 8), ("flora", 8), ("whole", 0)):
            found = _adapted(weights, learned, {"characters": test}, arm, steps, 100, rate)
            rows.append({"arm": arm[0], "rate": rate, **found})
            tell(json.dumps(rows[-1]))
    return rows


def _choices(data: Data, steps: int) -> list[dict[str, Any]]:
    from core.training import adapters
    from core.training.flora import Flora

    learned, test = omniglot.divided(_renumbered(data["learned"]))
    kinds = {
        (zero, kernel_rank): Flora(kernel_rank, zero)
        for zero in ("a", "core")
        for kernel_rank in (1, 2, 3)
    }
    runs: dict[tuple[str, int], list[dict[str, Any]]] = {choice: [] for choice in kinds}
    for seed in _seeds():
        weights = _base(data["base"], seed)
        for choice, kind in kinds.items():
            adapters.KINDS["flora"] = kind
            tests = {"characters": test}
            runs[choice].append(_adapted(weights, learned, tests, ("flora", 8), steps, seed))
            tell(json.dumps({"seed": seed, "choice": choice, **runs[choice][-1]}))
    return [
        {"zero": choice[0], "kernel_rank": choice[1], **_summed(runs[choice])} for choice in kinds
    ]


def _renumbered(part: Part) -> Part:
    return part[0], np.unique(part[1], return_inverse=True)[1].astype(np.int64)


def _seeds() -> list[int]:
    return [int(one) for one in os.environ.get("LOOKALIKE_ADAPTERS_SEEDS", "0,1,2").split(",")]


def _summed(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of one arm over its seeds."""
    found: dict[str, Any] = {key: runs[0][key] for key in ("parameters", "bytes")}
    found["seconds"] = round(float(np.mean([one["seconds"] for one in runs])), 1)
    for key in sorted(runs[0].keys() - found.keys()):
        values = [one[key] for one in runs]
        found[key] = {"by_seed": [round(one, 4) for one in values], **omniglot.interval(values)}
    return found
