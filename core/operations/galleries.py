"""Galleries: what a search looks through. One embedding, or two joined while one is updated to the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import embeddings, updates
from core.catalogue.records import Embedding
from core.catalogue.session import Session
from core.project import Project
from core.search.joined import Joined, still_old
from core.search.vectors import Rows


@dataclass(frozen=True, slots=True)
class Gallery:
    """Rows with a content each, 0 for a hole; no content twice. Questions are asked by ``embedding``'s encoder.

    The last ``standing_in`` rows are those of ``old``, for contents that ``embedding`` has not yet.
    """

    embedding: Embedding
    owners: NDArray[np.int32]
    vectors: Rows
    old: Embedding | None = None
    standing_in: int = 0

    def living(self, session: Session) -> tuple[NDArray[np.int32], str]:
        """(content of every row, 0 where no present image has it; what a graph of these rows is made from)."""
        found, state = embeddings.living_of(session, self.owners)
        if self.old is not None:
            state = f"{state} {self.old.id}:{self.standing_in}"
        return found, state


def of(project: Project, session: Session, embedding: Embedding) -> Gallery:
    """The gallery of an embedding, as this session sees it: all of it is of one moment."""
    new = embeddings.of_key(session, embedding.key) or embedding
    owners = embeddings.owners(session, new.id)
    vectors = project.vectors(new)
    old = updates.stand_in(session, new)
    if old is not None:
        others = embeddings.owners(session, old.id)
        chosen = still_old(owners, others)
        if len(chosen):
            joined = Joined(vectors, len(owners), project.vectors(old), chosen)
            both = np.concatenate([owners, others[chosen]])
            return Gallery(embedding, both, joined, old, len(chosen))
    return Gallery(embedding, owners, vectors)
