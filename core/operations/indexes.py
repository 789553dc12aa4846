"""Indexes: made for large catalogues, so that a question takes a few milliseconds; and how exact it is to be."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings as stored
from core.catalogue import facts
from core.catalogue.files import explain_os_error
from core.catalogue.records import Embedding
from core.changes import Changes
from core.encoders import names, run_files
from core.errors import UsageError
from core.jobs import Job
from core.operations import galleries
from core.operations.embeddings import find, require
from core.project import Project
from core.search.adaptive.card import Card, Figures, Mode
from core.search.vectors import Vectors

if TYPE_CHECKING:
    from core.search.adaptive.index import AdaptiveIndex
    from core.search.mapped import MappedRows

DEFAULT_MODE: Mode = "balanced"
# Below so many rows every one is compared: 50,000 of 512 numbers take some 10 ms.
LEAST_ROWS = 50_000
# Rows that came since are compared one by one, at some 5,000 a millisecond; past this share the index is made anew.
_MOST_NEW, _MOST_GONE = 0.02, 0.2
_MODE = "search mode"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the user sees of the modes on their own catalogue. ``modes`` are balanced and fast; empty where everything
    is compared, since the catalogue is small or there is no index yet (``is_large``). ``exact_ms`` is None there."""

    mode: Mode
    rows: int
    is_large: bool
    is_fresh: bool
    modes: tuple[Figures, ...] = ()
    exact_ms: float | None = None
    index_bytes: int = 0


@dataclass(slots=True)
class Held:
    """What was read from the disk: ``seen`` tells of which file, None: there was none. ``rows``: the index's."""

    seen: tuple[int, int] | None
    index: "AdaptiveIndex | None" = None
    rows: "MappedRows | None" = None


def mode(project: Project) -> Mode:
    """How exact a search of this catalogue is to be."""
    with project.read() as session:
        return check_mode(facts.get(session, _MODE, DEFAULT_MODE))


def choose(project: Project, wanted: str) -> Changes:
    """Let searches of this catalogue be "exact", "balanced" or "fast" from now on. Raises UsageError."""
    checked = check_mode(wanted)
    with project.write(durable=True) as session:
        facts.put(session, _MODE, checked)
    return Changes.SETTINGS


def check_mode(text: str) -> Mode:
    """The mode of this name. Raises UsageError."""
    for one in get_args(Mode):
        if text == one:
            found: Mode = one
            return found
    raise UsageError(f"{text!r} is no way to search.", "Say exact, balanced or fast.")


def build(
    project: Project,
    *,
    encoder: str | None = None,
    job: Job | None = None,
    only_if_stale: bool = False,
    least_rows: int = LEAST_ROWS,
) -> Changes:
    """Make the index of an embedding and measure it, in place of the old one.

    Nothing is made of fewer than ``least_rows`` rows, nor while an embedding is joined with the one before it; an index
    that is no good any more is removed then. With ``only_if_stale`` one that still serves is kept. Raises DiskFull.
    """
    embedding = require(project, encoder)
    with project.read() as session:
        gallery = galleries.of(project, session, embedding)
    found, cache = gallery.embedding, project.path / "cache"
    count = int(np.count_nonzero(gallery.owners))
    if gallery.old is not None or not isinstance(gallery.vectors, Vectors):
        return Changes.NONE
    from core.search.adaptive import build as building
    from core.search.adaptive import files

    if count < max(least_rows, building.FEWEST_ROWS):
        if files.place(cache, found.id).exists():
            files.remove(cache, found.id)
            _let_go(project, found)
        return Changes.NONE
    if only_if_stale:
        index = held(project, found).index
        if index is not None and is_fresh(index, found, gallery.owners):
            return Changes.NONE
    index = building.build(
        gallery.vectors,
        gallery.owners,
        key=found.key,
        generation=found.generation,
        nested=_nested(project, found),
        job=job,
    )
    try:
        files.save(cache, found.id, index)
    except OSError as error:
        raise explain_os_error(project.path, error) from error
    _let_go(project, found)
    return Changes.SETTINGS


