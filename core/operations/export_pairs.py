"""Material of the export of pairs: what a person said, and what the program found alike."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue import contents, images, pairs
from core.catalogue.columns import MISSING, PRESENT
from core.catalogue.index import Index
from core.catalogue.links import KINDS, difference_names, pair_keys, pairs_of
from core.catalogue.session import Session
from core.duplicates.joined import NO, YES
from core.errors import CatalogueError, ExportError
from core.export.material import Column, Material, Part, Table
from core.jobs import Job
from core.operations import duplicate_state, export_listing, export_request
from core.operations.duplicate_state import State
from core.operations.export_request import Request
from core.project import Project

# The first three are those of a file of verdicts, so that `pairs --import` takes it as it is.
_COLUMNS = (
    Column("a"), Column("b"), Column("verdict"), Column("score", "float"), Column("kind"), Column("differs", "texts"),
    Column("is_duplicate", "bool"), Column("origin"), Column("decided_at"), Column("a_content"), Column("b_content"),
)  # fmt: skip
_COPY, _JUDGED_ONLY = -2, -1  # in place of the row of a link


@dataclass(frozen=True, eq=False)
class _Found:
    """n pairs of images: ``a``, ``b`` image ids and ``a_contents``, ``b_contents`` int64 [n]; ``links`` int64 [n] the
    row of their link, or one of the two above; ``are_there`` bool [n] whether both files are."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    a_contents: NDArray[np.int64]
    b_contents: NDArray[np.int64]
    links: NDArray[np.int64]
    are_there: NDArray[np.bool_]


def material(project: Project, request: Request, job: Job) -> Material:
    """Each pair of pictures once, in the order of their paths: those that a person judged, those that the program
    compared and found alike, and files of the same bytes (each with the first of them). A file that is gone is named
    by verdicts only, and is nobody's duplicate.

    ``verdict`` is empty where nobody judged, ``kind`` where nothing was found; ``is_duplicate`` says what `duplicates`
    lists. A content with several files goes by the first. With a filter both pictures must pass it. Raises
    ExportError where there are none.
    """
    state = duplicate_state.load(project)
    is_all = not request.filter_text and request.image_ids is None
    # Verdicts outlast all files: without a filter there may be no image any more.
    ids = (export_request if is_all else export_listing).image_ids(project, request)
    with project.read() as session:
        index = project.index(session)
        order = _in_order(session, index, ids, with_missing=is_all)
        said = pairs.keys(session)
        judged_only = request.chosen.get("pairs") == "judged"
        found, lost = _found(index, order, state, said, judged_only=judged_only)
    if not len(found.a):
        if not is_all:
            raise ExportError("There are no such pairs among the chosen images.")
        if judged_only:
            raise ExportError("No pair is judged yet.", "Judge some first, or export all pairs.")
        raise ExportError("There are no pairs yet.", "Find duplicates or judge some pairs first.")
    notes: tuple[str, ...] = ()
    if lost and is_all:
        notes = (f"Verdicts on pictures of which no file is left, which are left out: {lost:,}.",)
    return Table(
        _COLUMNS,
        len(found.a),
        lambda start, stop: _read(project, state, found, start, stop),
        notes=notes,
    )


def _in_order(
    session: Session, index: Index, ids: NDArray[np.int64], *, with_missing: bool
) -> NDArray[np.int64]:
    """Rows of the index that pairs are named by: the chosen ones by path, then those of missing files."""
    rows = index.columns.rows_of(ids)
    if not with_missing:
        return rows
    by_path = index.order(session, "path")
    return np.concatenate([rows, by_path[index.columns.status[by_path] == MISSING]])


