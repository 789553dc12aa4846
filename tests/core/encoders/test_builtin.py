"""The embedded encoder: unit vectors, the same everywhere, and nearer for what looks nearer."""

import numpy as np
import pytest

from core.encoders.builtin import DIM, SIZE_PX, Builtin


@pytest.fixture(scope="module")
def encoder() -> Builtin:
    return Builtin()


def test_vectors_are_unit_length(encoder: Builtin) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    rows = encoder.encode_images(pixels)
    assert rows.shape == (5, DIM)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
