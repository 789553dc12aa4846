"""What an encoder is: a key, a dimension, how it wants its pixels, and pictures to unit vectors."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Fit = Literal["squash", "crop", "pad"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """The square that decode workers cut for an encoder: its side in pixels and how it is made.

    ``version`` is raised when the decoder comes to make the same square differently.
    "squash" is the whole picture, distorted; "crop" the largest centred square; "pad" the whole
    picture on neutral ground.
    """

    size_px: int
    fit: Fit
    version: int = 1


class Encoder(Protocol):
    """Turns pictures into vectors. ``key`` is a hash of weights, constants and preprocessing, so
    that vectors of two encoders, or of two versions of one, are never mixed."""

    name: str
    key: str
    dim: int
    preprocessing: Preprocessing
    has_words: bool

    def encode_images(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors [n, dim] for RGB squares [n, size_px, size_px, 3]."""
        ...
