"""When the memory is used and how much it counts: warm-up, balance, and when to forget."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from core.training.losses.base import Loss
from core.training.memory import Memory, memory_loss
from core.training.objective import weighed
from core.training.relation import Relation
from core.training.settings import AUTO, Settings

# Share of the steps before the memory may begin, and after which it begins whatever still moves.
_WARM_SHARE, _LATEST_SHARE = 0.1, 0.3
# Mean squared distance that fixed pictures may move between two measurements (unit vectors: 0 to 4).
DRIFT_LIMIT = 0.15
# Active negatives of the memory that an anchor's own weight adds up to (docs/decisions.md).
BALANCE = 3.5
# Balanced are losses that add up pairs; the others average or take a soft maximum already.
_SUMMED = ("contrastive",)
_KEPT = 0.95


@dataclass(frozen=True, slots=True)
class Remembered:
    """The comparison with the memory: its loss, the weight it gets, its hard negatives an anchor."""

    value: Tensor
    weight: float
    hard_negatives: float


class CrossBatch:
    """The memory of a training, if it has one.

    It is empty until the network has warmed up by steps and by measured drift. Its weight, where the
    settings leave it open, keeps (weight x active negatives an anchor) at BALANCE: as published the memory
    supplies hundreds of active negatives an anchor against a few positives, and tears a small network apart.
    """

    def __init__(
        self,
        memory: Memory | None,
        loss: Loss,
        relation: Relation,
        settings: Settings,
        lengths: tuple[int, ...] = (),
        *,
        is_fixed: bool = False,
    ) -> None:
        """``lengths``: prefixes of the vectors that are compared, ascending up to the whole; none: only that.
        ``is_fixed``: what it is filled with stays, and nothing is enqueued; it does not drift, so nothing is
        waited for."""
        self._memory, self._loss, self._relation = memory, loss, relation
        self._lengths = lengths or (settings.dim,)
        self._weight = settings.memory_weight
        self._balances = self._weight == AUTO and settings.loss in _SUMMED
        self._steps, self._is_fixed = settings.steps, is_fixed
        self._warm_from = 0
        self._active: list[float | None] = [None] * len(self._lengths)
        self.is_on = False

    @property
    def filled(self) -> tuple[int, int]:
        """(rows in memory, rows it can hold)."""
        return (0, 0) if self._memory is None else (len(self._memory), self._memory.size)

    def is_due(self, step: int, drift: float) -> bool:
        """Whether the network has settled enough for the memory to begin."""
        if self._memory is None or self.is_on:
            return False
        if self._is_fixed:
            return True
        since = step - self._warm_from
        if since < _WARM_SHARE * self._steps:
            return False
        return drift <= DRIFT_LIMIT or since >= _LATEST_SHARE * self._steps

    def begin(self) -> Memory:
        """Use it from now on; the caller fills it with the warmed model."""
        assert self._memory is not None
        self.is_on = True
        return self._memory

    def flush(self, step: int) -> None:
        """Forget, and warm up again: the network has just become another one."""
        if self._memory is not None:
            self._memory.flush()
        self.is_on, self._warm_from = False, step
        self._active = [None] * len(self._lengths)

    def compare(
        self, embedded: Tensor, labels: Tensor, ids: Tensor, weights: Tensor | None = None
    ) -> Remembered | None:
        """Enqueue the batch, then compare it with all that is remembered; None where there is no memory.

        ``weights`` [b]: how much each anchor counts. Of nested vectors every prefix is compared, each with a
        weight of its own; the value is then weighted already.
        """
        if self._memory is None or not self.is_on:
            return None
        if not self._is_fixed:
            self._memory.put(embedded, labels, ids)
        batch = embedded, labels, ids
        if len(self._lengths) == 1:
            found = memory_loss(self._loss, *batch, self._memory, self._relation)
            weight = self._weigh(0, found.hard_negatives)
            return Remembered(weighed(found, weights), weight, found.hard_negatives)
        total, hard = embedded.new_zeros(()), 0.0
        for place, length in enumerate(self._lengths):
            found = memory_loss(self._loss, *batch, self._memory, self._relation, length)
            hard = found.hard_negatives
            total = total + self._weigh(place, hard) * weighed(found, weights)
        return Remembered(total / len(self._lengths), 1.0, hard)

    def _weigh(self, place: int, hard_negatives: float) -> float:
        """The weight of the comparison of a prefix."""
        if not self._balances:
            return 1.0 if self._weight == AUTO else self._weight
        before = self._active[place]
        before = hard_negatives if before is None else before
        now = self._active[place] = _KEPT * before + (1 - _KEPT) * hard_negatives
        return min(1.0, BALANCE / max(now, 1e-6))

    def state(self) -> dict[str, Tensor]:
        """What the memory holds."""
        return self._memory.state() if self._memory is not None and self.is_on else {}

    def facts(self) -> dict[str, Any]:
        """What else there is to go on from."""
        has_halves = self._memory is not None and self._memory.has_halves
        return {
            "is_on": self.is_on,
            "active": self._active,
            "warm_from": self._warm_from,
            "has_halves": has_halves,
        }

    def restore(self, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        """Go on from ``state`` and ``facts``."""
        self.is_on, active = bool(facts["is_on"]), facts["active"]
        # Runs that were stopped before vectors could be nested have one number.
        self._active = list(active) if isinstance(active, list) else [active]
        self._warm_from = int(facts["warm_from"])
        if self._memory is not None:
            self._memory.keep_halves(bool(facts["has_halves"]))
            if tensors:
                self._memory.restore(tensors)
