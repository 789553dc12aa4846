"""What a picture is recognised by without looking at it again: two hashes of 64 bits, and codes of its parts."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.codes import Parts
from core.duplicates.hamming import SIDE
from core.duplicates.local import CODES, codes

# Under this name fingerprints are kept; another method is another name.
SCHEME = "look-2"
# Two hashes of 8 bytes, then the codes of parts, 7 bytes each.
BYTES = 16 + 7 * CODES
_SIDE_PX = 32
# Coefficients below this, in grey levels of the mean over the picture, say nothing: their bit is 0.
_LEAST = 0.5
# A line at the edge is border while its grey levels stay within this of each other and of the outermost line's.
_EVEN = 14
_LEAST_INNER, _LEAST_BORDER = 0.3, 0.015


@cache
def _cosines() -> NDArray[np.float32]:
    """The first SIDE rows of the DCT-II matrix of size _SIDE_PX, as means over the picture."""
    frequency, position = np.arange(SIDE)[:, None], np.arange(_SIDE_PX)[None, :]
    matrix = np.cos(np.pi * frequency * (2 * position + 1) / (2 * _SIDE_PX)) / _SIDE_PX
    return np.asarray(matrix, dtype=np.float32)


def sign_hash(grey: NDArray[np.uint8]) -> int:
    """The signs of the 63 lowest frequencies of a grey picture [h, w], squashed to a square, as 64 bits.

    Like pHash (Zauner 2010), but against 0 and not against the median: so a mirror image or a quarter turn of
    the picture changes the hash in a known way (``hamming.oriented``). A blank picture has 0.
    """
    small = cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    cosines = _cosines()
    low = cosines @ small.astype(np.float32) @ cosines.T
    low[0, 0] = 0
    bits = np.packbits((low > _LEAST / _SIDE_PX).ravel(), bitorder="little")
    return int.from_bytes(bits.tobytes(), "little")


def inner(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture [h, w] without even borders; itself where it has none, or little else."""
    left, top, width, height = inner_box(grey)
    return grey[top : top + height, left : left + width]


def inner_box(grey: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Where ``inner`` lies in the picture [h, w]: left, top, width, height in pixels."""
    top, bottom = _border(grey), _border(grey[::-1])
    left, right = _border(grey.T), _border(grey.T[::-1])
    height, width = grey.shape
    tall, wide = height - top - bottom, width - left - right
    is_border = max(top, bottom) >= _LEAST_BORDER * height or max(left, right) >= (
        _LEAST_BORDER * width
    )
    if not is_border or tall < _LEAST_INNER * height or wide < _LEAST_INNER * width:
        return 0, 0, width, height
    return left, top, wide, tall


def _border(lines: NDArray[np.uint8]) -> int:
    """How many of the first lines are even and of one grey."""
    low, high = lines.min(axis=1).astype(np.int16), lines.max(axis=1).astype(np.int16)
    first = (int(low[0]) + int(high[0])) // 2
    is_border = (high - low <= _EVEN) & (abs(low - first) <= _EVEN) & (abs(high - first) <= _EVEN)
    return len(lines) if is_border.all() else int(np.argmin(is_border))


def fingerprint(jpeg: bytes) -> NDArray[np.uint8] | None:
    """The fingerprint of a thumbnail, uint8 [BYTES], or None where it cannot be read.

    The hash of the whole, that of the picture within its borders, and codes of parts.
    """
    grey = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if grey is None else of_grey(np.asarray(grey, dtype=np.uint8))


def of_grey(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The fingerprint of a grey picture [h, w], uint8 [BYTES]."""
    within = inner(grey)
    whole = sign_hash(grey)
    both = whole, whole if within.shape == grey.shape else sign_hash(within)
    hashed = np.frombuffer(b"".join(one.to_bytes(8, "little") for one in both), dtype=np.uint8)
    return np.concatenate([hashed, codes(grey).ravel()])


def hashes(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The hashes of such rows [n, BYTES], uint64 [n, 2]."""
    return np.ascontiguousarray(rows[:, :16]).view("<u8")


def parts(rows: NDArray[np.uint8]) -> Parts:
    """The codes of such rows [n, BYTES]."""
    found = rows[:, 16:].reshape(-1, CODES, 7)
    codes_of = np.ascontiguousarray(found[:, :, :4]).view("<u4")[:, :, 0]
    return Parts(codes_of, *(np.ascontiguousarray(found[:, :, one]) for one in (4, 5, 6)))
