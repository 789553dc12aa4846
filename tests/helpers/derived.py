"""Vectors, their graph and a layout put into a catalogue as if they had been made, without torch."""

import numpy as np

from core.catalogue import contents, embeddings, layouts, neighbours
from core.catalogue.records import Embedding, Graph, Layout
from core.operations import encoders
from core.project import Project

DIM = 48


def derive(project: Project, *, k: int = 3, encoder: str = "builtin", dim: int = DIM) -> Embedding:
    """One unit vector for each content, its exact graph, and a layout, all from a fixed seed."""
    random = np.random.default_rng(20_26)
    with project.read() as session:
        ids = contents.in_use(session).astype(np.int32)
    vectors = random.standard_normal((len(ids), dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with project.write() as session:
        key = encoders.key_of(project, encoder) or "key"
        embedding = embeddings.add(session, encoder=encoder, key=key, dim=dim, precision="float16")
        project.vectors(embedding).write(0, vectors)
        embeddings.append_owners(session, embedding, ids.tolist())
        _, state = embeddings.living(session, embedding.id)
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -2)
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        scores = np.take_along_axis(cosines, order, axis=1).astype(np.float16)
        neighbours.store(session, Graph(embedding.id, k, ids, ids[order], scores), made_from=state)
        positions = random.uniform(-1, 1, (len(ids), 2)).astype(np.float32)
        layout = Layout(0, embedding.id, "pca", "{}", ids, positions)
        layouts.store(session, layout, made_from=state)
    with project.read() as session:
        return next(one for one in embeddings.every(session) if one.id == embedding.id)
