"""Which images a run learnt from: what it does with these tells nothing of how it does with others."""

import numpy as np
from numpy.typing import NDArray

from core.encoders import names
from core.errors import EncoderError, UsageError
from core.operations import runs
from core.operations.examples import gather
from core.project import Project
from core.training.records import Run


def seen(
    project: Project, encoders: tuple[str, ...], content_ids: NDArray[np.int32]
) -> tuple[NDArray[np.bool_], list[str]]:
    """(which of the contents [n] one of these encoders learnt from, what is to be said of that).

    What a run learnt from is drawn again by its seed, which gives the same images as long as labels and images are
    those it began with. Where they are not, nothing is known of it and all count; that is said.
    """
    is_seen, notes = np.zeros(len(content_ids), dtype=bool), []
    for encoder in encoders:
        for run in _chain(project, encoder):
            learnt = _learnt(project, run)
            if learnt is None:
                notes.append(
                    f"{run.name} learnt from some of these images, which cannot be told from the others any more: "
                    "the catalogue has changed since. What it gains may look larger than it is."
                )
            else:
                is_seen |= np.isin(content_ids, learnt)
    if len(is_seen) and is_seen.all():
        notes.append("All of these images were learnt from, so their classes tell nothing.")
    return is_seen, notes


def _chain(project: Project, encoder: str) -> list[Run]:
    """The run of this name, the one it started from, and so on; none for what is no run of this catalogue."""
    known = {one.name: one for one in runs.list_runs(project)}
    found: list[Run] = []
    while encoder:
        try:
            parsed = names.parse(encoder)
        except EncoderError:
            break
        run = known.pop(parsed.model, None) if parsed.family == "run" else None
        if run is None:
            break
        found.append(run)
        encoder = run.settings.encoder
    return found


def _learnt(project: Project, run: Run) -> NDArray[np.int64] | None:
    """Contents that it learnt from, watched, or left out for their likeness to these; None where that is not known."""
    try:
        gathered = gather(project, run.settings)
    except UsageError:  # its split or its labels are gone
        return None
    held = run.result.get("held_out")
    if gathered.survey.problem or held not in (None, len(gathered.measured)):
        return None
    return gathered.examples.content_ids[~gathered.parts.held_out]