def refresh(project: Project, job: Job | None = None) -> Changes:
    """Make those indexes anew that are no good any more, as after a compaction."""
    with project.read() as session:
        every = [one.encoder for one in stored.every(session) if one.rows]
    changes = Changes.NONE
    for encoder in dict.fromkeys(every):
        changes |= build(project, encoder=encoder, job=job, only_if_stale=True)
    return changes


def measured(project: Project, encoder: str | None = None) -> Measured | None:
    """The modes as they were measured when the index was made, or None where nothing is embedded."""
    embedding = find(project, encoder)
    if embedding is None:
        return None
    with project.read() as session:
        owners = stored.owners(session, embedding.id)
    rows, wanted = int(np.count_nonzero(owners)), mode(project)
    card = state(project, embedding)
    if card is None:
        return Measured(wanted, rows, rows >= LEAST_ROWS, is_fresh=rows < LEAST_ROWS)
    index = held(project, embedding).index
    fresh = index is not None and is_fresh(index, embedding, owners)
    return Measured(wanted, rows, True, fresh, card.modes, card.exact_p50_ms, card.index_bytes)


def state(project: Project, embedding: Embedding) -> Card | None:
    """What is known of the stored index of this embedding, or None where there is none that is whole."""
    index = held(project, embedding).index
    return None if index is None else index.card


def held(project: Project, embedding: Embedding) -> Held:
    """The stored index and its rows, read again where another process has made it anew."""
    from core.search.adaptive import files

    key, place = f"search:{embedding.id}", files.place(project.path / "cache", embedding.id)
    try:
        told = place.stat()
        seen = told.st_mtime_ns, told.st_size
    except OSError:
        seen = None
    known: Held | None = project.kept(key)
    if known is not None and known.seen == seen:
        return known
    project.let_go(key)
    return project.keep(key, lambda: _read(project, embedding, seen))


def _read(project: Project, embedding: Embedding, seen: tuple[int, int] | None) -> Held:
    if seen is None:
        return Held(None)
    from core.search.adaptive import files
    from core.search.mapped import MappedRows

    index = files.load(project.path / "cache", embedding.id)
    if index is None or (index.card.key, index.card.generation, index.card.dim) != (
        embedding.key,
        embedding.generation,
        embedding.dim,
    ):
        return Held(seen)
    return Held(seen, index, MappedRows(project.vectors(embedding), index.card.rows))


def _let_go(project: Project, embedding: Embedding) -> None:
    project.let_go(f"search:{embedding.id}")


def serves(index: "AdaptiveIndex", embedding: Embedding, owners: NDArray[np.int32]) -> bool:
    """Whether every row of the index is still the one that it was made of, or a hole, and few came since."""
    card = index.card
    is_same = (card.key, card.generation, card.dim) == (
        embedding.key,
        embedding.generation,
        embedding.dim,
    )
    if not is_same or len(owners) < card.rows:
        return False
    now = owners[: card.rows]
    return bool(np.all((now == index.owners) | (now == 0)))


def is_fresh(index: "AdaptiveIndex", embedding: Embedding, owners: NDArray[np.int32]) -> bool:
    """Whether it need not be made anew."""
    if not serves(index, embedding, owners):
        return False
    card = index.card
    living = int(np.count_nonzero(owners[: card.rows]))
    is_near = len(owners) - card.rows <= _MOST_NEW * card.rows
    return is_near and living >= (1 - _MOST_GONE) * card.indexed


def _nested(project: Project, embedding: Embedding) -> tuple[int, ...]:
    """The prefixes that the vectors of a trained encoder were trained with."""
    if not names.is_name(embedding.encoder) or not embedding.encoder.startswith("run:"):
        return ()
    card = run_files.read(project.path / "models", names.parse(embedding.encoder).model)
    return card.nested if card is not None and card.key == embedding.key else ()
