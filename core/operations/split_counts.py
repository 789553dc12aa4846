"""What a proposed split does to each class: images by part, before and after."""

from dataclasses import dataclass

import numpy as np

from core.catalogue import queries
from core.catalogue.queries import ClassSource
from core.operations.splits import Proposal
from core.project import Project


@dataclass(frozen=True, slots=True)
class ClassParts:
    """How many images of a class each part has, and would have, in the order of ``Proposal.parts``. ``name`` is ""
    for images without a class."""

    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]


def by_class(project: Project, proposal: Proposal, source: ClassSource) -> list[ClassParts]:
    """Every class of the images that a proposal speaks of, those whose numbers change most first, then by name."""
    with project.read() as session:
        index = project.index(session)
        codes, names = queries.class_codes(session, index, source)
    rows = index.columns.rows_of(proposal.ids)
    classes = np.where(rows >= 0, codes[rows], -1).astype(np.int64) + 1
    size, every = len(proposal.parts), ["", *names]
    counts = [
        np.bincount(classes * size + one.codes, minlength=len(every) * size).reshape(-1, size)
        for one in (proposal.before, proposal.after)
    ]
    used = np.flatnonzero(counts[0].sum(axis=1))
    change = np.abs(counts[0] - counts[1]).sum(axis=1)
    order = sorted(used.tolist(), key=lambda one: (-int(change[one]), every[one]))
    return [
        ClassParts(every[one], tuple(counts[0][one].tolist()), tuple(counts[1][one].tolist()))
        for one in order
    ]
