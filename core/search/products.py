"""Products of tiles of unit rows in the fastest precision this machine has, and which of them matter."""

import threading
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from core.parallel import single_threaded

Precision = Literal["fp32", "bf16", "fp16"]
Places = NDArray[np.int64]

TILE_ROWS = 1_024
_GPU_TILE_ROWS = 8_192
# Below so many rows it does not pay to ask which precision is fastest.
WORTH_ROWS = 20_000
_LEAST_GAIN = 1.2
_TURNS = 4
_HOPELESS = 3.0
LONGEST = 1.01  # float16 rows are of unit length up to this
_SCORED = 1 << 21  # numbers of a row's pairs gathered at a time
_scratch = threading.local()


@dataclass(frozen=True, slots=True)
class Way:
    """Where and in what precision products are computed."""

    device: str = "cpu"
    precision: Precision = "fp32"

    @property
    def dtype(self) -> torch.dtype:
        return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[
            self.precision
        ]

    @property
    def tile_rows(self) -> int:
        return TILE_ROWS if self.device == "cpu" else _GPU_TILE_ROWS

    def error(self, dim: int) -> float:
        """How far a product of two stored rows may be from ``scores``'s, at most.

        Stored numbers are float16, which fp32 and fp16 hold exactly. Rounding them to bf16 (8 bits) moves a unit
        row by at most 2**-8 of its length, and a product by the sum of both (Cauchy-Schwarz). The product is
        summed in fp32, d terms with an error of 2**-24 each, here and in ``scores``, and rounded once more
        where it is stored in 16 bits (fp16 on a GPU may also round partial sums).
        """
        summed = 2 * dim * 2.0**-24
        rounded = {
            "fp32": 0.0,
            "bf16": 3 * 2.0**-8 + 2.0**-16,
            "fp16": 4 * 2.0**-11,
        }
        return (summed + rounded[self.precision]) * LONGEST**2

    def operand(self, rows: NDArray[np.float32]) -> torch.Tensor:
        """Rows [n, dim] as this way multiplies them."""
        return torch.from_numpy(rows).to(self.device, self.dtype)


def fastest(dim: int, rows: int) -> Way:
    """The fastest way on this machine for ``rows`` rows, by a short measurement, in turns."""
    if rows < WORTH_ROWS:
        return Way()
    if torch.cuda.is_available():
        return Way("cuda", "fp16")
    sample = np.random.default_rng(0).standard_normal((TILE_ROWS, dim)).astype(np.float32)
    ways = Way(), Way(precision="bf16")
    best_s = [np.inf, np.inf]
    with single_threaded():
        for turn in range(_TURNS):
            for number, way in enumerate(ways):
                if best_s[1] > _HOPELESS * best_s[0] and turn:
                    return ways[0]  # without instructions for it, it takes ten times as long
                operand = way.operand(sample / np.float32(np.sqrt(dim)))
                began = time.perf_counter()
                product(operand, operand)
                best_s[number] = min(best_s[number], time.perf_counter() - began)
    return ways[int(best_s[1] * _LEAST_GAIN < best_s[0])]


def product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """``a`` [m, d] times ``b`` [n, d] transposed, in this thread's scratch memory: valid until the next."""
    if a.device.type != "cpu":
        return torch.mm(a, b.T)
    size = len(a) * len(b)
    held: torch.Tensor | None = getattr(_scratch, "held", None)
    if held is None or held.dtype != a.dtype or held.numel() < size:
        held = _scratch.held = torch.empty(max(size, TILE_ROWS**2), dtype=a.dtype)
    return torch.mm(a, b.T, out=held[:size].view(len(a), len(b)))


