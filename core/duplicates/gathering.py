"""All candidates of a catalogue, from fingerprints and stored neighbours."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.catalogue.links import pair_keys
from core.catalogue.records import Graph
from core.duplicates import codes, fingerprints, hamming
from core.duplicates.candidates import Candidates, from_codes, from_graph, from_hashes, joined
from core.jobs import Job


def gathered(
    content_ids: NDArray[np.int32],
    rows: NDArray[np.uint8],
    is_new: NDArray[np.bool_],
    graphs: Iterable[Graph],
    job: Job,
) -> Candidates:
    """Candidates among n contents with these fingerprints ``rows`` uint8 [n, BYTES], by ascending key.

    Of hashes and codes only pairs that hold one that ``is_new`` bool [n]; of the graphs all.
    """
    hashes = fingerprints.hashes(rows)
    differ = np.flatnonzero(hashes[:, 0] != hashes[:, 1])
    near = hamming.near(
        np.concatenate([hashes[:, 0], hashes[differ, 1]]),
        np.concatenate([content_ids, content_ids[differ]]),
        is_new=np.concatenate([is_new, is_new[differ]]),
        job=job,
    )
    a, b, weights = codes.near(fingerprints.parts(rows), is_new=is_new, job=job)
    sources = [
        from_hashes(*near),
        from_codes(pair_keys(content_ids[a], content_ids[b]), weights, len(content_ids)),
    ]
    job.start("Reading neighbours")
    for graph in graphs:
        job.checkpoint()
        sources.append(from_graph(graph))
    return joined(sources)
