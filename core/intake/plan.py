"""What a walk through a source means for the catalogue: files to read, images that come and go."""

import os
from dataclasses import dataclass, field

from core.catalogue import facts, images, unreadable
from core.errors import SourceError
from core.images.scan import Found, Scan, display, scan
from core.jobs import Job
from core.project import Project

# Files whose fault may be gone although they look the same: they are tried again each time. One that
# was over the limit of pixels is tried again when the limit was raised.
_TRIED_AGAIN = frozenset(("permission", "gone", "changed", "hang", "crash", "disk", "memory"))


@dataclass(slots=True)
class Plan:
    """Files to read, and what changes without reading: ids of images, paths that are faulty no more.

    ``faulty`` counts files that could not be read before and look the same. ``is_whole`` where it comes
    of a walk through all of the source.
    """

    fresh: list[Found] = field(default_factory=list)
    changed: list[Found] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    found_again: list[int] = field(default_factory=list)
    recovered: list[bytes] = field(default_factory=list)
    unchanged: int = 0
    faulty: int = 0
    is_whole: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the catalogue stays as it is but for files to read."""
        return not (self.missing or self.found_again or self.recovered)


def walk(raw_root: bytes, job: Job) -> Scan:
    """Everything below ``raw_root``. Raises SourceError where it cannot be listed."""
    job.start("Looking through folders")
    result = Scan()
    reported = 0
    place = identity(raw_root)
    try:
        for result in scan(raw_root):
            job.advance(len(result.found) - reported)
            reported = len(result.found)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(
            f"The folder {os.fsdecode(raw_root)} cannot be read: {reason}."
        ) from error
    if identity(raw_root) != place:
        raise SourceError(
            f"The folder {display(raw_root)} went away while it was looked through.",
            "Connect it and import again; nothing was changed.",
        )
    return result


def identity(raw_root: bytes) -> int | None:
    """Which disk the folder lies on, or None where there is no folder: a drive that is unplugged leaves
    nothing, or an empty folder of another disk. (Numbers of folders change on some network drives.)
    """
    try:
        return os.stat(raw_root).st_dev
    except OSError:
        return None


def make_plan(project: Project, source_id: int, seen: Scan) -> Plan:
    """Hold what was seen against what the catalogue knows of the source."""
    with project.read() as session:
        known = images.known(session, source_id)
        faulty = unreadable.known(session, source_id)
        is_limit_raised = facts.limit_px(session) > facts.tried_limit_px(session, source_id)
    tried_again = _TRIED_AGAIN | {"limit"} if is_limit_raised else _TRIED_AGAIN
    plan = Plan(is_whole=True)
    for found in seen.found:
        same = (found.mtime_ns, found.size_bytes)
        fault, image = faulty.get(found.raw_path), known.get(found.raw_path)
        if image is not None and (image.mtime_ns, image.size_bytes) == same:
            plan.unchanged += 1
            if image.is_missing:
                plan.found_again.append(image.id)
            if fault is not None:
                plan.recovered.append(found.raw_path)
        elif fault is not None and fault[:2] == same and fault[2] not in tried_again:
            plan.faulty += 1
        else:
            (plan.fresh if image is None else plan.changed).append(found)
    present = {found.raw_path for found in seen.found} | {one.raw_path for one in seen.refused}
    closed = tuple(one.raw_path + b"/" for one in seen.refused)
    for raw_path, image in known.items():
        if raw_path not in present and not image.is_missing and not raw_path.startswith(closed):
            plan.missing.append(image.id)
    plan.recovered.extend(raw_path for raw_path in faulty if raw_path not in present)
    return plan
