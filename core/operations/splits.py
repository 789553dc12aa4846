"""Splits: groups of alike images that lie in several parts, and a split without them, put in as one step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import history
from core.catalogue import images, labels, queries
from core.catalogue.columns import PRESENT, REMOVED
from core.catalogue.labels import Coded
from core.catalogue.queries import ClassSource
from core.catalogue.records import Graph
from core.changes import Changes
from core.errors import UsageError
from core.jobs import Job
from core.labelling.resplit import is_torn, resplit
from core.labelling.split_edit import PutSplit, digest
from core.operations import examples
from core.operations.hints import usual_source
from core.project import Project
from core.search.oddness import row_by_id
from core.training import holdout

LONGEST = 100
_NEAREST = 5  # as many neighbours as leak groups are made from


@dataclass(frozen=True, slots=True)
class LeakImage:
    """An image of a leak: the part of the split that it is in, and its class, None where it has none."""

    image_id: int
    path: str
    part: str
    class_name: str | None


@dataclass(frozen=True, slots=True)
class Leak:
    """Images that belong together and lie in several ``parts``. ``score``: the highest cosine by ``builtin`` across
    parts, 1 for the same bytes."""

    images: tuple[LeakImage, ...]
    score: float
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many images a part has, and would have."""

    part: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """The split ``split`` without leaks. ``ids`` int64 [n] ascending, ``before`` and ``after`` the parts of these
    images; ``upset`` counts the classes that have another number of images in some part than before."""

    split: str
    before: Coded
    after: Coded
    parts: tuple[PartCount, ...]
    upset: int

    @property
    def ids(self) -> NDArray[np.int64]:
        return self.after.ids

    @property
    def moved(self) -> NDArray[np.int64]:
        """Ids of the images that would change parts, ascending."""
        moved: NDArray[np.int64] = self.ids[self.before.codes != self.after.codes]
        return moved


@dataclass(frozen=True, slots=True)
class Leaks:
    """What there is of a split: ``found`` the closest leaks, ``total`` how many there are, ``images`` how many images
    are in them. ``proposal`` is None where nothing leaks; ``split`` is None where the catalogue has no split."""

    split: str | None
    found: list[Leak]
    total: int
    images: int
    proposal: Proposal | None
    notes: tuple[str, ...]


def find(
    project: Project,
    split: str | None = None,
    *,
    source: ClassSource | None = None,
    k: int = 100,
    job: Job | None = None,
) -> Leaks:
    """Groups of the same or nearly the same pictures across parts of a stored split, the closest first, and a split
    without them that keeps classes balanced (``core.labelling.resplit``).

    Groups are those of training (``core.training.holdout.leak_groups``). ``split`` None: the only one there is.
    Images that were taken out are passed over. Raises UsageError for a split that there is not, or where there are
    several and none is named.
    """
    if k < 1:
        raise UsageError("Ask for at least one group.")
    job = job or Job()
    source = source or usual_source(project)
    with project.read() as session:
        name = _name_of(labels.split_names(session), split)
        if name is None:
            return Leaks(None, [], 0, 0, None, ("The catalogue has no split.",))
        index = project.index(session)
        codes, names = queries.class_codes(session, index, source)
        parts = labels.read_parts(session, name, index.columns.ids)
    # In one order whatever the database's, or equally good proposals would differ.
    words = sorted(parts.names)
    parts = Coded(words, parts.ids, _recoded(parts, words))
    rows = np.flatnonzero((parts.codes >= 0) & (index.columns.status != REMOVED))
    ids, part = index.columns.ids[rows], parts.codes[rows].astype(np.int64)
    contents, classes = index.columns.content_ids[rows].astype(np.int64), codes[rows]
    notes: list[str] = []
    if len(parts.names) == 1:
        notes.append(f"All images of the split {name!r} are in one part, {parts.names[0]}.")
    graph = examples.leak_graph(project)
    if graph is None:
        notes.append(
            "Only the same files were compared: the catalogue has no neighbours by builtin."
        )
    job.start("Leaks")
    distinct, number = np.unique(contents, return_inverse=True)
    groups = holdout.leak_groups(distinct, graph)[number]
    torn = np.flatnonzero(is_torn(part, groups) & (index.columns.status[rows] == PRESENT))
    torn = torn[is_torn(part[torn], groups[torn])]
    if not len(torn):
        return Leaks(name, [], 0, 0, None, tuple(notes))
    scores = _scores(graph, contents[torn], part[torn], groups[torn])
    order = sorted(scores, key=lambda one: (-scores[one], one))
    shown = [(one, ids[torn[groups[torn] == one]]) for one in order[:k]]
    with project.read() as session:
        every = np.concatenate([of for _, of in shown]).tolist()
        path = {one.id: one.path for one in images.describe(session, every)}

    def told(id_: int) -> LeakImage:
        row = int(np.searchsorted(ids, id_))
        label = names[int(classes[row])] if classes[row] >= 0 else None
        return LeakImage(id_, path[id_], parts.names[int(part[row])], label)

    found = []
    for one, members in shown:
        listed = tuple(told(id_) for id_ in members.tolist() if id_ in path)
        which = tuple(sorted({image.part for image in listed}))
        found.append(Leak(listed, round(scores[one], 6), which))
    after = resplit(part, classes.astype(np.int64), groups, job)
    proposal = _proposal(name, parts.names, ids, (part, after), classes)
    return Leaks(name, found, len(order), len(torn), proposal, tuple(notes))


def names(project: Project) -> list[str]:
    """The names of the stored splits."""
    with project.read() as session:
        return labels.split_names(session)


