"""The index kept on disk beside the catalogue, so that a million images open without reading every row.

A cache: it counts only where its stamp is that of the catalogue, and may be deleted at any time.
"""

import os
import zipfile
from pathlib import Path

import numpy as np

from core.catalogue.columns import ARRAYS, Columns
from core.catalogue.index import Index
from core.catalogue.revisions import State

# A smaller catalogue is read faster than this is worth.
WORTH_ROWS = 20_000
_VERSION = 1


def load(path: Path, state: State) -> Index | None:
    """The index of exactly this state, or None where none is kept or it is damaged."""
    try:
        # Opened here: np.load leaves a file open that it finds to be no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["stamp"]) != _stamp(state):
                return None
            arrays = {name: kept[name] for name in ARRAYS}
            path_order, name_ranks = kept["path_order"], kept["name_ranks"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if len({len(one) for one in (*arrays.values(), path_order, name_ranks)}) != 1:
        return None
    return Index(Columns(state=state, **arrays)).with_order(path_order, name_ranks)


def save(path: Path, index: Index) -> None:
    """Keep the index, with its order by path where that was asked for; a full disk keeps the old one."""
    order = index.known_order()
    if order is None or len(index) < WORTH_ROWS:
        return
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    arrays = {name: getattr(index.columns, name) for name in ARRAYS}
    try:
        with beside.open("wb") as file:
            np.savez(
                file,
                stamp=np.array(_stamp(index.columns.state)),
                path_order=order[0],
                name_ranks=order[1],
                **arrays,
            )
        beside.replace(path)
    except OSError:  # a cache: the catalogue is whole without it
        beside.unlink(missing_ok=True)


def _stamp(state: State) -> str:
    return f"{_VERSION} {state.revision} {state.removals} {state.nonce}"
