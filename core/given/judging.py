"""One look at all vectors of a file: which cannot be compared, which are not of unit length, which are the same."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.given.records import VectorFile
from core.jobs import Job

# What became of a row. SCALED ones were not of unit length.
GOOD, SCALED, NOT_FINITE, ZERO, FAULT = range(5)
# Float16 rounds a unit vector's length by less than half of this. Such rows are taken as they are, to the bit.
_UNIT_WITHIN = 1e-3
_SKETCH = 16
_SEED = 20


@dataclass(slots=True)
class Judged:
    """What a file holds. ``states`` int8 [n]; ``sketches`` float32 [n, 16], whose mean squared differences tell how
    far two rows are apart (``distances``); ``paths`` and ``hashes`` as the file has them; ``faults`` by row."""

    states: NDArray[np.int8]
    sketches: NDArray[np.float32]
    paths: list[str]
    hashes: list[str]
    faults: dict[int, str] = field(default_factory=dict)

    @property
    def are_usable(self) -> NDArray[np.bool_]:
        """Rows that can be compared. bool [n]."""
        return np.asarray(self.states <= SCALED)


def judge(file: VectorFile, job: Job) -> Judged:
    """Read all of a file once. Held of each row are 65 bytes and its texts. Raises TableError, Cancelled."""
    signs = np.random.default_rng(_SEED).choice([-1.0, 1.0], (file.dim, _SKETCH)).astype(np.float32)
    states, sketches = [np.zeros(0, np.int8)], [np.zeros((0, _SKETCH), np.float32)]
    paths: list[str] = []
    hashes: list[str] = []
    faults: dict[int, str] = {}
    count = 0
    job.start("Reading vectors", file.rows)
    for block in file.blocks(job):
        rows, found = unit(block.vectors)
        for at, why in block.faults.items():
            found[at] = FAULT
            faults[count + at] = why
        states.append(found)
        sketches.append(rows @ signs)
        paths += block.paths
        hashes += block.hashes
        count += len(rows)
        job.advance(len(rows))
    return Judged(np.concatenate(states), np.concatenate(sketches), paths, hashes, faults)


def unit(vectors: NDArray[np.generic]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """(rows [n, dim] of unit length, what they were [n]); rows that have no direction are zeros.

    Lengths within 0.001 of 1 are what rounding makes of 1: those rows stay as they are.
    """
    is_wide = vectors.dtype.itemsize > 4 or vectors.dtype.kind in "iu"
    # More numbers than float32 holds exactly are rounded after they were scaled.
    rows: NDArray[Any] = vectors.astype(np.float64 if is_wide else np.float32)
    states = np.zeros(len(rows), dtype=np.int8)
    is_finite = np.isfinite(rows).all(axis=1)
    states[~is_finite] = NOT_FINITE
    rows[~is_finite] = 0
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        # Squares of very large or small numbers leave the range of floating point: scale those rows first.
        odd = np.flatnonzero((lengths < 1e-15) | ~np.isfinite(lengths))
        largest = np.abs(rows[odd]).max(axis=1)
        rows[odd[largest > 0]] /= largest[largest > 0, None]
        lengths[odd] = np.sqrt(np.einsum("ij,ij->i", rows[odd], rows[odd]))
    states[(lengths == 0) & is_finite] = ZERO
    scaled = np.flatnonzero((lengths > 0) & (np.abs(lengths - 1) > _UNIT_WITHIN))
    # A row of one number alone may come out of the scaling with length 1.
    states[scaled] = SCALED
    states[odd[largest > 0]] = SCALED
    rows[scaled] /= lengths[scaled, None]
    return rows.astype(np.float32, copy=False), states


def distances(
    sketches: NDArray[np.float32], one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.float32]:
    """About the squared distances of rows ``one`` and ``other``. float32 [n].

    The mean over random signs is right on average (Achlioptas 2003), and over 16 of them mostly within a third.
    """
    between = sketches[one] - sketches[other]
    return np.asarray(np.mean(between * between, axis=1), dtype=np.float32)
