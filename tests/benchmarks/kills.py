"""Imports killed at random moments: what is lost, doubled or left behind. It must be nothing but a batch.

`lookalike bench kills [--size N] --json`: N times (default 60) a real `lookalike import` of 1,200 generated
photos of 640 x 480 is ended by `kill -9`, at moments drawn from a fixed seed: one third each while it starts,
while it reads, and at the end, where neighbours and the layout are made. The next one goes on with what the
last one left; a catalogue that is complete makes way for a fresh copy of the first, which holds 60 images
that a user gave tags, labels and verdicts.

Just before each kill a reader notes what is committed; after it the catalogue is opened as any program would
and held against that. `lost_images` were there before this kill or an earlier one and are not now.
`most_read_again` is the largest number of photos that the import had shown as done and that were not
committed (the batch in flight); `lost_beyond_batch` is what of it exceeds one batch. At the end an import
runs through and is held against one that nobody disturbed.
"""

import contextlib
import os
import pty
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from core.catalogue import embeddings as vector_rows
from core.images.decode import DecodeTask, decode
from core.intake.batches import BATCH
from core.operations import embeddings, encoders, images, marks, projects, sources, tags
from core.project import Project

sys.path.insert(0, str(Path(__file__).parent))
from _photos import make_photos

SEED = 20261122
PHOTOS, KEPT = 1_200, 60
_SAMPLE = 6
# What the user said; the catalogue's own rows about it are these tables.
_USER_TABLES = ("tags", "image_tags", "classes", "image_classes", "pairs")
_ROOT = Path(__file__).parents[2]


def run(*, size: int | None, with_peers: bool) -> dict[str, Any]:
    """Counts over all kills; every one of the ``lost``, ``wrong`` and ``leftover`` must be 0."""
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        bench = _Bench(Path(folder), size or 60)
        bench.prepare()
        attempts = 0
        while sum(bench.stages.values()) < bench.kills:
            bench.kill_once(attempts)
            attempts += 1
        bench.finish()
    return {
        "kills": sum(bench.stages.values()),
        "kills_by_stage": dict(bench.stages),
        "catalogues": bench.catalogues,
        **{key: bench.found[key] for key in _COUNTED},
        "most_read_again": bench.most_read_again,
        "batch": BATCH,
        "images": bench.final["images"],
        "images_undisturbed": bench.undisturbed["images"],
        "seconds": round(time.monotonic() - begun_s, 1),
    }


_COUNTED = (
    "lost_images",
    "lost_beyond_batch",
    "lost_user_rows",
    "wrong_vectors",
    "wrong_rows",
    "unreadable_thumbnails",
    "failed_openings",
    "leftover_processes",
    "leftover_shared_memory",
    "differences_from_undisturbed",
)


