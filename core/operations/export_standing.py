"""How much there is of each kind of thing that can be exported, told without reading any of it."""

from dataclasses import dataclass

from core.catalogue import embeddings, labels, layouts, links, neighbours, pairs, queries, runs
from core.catalogue.records import Embedding
from core.operations.embeddings import find
from core.project import Project
from core.training.records import FINISHED


@dataclass(frozen=True, slots=True)
class Standing:
    """``encoders`` are those with vectors, newest first; ``embedding`` the one that is looked at, or None.
    ``neighbours`` is k of its graph, 0 where there is none; ``layouts`` its methods, newest first; ``judged`` pairs
    with a verdict, ``found`` links that a search for duplicates keeps, ``copies`` files beyond the first of their
    content; ``runs`` trained encoders, newest first."""

    images: int
    copies: int
    encoders: tuple[Embedding, ...]
    embedding: Embedding | None
    neighbours: int
    layouts: tuple[str, ...]
    judged: int
    found: int
    splits: tuple[str, ...]
    runs: tuple[str, ...]


def standing(project: Project, encoder: str | None = None) -> Standing:
    """What there is now, seen through an encoder (None: the catalogue's default)."""
    found = find(project, encoder)
    embedding = found if found is not None and found.rows else None
    with project.read() as session:
        counts = queries.counts(session, project.index(session))
        known = {one.encoder: one for one in embeddings.every(session) if one.rows}
        graph = neighbours.made_from(session, embedding.id) if embedding is not None else None
        laid = layouts.of_embedding(session, embedding.id) if embedding is not None else []
        return Standing(
            images=counts.images,
            copies=max(0, counts.images - counts.contents),
            encoders=tuple(sorted(known.values(), key=lambda one: -one.id)),
            embedding=embedding,
            neighbours=graph[1] if graph is not None else 0,
            layouts=tuple(dict.fromkeys(one.method for one in laid)),
            judged=sum(pairs.counts(session).values()),
            found=links.counts(session)[0],
            splits=tuple(labels.split_names(session)),
            runs=tuple(
                one["run"] for one in reversed(runs.every(session)) if one["status"] in FINISHED
            ),
        )
