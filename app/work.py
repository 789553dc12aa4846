"""Look-ups of the frame that need the database: imported after first paint, run in lanes."""

import gc
from typing import TYPE_CHECKING

from app.presenters.tally import Tally, Work
from core.operations import embeddings, history, images, search

if TYPE_CHECKING:
    from core.history import HistoryState
    from core.project import Project


def read_tally(project: "Project") -> Tally:
    """How much there is, and the encoder in use."""
    counts = images.counts(project)
    known = embeddings.list_embeddings(project)
    names = [one.encoder for one in known if one.is_default] or [one.encoder for one in known]
    return Tally(
        counts.images,
        counts.unreadable,
        counts.missing,
        counts.removed,
        names[0] if names else "",
    )


def read_history(project: "Project") -> "HistoryState":
    """What undo and redo would do."""
    return history.state(project)


def import_search() -> None:
    """The heavy imports, once, so that the first search does not wait for them."""
    # What is imported stays: without freezing it, each full collection would look through some
    # hundred thousand objects and hold the window up for 100 to 400 ms.
    gc.disable()
    try:
        search.prepare()
        gc.freeze()
    finally:
        gc.enable()


WORK = Work(read_tally, read_history, history.undo, history.redo)
