"""The contrastive loss of a batch against a memory, forward and backward, and pytorch-metric-learning's.

`lookalike bench memory-step [--size N] [--with-peers] --json`: N (default 55,000) unit vectors of 512 numbers in 2,000
classes lie in the memory, a batch has 16 of these classes x 4. Vectors are drawn from a fixed seed: a class is a point
with noise around it (cosine within a class 0.7 in the mean), and lies in one of 400 families (0.38 between the classes
of one), so that a few negatives are above the margin of 0.5. The batch itself is not in the memory: every pair is told
by its label alone, as pytorch-metric-learning tells it, and both sum over the same pairs.

Nine rounds after a first, in each one step of either, one after the other; medians:

- `ms`: vectors of the batch scaled to unit length, `core.training.memory.memory_loss`, and backward to them.
  `memory_bytes` is what the memory takes, and `precision` the product that searches it ("bf16", where that was
  measured to be faster, or "fp32").
- `pml_ms`: the same with ContrastiveLoss and CosineSimilarity, margins 1 and 0.5, the sum of all pairs over 64, called
  as its CrossBatchMemory calls it: batch, labels, memory, labels. `speedup_vs_pml` is the ratio of the two.
- `max_grad_error`: the largest difference of a number of the gradient from a dense fp64 calculation, over the largest
  number of that gradient; `pml_max_grad_error` is the other's. A pair within 1e-7 of the margin may be told
  otherwise in fp32 than in fp64, and is then seen here.
- `active_share`: positives, and negatives above the margin, of all pairs. `busy_...`: the same figures where all
  vectors have a part in common, so that about 4 % of pairs are active.
- `million_ms`: a step against 1,000,000 memories (median of three); `million_bytes` what they take,
  `million_peak_mb` the most the whole process took meanwhile, `million_beside_mb` how much of that was not there
  before the steps.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent))
from _photos import Memory as PeakMemory

SIZE, DIM, CLASSES, FAMILIES = 55_000, 512, 2_000, 400
BATCH_CLASSES, PER_CLASS = 16, 4
MARGIN, ROUNDS, MILLION = 0.5, 9, 1_000_000
_FAMILY, _WITHIN = 0.38, 0.7
# Share of the part in common, squared: chosen so that about 4 % of pairs are active.
_COMMON = 0.444
_PART = 50_000


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Medians of the rounds; the peer takes part wherever it is installed."""
    import torch

    count = size or SIZE
    figures = _compare(count, 0.0)
    busy = _compare(count, _COMMON)
    return {
        "memory": count,
        "dim": DIM,
        "batch": BATCH_CLASSES * PER_CLASS,
        "threads": torch.get_num_threads(),
        **figures,
        **{f"busy_{key}": value for key, value in busy.items() if key != "precision"},
        **_million(),
    }


class _Data:
    """Unit vectors around the points of their classes, from a fixed seed."""

    def __init__(self, common: float) -> None:
        import torch

        self.random = torch.Generator().manual_seed(7)
        families = self._unit(FAMILIES)
        points = _FAMILY**0.5 * families[torch.arange(CLASSES) % FAMILIES]
        points = points + (_WITHIN - _FAMILY) ** 0.5 * self._unit(CLASSES)
        self.points = (1 - common) ** 0.5 * points
        self.common = common**0.5 * self._unit(1)
        self.noise = ((1 - common) * (1 - _WITHIN)) ** 0.5

    def draw(self, labels: Any) -> Any:
        from torch.nn.functional import normalize

        rows = self.points[labels] + self.common + self.noise * self._unit(len(labels))
        return normalize(rows, dim=1)

    def labels(self, count: int) -> Any:
        import torch

        return torch.randint(0, CLASSES, (count,), generator=self.random)

    def batch(self) -> tuple[Any, Any, Any]:
        import torch

        chosen = torch.randperm(CLASSES, generator=self.random)[:BATCH_CLASSES]
        labels = chosen.repeat_interleave(PER_CLASS)
        return self.draw(labels), labels, -1 - torch.arange(len(labels))

    def _unit(self, count: int) -> Any:
        import torch
        from torch.nn.functional import normalize

        return normalize(torch.randn(count, DIM, generator=self.random), dim=1)


def _filled(data: _Data, count: int) -> Any:
    import torch

    from core.training.memory import Memory

    memory = Memory(count, DIM)
    for start in range(0, count, _PART):
        ids = torch.arange(start, min(start + _PART, count))
        labels = data.labels(len(ids))
        memory.put(data.draw(labels), labels, ids)
    return memory


