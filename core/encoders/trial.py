"""One second of what encoders do, to learn what this machine does of it in a second.

Four kinds of work, since machines differ in their ratios: products of matrices with attention, as in transformers;
convolutions; convolutions of each channel for itself, which move much and compute little; and simple operations, which
only move. What an encoder needs of each is listed (``core.encoders.known.Work``).
"""

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from core.encoders.estimate import Rates
from core.encoders.precision import devices
from core.jobs import Job

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_PRECISIONS = {"cpu": ("fp32", "bf16"), "cuda": ("fp32", "bf16", "fp16"), "mps": ("fp32", "fp16")}
_EACH_S = 0.1
# The benchmark of this trial takes processor time instead.
clock = time.perf_counter
_BATCH = {"cpu": 4, "mps": 32, "cuda": 128}


def measure(job: Job = Job()) -> list[Rates]:
    """Rates of every device and precision that works here. Takes a second on the CPU, a little more with
    a GPU, whose first use sets it up."""
    wanted = [(device, precision) for device in devices() for precision in _PRECISIONS[device]]
    found = []
    for device, precision in job.track(wanted, "Trying this machine"):
        rates = _rates(device, precision)
        if rates is not None:
            found.append(rates)
    return found


def _rates(device: str, precision: str) -> Rates | None:
    batch = _BATCH[device]
    torch_kind = {"device": device, "dtype": _DTYPES[precision]}
    try:
        with torch.inference_mode():
            return Rates(
                device,
                precision,
                *(
                    _rate(device, *kind(batch, torch_kind))
                    for kind in (_products, _dense, _grouped, _values)
                ),
            )
    except (RuntimeError, NotImplementedError):
        return None  # this device or build of torch lacks the precision


def _rate(device: str, run: Callable[[], object], amount: float) -> float:
    """``amount`` a second by the best of some runs: what else the machine does only slows it down."""
    _timed(device, run)  # sets the kernels up
    best_s, until = float("inf"), clock() + _EACH_S
    while True:
        best_s = min(best_s, _timed(device, run))
        if clock() >= until:
            return amount / max(best_s, 1e-9)


def _timed(device: str, run: Callable[[], object]) -> float:
    started = clock()
    run()
    if device != "cpu":
        getattr(torch, device).synchronize()
    return clock() - started


def _products(batch: int, kind: dict[str, object]) -> tuple[Callable[[], object], float]:
    """A layer of ViT-B/16: 197 tokens of 768 values, 12 heads. GFLOP."""
    tokens, width, heads = 197, 768, 12
    x = _noise((batch * tokens, width), kind)
    inner, outer = _noise((4 * width, width), kind), _noise((width, 4 * width), kind)
    query = _noise((batch, heads, tokens, width // heads), kind)

    def run() -> Tensor:
        functional.scaled_dot_product_attention(query, query, query)
        return functional.linear(functional.linear(x, inner), outer)

    flop = 2 * 2 * batch * tokens * width * 4 * width + 4 * batch * tokens * tokens * width
    return run, flop / 1e9


def _dense(batch: int, kind: dict[str, object]) -> tuple[Callable[[], object], float]:
    """A block of ResNet-50: 256 channels to 64, 3 x 3, and back, at 56 x 56. GFLOP."""
    wide, narrow, side = 256, 64, 56
    x = _noise((batch, wide, side, side), kind)
    shrink, middle = _noise((narrow, wide, 1, 1), kind), _noise((narrow, narrow, 3, 3), kind)
    grow = _noise((wide, narrow, 1, 1), kind)

    def run() -> Tensor:
        inside = functional.conv2d(functional.conv2d(x, shrink), middle, padding=1)
        return functional.conv2d(inside, grow)

    values = 2 * wide * narrow + 9 * narrow * narrow
    return run, 2 * batch * side * side * values / 1e9


def _grouped(batch: int, kind: dict[str, object]) -> tuple[Callable[[], object], float]:
    """Each of 192 channels for itself, 3 x 3 and 7 x 7, at 28 x 28. GFLOP."""
    channels, side = 192, 28
    x = _noise((batch, channels, side, side), kind)
    small, large = _noise((channels, 1, 3, 3), kind), _noise((channels, 1, 7, 7), kind)

    def run() -> Tensor:
        functional.conv2d(x, small, padding=1, groups=channels)
        return functional.conv2d(x, large, padding=3, groups=channels)

    return run, 2 * batch * channels * side * side * (9 + 49) / 1e9


def _values(batch: int, kind: dict[str, object]) -> tuple[Callable[[], object], float]:
    """Normalising, a nonlinearity and a sum. Million values written."""
    x = _noise((batch, 197, 768), kind)

    def run() -> Tensor:
        return functional.gelu(functional.layer_norm(x, (768,))) + x

    return run, 3 * x.numel() / 1e6


def _noise(shape: tuple[int, ...], kind: dict[str, object]) -> Tensor:
    values = torch.randn(shape).to(**kind) * 0.02  # type: ignore[call-overload]
    found: Tensor = values
    if len(shape) == 4:
        found = found.contiguous(memory_format=torch.channels_last)
    return found
