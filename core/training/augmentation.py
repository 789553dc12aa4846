"""Varied copies of pictures for training: each picture of a batch its own, the same for the same seed.

All random numbers are drawn on the CPU, a fixed count for each picture, so that a seed gives the same pictures on any
device. A batch is sampled once, by one affine map a picture; brightness, contrast and saturation are one more
affine map of its colours.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from core.errors import UsageError
from core.training import augmentation_text

# Luma of ITU-R BT.601, as everywhere in image files.
_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Ranges:
    """How far a preset goes. Where two numbers are given, lowest and highest; angles in degrees, shifts as
    a share of the side, probabilities as such.

    ``area`` is the share of the picture that is kept, ``aspect`` by how much the kept part may be wider than
    high or the reverse; ``brightness``, ``contrast`` and ``saturation`` are factors' distances from one.
    ``erased`` is the share of the picture that a patch covers.
    """

    area: tuple[float, float] = (1.0, 1.0)
    aspect: float = 1.0
    zoom: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    flip: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    grey: float = 0.0
    erase: float = 0.0
    erased: tuple[float, float] = (0.05, 0.25)

    @property
    def has_colour(self) -> bool:
        """Whether colours change."""
        return max(self.brightness, self.contrast, self.saturation, self.grey) > 0


PRESETS: dict[str, Ranges] = {
    "light": Ranges(zoom=(0.95, 1.08), shift=0.04, brightness=0.1),
    "photos": Ranges(
        area=(0.5, 1.0),
        aspect=4 / 3,
        rotation=5.0,
        flip=0.5,
        brightness=0.2,
        contrast=0.2,
        saturation=0.2,
    ),
    "drawings": Ranges(zoom=(0.85, 1.15), shift=0.08, rotation=15.0, shear=10.0),
    "strong": Ranges(
        area=(0.2, 1.0),
        aspect=4 / 3,
        rotation=5.0,
        flip=0.5,
        brightness=0.4,
        contrast=0.4,
        saturation=0.4,
        grey=0.2,
        erase=0.3,
    ),
}
about = augmentation_text.about


def augment(planes: Tensor, preset: str, generator: torch.Generator) -> Tensor:
    """Pictures varied: RGB [n, 3, h, w] in 0 to 1, on any device, to the same shape, range and device.

    ``generator`` is on the CPU. "none" gives ``planes`` itself and draws nothing. Raises UsageError for
    a preset that there is not, "auto" among them: it is resolved before.
    """
    if preset == "none":
        return planes
    if preset not in PRESETS:
        raise UsageError(
            f"There is no augmentation {preset!r}.", f"Use none, {', '.join(PRESETS)}."
        )
    ranges, count = PRESETS[preset], len(planes)
    drawn = _Drawn(torch.rand(count, _Drawn.COUNT, generator=generator, dtype=torch.float64))
    with torch.no_grad():
        maps = _places(ranges, drawn, planes.shape[-1] / planes.shape[-2])
        grid = _grid(maps.to(planes.device, planes.dtype), *planes.shape[-2:])
        # Beyond the edge its pixels go on: a black corner would tell how a picture was turned.
        varied = F.grid_sample(planes, grid, padding_mode="border", align_corners=False)
        if ranges.has_colour:
            varied = _coloured(varied, ranges, drawn)
        varied.clamp_(0.0, 1.0)
        return _patched(varied, ranges, drawn) if ranges.erase else varied


def augment_bytes(squares: NDArray[np.uint8], preset: str, draw: int) -> NDArray[np.uint8]:
    """As ``augment``, of bytes [n, h, w, 3]; ``draw`` begins the random numbers."""
    planes = torch.from_numpy(squares).permute(0, 3, 1, 2).float().div_(255)
    varied = augment(planes, preset, torch.Generator().manual_seed(draw))
    bytes_ = varied.mul(255).round_().to(torch.uint8).permute(0, 2, 3, 1)
    found: NDArray[np.uint8] = bytes_.contiguous().numpy()
    return found


class _Drawn:
    """The numbers of a batch, one column after another; which column means what never changes."""

    COUNT = 22

    def __init__(self, numbers: Tensor) -> None:
        self._numbers, self._next = numbers, 0

    def between(self, low: float, high: float) -> Tensor:
        """[n], even."""
        return low + (high - low) * self._column()

    def about_one(self, distance: float) -> Tensor:
        """[n] factors."""
        return self.between(1.0 - distance, 1.0 + distance)

    def factor(self, low: float, high: float) -> Tensor:
        """[n], half and double as likely as each other."""
        return self.between(math.log(low), math.log(high)).exp()

    def happens(self, share: float) -> Tensor:
        """[n] booleans."""
        return self._column() < share

    def _column(self) -> Tensor:
        self._next += 1
        return self._numbers[:, self._next - 1]


def _places(ranges: Ranges, drawn: _Drawn, aspect: float) -> Tensor:
    """[n, 2, 3]: from a place in the result to one in the picture, both from -1 to 1. ``aspect`` is the
    width of the picture over its height."""
    area, ratio = drawn.between(*ranges.area), drawn.factor(1 / ranges.aspect, ranges.aspect)
    # A part of that shape; one that would stick out is made narrower.
    part_x, part_y = (area * ratio).sqrt().clamp(max=1.0), (area / ratio).sqrt().clamp(max=1.0)
    zoom = drawn.factor(*ranges.zoom)
    turn = torch.deg2rad(drawn.between(-ranges.rotation, ranges.rotation))
    shear = torch.deg2rad(drawn.between(-ranges.shear, ranges.shear)).tan()
    across = drawn.between(-1.0, 1.0) * (1.0 - part_x) + 2 * drawn.between(-1, 1) * ranges.shift
    down = drawn.between(-1.0, 1.0) * (1.0 - part_y) + 2 * drawn.between(-1, 1) * ranges.shift
    mirror = torch.where(drawn.happens(ranges.flip), -1.0, 1.0)
    cos, sin = turn.cos() / zoom, turn.sin() / zoom
    # Rotation after shear, on pixels that are square.
    from_x = torch.stack([cos * part_x * mirror, (cos * shear - sin) * part_y / aspect, across], 1)
    from_y = torch.stack([sin * part_x * mirror * aspect, (sin * shear + cos) * part_y, down], 1)
    return torch.stack([from_x, from_y], dim=1)


def _grid(maps: Tensor, height: int, width: int) -> Tensor:
    """What ``affine_grid`` gives without aligned corners, [n, height, width, 2], by additions alone: its
    product of matrices of two rows took as long as the sampling itself."""
    across, down = (
        (torch.arange(count, device=maps.device, dtype=maps.dtype) * 2 + 1) / count - 1
        for count in (width, height)
    )
    grid = maps.new_empty(len(maps), height, width, 2)
    for axis in (0, 1):
        columns = maps[:, axis, 0, None] * across
        rows = maps[:, axis, 1, None] * down + maps[:, axis, 2, None]
        torch.add(columns[:, None, :], rows[:, :, None], out=grid[..., axis])
    return grid


def _coloured(planes: Tensor, ranges: Ranges, drawn: _Drawn) -> Tensor:
    """Brightness, contrast about the picture's own mean, saturation; in place. All three at once are
    a multiple of each colour, of its grey, and of the mean of those."""
    brightness, contrast = drawn.about_one(ranges.brightness), drawn.about_one(ranges.contrast)
    saturation = drawn.about_one(ranges.saturation) * ~drawn.happens(ranges.grey)
    red, green, blue = planes.unbind(dim=1)
    grey = red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]
    own, to_grey = brightness * contrast * saturation, brightness * contrast * (1 - saturation)
    own, to_grey, to_mean = (
        one.to(planes.device, planes.dtype).view(-1, 1, 1)
        for one in (own, to_grey, brightness * (1 - contrast))
    )
    added = grey.mean(dim=(1, 2), keepdim=True) * to_mean + grey.mul_(to_grey)
    return planes.mul_(own.unsqueeze(1)).add_(added.unsqueeze(1))


def _patched(planes: Tensor, ranges: Ranges, drawn: _Drawn) -> Tensor:
    """Some pictures with a rectangle of one colour (Zhong et al., "Random Erasing", 2017); in place."""
    happens = drawn.happens(ranges.erase)
    area, ratio = drawn.between(*ranges.erased), drawn.factor(0.5, 2.0)
    sides = ((area / ratio).sqrt(), (area * ratio).sqrt())
    colours = torch.stack([drawn.between(0.0, 1.0) for _ in range(3)], dim=1)
    spans = []
    for side, pixels in zip(sides, planes.shape[2:], strict=True):
        start = drawn.between(0.0, 1.0) * (1.0 - side)
        ends = torch.stack([start, start + side], dim=1) * pixels
        spans.append(ends.round().long().tolist())
    colours = colours.to(planes.device, planes.dtype)
    for at in happens.nonzero().flatten().tolist():
        (top, bottom), (left, right) = spans[0][at], spans[1][at]
        planes[at, :, top:bottom, left:right] = colours[at, :, None, None]
    return planes