class _Bench:
    """One run of the benchmark: its folders, its dice, and what it found."""

    def __init__(self, folder: Path, kills: int) -> None:
        self.kills = kills
        self.found: Counter[str] = Counter()
        self.stages: Counter[str] = Counter()
        self.most_read_again = 0
        self.catalogues = 0
        self.final: dict[str, Any] = {}
        self.undisturbed: dict[str, Any] = {}
        self._dice = random.Random(SEED)
        self._photos, self._kept = folder / "photos", folder / "kept"
        self._base, self._catalogue = folder / "base.lookalike", folder / "c.lookalike"
        self._reference = folder / "reference.lookalike"
        self._left = PHOTOS
        self._known: set[tuple[bytes, bytes]] = set()
        self._said: dict[str, list[Any]] = {}

    def prepare(self) -> None:
        """The photos, a first catalogue with what a user said, and an import that nobody disturbs."""
        make_photos(self._photos, (640, 480), PHOTOS, seed=11)
        make_photos(self._kept, (640, 480), KEPT, seed=12)
        with projects.create(self._base) as project:
            sources.import_folders(project, [self._kept])
            ids = images.list_ids(project)
            tags.add(project, ids[:20], "mine")
            marks.mark(project, ids[:3].tolist(), "duplicate")
            marks.mark(project, ids[3:5].tolist(), "different")
        table = self._base.with_name("labels.csv")
        rows = [
            f"{path},{'even' if number % 2 else 'odd'}"
            for number, path in enumerate(sorted(self._kept.iterdir()))
        ]
        table.write_text("\n".join(["path,label", *rows]))
        subprocess.run(
            [*_PROGRAM, "labels", "--catalogue", str(self._base), "--import", str(table)],
            cwd=_ROOT, check=True, capture_output=True,
        )  # fmt: skip
        self._said = _user_rows(self._base)
        assert all(self._said.values()), self._said
        shutil.copytree(self._base, self._reference)
        with _Import(self._reference, self._photos) as undisturbed:
            undisturbed.process.wait()
        undisturbed.check()
        self._start_s, self._read_s, self._end_s = undisturbed.stage_times()
        self.undisturbed = _state(self._reference)
        self._begin_again()

    def _begin_again(self) -> None:
        shutil.rmtree(self._catalogue, ignore_errors=True)
        shutil.copytree(self._base, self._catalogue)
        self.catalogues += 1
        self._known, self._left = _committed(self._catalogue), PHOTOS

    def kill_once(self, number: int) -> None:
        """One import, one kill, one look at what it left."""
        was = len(self._known)
        with _Import(self._catalogue, self._photos) as running:
            self._wait(running, number % 3)
            family, shared = running.family(), running.shared_memory()
            stage, done = running.stage, running.done
            before = _committed(self._catalogue)
            running.process.send_signal(signal.SIGKILL)
            running.process.wait()
        if stage == "Ended before":
            running.check()
            self._begin_again()  # too late: this was no kill
            return
        self.stages[stage] += 1
        _, alive = psutil.wait_procs(family, timeout=10)
        self.found["leftover_processes"] += len(alive)
        self.found["leftover_shared_memory"] += _left_after(shared, 5.0)
        self._look(before | self._known)
        again = max(0, done - (len(self._known) - was))
        self.most_read_again = max(self.most_read_again, again)
        self.found["lost_beyond_batch"] += max(0, again - BATCH)
        print(f"{sum(self.stages.values())}: {stage}, {len(self._known)} images", file=sys.stderr)
        if self._left == 0:
            self._begin_again()

    def _wait(self, running: "_Import", third: int) -> None:
        """Until the kill: while starting, while reading what is left, or about the end."""
        if third == 0:
            running.wait(self._dice.uniform(0.05, self._start_s))
        elif third == 1:
            running.wait_for("Reading")
            running.wait(self._dice.uniform(0, 0.7 * self._read_s * self._left / PHOTOS))
        else:
            running.wait_for("Neighbours")
            running.wait(self._dice.uniform(0, self._end_s))

    def _look(self, before: set[tuple[bytes, bytes]]) -> None:
        """Open what was left, and hold it against what was committed."""
        try:
            project = projects.open(self._catalogue)
        except Exception as error:  # noqa: BLE001 - any failure to open is what is counted here
            print(f"it does not open: {error}", file=sys.stderr)
            self.found["failed_openings"] += 1
            return
        with project:
            self.found["wrong_vectors"] += _wrong_vectors(project, self._dice)
            self.found["unreadable_thumbnails"] += _unreadable_thumbnails(project, self._dice)
        self.found["wrong_rows"] += _wrong_rows(self._catalogue)
        after = _committed(self._catalogue)
        self.found["lost_images"] += len(before - after)
        said = _user_rows(self._catalogue)
        for table, rows in self._said.items():
            self.found["lost_user_rows"] += sum(row not in said[table] for row in rows)
        self._known, self._left = after, PHOTOS + KEPT - len(after)

    def finish(self) -> None:
        """Let one import run through, and hold it against the undisturbed one."""
        with _Import(self._catalogue, self._photos) as running:
            running.process.wait()
        running.check()
        self.final = _state(self._catalogue)
        differing = [key for key in self.final if not _same(self.final[key], self.undisturbed[key])]
        if differing:
            print(f"differs from the undisturbed: {differing}", file=sys.stderr)
        self.found["differences_from_undisturbed"] += len(differing)


_PROGRAM = (sys.executable, "-m", "app")


class _Import:
    """A real `lookalike import` on a terminal of its own, and where it stands."""

    def __init__(self, catalogue: Path, photos: Path) -> None:
        self._screen, there = pty.openpty()
        self.begun_s = time.monotonic()
        self.process = subprocess.Popen(
            [*_PROGRAM, "import", str(photos), "--catalogue", str(catalogue)],
            cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=there, start_new_session=True,
        )  # fmt: skip
        os.close(there)
        self.stage, self.done, self._text = "Starting", 0, ""
        self._seen: list[tuple[float, str]] = [(0.0, "Starting")]
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def __enter__(self) -> "_Import":
        return self

    def __exit__(self, *details: object) -> None:
        self._thread.join()
        os.close(self._screen)

    def _watch(self) -> None:
        names = ("Looking", "Recognising", "Preparing", "Reading", "Neighbours", "Layout")
        with contextlib.suppress(OSError):  # how a terminal whose program ended says so
            while text := os.read(self._screen, 4096).decode("utf-8", "replace"):
                self._text = (self._text + text)[-2000:]
                places = {text.rfind(name): name for name in names}
                if max(places) >= 0 and places[max(places)] != self.stage:
                    self.stage = places[max(places)]
                    self._seen.append((time.monotonic() - self.begun_s, self.stage))
                if found := re.findall(r"Reading images (\d+) of", text):
                    self.done = int(found[-1])
        self._seen.append((time.monotonic() - self.begun_s, "ended"))

    def wait(self, delay_s: float) -> None:
        """So long, or until the end of the program."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(delay_s)
        if self.process.poll() is not None:
            self.stage = "Ended before"

    def wait_for(self, stage: str) -> None:
        """Until this stage shows, or the end of the program."""
        while self.stage != stage and self.process.poll() is None:
            time.sleep(0.005)

    def family(self) -> list[psutil.Process]:
        """The processes that the import has started."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def shared_memory(self) -> set[str]:
        """Files of shared memory that the import holds and that have a name."""
        with contextlib.suppress(OSError):
            maps = Path(f"/proc/{self.process.pid}/maps").read_text()
            names = (line.partition("/dev/shm/")[2] for line in maps.splitlines())
            return {f"/dev/shm/{name}" for name in names if name and "(deleted)" not in name}
        return set()

    def check(self) -> None:
        """Raises RuntimeError, with what it said, where the import did not end well."""
        if self.process.returncode:
            raise RuntimeError(f"the import failed: {self._text[-500:]}")

    def stage_times(self) -> tuple[float, float, float]:
        """Seconds of starting, reading, and what comes after."""
        at = {stage: when_s for when_s, stage in reversed(self._seen)}
        after_s = min(at.get("Neighbours", at["ended"]), at.get("Layout", at["ended"]))
        return at["Reading"], after_s - at["Reading"], at["ended"] - after_s


