"""Links that tests make up, kept in a catalogue as if pictures had been compared."""

import json
from collections.abc import Sequence

import numpy as np

from core.catalogue import facts, links
from core.catalogue.links import KINDS, Kind, Links
from core.operations import links as operations
from core.project import Project

IDENTITY = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)


def made(
    pairs: Sequence[tuple[int, int, float]],
    kind: Kind = "near",
    overlaps: Sequence[tuple[float, float]] | None = None,
) -> Links:
    """(a, b, score) as links of one kind; ``overlaps`` are the shares of a and b as they are given."""
    shares = overlaps or [(1.0, 1.0)] * len(pairs)
    turned = [two if a < b else two[::-1] for (a, b, _), two in zip(pairs, shares, strict=True)]
    return Links(
        np.array([min(a, b) for a, b, _ in pairs], dtype=np.int32),
        np.array([max(a, b) for a, b, _ in pairs], dtype=np.int32),
        np.array([score for _, _, score in pairs], dtype=np.float32),
        np.full(len(pairs), KINDS.index(kind), dtype=np.uint8),
        np.zeros(len(pairs), dtype=np.uint32),
        np.array(turned, dtype=np.float32).reshape(-1, 2),
        np.tile(IDENTITY, (len(pairs), 1, 1)),
    )


def keep(project: Project, *found: Links) -> None:
    """Put them into the catalogue, beside those that are there."""
    with project.write() as session:
        made_of = {"method": operations.METHOD, "graphs": [], "encoders": [], "contents": ""}
        facts.put(session, "links", json.dumps(made_of))
        links.append(session, links.joined(found), np.zeros(0, dtype=np.int64))
