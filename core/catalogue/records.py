"""What leaves the catalogue: frozen records, never rows of the database."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["duplicate", "similar", "different", "unsure"]
VERDICTS: tuple[Verdict, ...] = ("duplicate", "similar", "different", "unsure")


@dataclass(frozen=True, slots=True)
class Source:
    """A root folder of images. ``images`` counts the present, readable ones, ``missing`` those that
    were there once."""

    id: int
    path: str
    raw_path: bytes
    name: str
    images: int
    missing: int
    unreadable: int
    ignored: int
    is_present: bool
    is_watched: bool


@dataclass(frozen=True, slots=True)
class Image:
    """One image file as the window shows it. ``path`` is absolute and for display.

    ``note`` is what a person should know about how it was read: "first of 12 frames".
    """

    id: int
    content_id: int
    source_id: int
    path: str
    name: str
    folder: str
    size_bytes: int
    mtime_ns: int
    width: int
    height: int
    format: str
    sha256: str
    is_missing: bool
    missing_since: float | None
    is_removed: bool
    note: str
    folder_class: str
    label: str | None
    tags: tuple[str, ...]

    @property
    def class_name(self) -> str:
        """The label from outside where there is one, else the name of the folder."""
        return self.label if self.label is not None else self.folder_class


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that looks like an image and that no decoder opens."""

    path: str
    reason: str
    kind: str
    source_id: int
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the catalogue holds. ``images`` are readable and present; ``removed`` ones were taken
    out by the user."""

    images: int
    contents: int
    unreadable: int
    ignored: int
    missing: int
    removed: int


@dataclass(frozen=True, slots=True)
class Facet:
    """One value that images can be filtered by, and how many have it."""

    value: str | int | tuple[int | None, int | None]
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What the present images can be filtered by, most frequent first."""

    sources: list[Facet]
    classes: list[Facet]
    tags: list[Facet]
    formats: list[Facet]
    sizes: list[Facet]
    years: list[Facet]
    states: list[Facet]


@dataclass(frozen=True, slots=True)
class Embedding:
    """The vectors of one encoder. ``rows`` counts stored rows, holes included."""

    id: int
    encoder: str
    key: str
    dim: int
    precision: str
    generation: int
    rows: int
    is_default: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """A stored k-nearest-neighbour graph, without self and without holes.

    ``content_ids`` int32 [n]; ``neighbour_ids`` int32 [n, k] content ids, 0 where there are fewer;
    ``scores`` float16 [n, k] cosines, best first.
    """

    embedding_id: int
    k: int
    content_ids: NDArray[np.int32]
    neighbour_ids: NDArray[np.int32]
    scores: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Layout:
    """A stored 2-D projection: ``content_ids`` int32 [n], ``positions`` float32 [n, 2]."""

    id: int
    embedding_id: int
    method: str
    settings: str
    content_ids: NDArray[np.int32]
    positions: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pair:
    """A verdict on two contents, a < b."""

    a: int
    b: int
    verdict: Verdict
    score: float | None
    origin: str
    decided_at: float
