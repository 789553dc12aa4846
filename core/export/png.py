"""PNG written strip by strip, so that a picture of any size needs no memory of its own."""

import struct
import zlib
from typing import IO

import numpy as np
from numpy.typing import NDArray

_SUB = 1  # each byte less the one a pixel before it


class PngWriter:
    """An RGB picture of ``width`` x ``height`` pixels, from the top down (PNG, ISO/IEC 15948, 8 bits a channel)."""

    def __init__(self, file: IO[bytes], width: int, height: int) -> None:
        self._file, self._width, self._left = file, width, height
        self._packing = zlib.compressobj(6)
        file.write(b"\x89PNG\r\n\x1a\n")
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))

    def write(self, strip: NDArray[np.uint8]) -> None:
        """The next rows, [rows, width, 3]."""
        rows = strip.reshape(len(strip), 3 * self._width)
        filtered = np.empty((len(rows), 1 + rows.shape[1]), dtype=np.uint8)
        filtered[:, 0] = _SUB
        filtered[:, 1:4] = rows[:, :3]
        filtered[:, 4:] = rows[:, 3:] - rows[:, :-3]
        self._left -= len(rows)
        if packed := self._packing.compress(filtered.tobytes()):
            self._chunk(b"IDAT", packed)

    def finish(self) -> None:
        """End the picture. Raises ValueError where rows are missing."""
        if self._left:
            raise ValueError(f"{self._left} rows are missing")
        self._chunk(b"IDAT", self._packing.flush())
        self._chunk(b"IEND", b"")

    def _chunk(self, name: bytes, content: bytes) -> None:
        self._file.write(struct.pack(">I", len(content)) + name + content)
        self._file.write(struct.pack(">I", zlib.crc32(name + content)))
