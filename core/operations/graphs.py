"""The stored neighbour graph that hints, odd images and diagnostics read, or one sentence where there is none."""

from core.catalogue.records import Embedding, Graph
from core.errors import EncoderError
from core.operations import neighbours
from core.operations.embeddings import require
from core.project import Project


def stored(project: Project, encoder: str | None = None) -> tuple[Embedding, Graph]:
    """(the embedding that is looked at now, its stored graph); ``encoder`` None: the default's.

    Raises EncoderError where there are no vectors, or no neighbours of them yet.
    """
    embedding, graph = neighbours.current(project, require(project, encoder))
    if graph is None:
        raise EncoderError(
            f"There are no stored neighbours by {embedding.encoder} yet.", "Run neighbours."
        )
    return embedding, graph
