"""JPEG as it is met: print colours, grey, progressive, several pictures in one, reduced while read."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from core.images.decode import Decoded, DecodeTask, Undecodable, decode

Read = Callable[..., tuple[Decoded, np.ndarray]]
Encoded = Callable[..., bytes]


def is_red(pixel: np.ndarray) -> bool:
    return bool(pixel[0] > 150 and pixel[1] < 80 and pixel[2] < 80)


def is_blue(pixel: np.ndarray) -> bool:
    return bool(pixel[2] > 150 and pixel[0] < 80 and pixel[1] < 80)


def test_print_colours_as_adobe_writes_them(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    _, pixels = read("print.jpg", encoded(two_tone.convert("CMYK"), "JPEG", quality=95))
    assert is_red(pixels[8, 2]) and is_blue(pixels[8, 13])


def test_print_colours_coded_as_brightness_and_chroma(
    read: Read, encoded: Encoded, two_tone: Image.Image
) -> None:
    """YCCK: what stands for cyan, magenta and yellow is coded like RGB; Adobe's marker says so."""
    *inks, black = two_tone.convert("CMYK").split()
    # Pillow inverts what it stores as CMYK, and what it reads.
    coded = ImageChops.invert(Image.merge("RGB", inks).convert("YCbCr"))
    data = bytearray(encoded(Image.merge("CMYK", (*coded.split(), black)), "JPEG", quality=98))
    place = data.index(b"Adobe") + 11
    data[place] = 2
    decoded, pixels = read("ycck.jpg", bytes(data))
    assert decoded.format == "JPEG"
    assert is_red(pixels[8, 2]) and is_blue(pixels[8, 13])


def test_grey_and_progressive(read: Read, encoded: Encoded, two_tone: Image.Image) -> None:
    _, grey = read("grey.jpg", encoded(two_tone.convert("L"), "JPEG"))
    assert np.all(grey[..., 0] == grey[..., 2])
    _, pixels = read("progressive.jpg", encoded(two_tone, "JPEG", progressive=True, quality=95))
    assert is_red(pixels[8, 2]) and is_blue(pixels[8, 13])


def test_several_pictures_in_one_file(read: Read, encoded: Encoded, two_tone: Image.Image) -> None:
    other = Image.new("RGB", (60, 40), (0, 255, 0))
    data = encoded(two_tone, "MPO", save_all=True, append_images=[other])
    decoded, pixels = read("stereo.jpg", data)
    assert (decoded.format, decoded.frames, decoded.note) == ("MPO", 2, "first of 2 pictures")
    assert is_red(pixels[8, 2])


def test_a_canvas_of_690_megapixels_is_read_at_an_eighth(read: Read) -> None:
    """One block repeated: 23,000 x 30,000 in a file that takes no time to make."""
    decoded, pixels = read("canvas.jpg", canvas(23_000, 30_000))
    assert (decoded.width, decoded.height) == (23_000, 30_000)
    assert np.ptp(pixels.astype(int)) <= 8
    with Image.open(io.BytesIO(decoded.thumbnail)) as thumbnail:
        assert max(thumbnail.size) == 256


def canvas(width: int, height: int) -> bytes:
    """A JPEG of one grey made from one of 8 x 8 by writing its only block again and again.

    With differences of zero and nothing but ends of blocks, every block after the first is the same bits.
    """
    out = io.BytesIO()
    Image.new("L", (8, 8), 128).save(out, "JPEG", quality=50)
    data = bytearray(out.getvalue())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    scan = data.index(b"\xff\xda")
    start = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    # Grey 128 is a difference of zero: code 00; end of block: 1010. Four blocks make three bytes.
    assert data[start] >> 2 == 0b001010
    blocks = -(-width // 8) * -(-height // 8)
    body = (0b001010_001010_001010_001010).to_bytes(3, "big") * (blocks // 4 + 1)
    return bytes(data[:start]) + body + b"\xff\xd9"


def test_a_progressive_canvas_is_refused_for_its_decoder_would_hold_it_whole(
    tmp_path: Path, encoded: Encoded
) -> None:
    data = bytearray(encoded(Image.new("RGB", (64, 64)), "JPEG", progressive=True))
    frame = data.index(b"\xff\xc2")
    data[frame + 5 : frame + 9] = (30_000).to_bytes(2, "big") + (23_000).to_bytes(2, "big")
    path = tmp_path / "canvas.jpg"
    path.write_bytes(bytes(data))
    with pytest.raises(Undecodable, match="progressive JPEG of 690 megapixels") as caught:
        decode(DecodeTask(str(path).encode()))
    assert caught.value.kind == "limit"
