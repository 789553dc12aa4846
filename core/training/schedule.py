"""How large a step is: a short warm-up, then half a cosine down to nearly nothing."""

import math

_WARM_SHARE = 0.05
_WARM_MOST = 200
_LAST = 0.01
# Larger than any two neighbouring steps after the warm-up: what the memory holds was made by another network.
JUMP = 1.5


def warm_up(steps: int) -> int:
    """Steps in which the rate rises."""
    return max(1, min(_WARM_MOST, round(_WARM_SHARE * steps)))


def scale(step: int, steps: int) -> float:
    """Share of the full learning rate at ``step`` of ``steps`` (Loshchilov and Hutter 2017)."""
    warm = warm_up(steps)
    if step < warm:
        return (step + 1) / warm
    progress = (step - warm) / max(1, steps - warm)
    return _LAST + (1 - _LAST) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def jumps(before: float, now: float) -> bool:
    """Whether the rate rose so much that older embeddings should be forgotten."""
    return before > 0 and now > JUMP * before
