"""One step: embed a batch, judge it, and bring the gradient back through the network, in one pass or in two."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.training import checkpoint
from core.training.cross_batch import CrossBatch
from core.training.examples import Ints
from core.training.extras.base import Batch, Extra
from core.training.feeds import Feed
from core.training.material import Material
from core.training.objective import Objective
from core.training.siamese import Siamese

# Weight of what nobody judged against what somebody did, where pairs teach.
_KEPT_WEIGHT = 3.0
# Weight of an image's own old vector against those of its class, where vectors stay comparable.
_HELD_WEIGHT = 10.0


@dataclass(slots=True)
class Stepper:
    """Forward and backward of a batch. ``weights`` fp32 [labels], or None: how much anchors of a class count;
    ``first`` [learned, dim], or None: embeddings of learned rows at the start, which unknown pairs stay near;
    ``old`` float16 [n, dim], or None: unit vectors of all rows, each of which its new one stays near;
    ``chunk``: images through the network at a time (0: all).

    A batch beyond ``chunk`` is embedded without a graph, then judged as a whole, then embedded again a chunk
    at a time to take its part of the gradient through the network (gradient caching: Gao et al., Scaling
    Deep Contrastive Learning Batch Size under Memory Limited Setup, 2021). Both passes draw the same random
    numbers, and statistics of normalisation are gathered in the second alone; within a chunk they are those
    of the chunk. So memory does not grow with the batch.
    """

    model: Siamese
    feed: Feed
    material: Material
    objective: Objective
    cross: CrossBatch
    extras: tuple[Extra, ...]
    seed: int
    chunk: int
    device: str
    is_bf16: bool = False
    weights: Tensor | None = None
    first: Tensor | None = None
    old: NDArray[np.float16] | None = None

    def take(self, rows: Ints, step: int) -> dict[str, float] | None:
        """Put the gradient of the batch of ``rows`` at the parameters, which have none yet; what was seen, for
        the curves. None, and no gradient, where the loss is no number."""
        places = torch.from_numpy(rows).to(self.device)
        labels, ids = (
            torch.from_numpy(one[rows]).to(self.device)
            for one in (self.material.labels, self.material.ids)
        )
        self.model.learn()
        self.objective.relation.begin(step)
        parts = np.array_split(rows, max(1, math.ceil(len(rows) / (self.chunk or len(rows)))))
        if len(parts) == 1:
            embedded = self._embed(rows, step, 0)
        else:
            embedded = self._without_graph(parts, step).requires_grad_()
        batch = self._grown(Batch(embedded, labels, ids, places), step)
        weights = None if self.weights is None else self.weights[batch.labels.clamp(min=0)]
        own = self.objective.judge(batch.vectors, batch.labels, batch.ids, weights)
        total, seen = own.value, {"hard_batch": own.hard_negatives}
        if self.first is not None:
            total = total + self._stray(embedded, rows, labels, ids)
        if self.old is not None:
            before = torch.from_numpy(self.old[rows]).to(embedded)
            total = total + _HELD_WEIGHT * (1 - (embedded * before).sum(dim=1)).mean()
        remembered = self.cross.compare(
            embedded, labels, ids, None if weights is None else weights[: len(rows)]
        )
        if remembered is not None:
            total = total + remembered.weight * remembered.value
            seen |= {
                "memory_loss": float(remembered.value.detach()),
                "hard_memory": remembered.hard_negatives,
            }
        if not math.isfinite(float(total.detach())):
            return None
        if total.requires_grad:
            total.backward()  # type: ignore[no-untyped-call]
            if len(parts) > 1:
                assert embedded.grad is not None
                self._backward(parts, step, embedded.grad)
        return seen | {"loss": float(own.value.detach())}

    def modules(self) -> list[nn.Module]:
        """What is trained beside the encoder."""
        return [one.module for one in self.extras if one.module is not None]

    def state(self) -> dict[str, Tensor]:
        """What else there is to go on from."""
        found = {} if self.first is None else {"first": self.first}
        for place, module in enumerate(self.modules()):
            for name, tensor in module.state_dict().items():
                found[f"extra.{place}.{name}"] = tensor.detach().cpu()
        return found

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go on from ``state``."""
        self.first = tensors.get("first")
        for place, module in enumerate(self.modules()):
            module.load_state_dict(checkpoint.part(tensors, f"extra.{place}."))

    def _embed(self, rows: Ints, step: int, part: int) -> Tensor:
        """Unit rows fp32 [n, dim]. Dropout and the like draw from torch's own generator: theirs too must follow
        from the step."""
        number = draw(self.seed, step, part)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            with torch.autocast(self.device, torch.bfloat16, enabled=self.is_bf16):
                found: Tensor = self.model(self.feed.varied(rows, number))
        return found.float()

    def _without_graph(self, parts: list[Ints], step: int) -> Tensor:
        with torch.no_grad(), _statistics_kept(self.model):
            return torch.cat([self._embed(one, step, part) for part, one in enumerate(parts)])

    def _backward(self, parts: list[Ints], step: int, gradient: Tensor) -> None:
        start = 0
        for part, rows in enumerate(parts):
            embedded = self._embed(rows, step, part)
            embedded.backward(gradient[start : start + len(rows)])  # type: ignore[no-untyped-call]
            start += len(rows)

    def _grown(self, batch: Batch, step: int) -> Batch:
        random = torch.Generator().manual_seed(draw(self.seed, step))
        for extra in self.extras:
            batch = extra.add(batch, random)
        return batch

    def _stray(self, embedded: Tensor, rows: Ints, labels: Tensor, ids: Tensor) -> Tensor:
        """How far cosines that nobody judged moved from where they began: few pairs must not bend all the rest."""
        assert self.first is not None
        positives, negatives = self.objective.relation.masks(labels, ids, labels, ids)
        places = np.searchsorted(self.material.learned, rows)
        first = self.first[torch.from_numpy(places)].to(self.device)
        moved = (embedded @ embedded.T - first @ first.T).square()
        unknown = (~(positives | negatives)).float()
        return _KEPT_WEIGHT * (moved * unknown).sum() / len(rows)


def draw(seed: int, step: int, part: int = 0) -> int:
    """A seed for the random numbers of one part of one step."""
    return ((seed << 32) + (part << 48) + step) % (1 << 63)


@contextmanager
def _statistics_kept(model: nn.Module) -> Iterator[None]:
    """Normalise by the batch as in training, but gather nothing of it."""
    learning = [
        one
        for one in model.modules()
        if isinstance(one, _BatchNorm) and one.training and one.track_running_stats
    ]
    try:
        for one in learning:
            one.track_running_stats = False
        yield
    finally:
        for one in learning:
            one.track_running_stats = True
