"""Links: which contents may be the same picture. Found from candidates, verified on pixels, kept for good."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from core.arrays import distinct
from core.catalogue import facts, links, revisions, updates
from core.catalogue import neighbours as stored_neighbours
from core.catalogue.columns import PRESENT
from core.catalogue.links import Links
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.changes import Changes
from core.duplicates.candidates import Candidates
from core.duplicates.clumps import closing
from core.errors import ReadOnlyCatalogue
from core.jobs import Job
from core.operations import embeddings, fingerprints, neighbours, verification
from core.operations.encoders import BUILTIN
from core.project import Project

# Counted up where links that were found before are not what would be found now: all are found anew then.
METHOD = 2
_FACT, _LOADED = "links", "links"
_COMPARED = "compared"  # a scheme of fingerprints: contents that were compared with all others


@dataclass(frozen=True, slots=True)
class LinksState:
    """``links`` that are kept, contents in use that were ``compared`` and that are ``waiting``; ``pairs`` that were
    compared on pixels; the encoders whose neighbours they were ``made_with``."""

    links: int
    compared: int
    waiting: int
    pairs: int
    made_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """What the kept links are of: a method, the stored graphs, and the contents in use (a hash of their ids)."""

    method: int = 0
    graphs: tuple[str, ...] = ()
    encoders: tuple[str, ...] = ()
    contents: str = ""


def update(project: Project, *, job: Job | None = None) -> Changes:
    """Find what is new: fingerprints, candidates, and those verified on pixels; kept batch by batch.

    A job that is cancelled or killed keeps what was found and goes on from there. Only pairs that were not compared
    before are. What another version of the method found is made anew. Raises ReadOnlyCatalogue.
    """
    if not project.is_writable:
        raise ReadOnlyCatalogue("Links can be found only in a catalogue that can be written to.")
    job = job or Job()
    with project.write() as session:
        if _made(session).method != METHOD:
            links.clear(session)
            links.forget_fingerprints(session, _COMPARED)
            facts.put(session, _FACT, json.dumps(asdict(_Made(METHOD))))
    search = _Search(project, job)
    for found, refuted in search.batches():
        with project.write() as session:
            links.append(session, found, refuted)
        project.let_go(_LOADED)
    with project.write() as session:
        _keep_compared(session, search)
        facts.put(session, _FACT, json.dumps(asdict(search.made)))
    project.let_go(_LOADED)
    project.database.sync()
    return Changes.LINKS


def found_in_memory(project: Project, *, job: Job | None = None) -> tuple[Links, int]:
    """All links, those that are not kept found now and forgotten afterwards: for a catalogue that cannot be written
    to now. With them, how many contents were not compared with all others."""
    search = _Search(project, job or Job())
    for _ in search.batches():
        pass
    waiting = len(np.setdiff1d(search.used, np.union1d(search.before, search.compared)))
    with project.read() as session:
        return _living(project, session, search.links), waiting


def load(project: Project) -> Links:
    """The links whose contents both have a present image; held in memory until something changes."""
    with project.read() as session:
        state = revisions.current(session), links.counts(session)
        known = project.kept(_LOADED)
        if known is not None and known[0] == state:
            found: Links = known[1]
            return found
        project.let_go(_LOADED)
        every = links.load(session) if _made(session).method == METHOD else links.empty()
        living = _living(project, session, every)
    kept: tuple[object, Links] = project.keep(_LOADED, lambda: (state, living))
    return kept[1]


def is_current(project: Project) -> bool:
    """Whether all that is in the catalogue now was compared."""
    looked_at = _embeddings(project)
    with project.read() as session:
        return _made(session) == _now(project, session, looked_at)


def state(project: Project) -> LinksState:
    """How many links there are, and how far they go."""
    with project.read() as session:
        made = _made(session)
        used = _used(project, session)
        compared = np.intersect1d(used, _compared(session)) if made.method == METHOD else used[:0]
        pairs = sum(links.counts(session)) if made.method == METHOD else 0
    waiting = len(used) - len(compared)
    return LinksState(len(load(project)), len(compared), waiting, pairs, made.encoders)


class _Search:
    """One search: what it compares, and what it is of. Reads the catalogue, never writes."""

    def __init__(self, project: Project, job: Job) -> None:
        self.project, self.job = project, job
        self.embeddings = _embeddings(project)
        with project.read() as session:
            before = _made(session)
            is_known = before.method == METHOD
            self.made = _now(project, session, self.embeddings)
            self.used = _used(project, session)
            self.links = links.load(session) if is_known else links.empty()
            refuted = links.refuted(session) if is_known else np.zeros(0, dtype=np.int64)
            self.before = _compared(session) if is_known else self.used[:0]
        self.known = distinct(np.concatenate([self.links.keys, refuted]))
        self.compared = self.used[:0]

    def batches(self) -> Iterator[tuple[Links, NDArray[np.int64]]]:
        """(links, keys of pairs that are none) as they are found, the most promising first."""
        self.job.start("Looking for duplicates")
        yield from self._verified(self._candidates())
        while True:  # what hangs together by links is compared throughout
            joined_by = self.links
            more = Candidates(
                keys := closing(joined_by.a, joined_by.b), np.full(len(keys), 0.9, dtype=np.float32)
            )
            more = more.without(self.known).among(self.used)
            if not len(more):
                return
            yield from self._verified(more)

    def _candidates(self) -> Candidates:
        from core.duplicates.gathering import gathered

        ids, rows = fingerprints.complete(self.project, self.used, self.job)
        there = np.isin(ids, self.used)
        ids, rows = ids[there], rows[there]
        self.compared = ids.astype(np.int64)
        is_new = ~np.isin(ids, self.before)
        graphs = (neighbours.load(self.project, one) for one in self.embeddings)
        known = (one for one in graphs if one is not None and len(one.content_ids))
        found = gathered(ids, rows, is_new, known, self.job)
        return found.among(self.used).without(self.known).ordered()

    def _verified(self, wanted: Candidates) -> Iterator[tuple[Links, NDArray[np.int64]]]:
        a, b = links.pairs_of(wanted.keys)
        found_here, known_here = [self.links], [self.known]
        for found, refuted in verification.verify(self.project, a, b, self.job):
            found_here.append(found)
            known_here += [found.keys, refuted]
            yield found, refuted
        self.links = links.joined(found_here)
        known = distinct(np.concatenate(known_here))
        # A pair whose pictures cannot be had now waits; so do its contents.
        left = wanted.without(known).keys
        self.compared = np.setdiff1d(self.compared, np.concatenate(links.pairs_of(left)))
        self.known = distinct(np.concatenate([known, left]))


def _embeddings(project: Project) -> list[Embedding]:
    """Those whose stored neighbours are looked at: of the default encoder, of what stands in for it during an
    update, and of the embedded one."""
    found: dict[int, Embedding] = {}
    for name in (None, BUILTIN):
        embedding = embeddings.find(project, name)
        if embedding is not None:
            with project.read() as session:
                old = updates.stand_in(session, embedding)
            found |= {one.id: one for one in (embedding, old) if one is not None}
    return list(found.values())


def _made(session: Session) -> _Made:
    text = facts.get(session, _FACT)
    if not text:
        return _Made()
    read = json.loads(text)
    return _Made(read["method"], tuple(read["graphs"]), tuple(read["encoders"]), read["contents"])


def _now(project: Project, session: Session, looked_at: list[Embedding]) -> _Made:
    """What links made now would be of."""
    states, encoders = [], []
    for embedding in looked_at:
        known = stored_neighbours.made_from(session, embedding.id)
        if known is not None:
            states.append(f"{embedding.key[:16]} {known[0]} {known[1]}")
            encoders.append(embedding.encoder)
    used = _used(project, session)
    told = hashlib.blake2b(used.tobytes(), digest_size=12).hexdigest()
    return _Made(METHOD, tuple(states), tuple(encoders), told)


def _used(project: Project, session: Session) -> NDArray[np.int64]:
    """Contents that a present image has, ascending."""
    columns = project.index(session).columns
    return distinct(columns.content_ids[columns.status == PRESENT].astype(np.int64))


def _compared(session: Session) -> NDArray[np.int64]:
    ids, _ = links.load_fingerprints(session, _COMPARED, np.uint8, 1)
    return np.sort(ids).astype(np.int64)


def _keep_compared(session: Session, search: _Search) -> None:
    """What was away now was compared with nothing that is new: it counts as new when it comes back."""
    before = _compared(session)
    still = np.intersect1d(before, search.used)
    fresh = np.setdiff1d(search.compared, still)
    if len(still) < len(before):
        links.forget_fingerprints(session, _COMPARED)
        fresh = np.concatenate([still, fresh])
    if len(fresh):
        ones = np.ones((len(fresh), 1), dtype=np.uint8)
        links.store_fingerprints(session, _COMPARED, np.sort(fresh).astype(np.int32), ones)


def _living(project: Project, session: Session, every: Links) -> Links:
    """Those whose contents are both in use."""
    used = _used(project, session)
    is_used = (np.isin(end, used, kind="table") for end in (every.a, every.b))
    return every.take(np.logical_and(*is_used))
