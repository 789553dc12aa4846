"""Whether this processor multiplies bf16 faster than fp32: measured once, since no table of processors knows."""

import functools
import time

import torch
from torch import Tensor
from torch.nn import functional

_ANCHORS, _ROWS, _DIM = 64, 4096, 512
_ROUNDS = 3
# A pass in bf16 is followed by work that a pass in fp32 does not need.
_LEAST_GAIN = 1.4


def slack(dim: int) -> float:
    """How far a cosine of unit rows can be off after a product in bf16, at most.

    bf16 has 8 significant bits, so each factor is off by up to 2^-8 of itself, the sum of products by
    2^-7 + 2^-16 (Cauchy-Schwarz), the rounded result by another 2^-8, and adding up in fp32 by some
    ``dim`` x 2^-23. Rows that were normalised in bf16, and are half a hundredth too long, are allowed for.
    """
    return 1.01 * (2**-7 + 2**-16 + 2**-8 + dim * 2**-23)


@functools.cache
def is_bf16_fast() -> bool:
    """True where the product of a batch and a memory takes less than 1 / 1.4 of the time in bf16, and is
    as exact as ``slack`` says. Takes a tenth of a second, once a process."""
    generator = torch.Generator().manual_seed(0)
    memory, anchors = (
        functional.normalize(torch.randn(count, _DIM, generator=generator), dim=1)
        for count in (_ROWS, _ANCHORS)
    )
    halves = memory.bfloat16(), anchors.bfloat16()
    with torch.inference_mode(), torch.autocast("cpu", enabled=False):
        off = (torch.mm(halves[0], halves[1].T).float() - memory @ anchors.T).abs().max()
        if float(off) > slack(_DIM):
            return False
        full = half = float("inf")
        for _ in range(_ROUNDS):
            full = min(full, _seconds(memory, anchors))
            half = min(half, _seconds(*halves))
            if half > 3 * full:
                return False
    return half * _LEAST_GAIN < full


def _seconds(memory: Tensor, anchors: Tensor) -> float:
    started = time.perf_counter()
    torch.mm(memory, anchors.T)
    return time.perf_counter() - started
