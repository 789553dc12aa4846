"""In which order open pairs come, apart from what an answer is worth."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.catalogue.columns import PRESENT
from core.catalogue.index import Index
from core.catalogue.links import KINDS, Kind, Links
from core.catalogue.session import Session
from core.errors import UsageError

Order = Literal["gain", "score", "least", "folder", "size"]
ORDERS: tuple[Order, ...] = get_args(Order)
Ints = NDArray[np.int64]


def check(order: str) -> None:
    """Raises UsageError for an order that is none."""
    if order not in ORDERS:
        raise UsageError(f"Pairs cannot be ordered by {order!r}.", f"Use {', '.join(ORDERS)}.")


def kind_places(kinds: tuple[Kind, ...]) -> NDArray[np.uint8]:
    """Places in KINDS. Raises UsageError for a word that is none of them."""
    strange = [kind for kind in kinds if kind not in KINDS]
    if strange:
        raise UsageError(f"{strange[0]!r} is no kind of duplicate.", f"Use {', '.join(KINDS)}.")
    return np.array([KINDS.index(kind) for kind in kinds], dtype=np.uint8)


def rows_by_content(index: Index) -> NDArray[np.int32]:
    """By content id: the row of its first present image in the index, -1 where there is none. int32."""
    columns = index.columns
    found = np.full(int(columns.content_ids.max(initial=0)) + 1, -1, dtype=np.int32)
    rows = np.flatnonzero(columns.status == PRESENT)[::-1]
    found[columns.content_ids[rows]] = rows
    return found


def heights(
    session: Session, index: Index, order: Order, links: Links, at: Ints, rows: NDArray[np.int32]
) -> NDArray[np.float32] | None:
    """What ``Queue`` orders these links by, float32 [len(at)], 0 to 1; None for "gain".

    ``rows`` are those of ``rows_by_content``. "score" puts the surest first, "least" the most doubtful. "folder" keeps
    the pairs of two folders together, in the order of their paths, "size" puts those first whose files are the
    largest together; the best score comes first in both.
    """
    if order == "gain":
        return None
    score = links.scores[at]
    if order == "score":
        keys: tuple[NDArray[np.generic], ...] = (-score,)
    elif order == "least":
        keys = (score,)
    else:
        a, b = rows[links.a[at]], rows[links.b[at]]
        if order == "size":
            size = index.columns.size_bytes
            keys = (-score, -(size[a] + size[b]))
        else:
            folder = _folder_ranks(session, index)
            first, second = folder[a], folder[b]
            keys = (-score, np.maximum(first, second), np.minimum(first, second))
    place = np.empty(len(at), dtype=np.float64)
    place[np.lexsort(keys)] = np.arange(len(at))
    return (1 - place / max(len(at), 1)).astype(np.float32)


def _folder_ranks(session: Session, index: Index) -> NDArray[np.int32]:
    """The rank of each image's folder in the order of paths, by row. int32 [images]."""
    in_order = index.order(session, "path")
    folders = index.columns.folder_ids
    rank = np.zeros(int(folders.max(initial=0)) + 1, dtype=np.int32)
    rank[folders[in_order[::-1]]] = np.arange(len(in_order), dtype=np.int32)[::-1]
    return rank[folders]
