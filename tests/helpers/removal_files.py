"""Files on a real disk with a catalogue that knows them, and a real trash of their own, for tests of removals."""

import hashlib
import importlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import send2trash
import send2trash.plat_other

from core.catalogue import contents, images, index, pairs, sources
from core.catalogue.records import Verdict
from core.catalogue.sources import Folders
from core.duplicates.removal.records import Ground, Keeper, Leaving, Plan, PlanGroup
from core.images.decode import Decoded
from core.images.scan import Found, display
from core.operations import projects
from core.project import Project


def own_trash(patch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Let the trash of this user be in ``folder`` from now on; returns its folder of files."""
    patch.setenv("XDG_DATA_HOME", str(folder))
    importlib.reload(send2trash.plat_other)  # it reads the environment when it is imported
    patch.setattr(send2trash, "send2trash", send2trash.plat_other.send2trash)
    return folder / "Trash" / "files"


class Library:
    """A catalogue of files that need not be pictures: what removals look at are bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "photos"
        self.root.mkdir(parents=True, exist_ok=True)
        self.raw_root = os.fsencode(self.root)
        self.path = folder / "c.lookalike"
        self.project = projects.create(self.path)
        self.ids: dict[bytes, int] = {}
        self.content_ids: dict[bytes, int] = {}

    def at(self, name: str | bytes) -> bytes:
        """The absolute path of a file of the library."""
        return os.path.join(self.raw_root, os.fsencode(name))

    def take_in(self, files: Mapping[str | bytes, bytes], root: Path | None = None) -> None:
        """Write files and put them into the catalogue, as an import would."""
        raw_root = os.fsencode(root or self.root)
        decoded, found = [], []
        for name, data in files.items():
            raw = os.fsencode(name)
            path = os.path.join(raw_root, raw)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            Path(os.fsdecode(path)).write_bytes(data)
            status = os.stat(path)
            digest = hashlib.sha256(data).digest()
            decoded.append(
                Decoded(digest, len(data), status.st_mtime_ns, 8, 8, "PNG", 1, bytes(8), b"")
            )
            found.append((Found(raw, status.st_mtime_ns, len(data)), digest))
        with self.project.write() as session:
            known = contents.add(session, decoded)
            source = sources.add(session, Path(os.fsdecode(raw_root)))
            folders = Folders(session, source, display(raw_root))
            images.write(session, source, folders, [(one, known[digest]) for one, digest in found])
            held = images.known(session, source)
        for one, digest in found:
            path = os.path.join(raw_root, one.raw_path)
            self.ids[path] = held[one.raw_path].id
            self.content_ids[path] = known[digest]

    def reopen(self) -> Project:
        """Close the catalogue and open it again."""
        self.project.close()
        self.project = projects.open(self.path)
        return self.project

    def present(self) -> set[bytes]:
        """Paths of the images that count as present."""
        with self.project.read() as session:
            now = self.project.index(session).columns
            there = set(now.ids[now.status == index.columns.PRESENT].tolist())
        return {path for path, id_ in self.ids.items() if id_ in there}

    def plan(
        self,
        groups: Sequence[tuple[bytes, Sequence[bytes]]],
        *,
        ground: Ground | None = None,
        **more: object,
    ) -> Plan:
        """A plan by hand: (what stays, what goes), with what the disk holds now, and what a person must have said."""
        made = [
            PlanGroup(self._keeper(kept), tuple(self._leaving(one, kept, ground) for one in going))
            for kept, going in groups
        ]
        self._say_duplicates(made)
        plan = Plan("plan-1", self.project.uuid, 1e9, "trash", tuple(made))
        return replace(plan, **more)  # type: ignore[arg-type]

    def _say_duplicates(self, groups: Sequence[PlanGroup]) -> None:
        """What goes as "judged" goes by a person's word."""
        said: list[tuple[int, int, Verdict]] = [
            (one.content, group.keeper.content, "duplicate")
            for group in groups
            for one in group.leaving
            if one.ground == "judged" and one.content != group.keeper.content
        ]
        if said:
            with self.project.write() as session:
                pairs.put(session, said, origin="person")

    def _keeper(self, path: bytes) -> Keeper:
        data = read(path)
        return Keeper(
            self.ids[path], self.content_ids[path], path, hashlib.sha256(data).digest(), len(data)
        )

    def _leaving(self, path: bytes, kept: bytes, ground: Ground | None) -> Leaving:
        data = read(path)
        is_same = self.content_ids[path] == self.content_ids[kept]
        return Leaving(
            self.ids[path], self.content_ids[path], path, hashlib.sha256(data).digest(), len(data),
            os.stat(path).st_mtime_ns, ground or ("exact" if is_same else "judged"), "Most pixels",
        )  # fmt: skip


def read(path: bytes) -> bytes:
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


def tree(folder: Path) -> dict[bytes, tuple[bytes, int, int]]:
    """(bytes, time, permissions) of every file below a folder, links left out, by path."""
    found = {}
    for parent, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                status = os.stat(path)
                found[path] = (read(path), status.st_mtime_ns, status.st_mode & 0o7777)
    return found