def moves(project: Project, proposal: Proposal | None) -> list[tuple[str, str, str]]:
    """(path, part before, part after) of the images that a proposal moves, by id; none for None."""
    if proposal is None:
        return []
    rows = np.flatnonzero(proposal.before.codes != proposal.after.codes)
    with project.read() as session:
        described = images.describe(session, proposal.ids[rows].tolist())
    path = {one.id: one.path for one in described}
    old, new = (
        [one.names[code] for code in one.codes[rows].tolist()]
        for one in (proposal.before, proposal.after)
    )
    ids = proposal.ids[rows].tolist()
    return [
        (path[id_], before, after)
        for id_, before, after in zip(ids, old, new, strict=True)
        if id_ in path
    ]


def apply(project: Project, proposal: Proposal, name: str | None = None) -> Changes:
    """Put the proposed split in place of its own, or under another ``name``. Undoable as one step.

    An existing split of that name is replaced. Raises UsageError where the split has changed since it was looked at,
    or the name is empty or too long.
    """
    name = _checked(proposal.split if name is None else name)
    with project.write(durable=True) as session:
        now = labels.read_parts(session, proposal.split, proposal.ids)
        if digest(now) != digest(proposal.before):
            raise UsageError(
                f"The split {proposal.split!r} has changed since.", "Look at the hints again."
            )
        # All images that either split knows; those that are not spoken of keep their part.
        index = project.index(session)
        ids = index.columns.ids
        old = labels.read_parts(session, proposal.split, ids)
        words = sorted({*old.names, *proposal.after.names})
        codes = _recoded(old, words)
        codes[np.searchsorted(ids, proposal.ids)] = _recoded(proposal.after, words)
        held = labels.read_parts(session, name, ids)
        every = sorted({*words, *held.names})
        wanted = _recoded(Coded(words, ids, codes), every)
        changed = np.flatnonzero(wanted != _recoded(held, every))
        if not len(changed):
            return Changes.NONE
        before = labels.read_parts(session, name, ids[changed])
        edit = PutSplit(name, Coded(every, ids[changed], wanted[changed]), digest(before))
        return history.do(session, edit)


def _name_of(names: list[str], split: str | None) -> str | None:
    if split is None:
        if len(names) > 1:
            raise UsageError(f"There are the splits {', '.join(names)}.", "Name one of them.")
        return names[0] if names else None
    if split not in names:
        raise UsageError(f"There is no split named {split!r}.")
    return split


def _scores(
    graph: Graph | None,
    contents: NDArray[np.int64],
    parts: NDArray[np.int64],
    groups: NDArray[np.int64],
) -> dict[int, float]:
    """By group, the highest cosine of two of its images in different parts."""
    # Each content's set of parts, and whether more than one.
    names, number = np.unique(contents, return_inverse=True)
    pairs = np.unique(number * (int(parts.max()) + 1) + parts) // (int(parts.max()) + 1)
    of_content = np.zeros(len(names), dtype=np.int64)
    of_content[number] = groups
    several = np.bincount(pairs, minlength=len(names)) > 1
    first_part = np.zeros(len(names), dtype=np.int64)
    first_part[number[::-1]] = parts[::-1]
    every, of_name = np.unique(of_content, return_inverse=True)
    best = np.full(len(every), -2.0)
    best[of_name[several]] = 1.0
    if graph is not None and len(graph.content_ids):
        rows = row_by_id(graph)
        known = np.flatnonzero(names < len(rows))
        known = known[rows[names[known]] >= 0]
        own = rows[names[known]]
        others = graph.neighbour_ids[own, :_NEAREST].astype(np.int64)
        place = np.searchsorted(names, others).clip(max=len(names) - 1)
        across = (names[place] == others) & (of_content[place] == of_content[known][:, None])
        across &= (first_part[place] != first_part[known][:, None]) | several[place]
        row, column = np.nonzero(across)
        cosines = graph.scores[own[row], column].astype(np.float64)
        np.maximum.at(best, of_name[known[row]], cosines)
    best[best == -2] = (
        holdout.LEAK_COSINE
    )  # joined by pictures that are in no part: at least so alike
    return dict(zip(every.tolist(), best.tolist(), strict=True))


def _proposal(
    name: str,
    words: list[str],
    ids: NDArray[np.int64],
    parts: tuple[NDArray[np.int64], NDArray[np.int64]],
    classes: NDArray[np.int32],
) -> Proposal:
    before, after = parts
    kinds, size = np.unique(classes, return_inverse=True)[1], len(words)
    counts = [
        np.bincount(kinds * size + one, minlength=(int(kinds.max()) + 1) * size).reshape(-1, size)
        for one in parts
    ]
    sums = [one.sum(axis=0) for one in counts]
    return Proposal(
        name,
        Coded(words, ids, before.astype(np.int32)),
        Coded(words, ids, after.astype(np.int32)),
        tuple(
            PartCount(word, int(sums[0][one]), int(sums[1][one])) for one, word in enumerate(words)
        ),
        int((counts[0] != counts[1]).any(axis=1).sum()),
    )


def _recoded(parts: Coded, words: list[str]) -> NDArray[np.int32]:
    """The codes of ``parts`` into ``words``, which hold all of its names."""
    table = np.array([words.index(one) for one in parts.names] + [-1], dtype=np.int32)
    found: NDArray[np.int32] = table[parts.codes]
    return found


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise UsageError("The name of a split needs letters.")
    if len(name) > LONGEST:
        raise UsageError(f"The name of a split has at most {LONGEST} letters.")
    return name
