"""The perceptual hash: close for edits, far for other pictures."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from core.images.fingerprints import hamming, perceptual_hash


def of(picture: Image.Image) -> np.ndarray:
    grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.BOX))
    return np.frombuffer(perceptual_hash(grey), dtype=np.uint8)


def test_edits_are_near_and_others_far(make_picture: Callable[..., Image.Image]) -> None:
    near, far = [], []
    for seed in range(12):
        picture = make_picture(seed, shape=seed % 3)
        near.append(hamming(of(picture), of(ImageEnhance.Brightness(picture).enhance(1.15))))
        near.append(hamming(of(picture), of(picture.resize((60, 45)))))
        far.append(hamming(of(picture), of(make_picture(seed + 100, shape=(seed + 1) % 3))))
    assert np.median(near) <= 4 < 12 < np.median(far)


def test_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        perceptual_hash(np.zeros((8, 8), dtype=np.uint8))
