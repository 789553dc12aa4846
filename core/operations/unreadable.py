"""Files that look like images and that no decoder opens: listing them, trying again, handing the list on."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.catalogue import facts, unreadable
from core.catalogue.records import Unreadable
from core.changes import Changes
from core.errors import UsageError
from core.jobs import Job
from core.operations import sources
from core.operations.sources import ImportReport
from core.operations.tables import write_rows
from core.project import Project

COLUMNS = ("path", "kind", "reason", "size_bytes", "modified")
# Below, ordinary photos would be refused; above, one picture could ask for all memory there is.
LOWEST_PX, HIGHEST_PX = 1_000_000, 20_000_000_000


def list_unreadable(project: Project) -> list[Unreadable]:
    """All of them, by path, each with its kind and reason."""
    with project.read() as session:
        return unreadable.every(session)


def retry(
    project: Project,
    paths: Sequence[str] | None,
    job: Job | None = None,
    on_changes: Callable[[Changes], None] = lambda changes: None,
) -> ImportReport:
    """Read these files again (paths as listed; None: all), whatever the reason was.

    Nothing else of their sources is looked at. Raises UsageError for a path that is not listed.
    """
    with project.read() as session:
        by_source = unreadable.places(session)
    chosen: dict[int, list[bytes]] = {}
    unknown = set(paths or ())
    for source_id, listed in by_source.items():
        for path, raw_path in listed:
            if paths is None or path in unknown:
                chosen.setdefault(source_id, []).append(raw_path)
                unknown.discard(path)
    if unknown:
        raise UsageError(f"{sorted(unknown)[0]} is not among the unreadable files.")
    return sources.read_again(project, chosen, job=job, on_changes=on_changes)


def export_csv(project: Project, target: Path) -> int:
    """Write path, kind, reason, size_bytes and modified (UTC, ISO 8601) of each; returns how many.

    Paths are absolute; what is not UTF-8 in a name is escaped as ``\\xNN``. Raises TableError.
    """
    rows = (
        (one.path, one.kind, one.reason, str(one.size_bytes), _when(one.mtime_ns))
        for one in list_unreadable(project)
    )
    return write_rows(target, COLUMNS, rows)


def get_limit_px(project: Project) -> int:
    """The most pixels a picture may have before it is refused."""
    with project.read() as session:
        return facts.limit_px(session)


def set_limit_px(project: Project, px: int) -> Changes:
    """Refuse pictures of more pixels than ``px`` from now on. Those refused before can be retried.

    Raises UsageError for a limit below 1 or above 20,000 megapixels.
    """
    if not LOWEST_PX <= px <= HIGHEST_PX:
        raise UsageError(
            f"The limit is between 1 and 20,000 megapixels; {px / 1_000_000:g} is not."
        )
    with project.write(durable=True) as session:
        facts.put(session, facts.LIMIT_KEY, str(int(px)))
    return Changes.SETTINGS


def _when(mtime_ns: int) -> str:
    """A file's time as text; empty where no calendar reaches it, or where it was never known."""
    if not mtime_ns:
        return ""
    try:
        return datetime.fromtimestamp(mtime_ns // 1_000_000_000, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return ""
