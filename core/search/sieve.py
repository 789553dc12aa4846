"""Which pairs of a tile are worth their whole product: those that their leading numbers do not rule out."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.search import products
from core.search.leading import Axes, Floats
from core.search.products import Places, Way

Limits = tuple[Floats | None, Floats | None]

_SELF = -3.0  # a row's product with itself: no candidate
# Of a tile's pairs: with more left, more numbers are asked at once.
_AGAIN = 0.08
# With more or fewer left, the next tile begins with more or fewer numbers.
_MANY, _FEW = 0.03, 0.01
# With more than this left by all the leading numbers, the tile is multiplied in whole.
_DENSE = 0.2


@dataclass(frozen=True, slots=True)
class Leading:
    """``turned`` float32 [n, m]: leading numbers of n rows; ``rests`` [levels, n]: lengths of what is left out."""

    turned: torch.Tensor
    rests: torch.Tensor

    def bounding(self, level: int, count: int, part: slice) -> torch.Tensor:
        """The first ``count`` numbers of a part of the rows and the length of the rest: [s, count + 1]."""
        return torch.cat([self.turned[part, :count], self.rests[level, part, None]], dim=1)


# Whole rows in fp32, their leading numbers, and the part of them that is met.
Side = tuple[torch.Tensor, Leading, slice]


class Sieve:
    """Sifts tiles by the products of leading numbers, of so many as ``counts`` says, ascending.

    How many come first follows what the tiles before left, since like rows need more of them. ``cells`` float32
    [c, m] are directions of the leading numbers, like ones next to each other: rows of one are put together.
    """

    def __init__(
        self, axes: Axes, counts: tuple[int, ...], cells: torch.Tensor, way: Way, level: int = 0
    ) -> None:
        plain = Way()
        self.axes, self.counts, self.level = axes, counts, level
        self._cells, self._way = cells, way
        self._errors = [axes.error(count, way) for count in counts]
        self._finest_error = axes.error(counts[-1], plain)
        self._whole_error = plain.error(axes.dim)

    def order(self, rows: Floats) -> Places:
        """Places of rows [n, dim] with like ones together, int64 [n]."""
        leading = torch.mm(torch.from_numpy(rows), self.axes.axes[:, : self._cells.shape[1]])
        near = torch.mm(leading, self._cells.T).argmax(dim=1)
        order: Places = torch.sort(near, stable=True)[1].numpy()
        return order

    def leading(self, rows: Floats) -> Leading:
        """What is sifted of rows [n, dim]."""
        turned = self.axes.turn(rows)
        return Leading(turned, self.axes.rests(rows, turned, self.counts))

    def kept(
        self, left: Side, right: Side, limits: Limits, *, is_self: bool
    ) -> tuple[Places, Places] | None:
        """(row, column) of a tile's pairs whose ``products.scores`` may reach their row's limit or their column's
        (None: no limit that counts), in row order. None where they are too many to be looked at one by one."""
        (rows_a, leading_a, i), (rows_b, leading_b, j) = left, right
        last = len(self.counts) - 1
        first = level = self.level
        while True:
            a, b = (
                one.bounding(level, self.counts[level], part).to(self._way.dtype)
                for one, part in ((leading_a, i), (leading_b, j))
            )
            values = products.product(a, b)
            if is_self:
                values.fill_diagonal_(_SELF)
            pairs = products.reaching(values, *lowered(limits, self._errors[level]))
            share = len(pairs[0]) / values.numel()
            if share <= _AGAIN or level == last:
                break
            level += 1
        step = int(share > _MANY) - int(share < _FEW) if level == first else 0
        self.level = min(last, max(0, level + step))
        if share > _DENSE:
            return None
        if level < last or self._way.precision != "fp32":
            a, b = (
                one.bounding(last, self.counts[last], part)
                for one, part in ((leading_a, i), (leading_b, j))
            )
            pairs = _reaching(a, b, pairs, lowered(limits, self._finest_error))
        return _reaching(rows_a[i], rows_b[j], pairs, lowered(limits, self._whole_error))


def lowered(limits: Limits, error: float) -> Limits:
    """Limits for products that may be too low by ``error``."""
    rows, columns = (
        None if one is None else np.maximum(one - np.float32(error), np.float32(-2.0))
        for one in limits
    )
    return rows, columns


def _reaching(
    a: torch.Tensor, b: torch.Tensor, pairs: tuple[Places, Places], limits: Limits
) -> tuple[Places, Places]:
    """Those of the pairs whose product reaches a limit."""
    if not len(pairs[0]):
        return pairs
    found = products.sampled(a, pairs[0], b, pairs[1])
    is_kept: NDArray[np.bool_] = np.zeros(len(found), dtype=np.bool_)
    for wanted, places in zip(limits, pairs, strict=True):
        if wanted is not None:
            is_kept |= found >= wanted[places]
    return pairs[0][is_kept], pairs[1][is_kept]
