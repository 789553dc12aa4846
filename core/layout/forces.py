"""One epoch of the neighbour embedding: all links pull, a few drawn points push, all points move at once."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.layout.curve import NEGATIVES, power
from core.layout.spans import Order, Slab, Span
from core.parallel import map_in_streams, single_threaded

_LONGEST = 4.0  # of a push, and of a move, along each axis: as in the paper's implementation
# Added to the squared length of what pushes, as in the paper's implementation, and of a link.
_NEAR, _ZERO = 1e-3, 1e-6
_SMALLEST = 1e-12
_PUSH_PAIRS = 1 << 18
_GPU_PUSH_PAIRS = 1 << 22


@dataclass(frozen=True, slots=True)
class Curve:
    """UMAP's 1 / (1 + a d^(2b))."""

    a: float
    b: float


class Points:
    """Where all points are, in the order of ``order``, and how they move.

    ``at`` float32 [n, 2] by point; ``degrees`` float32 [n] the sum of the weights of each one's links. The same
    for the same seed, whatever the number of threads; on a GPU nearly so.
    """

    def __init__(
        self,
        order: Order,
        at: NDArray[np.float32],
        degrees: NDArray[np.float32],
        curve: Curve,
        device: str,
        random: np.random.Generator,
    ) -> None:
        self._order, self._curve, self._device, self._random = order, curve, device, random
        self.count = len(at)
        self.moving = order.spans[-1].stop if order.spans else 0
        chosen = np.ascontiguousarray(at[order.points].T)
        self._at = [torch.from_numpy(chosen).to(device), torch.from_numpy(chosen.copy()).to(device)]
        self._degrees = torch.from_numpy(degrees[order.points]).to(device)
        self._now = 0
        self._zero, self._near = (torch.tensor(one, device=device) for one in (_ZERO, _NEAR))
        # The same points in another order, drawn once: whom a piece of it pushes is as good as drawn anew. Twice
        # over, so that a piece may begin anywhere.
        slots = random.permutation(self.count)
        self._slots = torch.from_numpy(slots).to(device)
        self._drawn = [torch.empty((2, self.count + self.moving), device=device) for _ in range(2)]
        for one in self._drawn:
            one[:, self._slots] = self._at[0]
            one[:, self.count :] = one[:, : self.moving]
        pairs = _PUSH_PAIRS if device == "cpu" else _GPU_PUSH_PAIRS
        self._work = [_Work(span, pairs, device) for span in order.spans]

    def positions(self) -> NDArray[np.float32]:
        """Where the points are, by point, float32 [n, 2]."""
        found = np.empty((self.count, 2), dtype=np.float32)
        found[self._order.points] = self._at[self._now].cpu().numpy().T
        return found

    def epoch(self, rate: float, pushes: int) -> None:
        """Move every point once by ``rate`` (1 at most, falling), with ``pushes`` others drawn for each."""
        begins = self._random.integers(0, self.count, len(self._work)).tolist()
        items = list(zip(self._work, begins, strict=True))
        self._each(lambda one: self._moved(one[0], one[1], rate, pushes), items)
        drawn = self._drawn[1 - self._now]
        drawn[:, self.count :] = drawn[:, : self.moving]
        self._now = 1 - self._now

    def smooth(self, times: int) -> None:
        """Move every point half way to the weighted mean of those it is linked to, so many times."""
        for _ in range(times):
            self._each(self._smoothed, self._work)
            self._now = 1 - self._now

    def _each(self, function: Callable[[Any], None], items: list[Any]) -> None:
        if self._device != "cpu":
            for one in items:
                function(one)
        elif len(items) < 2:
            # Threads that share so small an operation mostly wait, and beside busy processes for long.
            with single_threaded():
                for one in items:
                    function(one)
        else:
            deque(map_in_streams(function, items, ahead=len(items)), maxlen=0)

    def _smoothed(self, work: "_Work") -> None:
        here, out = self._at[self._now], self._at[1 - self._now]
        span = work.span
        force, sums = work.force.zero_(), self._degrees[span.first : span.stop]
        for slab, views in zip(span.slabs, work.views, strict=True):
            for axis in range(2):
                torch.index_select(here[axis], 0, slab.tails, out=views.flat[axis])
                views.wide[axis].mul_(slab.weights)
                force[axis, : slab.rows].add_(views.wide[axis].sum(0))
        rest = span.rest
        for axis in range(2):
            force[axis].index_add_(0, rest.heads, here[axis][rest.tails] * rest.weights)
            mine = here[axis, span.first : span.stop]
            mean = torch.where(sums > 0, force[axis] / sums.clamp_min(_SMALLEST), mine)
            torch.lerp(mine, mean, 0.5, out=out[axis, span.first : span.stop])

    def _moved(self, work: "_Work", begin: int, rate: float, pushes: int) -> None:
        here, out = self._at[self._now], self._at[1 - self._now]
        span = work.span
        mine = here[:, span.first : span.stop]
        work.force.zero_()
        work.stiffness.zero_()
        self._pull(work, here, mine)
        # Both ends of a link move, once for each of its two directions.
        scale = 4 * self._curve.b
        work.force.mul_(scale)
        work.stiffness.mul_(scale * rate).add_(1)
        self._push(work, mine, begin, pushes)
        # Implicit in the pulls of its own links: no rate makes a point overshoot the mean of its neighbours.
        move = work.force.mul_(rate).div_(work.stiffness).clamp_(-_LONGEST, _LONGEST)
        torch.add(mine, move, out=out[:, span.first : span.stop])
        drawn = self._drawn[1 - self._now]
        slots = self._slots[span.first : span.stop]
        drawn[0, slots] = out[0, span.first : span.stop]
        drawn[1, slots] = out[1, span.first : span.stop]

    def _pull(self, work: "_Work", here: torch.Tensor, mine: torch.Tensor) -> None:
        force, stiffness = work.force, work.stiffness
        for slab, views in zip(work.span.slabs, work.views, strict=True):
            rows = slab.rows
            for axis in range(2):
                torch.index_select(here[axis], 0, slab.tails, out=views.flat[axis])
                views.wide[axis].sub_(mine[axis, :rows])
            x, y, square, strength = views.wide
            self._strength(x, y, square, strength).mul_(slab.weights)
            if len(strength) == 1:
                stiffness[:rows].add_(strength[0])
                force[0, :rows].addcmul_(x[0], strength[0])
                force[1, :rows].addcmul_(y[0], strength[0])
            else:
                stiffness[:rows].add_(strength.sum(0))
                force[0, :rows].add_(x.mul_(strength).sum(0))
                force[1, :rows].add_(y.mul_(strength).sum(0))
        rest = work.span.rest
        if len(rest.heads):
            x, y = (here[axis][rest.tails] - mine[axis][rest.heads] for axis in range(2))
            strength = self._strength(x, y, torch.empty_like(x), torch.empty_like(x))
            strength.mul_(rest.weights)
            stiffness.index_add_(0, rest.heads, strength)
            force[0].index_add_(0, rest.heads, x.mul_(strength))
            force[1].index_add_(0, rest.heads, y.mul_(strength))

    def _strength(
        self, x: torch.Tensor, y: torch.Tensor, square: torch.Tensor, out: torch.Tensor
    ) -> torch.Tensor:
        """a d^(2b - 2) / (1 + a d^(2b)): 1 / 2b of the pull of links (x, y) long."""
        torch.addcmul(self._zero, x, x, out=square).addcmul_(y, y)
        power(square, self._curve.a, self._curve.b, out)
        return out.div_(square.addcmul_(square, out))

    def _push(self, work: "_Work", mine: torch.Tensor, begin: int, pushes: int) -> None:
        """Away from ``pushes`` points each, at equal distances in the drawn order from ``begin`` on."""
        drawn, span = self._drawn[self._now], work.span
        size = span.stop - span.first
        step = max(1, self.count // pushes)
        longest = _LONGEST / (2 * self._curve.b)
        pushed = work.pushed.zero_()
        done = 0
        while done < pushes:
            # As many at a time as lie in one piece.
            at = (begin + span.first + done * step) % self.count
            many = min(work.batch, pushes - done, 1 + (self.count - 1 - at) // step)
            done += many
            x, y, square, strength = (one[:many] for one in work.batches)
            torch.sub(mine[0], _pieces(drawn[0], at, many, size, step), out=x)
            torch.sub(mine[1], _pieces(drawn[1], at, many, size, step), out=y)
            torch.addcmul(self._near, x, x, out=square).addcmul_(y, y)
            power(square, self._curve.a, self._curve.b, strength)
            square.addcmul_(square, strength).reciprocal_()
            pushed[0].add_(x.mul_(square).clamp_(-longest, longest).sum(0))
            pushed[1].add_(y.mul_(square).clamp_(-longest, longest).sum(0))
        weight = self._degrees[span.first : span.stop]
        work.force.addcmul_(pushed, weight, value=2 * self._curve.b * NEGATIVES / pushes)


def _pieces(numbers: torch.Tensor, first: int, many: int, size: int, step: int) -> torch.Tensor:
    """[many, size]: pieces of ``numbers``, each ``step`` after the one before."""
    return numbers.as_strided((many, size), (step, 1), numbers.storage_offset() + first)


@dataclass(frozen=True, slots=True)
class _Views:
    """Scratch memory in the shape of a slab."""

    flat: tuple[torch.Tensor, ...]
    wide: tuple[torch.Tensor, ...]


class _Work:
    """A span's scratch memory."""

    def __init__(self, span: Span, pairs: int, device: str) -> None:
        self.span = span
        size = span.stop - span.first
        self.batch = max(1, pairs // size)
        widest = max([one.weights.numel() for one in span.slabs], default=0)
        held = torch.empty((4, max(widest, self.batch * size)), device=device)
        self.batches = tuple(held[:, : self.batch * size].view(4, self.batch, size))
        self.views = [_views(held, one) for one in span.slabs]
        self.force = torch.zeros((2, size), device=device)
        self.pushed = torch.zeros((2, size), device=device)
        self.stiffness = torch.zeros(size, device=device)


def _views(held: torch.Tensor, slab: Slab) -> _Views:
    flat = tuple(one[: slab.weights.numel()] for one in held)
    return _Views(flat, tuple(one.view(slab.weights.shape) for one in flat))
