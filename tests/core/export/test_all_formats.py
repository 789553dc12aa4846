"""Everything that can be taken away, in every format: stopped, killed or on a full disk, nothing half is left."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from comparable_runs import make_run
from derived import derive

from core.catalogue import labels
from core.errors import DiskFull, ExportError
from core.export.kinds import WHATS
from core.jobs import Cancelled, Job
from core.operations import export_writers, exports, images, pairs, projects, sources, tags
from core.operations.exports import Request
from core.project import Project

CASES = [
    (kind.name, form.name) for kind in WHATS for form in kind.formats if not form.only_in_window
]


class Stopping(Job):
    """Cancelled at the checkpoint of this number; counts them."""

    def __init__(self, at: int = -1) -> None:
        super().__init__()
        self.at, self.calls = at, 0

    def checkpoint(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            self.cancel()
        super().checkpoint()


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, fill_photos) -> Path:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("all")
    path = folder / "test.lookalike"
    with projects.create(path) as new:
        sources.import_folders(new, [fill_photos(folder / "photos")], embed=False)
        derive(new, dim=2_048)
        ids = images.list_ids(new)
        tags.add(new, ids[:3], "sharp")
        first, second = images.content_ids(new, ids[1:3]).tolist()
        pairs.judge(new, first, second, "duplicate")
        with new.write() as session:
            labels.put_split(session, "labels", dict.fromkeys(ids.tolist(), "train"))
        make_run(new, "bent")
    return path


@pytest.fixture
def project(catalogue: Path) -> Iterator[Project]:
    with projects.open(catalogue) as opened:
        yield opened


def listed(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }


@pytest.mark.parametrize(("what", "form"), CASES)
def test_nothing_half_is_left(project: Project, tmp_path: Path, what: str, form: str) -> None:
    kind = exports.what(what).format(form)
    out = tmp_path / f"out{kind.suffix}"
    counting = Stopping()
    if form == "onnx":
        pytest.importorskip("onnxruntime", reason="lookalike[onnx] is not installed")
        pytest.importorskip("onnx", reason="lookalike[onnx] is not installed")
    whole = exports.export(project, Request(what, form, out), counting)
    written = [one for file in whole.files for one in _files(file)]
    largest = max(map(os.path.getsize, written))
    assert counting.calls >= 2, "it could not be stopped"
    _remove(whole.files)
    if not kind.is_folder:
        out.write_text("what was there before")
        for suffix in kind.also:
            out.with_name(out.name + suffix).write_text("this too")
    before = listed(tmp_path)

    with pytest.raises(Cancelled):
        exports.export(project, Request(what, form, out), Stopping(counting.calls // 2 + 1))
    assert listed(tmp_path) == before and sorted(os.listdir(tmp_path)) == sorted(before)

    with pytest.raises((DiskFull, ExportError)) as caught, _no_file_longer_than(largest // 2):
        exports.export(project, Request(what, form, out))
    assert "cannot be written" in caught.value.sentence or isinstance(caught.value, DiskFull)
    assert listed(tmp_path) == before and sorted(os.listdir(tmp_path)) == sorted(before)


class _no_file_longer_than:  # noqa: N801 - reads as what it is
    """A disk that takes so much of any file: the system refuses the rest, as it does on a full one."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes

    def __enter__(self) -> None:
        resource = pytest.importorskip("resource", reason="Windows has no such limit")
        self._resource = resource
        self._usual = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size_bytes, self._usual[1]))

    def __exit__(self, *details: object) -> None:
        self._resource.setrlimit(self._resource.RLIMIT_FSIZE, self._usual)


def _files(path: Path) -> list[Path]:
    return [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]


def _remove(files: tuple[Path, ...]) -> None:
    for one in files:
        shutil.rmtree(one) if one.is_dir() else one.unlink()


# One process that makes a child of itself for each format; a child ends itself without a word as soon as something of
# it is being written.
_KILLED = """
import glob, os, signal, sys
from pathlib import Path
import pyarrow.parquet
from core.export import destination
from core.export.kinds import what
from core.jobs import Job
from core.operations import exports, projects

class Killing(Job):
    def checkpoint(self):
        if glob.glob(os.path.join(folder, ".*.part")):
            os.kill(os.getpid(), signal.SIGKILL)
        super().checkpoint()

# What is written at one stroke is killed before it is put in its place.
destination.Writing.finish = lambda made: os.kill(os.getpid(), signal.SIGKILL)

catalogue, root, *cases = sys.argv[1:]
for case in cases:
    kind, form = case.split("/")
    folder = os.path.join(root, case.replace("/", "-"))
    child = os.fork()
    if not child:
        with projects.open(Path(catalogue), write=False) as project:
            out = Path(folder, "out" + what(kind).format(form).suffix)
            exports.export(project, exports.Request(kind, form, out), Killing())
        os._exit(0)
    print(case, os.waitpid(child, 0)[1], flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_what_was_killed_is_removed_by_the_next(catalogue: Path, tmp_path: Path) -> None:
    # One of each writer. Those of models need torch in every child; they are written at the same place in the same way.
    writers = {export_writers.of(*one): one for one in reversed(CASES) if one[0] != "model"}
    cases = [f"{what}/{form}" for what, form in writers.values()]
    for case in cases:
        folder = tmp_path / case.replace("/", "-")
        folder.mkdir()
        what, form = case.split("/")
        kind = exports.what(what).format(form)
        if not kind.is_folder:
            (folder / f"out{kind.suffix}").write_text("what was there before")
    answer = subprocess.run(
        [sys.executable, "-c", _KILLED, str(catalogue), str(tmp_path), *cases],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert answer.returncode == 0, answer.stderr
    ended = dict(line.rsplit(" ", 1) for line in answer.stdout.splitlines())
    assert list(ended) == cases
    with projects.open(catalogue) as opened:
        for case in cases:
            _look_after_kill(opened, tmp_path / case.replace("/", "-"), case, int(ended[case]))


def _look_after_kill(project: Project, folder: Path, case: str, status: int) -> None:
    what, form = case.split("/")
    kind = exports.what(what).format(form)
    out = folder / f"out{kind.suffix}"
    assert status == signal.SIGKILL, (case, status)
    left = sorted(os.listdir(folder))
    halves = [one for one in left if one.endswith(".part")]
    assert halves, case
    if kind.is_folder:
        assert left == halves
    else:
        assert sorted([*halves, out.name]) == left
        assert out.read_text() == "what was there before"
    written = exports.export(project, Request(what, form, out))
    assert sorted(os.listdir(folder)) == sorted(one.name for one in written.files)
