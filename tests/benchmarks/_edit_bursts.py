"""Made bursts: what a second photo of the same scene looks like, from the first one. No duplicates of it.

A hand that moved is a small perspective change and, since things lie at different depths, a smooth field of shifts
(parallax) that no affine map undoes. Exposure, white balance and grain differ too, as they do from shot to shot.
A change of perspective alone is not enough for this: of a flat scene it is what an edit could do as well.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Random = np.random.Generator


def other_view(picture: Image.Image, random: Random) -> Image.Image:
    """Taken from a little further aside: corners shift by up to 5 % of the side, parallax up to 3 %."""
    return _shot(_warped(picture, random, corners=0.05, parallax=0.03), random, 0.06, 3)


def exposed(picture: Image.Image, random: Random) -> Image.Image:
    """The hand hardly moved (2 %, parallax 1.5 %), but the exposure did: up to a third of a stop, more grain."""
    return _shot(_warped(picture, random, corners=0.02, parallax=0.015), random, 0.25, 6)


def moved(picture: Image.Image, random: Random) -> Image.Image:
    """Something in it moved: a piece of a third of the sides lies elsewhere; the hand moved a little (2 %, 1 %)."""
    pixels = np.asarray(_warped(picture, random, corners=0.02, parallax=0.01))
    height, width = pixels.shape[:2]
    high, wide = max(2, round(0.35 * height)), max(2, round(0.35 * width))
    top, left = (int(random.integers(0, most)) for most in (height - high + 1, width - wide + 1))
    by = random.choice([-1, 1], 2) * random.uniform(0.12, 0.22, 2) * (height, width)
    to_top = int(np.clip(top + by[0], 0, height - high))
    to_left = int(np.clip(left + by[1], 0, width - wide))
    y, x = np.mgrid[-1 : 1 : high * 1j, -1 : 1 : wide * 1j]
    mask = np.clip((1 - np.hypot(x, y)) / 0.15, 0, 1)[..., None]
    piece = pixels[top : top + high, left : left + wide]
    made = pixels.astype(np.float64)
    there = made[to_top : to_top + high, to_left : to_left + wide]
    made[to_top : to_top + high, to_left : to_left + wide] = there * (1 - mask) + piece * mask
    return _shot(Image.fromarray(made.astype(np.uint8)), random, 0.06, 3)


def _warped(
    picture: Image.Image, random: Random, *, corners: float, parallax: float
) -> Image.Image:
    pixels = np.asarray(picture)
    height, width = pixels.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    # Inwards, so that no edge of the picture comes into view.
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (width, height)
    shifts = (parallax + random.uniform(0, corners, (4, 2))) * inwards
    to_source = cv2.getPerspectiveTransform(whole, (whole + shifts).astype(np.float32))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    points = np.stack([x + 0.5, y + 0.5, np.ones_like(x)], axis=-1) @ to_source.T.astype(np.float32)
    source = points[..., :2] / points[..., 2:]
    field = (
        _depths(height, width, random)[..., None]
        * _direction(random)
        * parallax
        * max(width, height)
    )
    there = (source + field - 0.5).astype(np.float32)
    made = cv2.remap(
        pixels, there[..., 0], there[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return Image.fromarray(made)


def _depths(height: int, width: int, random: Random) -> NDArray[np.float64]:
    """A smooth field from -1 to 1 with some four hills across."""
    coarse = random.standard_normal((5, 5))
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    field -= field.mean()
    return np.asarray(field / np.abs(field).max(), dtype=np.float64)


def _direction(random: Random) -> NDArray[np.float64]:
    angle = random.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)])


def _shot(picture: Image.Image, random: Random, exposure: float, grain: float) -> Image.Image:
    """With a gain of its own for each channel, and grain."""
    pixels = np.asarray(picture, dtype=np.float64)
    gains = (1 + random.uniform(-exposure, exposure)) * (1 + random.uniform(-0.03, 0.03, 3))
    noisy = pixels * gains + random.normal(0, grain, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
