"""A 64-bit perceptual hash of a picture: near-duplicates differ in few bits."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

SIDE_PX = 32
KEPT = 8


@cache
def _cosines() -> NDArray[np.float32]:
    """The first KEPT rows of the orthonormal DCT-II matrix of size SIDE_PX."""
    frequency = np.arange(KEPT)[:, None]
    position = np.arange(SIDE_PX)[None, :]
    matrix = np.cos(np.pi * frequency * (2 * position + 1) / (2 * SIDE_PX)) * np.sqrt(2 / SIDE_PX)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, dtype=np.float32)


def perceptual_hash(grey: NDArray[np.uint8]) -> bytes:
    """8 bytes for a grey picture of (32, 32): signs of its lowest 8 x 8 DCT coefficients.

    The signs are taken against the median of the coefficients, the constant one left out of it
    (the scheme known as pHash).
    """
    if grey.shape != (SIDE_PX, SIDE_PX):
        raise ValueError(f"expected ({SIDE_PX}, {SIDE_PX}), got {grey.shape}")
    cosines = _cosines()
    low = cosines @ grey.astype(np.float32) @ cosines.T
    # The middle of an odd number of values, ten times faster than numpy's median of so few.
    bits = low > np.sort(low.ravel()[1:])[(KEPT * KEPT - 1) // 2]
    return np.packbits(bits.ravel()).tobytes()


def hamming(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Bits that differ between hashes, each (..., 8) uint8; shapes broadcast."""
    return np.asarray(np.bitwise_count(np.bitwise_xor(a, b)).sum(axis=-1), dtype=np.int64)
