"""Pictures for a trial of the package, made without any library: folders of alike ones, and exact copies."""

import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

FOLDERS, EACH, COPIES = 4, 8, 3


def make_images(folder: Path) -> None:
    """Folders of pictures, those of one folder alike, and a few exact copies."""
    for kind in range(FOLDERS):
        (folder / str(kind)).mkdir(parents=True, exist_ok=True)
        for number in range(EACH):
            data = png(160, 120, lambda x, y, kind=kind, number=number: _colour(kind, number, x, y))
            (folder / str(kind) / f"{number}.png").write_bytes(data)
    for number in range(COPIES):
        shutil.copyfile(folder / "0" / f"{number}.png", folder / "1" / f"copy-{number}.png")


def _colour(kind: int, number: int, x: int, y: int) -> tuple[int, int, int]:
    wave = (x * (kind + 1) + y * (2 * kind + 1) + 9 * number) % 64
    far = int(((x - 80 + 6 * number) ** 2 + (y - 60) ** 2) ** 0.5)
    disc = 160 if far < 20 + 6 * kind else 0
    return (40 + 40 * kind + wave) % 256, (disc + 2 * wave) % 256, (200 - 30 * kind + number) % 256


def png(width: int, height: int, colour: Callable[[int, int], tuple[int, int, int]]) -> bytes:
    """A picture as PNG (ISO/IEC 15948), made without any library."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    rows = b"".join(
        b"\0" + bytes(value for x in range(width) for value in colour(x, y)) for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)
