"""What was worked out of a graph's clusters, kept beside the catalogue: the tree, and the clusters made last.

Caches: they count only for exactly the graph that they were made of, and may be deleted at any time.
"""

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue.records import Graph

_VERSION = 1
Arrays = dict[str, NDArray[Any]]


def digest(graph: Graph) -> str:
    """The same for graphs that are equal to the bit."""
    hashed = hashlib.blake2b(digest_size=16)
    for one in (graph.content_ids, graph.neighbour_ids, graph.scores):
        hashed.update(repr((one.shape, one.dtype.str)).encode())
        hashed.update(np.ascontiguousarray(one).data)
    return hashed.hexdigest()


def load(path: Path, stamp: str, names: tuple[str, ...]) -> Arrays | None:
    """The arrays of these names that were kept under ``stamp``; None where there are none or they are damaged."""
    try:
        # Opened here: np.load leaves a file open that it finds to be no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["stamp"]) != _full(stamp):
                return None
            return {name: kept[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def save(path: Path, stamp: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Keep the arrays in place of what was kept there; a full disk keeps the old ones."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            np.savez(file, allow_pickle=False, stamp=np.array(_full(stamp)), **arrays)
        beside.replace(path)
    except OSError:  # a cache: the catalogue is whole without it
        beside.unlink(missing_ok=True)


def _full(stamp: str) -> str:
    return f"{_VERSION} {stamp}"
