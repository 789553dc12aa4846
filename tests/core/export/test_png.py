"""PNG written strip by strip, read back by Pillow."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.export.png import PngWriter


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(0, 1 << 20))
def test_what_is_written_is_read(width: int, height: int, strip: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    png = PngWriter(file, width, height)
    for start in range(0, height, strip):
        png.write(pixels[start : start + strip])
    png.finish()
    with Image.open(file) as opened:
        opened.load()
        assert opened.mode == "RGB" and np.array_equal(np.asarray(opened), pixels)


def test_a_picture_that_lacks_rows_is_none() -> None:
    png = PngWriter(io.BytesIO(), 4, 4)
    png.write(np.zeros((3, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="1 rows are missing"):
        png.finish()
