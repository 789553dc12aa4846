"""The encoder that is always there: shape and colour statistics, no trained weights and no network.

Shape is a pyramid of oriented gradients, colour a histogram of opponent values. Each becomes the
explicit features of an exponential kernel, since only near neighbours should speak, and the two are
weighed for each image by its own chroma: a grey picture is compared by shape alone.

Nothing depends on the catalogue, or the key would change with each import. The frequencies of the
kernels are not shipped but computed, the same on every machine (see ``random_frequencies``). The one
thing shipped is ``resources/builtin/shape.npz``: mean and mild whitening of gradient pyramids,
fitted by ``packaging/fit_builtin.py`` on images that it draws itself.
"""

import io
import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from core.encoders.base import no_patches, no_words
from core.encoders.builtin_constants import (
    CELL_PX,
    CHROMA_SCALE,
    COLOUR_BINS,
    COLOUR_FREQUENCIES,
    COLOUR_GAMMA,
    COLOUR_WEIGHT,
    DIM,
    FLAT,
    GRIDS,
    LINEAR_SHARE,
    NAME,
    OPPONENT_STRETCH,
    ORIENTATIONS,
    PREPROCESSING,
    SHAPE_DIM,
    SHAPE_FREQUENCIES,
    SHAPE_GAMMA,
    SIGNED_WEIGHT,
    SIZE_PX,
    key,
    shipped,
)

_BATCH = 64  # keeps the intermediate arrays in tens of megabytes


class ShapeColour(nn.Module):
    """Squares of RGB bytes to unit vectors of shape and colour."""

    shape_mean: Tensor
    shape_whitening: Tensor
    shape_frequencies: Tensor
    colour_frequencies: Tensor

    def __init__(self, mean: NDArray[np.float32], whitening: NDArray[np.float32]) -> None:
        """``mean`` [d] and ``whitening`` [d, SHAPE_DIM] of ``GradientPyramid``'s vectors."""
        super().__init__()
        shape = random_frequencies(SHAPE_DIM, SHAPE_FREQUENCIES, SHAPE_GAMMA, seed=1)
        bins = math.prod(COLOUR_BINS)
        colour = random_frequencies(bins, COLOUR_FREQUENCIES, COLOUR_GAMMA, seed=2)
        self.pyramid = GradientPyramid()
        self.register_buffer("shape_mean", torch.from_numpy(mean))
        self.register_buffer("shape_whitening", torch.from_numpy(whitening))
        self.register_buffer("shape_frequencies", torch.from_numpy(shape))
        self.register_buffer("colour_frequencies", torch.from_numpy(colour))

    def forward(self, pixels: Tensor) -> Tensor:
        """uint8 [n, SIZE_PX, SIZE_PX, 3] to float32 [n, DIM], unit rows."""
        # Planes of one colour each: everything below runs along rows.
        rgb = pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)
        return self.of_planes(rgb.div_(255.0))

    def of_planes(self, rgb: Tensor) -> Tensor:
        """float32 [n, 3, SIZE_PX, SIZE_PX] in 0 to 1 to float32 [n, DIM], unit rows. It can be traced."""
        shape = (self.pyramid(rgb) - self.shape_mean) @ self.shape_whitening
        shape = functional.normalize(shape, dim=1)
        half = _halved(rgb)
        colour = _kernel_features(_colour_histogram(half), self.colour_frequencies)
        chroma = (half.amax(1) - half.amin(1)).mean((1, 2))
        ratio = (chroma / CHROMA_SCALE).square()
        weight = (COLOUR_WEIGHT * ratio / (1 + ratio))[:, None]
        shape_scale = (1 / (1 + weight)).sqrt()
        parts = (
            shape * (shape_scale * math.sqrt(LINEAR_SHARE)),
            _kernel_features(shape, self.shape_frequencies)
            * (shape_scale * math.sqrt(1 - LINEAR_SHARE)),
            colour * (weight / (1 + weight)).sqrt(),
        )
        return functional.normalize(torch.cat(parts, 1), dim=1)


