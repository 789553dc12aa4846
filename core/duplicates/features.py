"""What registration sees of a picture: greys at several sizes, the frame with and without borders, keypoints."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from core.duplicates.fingerprints import inner_box

Floats = NDArray[np.float32]
# Keypoints are looked for in a picture of this longest side, and at most so many are kept, the strongest.
SIDE_PX, KEYPOINTS = 128, 160
# The squashed frame that full-frame hypotheses are compared by.
FRAME_PX = 32
_SEAM_PX, _LEAST_PX = 1, 8
_LAYERS, _CONTRAST, _EDGE, _SIGMA = 2, 0.02, 12, 1.6
# A mirror image turns the 4 x 4 cells of a SIFT descriptor over, and the 8 directions within each.
_DIRECTIONS = (-np.arange(8)) % 8
_MIRRORED = np.arange(128).reshape(4, 4, 8)[::-1][:, :, _DIRECTIONS].ravel()
# The eight ways to lay a square over itself as (x, y) -> matrix (x, y, 1), in shares of the sides.
ORIENTATIONS = np.array(
    [
        [[1, 0, 0], [0, 1, 0]],
        [[-1, 0, 1], [0, 1, 0]],
        [[1, 0, 0], [0, -1, 1]],
        [[-1, 0, 1], [0, -1, 1]],
        [[0, 1, 0], [1, 0, 0]],
        [[0, 1, 0], [-1, 0, 1]],
        [[0, -1, 1], [1, 0, 0]],
        [[0, -1, 1], [-1, 0, 1]],
    ],
    dtype=np.float64,
)


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """n places, the strongest first: ``at`` complex64 [n] (x + iy in shares of the longest side), ``size`` float32
    [n] likewise, ``turn`` complex64 [n] of length 1, ``look`` uint8 [n, 128] of length 255 (RootSIFT, Arandjelovic
    and Zisserman 2012, of SIFT, Lowe 2004; in whole numbers, so that many can be kept: 24 KiB a picture)."""

    at: NDArray[np.complex64]
    size: Floats
    turn: NDArray[np.complex64]
    look: NDArray[np.uint8]

    def mirrored(self) -> "Keypoints":
        """The same of the picture mirrored at the line x = 0, without looking at it again."""
        return Keypoints(-np.conj(self.at), self.size, -np.conj(self.turn), self.look[:, _MIRRORED])


class Look:
    """One picture [h, w, 3] uint8 RGB, and what was made of it so far. ``found`` are its keypoints where they are known
    from before."""

    def __init__(self, rgb: NDArray[np.uint8], found: Keypoints | None = None) -> None:
        self.rgb = rgb
        self.found = found
        self.height, self.width = rgb.shape[:2]
        self.grey: NDArray[np.uint8] = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)

    @cached_property
    def key(self) -> bytes:
        """A hash of the pixels, by which two pictures are put in order."""
        shape = f"{self.width} {self.height} ".encode()
        return hashlib.blake2b(shape + self.rgb.tobytes(), digest_size=12).digest()

    def level(self, number: int) -> NDArray[np.uint8]:
        """RGB [h, w, 3], halved so often by averaging."""
        while len(self._levels) <= number:
            last = self._levels[-1]
            size = max(1, last.shape[1] // 2), max(1, last.shape[0] // 2)
            self._levels.append(
                np.asarray(cv2.resize(last, size, interpolation=cv2.INTER_AREA), np.uint8)
            )
        return self._levels[number]

    def grey_level(self, number: int) -> NDArray[np.uint8]:
        """The greys [h, w], halved so often."""
        while len(self._greys) <= number:
            self._greys.append(
                np.asarray(cv2.cvtColor(self.level(len(self._greys)), cv2.COLOR_RGB2GRAY), np.uint8)
            )
        return self._greys[number]

    @cached_property
    def _greys(self) -> list[NDArray[np.uint8]]:
        return [self.grey]

    @cached_property
    def _levels(self) -> list[NDArray[np.uint8]]:
        return [self.rgb]

    @cached_property
    def boxes(self) -> list[tuple[int, int, int, int]]:
        """The whole, what lies within an even border, and what within one inside that: left, top, width, height in
        pixels, each other one once."""
        found = [(0, 0, self.width, self.height)]
        for _ in range(2):
            left, top, width, height = found[-1]
            within = inner_box(self.grey[top : top + height, left : left + width])
            if within == (0, 0, width, height):
                break
            along, down, wide, tall = within
            # Where the border meets what it is around, a thumbnail has neither.
            wide, tall = wide - 2 * _SEAM_PX, tall - 2 * _SEAM_PX
            if min(tall, wide) < _LEAST_PX:
                break
            found.append((left + along + _SEAM_PX, top + down + _SEAM_PX, wide, tall))
        return found

    @cached_property
    def frames(self) -> list[tuple[NDArray[np.float64], Floats]]:
        """(matrix [2, 3] from the squashed frame to shares of the picture, frame float32 [FRAME_PX ** 2] without
        mean and of length 1) of the whole and of what lies within borders."""
        found = []
        for left, top, width, height in self.boxes:
            frame = _normed(self.grey[top : top + height, left : left + width])
            matrix = np.array([[width, 0, left], [0, height, top]], dtype=np.float64)
            found.append((matrix / [[self.width], [self.height]], frame))
        return found

    @cached_property
    def turned_frames(self) -> list[tuple[NDArray[np.float64], Floats]]:
        """The same with a row for each of ORIENTATIONS: float32 [8, FRAME_PX ** 2]."""
        found = []
        for matrix, frame in self.frames:
            square = frame.reshape(FRAME_PX, FRAME_PX)
            rows = [
                one[::up, ::along].ravel()
                for one in (square, square.T)
                for up, along in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            found.append((matrix, np.stack(rows)))
        return found

    @property
    def keypoints(self) -> Keypoints:
        """Its keypoints; a picture of one grey has none."""
        if self.found is None:
            self.found = self._detected()
        return self.found

    def _detected(self) -> Keypoints:
        longest = max(self.width, self.height)
        scale = min(1.0, SIDE_PX / longest)
        size = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        small = (
            cv2.resize(self.grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else self.grey
        )
        detector = cv2.SIFT.create(KEYPOINTS, _LAYERS, _CONTRAST, _EDGE, _SIGMA)
        points, looks = detector.detectAndCompute(small, None)
        if not points:
            return Keypoints(
                np.zeros(0, np.complex64), np.zeros(0, np.float32),
                np.zeros(0, np.complex64), np.zeros((0, 128), np.uint8),
            )  # fmt: skip
        rows = np.array(
            [(*one.pt, one.size, one.angle, one.response) for one in points], dtype=np.float32
        )
        order = np.lexsort((rows[:, 3], rows[:, 0], rows[:, 1], -rows[:, 4]))[:KEYPOINTS]
        rows, looks = rows[order], np.asarray(looks, dtype=np.float32)[order]
        shares = looks / np.maximum(1e-6, looks.sum(axis=1, keepdims=True))
        at = (rows[:, 0] + 0.5) / size[0] * self.width + 1j * (rows[:, 1] + 0.5) / size[
            1
        ] * self.height
        return Keypoints(
            (at / longest).astype(np.complex64),
            rows[:, 2] / max(size),
            np.exp(1j * np.deg2rad(rows[:, 3])).astype(np.complex64),
            np.rint(255 * np.sqrt(shares)).astype(np.uint8),
        )


def _normed(part: NDArray[np.uint8]) -> Floats:
    small = cv2.resize(part, (FRAME_PX, FRAME_PX), interpolation=cv2.INTER_AREA)
    frame = np.asarray(small, dtype=np.float32).ravel()
    frame -= frame.mean()
    # A picture of nearly one grey is like nothing.
    return frame / max(float(np.linalg.norm(frame)), 2.0 * FRAME_PX)
