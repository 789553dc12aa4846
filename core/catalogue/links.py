"""Links: pairs of contents that were compared pixel by pixel, kept so that nothing is compared twice.

Derived: what a person said of a pair is a verdict (``pairs.py``) and is kept apart from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, delete, func, insert, select

from core.catalogue.blobs import from_blob, to_blob
from core.catalogue.schema import BLOCK_ROWS, fingerprint_blocks, link_blocks, refuted_blocks
from core.catalogue.session import Session

Kind = Literal["exact", "pixels", "near", "part-of"]
KINDS: tuple[Kind, ...] = ("exact", "pixels", "near", "part-of")
# What may differ between two versions of a picture; the bit of each in ``Links.differs``. Never renumbered:
# new words are added at the end.
DIFFERENCES = (
    "size", "format", "recompressed", "cropped", "mirrored", "turned", "rotated", "recoloured", "brightness",
    "caption", "border", "blurred", "sharpened", "stretched", "metadata", "retouched",
)  # fmt: skip
_TYPES: dict[str, Any] = {
    "a": np.int32, "b": np.int32, "scores": np.float32, "kinds": np.uint8, "differs": np.uint32,
    "overlaps": np.float32, "transforms": np.float32,
}  # fmt: skip
_SHAPES: dict[str, tuple[int, ...]] = {"overlaps": (2,), "transforms": (2, 3)}  # of a row


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """n pairs of contents that may be the same picture, each once, ``a`` < ``b`` int32 [n].

    ``scores`` float32 [n], 0 to 1: how much of what both show agrees after one is laid over the other.
    ``kinds`` uint8 [n], places in KINDS ("exact" is no link: it is one content). ``differs`` uint32 [n], bits by
    place in DIFFERENCES. ``overlaps`` float32 [n, 2]: the share of a, and of b, that the other shows too.
    ``transforms`` float32 [n, 2, 3] takes a point of a to b, both in shares of width and height (0 to 1).
    """

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    scores: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    differs: NDArray[np.uint32]
    overlaps: NDArray[np.float32]
    transforms: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.a)

    @property
    def keys(self) -> NDArray[np.int64]:
        """One number a pair, a << 32 | b. int64 [n]."""
        return pair_keys(self.a, self.b)

    def take(self, rows: NDArray[Any]) -> "Links":
        """Some of them, by places or by a mask."""
        return Links(*(getattr(self, one.name)[rows] for one in fields(self)))


def pair_keys(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.int64]:
    """One number for each pair of contents, the lower first: low << 32 | high. int64 [n]."""
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
    return np.asarray(low << 32 | high, dtype=np.int64)


def pairs_of(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(a, b) of such numbers, int32 [n] each."""
    return (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)


def difference_names(bits: int) -> tuple[str, ...]:
    """The words for the bits of one pair, in the order of DIFFERENCES."""
    return tuple(word for place, word in enumerate(DIFFERENCES) if bits >> place & 1)


def difference_bits(words: Sequence[str]) -> int:
    """The bits of these words. Raises ValueError for one that is not in DIFFERENCES."""
    return sum(1 << DIFFERENCES.index(word) for word in set(words))


def joined(many: Sequence[Links]) -> Links:
    """All of them in one, in this order."""
    return Links(
        *(
            np.concatenate([getattr(one, each.name) for one in many] or [_empty_of(each.name)])
            for each in fields(Links)
        )
    )


def empty() -> Links:
    """No links."""
    return joined([])


def _empty_of(name: str) -> NDArray[Any]:
    return np.zeros((0, *_SHAPES.get(name, ())), dtype=_TYPES[name])