class GradientPyramid(nn.Module):
    """Square roots of gradient energy in soft cells of several grids, with and without sign."""

    def __init__(self) -> None:
        super().__init__()
        for grid in GRIDS:
            # Pools along both sides, so that sums over the cells' pixels become means.
            pool = _triangular_pooling(SIZE_PX // CELL_PX, grid) / CELL_PX
            self.register_buffer(f"pool_{grid}", pool)

    def forward(self, rgb: Tensor) -> Tensor:
        """[n, 3, SIZE_PX, SIZE_PX] in 0 to 1 to [n, d]; rows of length 1, near 0 for flat pictures."""
        red, green, blue = rgb.unbind(1)
        signed = _oriented_energy((red * 0.299).add_(green, alpha=0.587).add_(blue, alpha=0.114))
        half = ORIENTATIONS // 2
        unsigned = signed[..., :half] + signed[..., half:]
        blocks = []
        for energy, weight in ((unsigned, 1.0), (signed, SIGNED_WEIGHT)):
            for grid in GRIDS:
                pool = self.get_buffer(f"pool_{grid}")
                cells = torch.einsum("ai,nijk,bj->nabk", pool, energy, pool)
                block = cells.clamp_min(0).sqrt().flatten(1)
                # Without its mean, what all pictures share: else every cosine is high.
                block = block - block.mean(1, keepdim=True)
                blocks.append(block * (weight / (block.norm(dim=1, keepdim=True) + FLAT)))
        scale = math.sqrt(len(GRIDS) * (1 + SIGNED_WEIGHT**2))
        return torch.cat(blocks, 1) / scale


def _oriented_energy(grey: Tensor) -> Tensor:
    """Gradient magnitude, summed by fine cell and signed orientation, [n, cells, cells, ORIENTATIONS],
    of [n, SIZE_PX, SIZE_PX]. Steps are in place where they can be: fresh memory costs more than sums.
    """
    n, fine = grey.shape[0], SIZE_PX // CELL_PX
    padded = functional.pad(grey[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    dx = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    dy = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    position = torch.atan2(dy, dx).mul_(ORIENTATIONS / (2 * math.pi))
    magnitude = dx.square_().add_(dy.square_()).sqrt_()
    lower = position.floor()
    to_upper = position.sub_(lower).mul_(magnitude)
    lower.add_((lower < 0).float(), alpha=ORIENTATIONS)  # -8 to 8 becomes 0 to 15
    # One bin more than there are, so that the upper neighbour is always the next; it is folded back.
    bins = ORIENTATIONS + 1
    # While it is traced the number of pictures is no number yet, and nothing that can be kept.
    is_traced = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    first_bins = _first_bins.__wrapped__ if is_traced else _first_bins
    index = lower.long().add_(first_bins(n, bins, str(grey.device))).view(-1)
    energy = grey.new_zeros(n * fine * fine * bins)
    energy.scatter_add_(0, index, magnitude.sub_(to_upper).view(-1))
    energy.scatter_add_(0, index.add_(1), to_upper.view(-1))
    energy = energy.view(n, fine, fine, bins)
    energy[..., 0] += energy[..., -1]
    return energy[..., :-1]


@lru_cache(maxsize=8)
def _first_bins(n: int, bins: int, device: str) -> Tensor:
    """Where the bins of each pixel's cell begin, int64 [n, SIZE_PX, SIZE_PX]."""
    fine = SIZE_PX // CELL_PX
    row = torch.arange(SIZE_PX, device=device) // CELL_PX
    images = torch.arange(n, device=device)[:, None, None] * fine**2
    return (row[:, None] * fine + row + images) * bins


def _halved(planes: Tensor) -> Tensor:
    """Means of 2 x 2 pixels: SIZE_PX to COLOUR_SIZE_PX, several times faster than a general pooling."""
    upper = planes[..., ::2, ::2] + planes[..., ::2, 1::2]
    return upper.add_(planes[..., 1::2, ::2]).add_(planes[..., 1::2, 1::2]).div_(4)


def _colour_histogram(rgb: Tensor) -> Tensor:
    """Square roots of shares (Hellinger), unit rows, for [n, 3, h, w] in 0 to 1."""
    red, green, blue = rgb.unbind(1)
    axes = (
        (red + green + blue) / 3,
        ((red - green) * OPPONENT_STRETCH + 1) / 2,
        (((red + green) / 2 - blue) * OPPONENT_STRETCH + 1) / 2,
    )
    index = torch.zeros_like(red, dtype=torch.long)
    for values, bins in zip(axes, COLOUR_BINS, strict=True):
        index = index * bins + (values * bins).long().clamp(0, bins - 1)
    index = index.flatten(1)
    counts = rgb.new_zeros(rgb.shape[0], math.prod(COLOUR_BINS))
    counts.scatter_add_(1, index, torch.ones_like(index, dtype=rgb.dtype))
    return functional.normalize(counts.sqrt(), dim=1)


def _kernel_features(rows: Tensor, frequencies: Tensor) -> Tensor:
    """Unit rows whose products approximate exp(gamma * (cosine - 1)) (Rahimi and Recht 2007)."""
    phase = rows @ frequencies.T
    return torch.cat((phase.cos(), phase.sin()), 1) / math.sqrt(len(frequencies))


def _triangular_pooling(fine: int, grid: int) -> Tensor:
    """[grid, fine]: soft cells, each pixel shared by the nearest two centres; rows are averages."""
    centres = (torch.arange(grid) + 0.5) * fine / grid
    places = torch.arange(fine) + 0.5
    share = (1 - (places - centres[:, None]).abs() * grid / fine).clamp_min(0)
    return share / share.sum(0, keepdim=True) * grid / fine


@lru_cache(maxsize=2)  # what takes half a second; a window makes several encoders
def random_frequencies(dim: int, rows: int, gamma: float, seed: int) -> NDArray[np.float32]:
    """[rows, dim] structured orthogonal random frequencies (Yu et al. 2016): H D1 H D2 H D3, where H
    is a Hadamard matrix and D are random signs.

    Everything up to the last scaling is whole numbers, and the signs are raw bits of PCG64, a stream
    that numpy promises never to change: the same on every machine, with nothing to ship.
    """
    size = 1 << (dim - 1).bit_length()
    bits = np.random.PCG64(seed)
    blocks = []
    for _ in range(-(-rows // size)):
        block = np.eye(size)
        for _ in range(3):
            block = _hadamard_transform(block * _signs(bits, size)[:, None])
        blocks.append(block.T)
    scale = math.sqrt(gamma) / size
    return (np.concatenate(blocks)[:rows, :dim] * scale).astype(np.float32)


def _signs(bits: np.random.PCG64, size: int) -> NDArray[np.float64]:
    words = np.asarray(bits.random_raw(-(-size // 64)), dtype=np.uint64)
    each = (words[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    return 1.0 - 2.0 * each.reshape(-1)[:size].astype(np.float64)


def _hadamard_transform(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Walsh-Hadamard transform (not scaled) of each column; the row count is a power of two."""
    size = len(columns)
    half = 1
    while half < size:
        pairs = columns.reshape(size // (2 * half), 2, half, -1)
        columns = np.stack((pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]), 1)
        columns = columns.reshape(size, -1)
        half *= 2
    return columns


class Builtin:
    """The embedded default encoder, as ``core.encoders.base.Encoder`` asks."""

    name = NAME
    dim = DIM
    has_words = False
    has_patches = False
    is_light = True
    preprocessing = PREPROCESSING
    device = "cpu"
    precision = "fp32"

    def __init__(self) -> None:
        with np.load(io.BytesIO(shipped())) as arrays:
            mean, whitening = (arrays[name].astype(np.float32) for name in ("mean", "whitening"))
        self.key = key()
        self.module = ShapeColour(mean, whitening).eval()

    def encode_images(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors [n, DIM] for RGB squares [n, SIZE_PX, SIZE_PX, 3]."""
        rows = np.empty((len(pixels), DIM), np.float32)
        with torch.inference_mode():
            for start in range(0, len(pixels), _BATCH):
                # A copy, since torch warns about arrays that it may not write to.
                batch = torch.from_numpy(np.array(pixels[start : start + _BATCH]))
                rows[start : start + _BATCH] = self.module(batch).numpy()
        return rows

    def encode_words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """It knows no words: raises EncoderError."""
        raise no_words(NAME)

    def encode_patches(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """It sees whole pictures only: raises EncoderError."""
        raise no_patches(NAME)
