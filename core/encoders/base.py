"""What an encoder is: a key, a dimension, how it wants its pixels, and pictures to unit vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import EncoderError

Fit = Literal["squash", "crop", "pad"]
Resample = Literal["hamming", "bicubic", "bilinear"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """The square that decode workers cut for an encoder: its side in pixels and how it is made.

    ``version`` is raised when the decoder comes to make the same square differently.
    "squash" is the whole picture, distorted; "crop" the largest centred square, of which ``share``
    (of its side) is kept; "pad" the whole picture on neutral ground.
    """

    size_px: int
    fit: Fit
    version: int = 1
    share: float = 1.0
    resample: Resample = "hamming"

    def square(self) -> dict[str, Any]:
        """What a ``core.images.decode.DecodeTask`` must say for this square."""
        return {
            "square_px": self.size_px,
            "fit": self.fit,
            "share": self.share,
            "resample": self.resample,
        }


class Encoder(Protocol):
    """Turns pictures into vectors. ``key`` is a hash of weights, constants and preprocessing, so
    that vectors of two encoders, or of two versions of one, are never mixed.

    ``device`` is where it computes ("cpu", "cuda", "mps"), ``precision`` in what ("fp32", "bf16",
    "fp16"). ``has_words``: words and pictures share its space. ``has_patches``: it can tell of parts
    of a picture. ``is_light``: a picture costs no more than its decoding, so that it is encoded as it
    is read.
    """

    name: str
    key: str
    dim: int
    preprocessing: Preprocessing
    has_words: bool
    has_patches: bool
    is_light: bool

    @property
    def device(self) -> str: ...

    @property
    def precision(self) -> str: ...

    def encode_images(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors [n, dim] for RGB squares [n, size_px, size_px, 3]."""
        ...

    def encode_words(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors [n, dim], in the space of the pictures. Raises EncoderError without words."""
        ...

    def encode_patches(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features [n, rows, columns, d] of the parts of each square, not normalised, before the
        last projection. Raises EncoderError where ``has_patches`` is False."""
        ...


def no_words(name: str) -> EncoderError:
    """What to raise where words are asked of an encoder that knows none."""
    return EncoderError(f"The encoder {name} knows no words.", "Search with one that does.")


def no_patches(name: str) -> EncoderError:
    """What to raise where parts of a picture are asked of an encoder that sees it whole."""
    return EncoderError(f"The encoder {name} tells nothing of parts of a picture.")
