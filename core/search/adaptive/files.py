"""An adaptive index on the disk: two files in the catalogue's cache, mapped when they are read.

A cache: a file that is torn, of another version or of other vectors counts as none. The second file names the first
with its checksum, so that the two are always of one build.
"""

import io
import os
import secrets
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from core.search.adaptive import card as cards
from core.search.adaptive.index import AdaptiveIndex
from core.search.adaptive.order import Order

_VERSION = 1
_READ_BYTES = 1 << 22


def place(cache: Path, embedding_id: int) -> Path:
    """The file that tells whether there is an index of this embedding."""
    return cache / f"search-{embedding_id}.npz"


def save(cache: Path, embedding_id: int, index: AdaptiveIndex) -> AdaptiveIndex:
    """Keep the index, whole or not at all; returns it with its size in bytes. Raises OSError (a full disk)."""
    lists = cache / f"search-{embedding_id}-{secrets.token_hex(4)}.faiss"
    beside = place(cache, embedding_id).with_suffix(f".{os.getpid()}.new")
    try:
        data = faiss.serialize_index(index.inverted)
        _write(lists, data.data)
        index.card = replace(index.card, index_bytes=len(data))
        kept = io.BytesIO()
        np.savez(
            kept,
            version=np.array(_VERSION),
            card=np.array(cards.to_text(index.card)),
            lists=np.array(lists.name),
            checksum=np.array(zlib.crc32(data.data), dtype=np.int64),
            kind=np.array(index.order.kind),
            axes=index.order.axes,
            shift=index.order.shift,
            owners=index.owners,
        )
        _write(beside, kept.getbuffer())
        beside.replace(place(cache, embedding_id))
    except OSError:
        beside.unlink(missing_ok=True)
        lists.unlink(missing_ok=True)
        raise
    _tidy(cache, embedding_id, lists.name)
    return index


def _write(path: Path, data: Any) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def remove(cache: Path, embedding_id: int) -> None:
    """Forget the index of this embedding."""
    place(cache, embedding_id).unlink(missing_ok=True)
    _tidy(cache, embedding_id, "")


def _tidy(cache: Path, embedding_id: int, kept: str) -> None:
    for path in cache.glob(f"search-{embedding_id}-*.faiss"):
        if path.name != kept:
            try:
                path.unlink()
            except OSError:  # Windows: somebody still has it mapped; the next build removes it
                continue


def load(cache: Path, embedding_id: int) -> AdaptiveIndex | None:
    """The index that is kept, or None where there is none that is whole."""
    path = place(cache, embedding_id)
    try:
        # Opened here: np.load leaves a file open that it finds to be no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if int(kept["version"]) != _VERSION:
                return None
            card = cards.from_text(str(kept["card"]))
            lists = cache / Path(str(kept["lists"])).name
            checksum = int(kept["checksum"])
            kind = str(kept["kind"])
            axes, shift, owners = kept["axes"], kept["shift"], kept["owners"]
        if lists.stat().st_size != card.index_bytes or _checksum(lists) != checksum:
            return None
        inverted = _read(lists)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, RuntimeError):
        return None  # RuntimeError: faiss's, of a file of another version of it
    order = Order("own" if kind == "own" else "pca", np.ascontiguousarray(axes), shift)
    return AdaptiveIndex(order, inverted, card, owners)


def _read(path: Path) -> Any:
    """Mapped where this faiss and this system can, else read into memory."""
    flag = getattr(faiss, "IO_FLAG_MMAP_IFC", None)
    if flag is not None:
        try:
            return faiss.read_index(str(path), flag)
        except RuntimeError:
            pass  # a system without it; a file that cannot be read at all fails again below
    return faiss.read_index(str(path))


def _checksum(path: Path) -> int:
    found = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_READ_BYTES):
            found = zlib.crc32(block, found)
    return found
