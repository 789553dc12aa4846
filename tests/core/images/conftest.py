"""Writers for the formats that Pillow cannot write: odd kinds of TIFF, camera RAW (DNG), and HEIC."""

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core.images.decode import Decoded, DecodeTask, decode

Tag = tuple[int, str, list[int]]


def two_tone(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red left half, blue right half."""
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.paste((30, 30, 200), (size[0] // 2, 0, *size))
    return picture


def directory(tags: list[Tag], at: int) -> bytes:
    """One little-endian TIFF directory that will lie at ``at``, its longer values behind it."""
    kinds = {"B": 1, "H": 3, "I": 4, "i": 10}
    tags = sorted(tags)
    entries, beyond = b"", b""
    behind = at + 2 + 12 * len(tags) + 4
    for tag, code, values in tags:
        packed = struct.pack(f"<{len(values)}{code}", *values)
        count = len(values) // 2 if code == "i" else len(values)  # signed fractions are pairs
        entries += struct.pack("<HHI", tag, kinds[code], count)
        if len(packed) > 4:
            entries += struct.pack("<I", behind + len(beyond))
            beyond += packed + b"\0" * (len(packed) % 2)
        else:
            entries += packed.ljust(4, b"\0")
    return struct.pack("<H", len(tags)) + entries + b"\0\0\0\0" + beyond


def tiff(
    values: np.ndarray,
    *,
    photometric: int | None = None,
    planes_apart: bool = False,
    extra: int | None = None,
) -> bytes:
    """(h, w[, bands]) numbers of any kind as an uncompressed TIFF. ``extra``: what the last band is."""
    height, width = values.shape[:2]
    bands = values.shape[2] if values.ndim == 3 else 1
    data = np.moveaxis(values, -1, 0).tobytes() if planes_apart else values.tobytes()
    if photometric is None:
        photometric = 2 if bands - (extra is not None) >= 3 else 1
    plane = len(data) // bands
    form = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    starts = [plane * number for number in range(bands)] if planes_apart else [0]
    tags: list[Tag] = [
        (256, "I", [width]),
        (257, "I", [height]),
        (258, "H", [8 * values.dtype.itemsize] * bands),
        (259, "H", [1]),
        (262, "H", [photometric]),
        (277, "H", [bands]),
        (278, "I", [height]),
        (279, "I", [plane] * bands if planes_apart else [len(data)]),
        (284, "H", [2 if planes_apart else 1]),
        (339, "H", [form] * bands),
    ]
    if extra is not None:
        tags.append((338, "H", [extra]))
    size = len(directory([*tags, (273, "I", starts)], 8))
    body = directory([*tags, (273, "I", [8 + size + start for start in starts])], 8)
    return b"II*\0" + struct.pack("<I", 8) + body + data


def dng(preview: Image.Image | None, *, orientation: int = 1) -> bytes:
    """A small camera RAW file: 64 x 48 sensor values, and the preview as JPEG where one is given."""
    sensor = np.tile(np.arange(64, dtype=np.uint16) * 900, (48, 1))
    common: list[Tag] = [
        (271, "B", list(b"Maker\0")),
        (272, "B", list(b"Model\0")),
        (274, "H", [orientation]),
        (50706, "B", [1, 4, 0, 0]),
        (50708, "B", list(b"Maker Model\0")),
        (50721, "i", [10_000, 10_000, 0, 1, 0, 1, 0, 1, 10_000, 10_000, 0, 1, 0, 1, 0, 1, 1, 1]),
    ]
    raw_tags: list[Tag] = [
        (254, "I", [0]),
        (256, "I", [64]),
        (257, "I", [48]),
        (258, "H", [16]),
        (259, "H", [1]),
        (262, "H", [32803]),
        (277, "H", [1]),
        (278, "I", [48]),
        (279, "I", [sensor.nbytes]),
        (33421, "H", [2, 2]),
        (33422, "B", [0, 1, 1, 2]),
        (50717, "H", [60_000]),
    ]
    if preview is None:
        tags = common + raw_tags
        size = len(directory([*tags, (273, "I", [0])], 8))
        body = directory([*tags, (273, "I", [8 + size])], 8)
        return b"II*\0" + struct.pack("<I", 8) + body + sensor.tobytes()
    out = io.BytesIO()
    preview.save(out, "JPEG", quality=92)
    jpeg = out.getvalue() + b"\0" * (len(out.getvalue()) % 2)
    first: list[Tag] = [
        *common,
        (254, "I", [1]),
        (256, "I", [preview.width]),
        (257, "I", [preview.height]),
        (258, "H", [8, 8, 8]),
        (259, "H", [7]),
        (262, "H", [6]),
        (277, "H", [3]),
        (278, "I", [preview.height]),
        (279, "I", [len(jpeg)]),
    ]
    first_size = len(directory([*first, (273, "I", [0]), (330, "I", [0])], 8))
    raw_at = 8 + first_size
    raw_size = len(directory([*raw_tags, (273, "I", [0])], raw_at))
    jpeg_at = raw_at + raw_size
    first = [*first, (273, "I", [jpeg_at]), (330, "I", [raw_at])]
    raw = directory([*raw_tags, (273, "I", [jpeg_at + len(jpeg)])], raw_at)
    return b"II*\0" + struct.pack("<I", 8) + directory(first, 8) + raw + jpeg + sensor.tobytes()


class Bits:
    """A string of bits with the two codes of H.26x headers."""

    def __init__(self) -> None:
        self.text = ""

    def u(self, count: int, value: int) -> "Bits":
        self.text += format(value, f"0{count}b") if count else ""
        return self

    def ue(self, *values: int) -> "Bits":
        for value in values:
            code = format(value + 1, "b")
            self.text += "0" * (len(code) - 1) + code
        return self

    def flags(self, text: str) -> "Bits":
        self.text += text
        return self

    def bytes(self, *, stop: bool = True) -> bytes:
        text = self.text + ("1" if stop else "")
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big") if text else b""


# The last column of the table of ranges (ITU-T H.265, table 9-52), all that whole blocks ever meet.
_RANGES = (240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135, 128, 122, 116, 110)


def _finish(low: int) -> str:
    """The bits of an arithmetic code that ends with ``low`` (H.265, 9.3.5.6): seven shifts, three bits."""
    text, waiting, is_first, width = "", 0, True, 2

    def put(bit: int) -> str:
        nonlocal waiting, is_first
        head = "" if is_first else str(bit)
        is_first = False
        tail = str(1 - bit) * waiting
        waiting = 0
        return head + tail

    while width < 256:
        if low < 256:
            text += put(0)
        elif low >= 512:
            low -= 512
            text += put(1)
        else:
            low -= 256
            waiting += 1
        low, width = low << 1, width << 1
    text += put((low >> 9) & 1)
    return text + format(((low >> 7) & 3) | 1, "02b")


def _slice(planes: tuple[np.ndarray, np.ndarray, np.ndarray]) -> bytes:
    """All blocks of 16 x 16 as plain samples (PCM), so that no transform need be coded."""
    bits = Bits().flags("10").ue(0, 2).ue(0)
    bits.text += "1"
    bits.text += "0" * (-len(bits.text) % 8)
    height, width = planes[0].shape
    blocks = [(y, x) for y in range(0, height, 16) for x in range(0, width, 16)]
    for number, (y, x) in enumerate(blocks):
        span = 510 if number == 0 else 508
        span -= _RANGES[number] + 2  # the block is whole (one more likely symbol), and plain
        bits.text += _finish(span)
        bits.text += "0" * (-len(bits.text) % 8)
        for plane, side in zip(planes, (16, 8, 8), strict=True):
            top, left = y * side // 16, x * side // 16
            block = plane[top : top + side, left : left + side]
            bits.text += "".join(format(int(one), "08b") for one in block.ravel())
    return Bits().flags(bits.text + _finish(508)).bytes(stop=False)


def _nal(kind: int, payload: bytes) -> bytes:
    """With its header, and a 3 wherever two zeros are followed by less than 4."""
    out, zeros = bytearray(), 0
    for one in payload:
        if zeros >= 2 and one <= 3:
            out.append(3)
            zeros = 0
        out.append(one)
        zeros = zeros + 1 if one == 0 else 0
    return bytes((kind << 1, 1)) + bytes(out)


def _box(kind: str, *parts: bytes, version: int | None = None) -> bytes:
    body = b"" if version is None else struct.pack(">I", version << 24)
    body += b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind.encode() + body


def heic(picture: Image.Image, *, quarter_turns: int = 0, profile: bytes = b"") -> bytes:
    """A HEIC file of at most 16 blocks of 16 x 16 (sides multiples of 16), to be turned left when shown."""
    width, height = picture.size
    assert width % 16 == height % 16 == 0 and width * height <= 16 * 256
    luma, blue, red = (np.asarray(one) for one in picture.convert("YCbCr").split())
    planes = (luma, blue[::2, ::2], red[::2, ::2])
    level = "0" * 2 + "0" + "00011" + format(0x70000000, "032b") + "1001" + "0" * 44
    level += format(93, "08b")
    video = Bits().flags("0000" + "11" + "000000" + "000" + "1" + "1" * 16 + level + "1")
    video.ue(0, 0, 0).u(6, 0).ue(0).flags("00")
    sequence = Bits().flags("0000" + "000" + "1" + level).ue(0, 1, width, height).flags("0")
    sequence.ue(0, 0, 0).flags("1").ue(0, 0, 0).ue(1, 0, 0, 2, 0, 0).flags("000" + "1")
    sequence.flags("0111" + "0111").ue(1, 0).flags("1").ue(0).flags("00000")
    pictures = Bits().ue(0, 0).flags("0" * 7).ue(0, 0, 0).flags("000").ue(0, 0)
    pictures.flags("0" * 7 + "1" + "0" + "1" + "0" + "0").ue(0).flags("00")
    units = [(32, _nal(32, video.bytes())), (33, _nal(33, sequence.bytes()))]
    units.append((34, _nal(34, pictures.bytes())))
    header = bytes((1, 3)) + struct.pack(">I", 0x70000000) + b"\x90" + bytes(5) + bytes((93,))
    header += b"\xf0\x00\xfc\xfd\xf8\xf8\x00\x00\x0f\x03"
    for kind, unit in units:
        header += bytes((0x80 | kind,)) + struct.pack(">HH", 1, len(unit)) + unit
    coded = _nal(20, _slice(planes))
    coded = struct.pack(">I", len(coded)) + coded
    colour = _box("colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80))
    properties = [_box("hvcC", header), colour]
    properties.append(_box("ispe", struct.pack(">II", width, height), version=0))
    if quarter_turns:
        properties.append(_box("irot", bytes((quarter_turns,))))
    if profile:
        properties.append(_box("colr", b"prof", profile))
    links = b"".join(bytes((0x80 | number,)) for number in range(1, len(properties) + 1))
    entry = _box("infe", struct.pack(">HH", 1, 0), b"hvc1\0", version=2)
    start = _box("ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(offset: int) -> bytes:
        place = struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, offset, len(coded))
        return _box(
            "meta",
            _box("hdlr", bytes(4), b"pict", bytes(13), version=0),
            _box("pitm", struct.pack(">H", 1), version=0),
            _box("iloc", place, version=0),
            _box("iinf", struct.pack(">H", 1), entry, version=0),
            _box(
                "iprp",
                _box("ipco", *properties),
                _box("ipma", struct.pack(">IHB", 1, 1, len(properties)), links, version=0),
            ),
            version=0,
        )

    offset = len(start) + len(meta(0)) + 8
    return start + meta(offset) + _box("mdat", coded)


@pytest.fixture
def write() -> SimpleNamespace:
    """The writers above, by name."""
    return SimpleNamespace(tiff=tiff, dng=dng, heic=heic)


@pytest.fixture(name="two_tone")
def _two_tone() -> Image.Image:
    """Red left half, blue right half, 60 x 40."""
    return two_tone()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[Decoded, np.ndarray]]:
    """``read(name, data)``: what the file gives, and a square of 16 x 16 of it."""

    def decode_bytes(name: str, data: bytes, **options: object) -> tuple[Decoded, np.ndarray]:
        path = tmp_path / name
        path.write_bytes(data)
        task = DecodeTask(os.fsencode(path), square_px=16, **options)  # type: ignore[arg-type]
        decoded, pixels = decode(task)
        assert pixels is not None and pixels.shape == (16, 16, 3)
        return decoded, pixels

    return decode_bytes


@pytest.fixture
def encoded() -> Callable[..., bytes]:
    """Bytes of a picture in one of Pillow's formats: ``encoded(picture, "PNG", **options)``."""

    def save(picture: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        picture.save(out, kind, **options)  # type: ignore[arg-type]
        return out.getvalue()

    return save
