"""How long it would take to look inside all pictures, told by doing it for a few."""

import time

import numpy as np

from core.catalogue import embeddings
from core.intake.tiling import Tiling, rows_by_content
from core.jobs import Job
from core.operations import regions
from core.operations.embeddings import require
from core.operations.questions import loaded
from core.project import Project
from core.search.tiles import boxes

_WARM, _SAMPLED, _PART, _LONGEST_S = 4, 32, 8, 2.0


def seconds(project: Project, encoder: str | None = None, *, job: Job | None = None) -> float:
    """Seconds that ``regions.build`` has yet to go, at the speed of up to 32 contents spread over all.

    Takes some two seconds itself, and stores nothing. 0 where nothing is left to be made, or where none of
    the files can be read now. Raises EncoderError, Cancelled.
    """
    embedding = require(project, encoder)
    state = regions.state(project, encoder)
    left = state.of - state.made
    with project.read() as session:
        owners = embeddings.owners(session, embedding.id)
    living = np.flatnonzero(owners)
    if left <= 0 or not len(living):
        return 0.0
    spread = np.linspace(0, len(living) - 1, min(len(living), _SAMPLED)).astype(np.int64)
    ids = np.random.default_rng(0).permutation(owners[living[spread]]).tolist()
    model = loaded(project, embedding)
    rows_of = rows_by_content(owners, project.vectors(embedding))
    work = Tiling(project, model, boxes(), rows_of)
    # The first ones pay for starting the decode workers and for setting the encoder up.
    for _ in work.encode(ids[:_WARM], job or Job()):
        pass
    count, begun_s = 0, time.monotonic()
    for start in range(0, len(ids), _PART):
        count += sum(
            len(found) for found, _ in work.encode(ids[start : start + _PART], job or Job())
        )
        if time.monotonic() - begun_s > _LONGEST_S:
            break
    return left * (time.monotonic() - begun_s) / count if count else 0.0
