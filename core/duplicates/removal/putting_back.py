"""Putting one file back where it was, with its name, time and permissions. What is there now is never overwritten."""

import contextlib
import os

from core.catalogue import sources
from core.catalogue.removals import How, Record
from core.duplicates.removal import looking, moving, trash
from core.duplicates.removal.looking import Refused
from core.duplicates.removal.records import Back
from core.images.scan import display


class Lost(Exception):
    """The file is nowhere to be found. The text is a clause for people."""


def put_back(one: Record, how: How, uid: str) -> Back:
    """Restore a file that is gone. Raises Lost where its bytes are not to be had, Refused where its source is away (a
    file that came to lie below a mount point would be hidden later), OSError where the disk refuses."""
    _refuse_away(one)
    if how == "links":
        return _unlinked(one, uid)
    at = _where(one, how)
    if is_here(one):
        if at is not None and looking.are_one(at, one.raw_path):
            # A restoring was killed between the new name and the old one.
            os.unlink(at)
            _forget(at, how)
        return Back(one.raw_path, one.raw_path, "it was there already")
    if at is None:
        raise Lost(_missing(one, how))
    return _moved(one, at, how)


def is_here(one: Record) -> bool:
    """Whether the very file (by its bytes) is at its place."""
    return trash.has_bytes(one.raw_path, one.size_bytes, one.sha256)


def _where(one: Record, how: How) -> bytes | None:
    """Where the file is now: where it was seen last, or where the trash says that it is."""
    if one.went_to is not None and trash.has_bytes(one.went_to, one.size_bytes, one.sha256):
        return one.went_to
    if how == "trash":
        return trash.find(one.raw_path, one.size_bytes, one.sha256)
    # Where a kill left it unsaid, it may lie at a name beside the one that it was meant to have.
    return _in_folder(one) if one.state == "going" else None


def _missing(one: Record, how: How) -> str:
    if how == "trash":
        return "it is not in the trash any more"
    return f"it is not at {display(one.went_to or b'')} any more, or was changed there"


def _moved(one: Record, at: bytes, how: How) -> Back:
    os.makedirs(os.path.dirname(one.raw_path), exist_ok=True)
    target = one.raw_path
    while True:
        try:
            moving.move(at, target, one.sha256)
            break
        except FileExistsError:
            target = moving.free_name(one.raw_path, "restored")
    _finish(one, target)
    _forget(at, how)
    return _back(one, target)


def _forget(at: bytes, how: How) -> None:
    if how == "trash":
        trash.forget(at)


def _back(one: Record, target: bytes) -> Back:
    if target == one.raw_path:
        return Back(one.raw_path, target)
    return Back(one.raw_path, target, "another file has its name now, so it lies beside that")


def _finish(one: Record, target: bytes) -> None:
    """Its time and permissions as they were; where the drive refuses those, its bytes and name must do."""
    with contextlib.suppress(PermissionError):
        moving.set_facts(target, one.mtime_ns, one.mode)


def _unlinked(one: Record, uid: str) -> Back:
    """A link gets its own copy again."""
    try:
        now = os.lstat(one.raw_path)
    except FileNotFoundError:
        return copied(one, uid)
    is_link = looking.are_one(one.raw_path, one.survivor) and now.st_nlink > 1
    if not is_link:
        if is_here(one):
            return Back(one.raw_path, one.raw_path, "it was no link any more")
        return copied(one, uid)
    if not is_here(one):
        raise Lost("the file that it is a link to has other bytes now")
    moving.unlink_from(one.raw_path, one.sha256, one.mtime_ns, one.mode, uid)
    return Back(one.raw_path, one.raw_path)


def copied(one: Record, uid: str) -> Back:
    """A copy of the survivor in the place of a file that is lost. Raises Lost where it has other bytes."""
    if not has_twin(one):
        raise Lost("it is gone, and no file with its bytes is where its survivor was")
    os.makedirs(os.path.dirname(one.raw_path), exist_ok=True)
    target = one.raw_path
    if looking.exists(target):
        target = moving.free_name(one.raw_path, "restored")
    moving.copy(one.survivor, target, one.sha256)
    _finish(one, target)
    back = _back(one, target)
    return Back(back.raw_path, target, back.note or "it is a copy of its survivor")


def has_twin(one: Record) -> bool:
    """Whether a byte-equal file is where the survivor was."""
    return trash.has_bytes(one.survivor, one.size_bytes, one.sha256)


def settle(one: Record, how: How, uid: str) -> tuple[str, bytes | None, str]:
    """(state, where it is, reason) of a file that was about to go when the program ended, by the disk.

    Raises Refused where that cannot be told now, since its drive is away.
    """
    _refuse_away(one)
    if how == "links":
        return _settle_link(one, uid)
    if is_here(one):
        return "refused", None, "the program ended before its turn"
    if _has_other(one):
        return "refused", None, "its bytes have changed since the plan was made"
    at = trash.find(one.raw_path, one.size_bytes, one.sha256) if how == "trash" else _in_folder(one)
    if at is not None:
        return "gone", at, ""
    return "lost", None, "it is gone, and was not found where it should have gone"


def _refuse_away(one: Record) -> None:
    """Raises Refused where the folder of the source that the file was of is not there."""
    if one.root is None or (sources.is_here(one.root) and not _is_hollow(one, one.root)):
        return
    raise Refused(f"{display(one.root)} is not there now, or holds nothing; connect its drive")


def _is_hollow(one: Record, root: bytes) -> bool:
    """Whether the folder of a source is empty as no removal leaves it, which takes neither folders nor survivors: it is
    where the drive was mounted."""
    was_alone = os.path.dirname(one.raw_path) == root.rstrip(b"/\\")
    if was_alone and not looking.is_below(one.survivor, root):
        return False
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def _has_other(one: Record) -> bool:
    """Whether something else is at the file's place. Raises Refused where that cannot be told."""
    try:
        return looking.exists(one.raw_path)
    except OSError as error:
        raise Refused(looking.explain(error)) from error


def _in_folder(one: Record) -> bytes | None:
    """Where a file came to lie that was to be moved: at its name, or at a name beside it."""
    if one.went_to is None:
        return None
    folder, name = os.path.split(one.went_to)
    stem, _, ending = name.rpartition(b".")
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    for each in sorted(names):
        fits = each == name or (each.startswith(stem or name) and each.endswith(ending))
        at = os.path.join(folder, each)
        if fits and trash.has_bytes(at, one.size_bytes, one.sha256):
            return at
    return None


def _settle_link(one: Record, uid: str) -> tuple[str, bytes | None, str]:
    beside = moving.temporary(one.raw_path, uid)
    if looking.are_one(beside, one.survivor) and not os.path.islink(beside):
        os.unlink(beside)
    if looking.are_one(one.raw_path, one.survivor) and is_here(one):
        return "gone", one.survivor, ""
    if is_here(one):
        return "refused", None, "the program ended before its turn"
    if _has_other(one):
        return "refused", None, "its bytes have changed since the plan was made"
    return "lost", None, "it is not there any more"