def reaching(
    products: torch.Tensor, rows: NDArray[np.float32] | None, columns: NDArray[np.float32] | None
) -> tuple[Places, Places]:
    """(row, column) of the products [m, n] that reach their row's limit or their column's; None: no limit
    that counts. In row order."""
    if products.device.type == "cpu" and not (
        products.dtype == torch.bfloat16 and _any_negative(rows, columns)
    ):
        flat = np.flatnonzero(_mask(products, rows, columns))
        # Not divmod, which is the slower by far.
        found = flat // products.shape[1]
        return found, flat - found * products.shape[1]
    mask = torch.zeros(products.shape, dtype=torch.bool, device=products.device)
    for limits, shape in ((rows, (-1, 1)), (columns, (1, -1))):
        if limits is not None:
            wanted = torch.from_numpy(limits).to(products.device).view(shape)
            mask |= products >= wanted
    row, column = (one.cpu().numpy() for one in mask.nonzero(as_tuple=True))
    return row, column


def _any_negative(*limits: NDArray[np.float32] | None) -> bool:
    return any(one is not None and len(one) and float(one.min()) <= 0 for one in limits)


def _mask(
    products: torch.Tensor, rows: NDArray[np.float32] | None, columns: NDArray[np.float32] | None
) -> NDArray[np.bool_]:
    """By numpy, whose comparisons are several times as fast as torch's. bfloat16 is the upper half of a
    float32; above zero its bits are in the order of the numbers, so that they are compared as integers."""
    is_half = products.dtype == torch.bfloat16
    values = (products.view(torch.int16) if is_half else products).numpy()
    held: list[NDArray[np.bool_]] | None = getattr(_scratch, "masks", None)
    if held is None or held[0].size < values.size:
        size = max(values.size, TILE_ROWS**2)
        held = _scratch.masks = [np.empty(size, dtype=np.bool_) for _ in range(2)]
    masks = [one[: values.size].reshape(values.shape) for one in held]
    done = 0
    for limits, shape in ((rows, (-1, 1)), (columns, (1, -1))):
        if limits is not None:
            # Cut off, not rounded: a limit may only become lower.
            wanted = (limits.view(np.int32) >> 16).astype(np.int16) if is_half else limits
            np.greater_equal(values, wanted.reshape(shape), out=masks[done])
            done += 1
    if done == 2:
        np.logical_or(masks[0], masks[1], out=masks[0])
    if not done:
        masks[0][:] = False
    return masks[0]


def kth_best(products: torch.Tensor, k: int, *, of_rows: bool) -> NDArray[np.float32] | None:
    """The k-th highest product of each row (or column), float32; None where there are fewer than k."""
    values = products if of_rows else products.T
    if values.shape[1] < k:
        return None
    if products.device.type == "cpu":
        numbers = np.ascontiguousarray(values.float().numpy())
        return -np.partition(-numbers, k - 1, axis=1)[:, k - 1]
    return values.topk(k, dim=1).values[:, -1].float().cpu().numpy()


def scores(
    a: NDArray[np.float32], i: Places, b: NDArray[np.float32], j: Places
) -> NDArray[np.float32]:
    """The score of rows ``a[i]`` with rows ``b[j]``, float32 [h]: their product, summed in an order that
    depends on the dimension alone. So a pair has the same score wherever and whenever it is met."""
    out = np.empty(len(i), dtype=np.float32)
    step = max(1, _SCORED // (a.shape[1] * 8))
    for start in range(0, len(i), step):
        part = slice(start, start + step)
        left = np.take(a, i[part], axis=0)
        np.einsum("hd,hd->h", left, np.take(b, j[part], axis=0), out=out[part])
    return out


def sampled(a: torch.Tensor, i: Places, b: torch.Tensor, j: Places) -> NDArray[np.float32]:
    """Products of rows ``a[i]`` with rows ``b[j]``, float32 [h], for ascending ``i``: several times as fast as
    ``scores`` and as good as ``product`` in fp32, in no order of summing that one could rely on."""
    starts = np.zeros(len(a) + 1, dtype=np.int64)
    np.cumsum(np.bincount(i, minlength=len(a)), out=starts[1:])
    wanted = torch.sparse_csr_tensor(
        torch.from_numpy(starts),
        torch.from_numpy(j),
        torch.zeros(len(j)),
        size=(len(a), len(b)),
        check_invariants=False,
    )
    found: NDArray[np.float32] = torch.sparse.sampled_addmm(wanted, a, b.T, beta=0).values().numpy()
    return found
