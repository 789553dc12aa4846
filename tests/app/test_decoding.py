"""Pictures are decoded in lanes by their one format, and no plugin is asked whether it is another."""

import io

import pytest
from PIL import Image

from app.models.thumbnails import decode, from_jpeg


def stored(format_: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 30, 30)).save(out, format_)
    return out.getvalue()


def test_a_thumbnail_is_decoded() -> None:
    image = decode(stored("JPEG"), 20, 2.0)
    assert (image.width(), image.height()) == (20, 10)
    assert image.pixelColor(10, 5).red() > 150


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_none_is_null(data: bytes) -> None:
    assert from_jpeg(data).isNull()


def test_other_formats_are_not_looked_for() -> None:
    """They are never stored, and looking for them asks the plugin of SVG, which may wait for ever."""
    assert from_jpeg(stored("PNG")).isNull()
