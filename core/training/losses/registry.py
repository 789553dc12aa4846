"""The losses by name. ``core.training.settings.LOSSES`` lists the same names without importing torch."""

from collections.abc import Callable

from core.errors import UsageError
from core.training.losses.base import Loss
from core.training.losses.circle import Circle
from core.training.losses.contrastive import Contrastive
from core.training.losses.hardest_negative import HardestNegative
from core.training.losses.multi_similarity import MultiSimilarity
from core.training.losses.recall_at_k import RecallAtK
from core.training.losses.triplet import Triplet

_LOSSES: tuple[Callable[[], Loss], ...] = (
    *(Contrastive, Triplet, Circle, MultiSimilarity),
    *(RecallAtK, HardestNegative),
)


def every() -> tuple[Loss, ...]:
    """All losses, with the values of their papers."""
    return tuple(one() for one in _LOSSES)


def make(name: str) -> Loss:
    """The loss of that name. Raises UsageError for one that is not known."""
    known = {loss.name: loss for loss in every()}
    if name not in known:
        raise UsageError(f"There is no loss {name!r}.", f"Use {', '.join(known)}.")
    return known[name]
