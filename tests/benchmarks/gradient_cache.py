"""Batches that fit in time, not in memory: peak memory and gradient of one pass and of two.

`lookalike bench gradient-cache [--size BATCH] --json`: steps of the program's own on `small:conv4` (28 px, random
pictures, four of a class) with the recall@k surrogate, 64 images through the network at a time, for batches of 64, 256,
1,024 and 4,096 (or up to BATCH), each in a process of its own.

By batch: `peak_mb`, the largest resident memory less what the process had before its first step, and `step_s`, for
`two_passes` and, up to 1,024, `one_pass`. `max_gradient_error`: of a batch of 256 against one pass, as a share of its
largest gradient, with normalisation by kept statistics so that both calculate the same.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

BATCHES, CHUNK, SIDE, DIM = (64, 256, 1024, 4096), 64, 28, 128
_MOST_IN_ONE = 1024


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Figures by batch."""
    found: dict[str, Any] = {"chunk": CHUNK, "two_passes": [], "one_pass": []}
    for batch in BATCHES:
        if size is not None and batch > size:
            continue
        found["two_passes"].append(_in_a_process(batch, CHUNK))
        if batch <= _MOST_IN_ONE:
            found["one_pass"].append(_in_a_process(batch, 0))
    found["max_gradient_error"] = _error()
    return found


def _in_a_process(batch: int, chunk: int) -> dict[str, Any]:
    words = [sys.executable, str(Path(__file__)), str(batch), str(chunk)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    sys.stderr.write(done.stdout)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _stepper(batch: int, chunk: int) -> Any:
    import torch

    from core.encoders import names, small
    from core.training.cross_batch import CrossBatch
    from core.training.feeds import PictureFeed
    from core.training.losses.registry import make
    from core.training.material import Material
    from core.training.models import on_pictures
    from core.training.objective import Objective
    from core.training.relation import ClassRelation
    from core.training.settings import Settings
    from core.training.step import Stepper

    torch.set_num_threads(1)
    settings = Settings(depth="whole", dim=DIM, loss="recall-at-k", memory=0, batch=batch)
    towers = small.make(names.parse("small:conv4"), None)
    model = on_pictures(towers, 128, settings, is_from_scratch=True, device="cpu")
    pictures = np.random.default_rng(0).integers(0, 256, (batch, SIDE, SIDE, 3), np.uint8)
    feed = PictureFeed(pictures, towers.mean, towers.std, "none", is_channels_last=True)
    rows = np.arange(batch)
    material = Material(rows // 4, rows + 1, rows, np.zeros(0, dtype=np.int64))
    relation = ClassRelation()
    loss = make("recall-at-k")
    return Stepper(
        model,
        feed,
        material,
        Objective(loss, relation, (DIM,)),
        CrossBatch(None, loss, relation, settings),
        (),
        seed=0,
        chunk=chunk,
        device="cpu",
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _error() -> float:
    made = [_stepper(256, chunk) for chunk in (0, CHUNK)]
    found = []
    for one in made:
        one.model.eval()
        one.model.learn = lambda: (
            None
        )  # kept statistics: parts of a batch are normalised as the whole
        one.take(np.arange(256), 0)
        found.append([each.grad for each in one.model.parameters()])
    largest = max(float(one.abs().max()) for one in found[0])
    off = max(float((a - b).abs().max()) for a, b in zip(*found, strict=True))
    return off / largest


def _main(batch: int, chunk: int) -> None:
    one = _stepper(batch, chunk)
    rows = np.arange(batch)
    _stepper(8, 0).take(np.arange(8), 0)  # what the first step of a process takes once
    before = _peak_mb()
    begun = time.process_time()
    one.take(rows, 0)
    seconds = time.process_time() - begun
    peak = round(_peak_mb() - before, 1)
    sys.stdout.write(
        json.dumps({"batch": batch, "peak_mb": peak, "step_s": round(seconds, 2)}) + "\n"
    )


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
