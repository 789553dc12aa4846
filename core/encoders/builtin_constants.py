"""What decides a vector of ``builtin``, and its key: known without importing torch."""

import functools
import hashlib
from importlib import resources

from core.encoders.base import Preprocessing

NAME = "builtin"
VERSION = 1
SIZE_PX = 96
DIM = 2048

# Shape: oriented gradients (Dalal and Triggs 2005) in a pyramid of grids (Bosch et al. 2007).
ORIENTATIONS = 16  # over 360 degrees; folded to half for the part that ignores contrast's sign
CELL_PX = 4  # the finest cells; every grid is pooled from these
GRIDS = (8, 6, 4)
SIGNED_WEIGHT = 0.5  # of gradients with their sign, against 1 for those without
SHAPE_DIM = 384  # after whitening
SHAPE_GAMMA = 3.0
SHAPE_FREQUENCIES = 576
# Random features are noisy where cosines are low, as those of shape are: part of the shape's share
# goes to the plain cosine, which costs no noise.
LINEAR_SHARE = 0.2

# Colour: a histogram over intensity, red-green and yellow-blue.
COLOUR_BINS = (8, 16, 16)
COLOUR_SIZE_PX = 48
OPPONENT_STRETCH = 2.0  # most pixels lie near grey: finer bins there, clipped ends
COLOUR_GAMMA = 4.0
COLOUR_FREQUENCIES = (DIM - SHAPE_DIM) // 2 - SHAPE_FREQUENCIES

# How much colour counts in an image of chroma u, against 1 for shape: weight * (u/scale)^2 / (1 + (u/scale)^2).
COLOUR_WEIGHT = 0.75
CHROMA_SCALE = 0.2
# Added to lengths before dividing: noise of a flat picture fades out instead of being blown up.
FLAT = 0.1

PREPROCESSING = Preprocessing(SIZE_PX, "squash", version=2)


def shipped() -> bytes:
    """The file of constants that ships: mean and whitening of gradient pyramids."""
    return (resources.files("resources") / "builtin" / "shape.npz").read_bytes()


@functools.cache
def key() -> str:
    """A hash of everything that decides a vector."""
    settings = (
        VERSION, PREPROCESSING.size_px, PREPROCESSING.fit, PREPROCESSING.version, DIM, ORIENTATIONS,
        CELL_PX, GRIDS, SIGNED_WEIGHT, SHAPE_DIM, SHAPE_GAMMA, SHAPE_FREQUENCIES, LINEAR_SHARE,
        COLOUR_BINS, COLOUR_SIZE_PX, OPPONENT_STRETCH, COLOUR_GAMMA, COLOUR_FREQUENCIES,
        COLOUR_WEIGHT, CHROMA_SCALE, FLAT,
    )  # fmt: skip
    return "builtin-" + hashlib.sha256(repr(settings).encode() + shipped()).hexdigest()[:16]