def append(session: Session, found: Links, refuted: NDArray[np.int64]) -> None:
    """Keep links that were found, and keys of pairs that were compared and are none."""
    first = _next(session, link_blocks)
    rows = []
    for number, start in enumerate(range(0, len(found), BLOCK_ROWS)):
        part = found.take(np.arange(start, min(len(found), start + BLOCK_ROWS)))
        blobs = {name: to_blob(getattr(part, name).astype(kind)) for name, kind in _TYPES.items()}
        rows.append({"block": first + number, **blobs})
    if rows:
        session.execute(insert(link_blocks), rows)
    if len(refuted):
        block = {"block": _next(session, refuted_blocks), "pair_keys": to_blob(np.sort(refuted))}
        session.execute(insert(refuted_blocks).values(block))


def load(session: Session) -> Links:
    """All links that are kept, in the order they were found."""
    rows = session.execute(select(link_blocks).order_by(link_blocks.c.block)).all()
    return joined(
        [
            Links(
                *(
                    from_blob(getattr(row, name), kind).reshape(-1, *_SHAPES.get(name, ()))
                    for name, kind in _TYPES.items()
                )
            )
            for row in rows
        ]
    )


def refuted(session: Session) -> NDArray[np.int64]:
    """Keys of all pairs that were compared and are not the same picture, ascending. int64 [n]."""
    rows = session.execute(
        select(refuted_blocks.c.pair_keys).order_by(refuted_blocks.c.block)
    ).scalars()
    parts = [from_blob(blob, np.int64) for blob in rows]
    return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)


def counts(session: Session) -> tuple[int, int]:
    """(how many links, how many refuted pairs) are kept; reads none of them."""
    found = func.coalesce(func.sum(func.length(link_blocks.c.a)), 0)
    none = func.coalesce(func.sum(func.length(refuted_blocks.c.pair_keys)), 0)
    return (
        int(session.execute(select(found)).scalar_one()) // 4,
        int(session.execute(select(none)).scalar_one()) // 8,
    )


def clear(session: Session) -> None:
    """Forget all links and all that was refuted, to be found anew."""
    session.execute(delete(link_blocks))
    session.execute(delete(refuted_blocks))


def store_fingerprints(
    session: Session, scheme: str, content_ids: NDArray[np.int32], rows: NDArray[Any]
) -> None:
    """Add what contents are recognised by under a scheme: ``rows`` [n, ...], one a content."""
    first = _next(session, fingerprint_blocks, scheme)
    blocks = [
        {
            "scheme": scheme,
            "block": first + number,
            "content_ids": to_blob(content_ids[start : start + BLOCK_ROWS].astype(np.int32)),
            "rows": to_blob(rows[start : start + BLOCK_ROWS]),
        }
        for number, start in enumerate(range(0, len(content_ids), BLOCK_ROWS))
    ]
    if blocks:
        session.execute(insert(fingerprint_blocks), blocks)


def load_fingerprints(
    session: Session, scheme: str, kind: Any, width: int
) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """(contents int32 [n], rows [n, width] of ``kind``) that are kept under a scheme."""
    query = (
        select(fingerprint_blocks.c.content_ids, fingerprint_blocks.c.rows)
        .where(fingerprint_blocks.c.scheme == scheme)
        .order_by(fingerprint_blocks.c.block)
    )
    ids, rows = [np.zeros(0, dtype=np.int32)], [np.zeros((0, width), dtype=kind)]
    for row in session.execute(query):
        ids.append(from_blob(row.content_ids, np.int32))
        rows.append(from_blob(row.rows, kind).reshape(-1, width))
    return np.concatenate(ids), np.concatenate(rows)


def forget_fingerprints(session: Session, scheme: str) -> None:
    """Drop what is kept under a scheme."""
    session.execute(delete(fingerprint_blocks).where(fingerprint_blocks.c.scheme == scheme))


def _next(session: Session, table: Table, scheme: str | None = None) -> int:
    query = select(func.max(table.c.block))
    if scheme is not None:
        query = query.where(table.c.scheme == scheme)
    last = session.execute(query).scalar()
    return 0 if last is None else int(last) + 1
