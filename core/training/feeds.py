"""What a training sees: stored vectors and those of varied copies, or the pictures themselves."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.training.augmentation import augment
from core.training.examples import Ints

_PLAIN_ROWS = 2048
_PLAIN_PICTURES = 64


class Feed(Protocol):
    """Inputs of a model by row number. The same ``draw`` gives the same variations."""

    def varied(self, rows: Ints, draw: int) -> Tensor:
        """Inputs to learn from, on the model's device."""
        ...

    def plain(self, rows: Ints) -> Iterator[Tensor]:
        """Inputs as they are, batch by batch, on the model's device."""
        ...


class VectorFeed:
    """Vectors of the base encoder: of each image as it is, and of some varied copies of it."""

    def __init__(
        self,
        vectors: NDArray[np.float16],
        copies: NDArray[np.float16],
        copied: Ints,
        device: str = "cpu",
    ) -> None:
        """``vectors`` [n, d]; ``copies`` [m, c, d] of the rows ``copied`` int64 [m]."""
        self._vectors, self._copies, self._device = vectors, copies, device
        self._place = np.full(len(vectors), -1, dtype=np.int64)
        self._place[copied] = np.arange(len(copied))

    def varied(self, rows: Ints, draw: int) -> Tensor:
        chosen = self._vectors[rows]
        count = self._copies.shape[1]
        if count:
            random = np.random.default_rng([5, draw])
            which = random.integers(0, count + 1, len(rows)) - 1  # -1: as it is
            which[self._place[rows] < 0] = -1
            taken = which >= 0
            chosen[taken] = self._copies[self._place[rows[taken]], which[taken]]
        return self._ready(chosen)

    def plain(self, rows: Ints) -> Iterator[Tensor]:
        for start in range(0, len(rows), _PLAIN_ROWS):
            yield self._ready(self._vectors[rows[start : start + _PLAIN_ROWS]])

    def _ready(self, chosen: NDArray[np.float16]) -> Tensor:
        return torch.from_numpy(chosen).to(self._device).float()


class PictureFeed:
    """Squares of bytes [n, side, side, 3], varied by a preset of ``core.training.augmentation``."""

    def __init__(
        self,
        squares: NDArray[np.uint8],
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
        preset: str,
        device: str = "cpu",
        *,
        is_channels_last: bool = False,
        input_px: tuple[int, int] | None = None,
    ) -> None:
        """``input_px`` (height, width) is what the network takes, where that is no square."""
        self._input_px = input_px
        self._squares, self._preset, self._device = squares, preset, device
        self._mean = torch.tensor(mean, device=device).view(3, 1, 1)
        self._std = torch.tensor(std, device=device).view(3, 1, 1)
        self._format = torch.channels_last if is_channels_last else torch.contiguous_format

    def varied(self, rows: Ints, draw: int) -> Tensor:
        generator = torch.Generator().manual_seed(draw)
        return self._ready(augment(self._planes(rows), self._preset, generator))

    def plain(self, rows: Ints) -> Iterator[Tensor]:
        for start in range(0, len(rows), _PLAIN_PICTURES):
            yield self._ready(self._planes(rows[start : start + _PLAIN_PICTURES]))

    def _planes(self, rows: Ints) -> Tensor:
        """[n, 3, side, side] in 0 to 1."""
        bytes_ = torch.from_numpy(np.ascontiguousarray(self._squares[rows])).to(self._device)
        return bytes_.permute(0, 3, 1, 2).float().div_(255)

    def _ready(self, planes: Tensor) -> Tensor:
        if self._input_px is not None and planes.shape[-2:] != self._input_px:
            planes = functional.interpolate(planes, self._input_px, mode="bilinear", antialias=True)
        return ((planes - self._mean) / self._std).contiguous(memory_format=self._format)
