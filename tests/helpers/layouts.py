"""Small material for tests of layouts: rows in memory, their exact neighbours, and data that branch like a tree."""

from typing import Any

import numpy as np

from core.layout.base import Layout, Material, Positions
from core.search.vectors import Rows


class Held(Rows):
    """Rows in memory."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows.astype(np.float16)
        self.dim = rows.shape[1]

    def read(self, start: int, stop: int) -> np.ndarray:
        return self._rows[start:stop]


def material(rows: np.ndarray, k: int = 10, **known: Any) -> Material:
    """Rows [n, dim] made unit, with their k nearest by cosine."""
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    count = len(rows)
    scores = (rows @ rows.T).astype(np.float32)
    np.fill_diagonal(scores, -2)
    k = max(0, min(k, count - 1))
    ids = np.argsort(-scores, axis=1, kind="stable")[:, :k].astype(np.int32)
    owners = np.arange(1, count + 1, dtype=np.int32)
    return Material(Held(rows), owners, ids, np.take_along_axis(scores, ids, axis=1), **known)


def run(layout: Layout) -> Positions:
    """Carry a layout out to the end, with no more steps than it says."""
    layout.start()
    assert np.isfinite(layout.positions()).all()
    steps = 1
    while layout.step():
        steps += 1
    assert steps <= max(1, layout.rounds)
    return layout.positions()


def blobs(groups: int, each: int, seed: int = 1, dim: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """(rows [groups * each, dim] in tight groups, shuffled; the group of each)."""
    random = np.random.default_rng(seed)
    group = random.permutation(np.repeat(np.arange(groups), each))
    middles = random.standard_normal((groups, dim))
    return middles[group] + 0.25 * random.standard_normal((len(group), dim)), group


def tree(
    *, branches: int = 3, levels: int = 4, each: int = 4, seed: int = 0, dim: int = 48
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows around the nodes of a tree whose every branch adds a random step; the node of each row; the
    parent of each node, -1 for the root)."""
    random = np.random.default_rng(seed)
    nodes, parents, level = [random.standard_normal(dim)], [-1], [0]
    for _ in range(levels):
        below = []
        for parent in level:
            for _ in range(branches):
                below.append(len(nodes))
                nodes.append(nodes[parent] + 0.7 * random.standard_normal(dim))
                parents.append(parent)
        level = below
    node = np.repeat(np.arange(len(nodes)), each)
    rows = np.array(nodes)[node] + 0.25 * random.standard_normal((len(node), dim))
    return rows, node, np.array(parents)
