"""The encoder that is always there: shape and colour statistics, no weights and no network."""

import hashlib
import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.encoders.base import Preprocessing

VERSION = 1
SIZE_PX = 96
DIM = 2048

# Shape: oriented gradients (Dalal and Triggs 2005) in a pyramid of grids (Bosch et al. 2007).
ORIENTATIONS = 16  # over 360 degrees
CELL_PX = 4  # the finest cells; every grid is pooled from these
GRIDS = (8, 6, 4)
SHAPE_FREQUENCIES = 576
SHAPE_GAMMA = 3.0

# Colour: a histogram over intensity, red-green and yellow-blue.
COLOUR_BINS = (8, 16, 16)
COLOUR_SIZE_PX = 48
COLOUR_FREQUENCIES = DIM // 2 - SHAPE_FREQUENCIES
COLOUR_GAMMA = 3.5
OPPONENT_STRETCH = 2.0  # most pixels lie near grey: finer bins there, clipped ends

# How much colour counts in an image of chroma u: weight (u/u0)^2 / (1 + (u/u0)^2), against 1 for shape.
COLOUR_WEIGHT = 0.7
CHROMA_SCALE = 0.2

_EPSILON = 1e-6


class ShapeColour(nn.Module):
    """Squares of RGB bytes to unit vectors; see ``Builtin`` for what they mean."""

    def __init__(self) -> None:
        super().__init__()
        fine = SIZE_PX // CELL_PX
        for grid in GRIDS:
            self.register_buffer(f"pool_{grid}", _triangular_pooling(fine, grid))
        shape_dim = sum(grid * grid for grid in GRIDS) * (ORIENTATIONS // 2)
        self.shape_frequencies: Tensor
        self.register_buffer(
            "shape_frequencies",
            torch.from_numpy(random_frequencies(shape_dim, SHAPE_FREQUENCIES, SHAPE_GAMMA, 1)),
        )
        self.colour_frequencies: Tensor
        self.register_buffer(
            "colour_frequencies",
            torch.from_numpy(
                random_frequencies(math.prod(COLOUR_BINS), COLOUR_FREQUENCIES, COLOUR_GAMMA, 2)
            ),
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """uint8 [n, SIZE_PX, SIZE_PX, 3] to float32 [n, DIM], unit rows."""
        rgb = pixels.float() / 255.0
        shape = _kernel_features(self.shape(rgb), self.shape_frequencies)
        half = F.avg_pool2d(rgb.permute(0, 3, 1, 2), SIZE_PX // COLOUR_SIZE_PX)
        colour = _kernel_features(_colour_histogram(half), self.colour_frequencies)
        chroma = (half.amax(1) - half.amin(1)).mean((1, 2))
        ratio = (chroma / CHROMA_SCALE).square()
        weight = (COLOUR_WEIGHT * ratio / (1 + ratio))[:, None]
        shape = shape * (1 / (1 + weight)).sqrt()
        colour = colour * (weight / (1 + weight)).sqrt()
        return F.normalize(torch.cat((shape, colour), 1), dim=1)

    def shape(self, rgb: Tensor) -> Tensor:
        """Unit rows: the pyramid of gradient histograms, each grid less its own mean."""
        energy = _oriented_energy(rgb)
        unsigned = energy[..., : ORIENTATIONS // 2] + energy[..., ORIENTATIONS // 2 :]
        blocks = []
        for grid in GRIDS:
            pool = self.get_buffer(f"pool_{grid}")
            cells = torch.einsum("ai,nijk,bj->nabk", pool, unsigned, pool)
            block = cells.clamp_min(0).sqrt().flatten(1)
            blocks.append(F.normalize(block - block.mean(1, keepdim=True), dim=1, eps=_EPSILON))
        return F.normalize(torch.cat(blocks, 1), dim=1, eps=_EPSILON)


def _oriented_energy(rgb: Tensor) -> Tensor:
    """Gradient magnitude per fine cell and signed orientation, [n, cells, cells, ORIENTATIONS]."""
    n, fine = rgb.shape[0], SIZE_PX // CELL_PX
    grey = rgb @ rgb.new_tensor((0.299, 0.587, 0.114))
    padded = F.pad(grey[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    dx = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    dy = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    magnitude = (dx * dx + dy * dy).sqrt()
    position = torch.atan2(dy, dx) * (ORIENTATIONS / (2 * math.pi))
    lower = position.floor()
    to_upper = magnitude * (position - lower)
    low_bin = lower.long() % ORIENTATIONS
    row = torch.arange(SIZE_PX, device=rgb.device) // CELL_PX
    cell = row[:, None] * fine + row + torch.arange(n, device=rgb.device)[:, None, None] * fine**2
    energy = rgb.new_zeros(n * fine * fine * ORIENTATIONS)
    energy.scatter_add_(
        0, (cell * ORIENTATIONS + low_bin).flatten(), (magnitude - to_upper).flatten()
    )
    high_bin = (low_bin + 1) % ORIENTATIONS
    energy.scatter_add_(0, (cell * ORIENTATIONS + high_bin).flatten(), to_upper.flatten())
    return energy.view(n, fine, fine, ORIENTATIONS) / CELL_PX**2


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
    counts = rgb.new_zeros(len(rgb), math.prod(COLOUR_BINS))
    counts.scatter_add_(1, index, torch.ones_like(index, dtype=rgb.dtype))
    return F.normalize(counts.sqrt(), dim=1)


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

    name = "builtin"
    dim = DIM
    has_words = False
    preprocessing = Preprocessing(SIZE_PX, "squash")

    def __init__(self) -> None:
        self.key = _key()
        self.module = ShapeColour().eval()

    def encode_images(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors [n, DIM] for RGB squares [n, SIZE_PX, SIZE_PX, 3]."""
        with torch.inference_mode():
            rows: NDArray[np.float32] = self.module(torch.from_numpy(pixels)).numpy()
        return rows


def _key() -> str:
    constants = (
        VERSION, SIZE_PX, "squash", DIM, ORIENTATIONS, CELL_PX, GRIDS, SHAPE_FREQUENCIES, SHAPE_GAMMA,
        COLOUR_BINS, COLOUR_SIZE_PX, COLOUR_FREQUENCIES, COLOUR_GAMMA, OPPONENT_STRETCH, COLOUR_WEIGHT,
        CHROMA_SCALE,
    )  # fmt: skip
    return "builtin-" + hashlib.sha256(repr(constants).encode()).hexdigest()[:16]