def _left_after(names: set[str], patience_s: float) -> int:
    """How many of these pieces of shared memory are still there after a while."""
    ends_s = time.monotonic() + patience_s
    while (left := [one for one in names if Path(one).exists()]) and time.monotonic() < ends_s:
        time.sleep(0.05)
    return len(left)


@contextlib.contextmanager
def _reading(catalogue: Path) -> Any:
    connection = sqlite3.connect(f"{(catalogue / 'catalogue.sqlite').as_uri()}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def _committed(catalogue: Path) -> set[tuple[bytes, bytes]]:
    """(path, hash) of every image that a reader sees now."""
    query = (
        "SELECT images.raw_path, sha256 FROM images JOIN contents ON contents.id = content_id"
        " WHERE missing_since IS NULL"
    )
    with _reading(catalogue) as connection:
        return set(connection.execute(query))


def _user_rows(catalogue: Path) -> dict[str, list[Any]]:
    with _reading(catalogue) as connection:
        return {table: list(connection.execute(f"SELECT * FROM {table}")) for table in _USER_TABLES}


def _wrong_rows(catalogue: Path) -> int:
    """What SQLite's own checks find, and images without a content or twice at one path."""
    with _reading(catalogue) as connection:
        problems = [row for row in connection.execute("PRAGMA integrity_check") if row != ("ok",)]
        problems += connection.execute("PRAGMA foreign_key_check").fetchall()
        problems += connection.execute(
            "SELECT id FROM images WHERE content_id NOT IN (SELECT id FROM contents)"
        ).fetchall()
        problems += connection.execute(
            "SELECT raw_path FROM images GROUP BY source_id, raw_path HAVING count(*) > 1"
        ).fetchall()
    return len(problems)


def _wrong_vectors(project: Project, dice: random.Random) -> int:
    """Contents without a vector or with two, and of a sample those whose vector is not of their file."""
    (embedding,) = embeddings.list_embeddings(project)
    with project.read() as session:
        owners = vector_rows.owners(session, embedding.id)
    wrong = (
        abs(len(owners) - images.counts(project).contents) + len(owners) - len(set(owners.tolist()))
    )
    row_of = {int(owner): row for row, owner in enumerate(owners)}
    encoder = encoders.load(project)
    stored = project.vectors(embedding)
    every = images.list_ids(project).tolist()
    for image in images.describe(project, dice.sample(every, _SAMPLE)):
        way = encoder.preprocessing
        _, square = decode(DecodeTask(os.fsencode(image.path), way.size_px, way.fit))
        assert square is not None
        row = row_of.get(image.content_id)
        kept = stored.read(row, row + 1)[0].astype(np.float32) if row is not None else 0
        wrong += int(np.abs(encoder.encode_images(square[None])[0] - kept).max() > 1e-3)
    return wrong


def _unreadable_thumbnails(project: Project, dice: random.Random) -> int:
    ids = images.list_ids(project)
    chosen = images.content_ids(project, ids)[dice.sample(range(len(ids)), _SAMPLE)].tolist()
    found = images.thumbnails(project, chosen)
    return sum(not found.get(one, b"").startswith(b"\xff\xd8") for one in chosen)


def _state(catalogue: Path) -> dict[str, Any]:
    """What a finished catalogue holds, for comparison with another."""
    files = _committed(catalogue)
    with projects.open(catalogue, write=False) as project:
        counts = images.counts(project)
        (embedding,) = embeddings.list_embeddings(project)
        with project.read() as session:
            owners = vector_rows.owners(session, embedding.id)
            hashes = dict(session.exec_driver_sql("SELECT id, sha256 FROM contents").all())
            points = session.exec_driver_sql("SELECT count(*) FROM layouts").scalar()
        rows = project.vectors(embedding).read(0, embedding.rows)
    order = np.argsort([hashes[int(one)] for one in owners])
    return {
        "files": files,
        "images": counts.images,
        "contents": counts.contents,
        "unreadable": counts.unreadable,
        "vectors": rows[order],
        "layouts": points,
        "said": _user_rows(catalogue),
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        # Equal but for the last bit of float16: a batch of another size sums in another order.
        return one.shape == other.shape and bool(
            np.abs(one.astype("f4") - other.astype("f4")).max() < 1e-3
        )
    return bool(one == other)
