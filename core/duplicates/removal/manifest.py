"""The manifest: JSON lines, written as a removal goes, from which every file can be put back without the catalogue."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import BufferedRandom
from pathlib import Path
from typing import Any, cast

from core.catalogue.removals import HOWS, How, Record, State
from core.duplicates.removal import texts
from core.errors import UsageError

MARK = "lookalike_manifest"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest tells: of which removal it is, how files were removed, and each file's last state."""

    uid: str
    catalogue: str
    plan: str
    how: How
    begun_at: float
    records: tuple[Record, ...]


class Writer:
    """Appends lines; each ``write`` is on the disk when it returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BufferedRandom | None = None

    def begin(self, uid: str, catalogue: str, plan: str, how: How, begun_at: float) -> None:
        """Make the file. Raises UsageError where that cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self.path, "x+b")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise UsageError(
                f"The manifest cannot be written to {self.path}: {error.strerror}."
            ) from error
        head = {
            "removal": uid,
            "catalogue": catalogue,
            "plan": plan,
            "how": how,
            "begun_at": begun_at,
        }
        self.write([{MARK: VERSION, **head}])

    def write(self, lines: Iterable[dict[str, Any]]) -> None:
        """Add lines and wait for the disk. Raises UsageError where it does not take them."""
        assert self._file is not None
        try:
            _append(self._file, lines)
        except OSError as error:
            raise UsageError(
                f"The manifest cannot be written to {self.path}: {error.strerror}."
            ) from error

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None


def add(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    """Add lines to a manifest that is there, after a line that was torn by a kill. Raises OSError."""
    with open(path, "r+b") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            is_torn = file.read(1) != b"\n"
            file.write(b"\n" if is_torn else b"")
        _append(file, lines)


def _append(file: BufferedRandom, lines: Iterable[dict[str, Any]]) -> None:
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())


def full_line(number: int, one: Record) -> dict[str, Any]:
    """All of a file's facts, as its first line tells them; ``number`` names it in later lines."""
    line: dict[str, Any] = {"n": number, "state": one.state}
    texts.put(line, "path", one.raw_path)
    line |= {
        "bytes": one.size_bytes,
        "sha256": one.sha256.hex(),
        "mtime_ns": one.mtime_ns,
        "mode": one.mode,
        "image": one.image,
    }
    texts.put(line, "survivor", one.survivor)
    texts.put(line, "went_to", one.went_to)
    texts.put(line, "source", one.root)
    return line


def state_line(number: int, state: State, went_to: bytes | None, reason: str) -> dict[str, Any]:
    """What has become of a file."""
    line: dict[str, Any] = {"n": number, "state": state}
    texts.put(line, "went_to", went_to)
    return line | ({"reason": reason} if reason else {})


def is_manifest(path: Path) -> bool:
    """Whether the file at ``path`` begins like a manifest."""
    try:
        with open(path, "rb") as file:
            return MARK.encode() in file.read(4096).partition(b"\n")[0]
    except OSError:
        return False


def read(path: Path) -> Manifest:
    """What the manifest at ``path`` tells. A torn last line is passed over: it was being written when the
    program was killed. Raises UsageError for a file that is no manifest or a damaged one."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"The manifest {path} cannot be read: {error.strerror}.") from error
    try:
        head = json.loads(lines[0])
        if head[MARK] != VERSION:
            raise UsageError(f"The manifest {path} was written by another version of Lookalike.")
        if head["how"] not in HOWS:
            raise ValueError(head["how"])
        found = Manifest(
            str(head["removal"]), str(head["catalogue"]), str(head["plan"]), cast(How, head["how"]),
            float(head["begun_at"]), (),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no manifest of a removal.") from error
    records: dict[int, Record] = {}
    for place, line in enumerate(lines[1:], 2):
        if line:
            _follow(path, records, line, place, is_last=place >= len(lines))
    return replace(found, records=tuple(records.values()))


def _follow(
    path: Path, records: dict[int, Record], line: bytes, place: int, *, is_last: bool
) -> None:
    try:
        entry = json.loads(line)
        number, state = int(entry["n"]), cast(State, str(entry["state"]))
        went_to, reason = texts.get(entry, "went_to"), str(entry.get("reason", ""))
        if "path" in entry:
            records[number] = _record(entry, state, went_to, number)
            return
        known = records[number]
    except (ValueError, KeyError, TypeError, UsageError) as error:
        if is_last or _is_torn(line):
            return
        raise UsageError(f"Line {place} of the manifest {path} is damaged.") from error
    records[number] = replace(known, state=state, went_to=went_to, reason=reason)


def _record(entry: dict[str, Any], state: State, went_to: bytes | None, number: int) -> Record:
    image, mode = entry["image"], entry["mode"]
    return Record(
        image=None if image is None else int(image),
        raw_path=texts.need(entry, "path"),
        sha256=bytes.fromhex(entry["sha256"]),
        size_bytes=int(entry["bytes"]),
        mtime_ns=int(entry["mtime_ns"]),
        mode=None if mode is None else int(mode),
        survivor=texts.need(entry, "survivor"),
        state=state,
        went_to=went_to,
        id=number,
        root=texts.get(entry, "source"),
    )


def _is_torn(line: bytes) -> bool:
    """Whether a line ends in the middle: the rest was never written."""
    return not line.rstrip().endswith(b"}")