def _found(
    index: Index,
    order: NDArray[np.int64],
    state: State,
    said: NDArray[np.int64],
    *,
    judged_only: bool,
) -> tuple[_Found, int]:
    """(the pairs, how many verdicts name a picture that is not among these)."""
    now = index.columns
    content_of, image_of = now.content_ids[order].astype(np.int64), now.ids[order]
    linked = state.links.keys
    keys = said if judged_only else np.union1d(linked, said)
    a, b = (one.astype(np.int64) for one in pairs_of(keys))
    count = int(max(content_of.max(initial=0), b.max(initial=0))) + 1
    # The place of the first image of each content: the last that is written comes first.
    place = np.full(count, -1, dtype=np.int64)
    place[content_of[::-1]] = np.arange(len(order) - 1, -1, -1)
    is_named = (place[a] >= 0) & (place[b] >= 0)
    lost = int(np.count_nonzero(np.isin(keys[~is_named], said)))
    keys, a, b = keys[is_named], place[a[is_named]], place[b[is_named]]
    is_present = now.status[order] == PRESENT
    is_kept = np.isin(keys, said) | (is_present[a] & is_present[b])
    keys, a, b = keys[is_kept], a[is_kept], b[is_kept]
    by_key = np.argsort(linked)
    rows = np.searchsorted(linked[by_key], keys).clip(max=max(0, len(linked) - 1))
    link = np.full(len(keys), _JUDGED_ONLY, dtype=np.int64)
    if len(linked):
        is_linked = linked[by_key[rows]] == keys
        link[is_linked] = by_key[rows[is_linked]]
    copies = np.flatnonzero(is_present & (place[content_of] != np.arange(len(order))))
    if judged_only:
        copies = copies[:0]
    first = np.concatenate([np.minimum(a, b), place[content_of[copies]]])
    second = np.concatenate([np.maximum(a, b), copies])
    link = np.concatenate([link, np.full(len(copies), _COPY, dtype=np.int64)])
    by_path = np.lexsort((second, first))
    first, second = first[by_path], second[by_path]
    are_there = is_present[first] & is_present[second]
    return _Found(
        image_of[first], image_of[second], content_of[first], content_of[second], link[by_path],
        are_there,
    ), lost  # fmt: skip


def _read(project: Project, state: State, found: _Found, start: int, stop: int) -> Part:
    span = slice(start, stop)
    a, b, rows = found.a[span].tolist(), found.b[span].tolist(), found.links[span]
    keys = pairs_of(pair_keys(found.a_contents[span], found.b_contents[span]))
    couples = list(zip(*(one.tolist() for one in keys), strict=True))
    with project.read() as session:
        paths = images.paths_shown(session, sorted({*a, *b}))
        hashes = contents.hashes(session, sorted({one for two in couples for one in two}))
        said = pairs.said_of(session, [key for key in dict.fromkeys(couples) if key[0] != key[1]])
    if any(one not in paths for one in (*a, *b)):
        raise CatalogueError("Images were taken from the catalogue meanwhile.", "Try again.")
    is_link = rows >= 0
    some = state.links.take(rows[is_link])
    label = state.labels[rows[is_link]]
    counts = (rows == _COPY).astype(bool)
    counts[is_link] = (state.passes[rows[is_link]] & (label != NO)) | (label == YES)
    score: list[float | None] = [None] * len(a)
    kind: list[str] = [""] * len(a)
    differs: list[tuple[str, ...]] = [()] * len(a)
    told = zip(
        np.flatnonzero(is_link).tolist(), some.scores.tolist(), some.kinds.tolist(), some.differs.tolist(),
        strict=True,
    )  # fmt: skip
    for place, value, code, bits in told:
        score[place], kind[place] = round(value, 6), KINDS[code]
        differs[place] = difference_names(bits)
    for place in np.flatnonzero(rows == _COPY).tolist():
        score[place], kind[place] = 1.0, "exact"
    words = [said.get(key) for key in couples]
    for place, word in enumerate(words):
        if word is not None and not is_link[place]:
            score[place] = word.score
            counts[place] = word.verdict == "duplicate"
    part: dict[str, Any] = {
        "a": [paths[one][1] for one in a],
        "b": [paths[one][1] for one in b],
        "verdict": [one.verdict if one is not None else "" for one in words],
        "score": score,
        "kind": kind,
        "differs": differs,
        "is_duplicate": counts & found.are_there[span],
        "origin": [one.origin if one is not None else "program" for one in words],
        "decided_at": [_moment(one.decided_at) if one is not None else "" for one in words],
        "a_content": [hashes[one].hex() for one in found.a_contents[span].tolist()],
        "b_content": [hashes[one].hex() for one in found.b_contents[span].tolist()],
    }
    return part


def _moment(seconds: float) -> str:
    """A time as ISO 8601, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