def _compare(count: int, common: float) -> dict[str, Any]:
    data = _Data(common)
    memory = _filled(data, count)
    batch, labels, ids = data.batch()
    ours = _our_step(memory, batch, labels, ids)
    theirs = _their_step(memory, batch, labels)
    exact, active = _exact(memory, batch, labels)
    errors = [_error(step(), exact) for step in (ours, theirs) if step is not None]
    times = [[_timed(step) for step in (ours, theirs) if step is not None] for _ in range(ROUNDS)]
    medians = [1000 * median(one) for one in zip(*times, strict=True)]
    return {
        "ms": round(medians[0], 2),
        "pml_ms": round(medians[1], 2) if theirs else None,
        "speedup_vs_pml": round(medians[1] / medians[0], 2) if theirs else None,
        "max_grad_error": float(f"{errors[0]:.2g}"),
        "pml_max_grad_error": float(f"{errors[1]:.2g}") if theirs else None,
        "active_share": round(active, 6),
        "memory_bytes": memory.bytes,
        "precision": _precision(memory),
    }


def _our_step(memory: Any, batch: Any, labels: Any, ids: Any) -> Callable[[], Any]:
    from torch.nn.functional import normalize

    from core.training.losses.contrastive import Contrastive
    from core.training.memory import memory_loss
    from core.training.relation import ClassRelation

    loss, relation = Contrastive(MARGIN), ClassRelation()

    def step() -> Any:
        leaves = batch.clone().requires_grad_()
        anchors = normalize(leaves, dim=1)
        memory_loss(loss, anchors, labels, ids, memory, relation).value.backward()
        return leaves.grad

    return step


def _their_step(memory: Any, batch: Any, labels: Any) -> Callable[[], Any] | None:
    try:
        from pytorch_metric_learning import distances, losses, reducers
    except ImportError:
        print("pytorch-metric-learning is not installed: nothing to compare with", file=sys.stderr)
        return None
    from torch.nn.functional import normalize

    loss = losses.ContrastiveLoss(
        pos_margin=1,
        neg_margin=MARGIN,
        distance=distances.CosineSimilarity(),
        reducer=reducers.SumReducer(),
    )
    rows, memory_labels, _ = memory.views()

    def step() -> Any:
        leaves = batch.clone().requires_grad_()
        anchors = normalize(leaves, dim=1)
        value = loss(anchors, labels, ref_emb=rows, ref_labels=memory_labels) / len(labels)
        value.backward()
        return leaves.grad

    return step


def _exact(memory: Any, batch: Any, labels: Any) -> tuple[Any, float]:
    """The gradient in fp64, and the share of active pairs."""
    import torch

    rows, memory_labels, _ = memory.views()
    gradient = torch.zeros(len(batch), DIM, dtype=torch.float64)
    active = 0
    for part, part_labels in zip(rows.split(_PART), memory_labels.split(_PART), strict=True):
        same = labels[:, None] == part_labels[None]
        hard = ~same & (batch.double() @ part.double().T > MARGIN)
        gradient += (hard.double() - same.double()) @ part.double()
        active += int(same.sum()) + int(hard.sum())
    # Through the scaling to unit length, which takes away what would only lengthen a row.
    unit = batch.double() / batch.double().norm(dim=1, keepdim=True)
    gradient -= (gradient * unit).sum(1, keepdim=True) * unit
    return gradient / len(batch), active / (len(batch) * len(rows))


def _error(gradient: Any, exact: Any) -> float:
    return float((gradient - exact).abs().max() / exact.abs().max())


def _million() -> dict[str, Any]:
    """One memory of a million; run last, since nothing else of its size is in the process."""
    data = _Data(0.0)
    memory = _filled(data, MILLION)
    step = _our_step(memory, *data.batch())
    before = psutil.Process().memory_info().rss
    with PeakMemory() as peak:
        step()
        times = [_timed(step) for _ in range(3)]
    return {
        "million_ms": round(1000 * median(times), 1),
        "million_bytes": memory.bytes,
        "million_peak_mb": round(peak.peak_bytes / 2**20),
        "million_beside_mb": round(max(0, peak.peak_bytes - before) / 2**20),
    }


def _precision(memory: Any) -> str:
    return "fp32" if memory.remembered().halves is None else "bf16"


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
