"""What a catalogue holds, at a glance."""

from dataclasses import asdict
from typing import Any

from core.catalogue import embeddings, pairs, queries, runs, sources, unreadable, updates
from core.operations.space import measure
from core.project import Project


def info(project: Project) -> dict[str, Any]:
    """Counts and lists for people and programs; paths are absolute."""
    used = measure(project)
    with project.read() as session:
        update, waiting = updates.find(session), len(updates.waiting(session))
        counts = queries.counts(session, project.index(session))
        return {
            "images": counts.images,
            "contents": counts.contents,
            "missing": counts.missing,
            "removed": counts.removed,
            "ignored": counts.ignored,
            "unreadable": [
                {"path": one.path, "reason": one.reason} for one in unreadable.every(session)
            ],
            "sources": [
                {"path": one.path, "images": one.images, "present": one.is_present}
                for one in sources.every(session, project.index(session))
            ],
            "embeddings": [
                {
                    "encoder": one.encoder,
                    "dim": one.dim,
                    "contents": one.rows,
                    # Contents that an older encoder still stands for, while it is updated to this one.
                    "represented_by": {"encoder": update.old, "contents": waiting}
                    if update is not None and update.key == one.key
                    else None,
                }
                for one in embeddings.every(session)
            ],
            "pairs": pairs.counts(session),
            "runs": runs.every(session),
            "space": {**asdict(used), "total": used.total},
        }
