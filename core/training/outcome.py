"""The measured result of a run: before and after on the held-out images, by length, and beside the old vectors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import Job
from core.training import harmony, verdict
from core.training.brief import Brief
from core.training.evaluate import retrieval
from core.training.examples import pairs_among
from core.training.objective import prefixes
from core.training.siamese import embed_all
from core.training.subjects import Subject

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def measure(brief: Brief, subject: Subject, job: Job) -> dict[str, Any]:
    """The measured parts of ``core.training.records.Run.result``."""
    examples, gathered = brief.gathered.examples, brief.gathered
    # What cannot be read now is measured neither before nor after.
    measured = gathered.measured[subject.is_read[gathered.measured]]
    rows = np.unique(measured)
    after = np.zeros((0, brief.settings.dim), dtype=np.float16)
    if len(rows):  # as they would be stored
        after = embed_all(subject.model, subject.feed.plain(rows)).half().numpy()
    vectors = (_unit(subject.start[rows]), _unit(after))
    labels = examples.labels[rows]
    # One row an image: images with the same bytes are measured as the images that they are.
    images = np.searchsorted(rows, measured)
    if examples.is_pairs:
        judged, is_same = pairs_among(labels, np.arange(len(rows)), examples.different)
        states = [verdict.measure_pairs(one, judged, is_same, labels, job) for one in vectors]
    else:
        every = np.arange(len(images))
        # What would be held out together is drawn together: copies and bursts are one piece of evidence.
        by_class = brief.settings.hold_out == "classes"
        groups = labels[images] if by_class else gathered.groups[measured]
        states = [
            verdict.measure(one[images], labels[images], every, every, job, groups=groups)
            for one in vectors
        ]
    found = verdict.compare(states[0], states[1], list(examples.names))
    found |= {"held_out": len(measured), "before_encoder": subject.start_name}
    before, now = (one[images] for one in vectors)
    if brief.settings.nested:
        found["by_prefix"] = _by_prefix(before, now, labels[images], job)
    if brief.settings.comparable:
        found["comparable"] = harmony.measure(before, now, labels[images], job)
    return found


def _by_prefix(before: Floats, after: Floats, labels: Ints, job: Job) -> list[dict[str, Any]]:
    """How well the first numbers alone retrieve, shortest first."""
    return [
        {
            "dim": length,
            "before": _retrieval(before, labels, length, job)
            if length <= before.shape[1]
            else None,
            "after": _retrieval(after, labels, length, job),
        }
        for length in prefixes(after.shape[1])
    ]


def _retrieval(vectors: Floats, labels: Ints, length: int, job: Job) -> dict[str, float]:
    rows = np.arange(len(labels))
    found = retrieval(_lengthened(vectors[:, :length]), labels, rows, rows, job)
    return {"recall@1": found.recall[1], "map@r": found.map_at_r}


def _unit(rows: NDArray[np.float16]) -> Floats:
    return _lengthened(rows.astype(np.float32))


def _lengthened(rows: Floats) -> Floats:
    """Each row made unit length."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Floats = rows / np.maximum(lengths, 1e-12)
    return found
