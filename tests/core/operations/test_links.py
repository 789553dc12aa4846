"""Links are found batch by batch, gone on with after a cancel or a kill, and never found twice."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import facts
from core.catalogue import links as stored
from core.errors import ReadOnlyCatalogue
from core.jobs import Cancelled, Job
from core.operations import duplicates, images, links, projects, sources, verification
from core.project import Project

ROOT = Path(__file__).parents[3]


def patterned(seed: int) -> Image.Image:
    """A coarse pattern of chance with fine ones on it, each seed another picture."""
    drawn = np.random.default_rng(seed)
    coarse = Image.fromarray(drawn.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    picture = coarse.resize((240, 180), Image.Resampling.BICUBIC)
    for _ in range(30):
        size = int(drawn.integers(6, 30))
        spot = Image.new("RGB", (size, size), tuple(int(one) for one in drawn.integers(0, 255, 3)))
        picture.paste(spot, (int(drawn.integers(0, 220)), int(drawn.integers(0, 160))))
    return picture


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half": lambda one: one.resize((120, 90)),
    "mirror": lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned": lambda one: one.transpose(Image.Transpose.ROTATE_90),
    "crop": lambda one: one.crop((30, 20, 210, 160)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pictures, edits of the first two, and one of those again in another container."""
    root = tmp_path_factory.mktemp("edits")
    for seed in range(4):
        picture = patterned(seed)
        picture.save(root / f"{seed}.png")
        if seed < 2:
            for name, edit in EDITS.items():
                edit(picture).save(root / f"{seed}-{name}.jpg", quality=80)
    patterned(0).save(root / "0-again.bmp")
    return root


@pytest.fixture
def filled(project: Project, folder: Path) -> Project:
    sources.import_folders(project, [folder])
    return project


def named(project: Project) -> dict[tuple[str, str], tuple[str, float]]:
    """(name, name) of the linked contents, with the kind and the score."""
    found = links.load(project)
    with project.read() as session:
        ids = np.unique(np.concatenate([found.a, found.b])).tolist()
        first = {one: ids[0] for one, ids in images_of(session, ids).items()}
    name = {one.content_id: one.name for one in images.describe(project, list(first.values()))}
    return {
        tuple(sorted((name[a], name[b]))): (stored.KINDS[kind], round(score, 4))  # type: ignore[misc]
        for a, b, kind, score in zip(
            found.a.tolist(), found.b.tolist(), found.kinds, found.scores.tolist(), strict=True
        )
    }


def images_of(session: object, ids: list[int]) -> dict[int, list[int]]:
    from core.catalogue import images as catalogue_images

    return catalogue_images.of_contents(session, ids)  # type: ignore[arg-type]


class Stopping(Job):
    """Cancels itself after so many compared pairs."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def advance(self, count: int = 1) -> None:
        if self.progress.stage == "Comparing pictures":
            self.left -= count
            if self.left < 0:
                self.cancel()
        super().advance(count)


def test_every_edit_is_linked_and_other_pictures_are_not(filled: Project) -> None:
    assert not links.is_current(filled) and links.state(filled).waiting == 13
    links.update(filled)
    found = named(filled)
    for seed in range(2):
        for name in EDITS:
            assert tuple(sorted((f"{seed}.png", f"{seed}-{name}.jpg"))) in found, (seed, name)
    assert all(one[0] == other[0] for one, other in found)
    assert found["0-again.bmp", "0.png"][0] == "pixels"
    assert found["1-crop.jpg", "1.png"][0] == "part-of"
    state = links.state(filled)
    assert (state.links, state.compared, state.waiting) == (len(found), 13, 0)
    assert links.is_current(filled) and state.made_with == ("builtin",)
    pairs = duplicates.find(filled)
    assert pairs[0].kind == "pixels" and {one.kind for one in pairs} > {"near"}


@pytest.mark.parametrize("after", [0, 9])
def test_a_cancelled_job_goes_on_to_the_same_end(
    filled: Project, folder: Path, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "BATCH", 4)
    shutil.copytree(filled.path, tmp_path / "other.lookalike")
    links.update(filled)
    whole = named(filled)
    with projects.open(tmp_path / "other.lookalike") as other:
        with pytest.raises(Cancelled):
            links.update(other, job=Stopping(after))
        with other.read() as session:
            before = stored.counts(session)
        assert sum(before) >= after - 4 and not links.is_current(other)
        assert links.state(other).waiting == 13
        links.update(other)
        assert named(other) == whole and links.is_current(other)
        with other.read() as session:
            every = np.concatenate([stored.load(session).keys, stored.refuted(session)])
        assert len(np.unique(every)) == len(every)  # nothing was compared twice


def test_a_killed_job_goes_on(filled: Project, tmp_path: Path) -> None:
    other = tmp_path / "other.lookalike"
    shutil.copytree(filled.path, other)
    links.update(filled)
    script = (
        "import sys; from pathlib import Path; from core.operations import links, projects, verification\n"
        "verification.BATCH = 2\n"
        "links.update(projects.open(Path(sys.argv[1])))"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(other)], cwd=ROOT)
    until = time.monotonic() + 60
    with projects.open(other, write=False) as watching:
        while child.poll() is None and time.monotonic() < until:
            with watching.read() as session:
                if sum(stored.counts(session)):
                    break
            time.sleep(0.005)
    child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    child.wait()
    with projects.open(other) as again:
        links.update(again)
        assert named(again) == named(filled)


def test_new_images_cost_only_their_own_candidates(
    project: Project, folder: Path, tmp_path: Path
) -> None:
    part = tmp_path / "part"
    part.mkdir()
    later = ("0-crop.jpg", "1-mirror.jpg", "3.png")
    for one in folder.iterdir():
        if one.name not in later:
            shutil.copy(one, part)
    sources.import_folders(project, [part])
    links.update(project)
    with project.read() as session:
        known = np.concatenate([stored.load(session).keys, stored.refuted(session)])
    for name in later:
        shutil.copy(folder / name, part)
    sources.import_folders(project, [part])
    assert not links.is_current(project) and links.state(project).waiting == 3
    links.update(project)
    with projects.create(tmp_path / "anew.lookalike") as anew:
        anew.keep("encoder:builtin", lambda: project.kept("encoder:builtin"))
        sources.import_folders(anew, [part])
        links.update(anew)
        assert named(project) == named(anew)
    with project.read() as session:
        every = np.concatenate([stored.load(session).keys, stored.refuted(session)])
    assert len(np.unique(every)) == len(every)
    assert np.isin(known, every).all() and links.is_current(project)


def test_links_of_contents_that_went_come_back_with_them(filled: Project, folder: Path) -> None:
    links.update(filled)
    whole = named(filled)
    ids = images.list_ids(filled).tolist()
    gone = [one.id for one in images.describe(filled, ids) if one.name == "0.png"]
    images.take_out(filled, gone)
    assert named(filled) == {key: one for key, one in whole.items() if "0.png" not in key}
    assert not any(
        "0.png" in (Path(one.a).name, Path(one.b).name) for one in duplicates.find(filled)
    )
    with filled.read() as session:
        before = stored.counts(session)
    images.bring_back(filled, gone)
    assert named(filled) == whole
    links.update(filled)
    with filled.read() as session:
        assert stored.counts(session) == before


def test_another_version_of_the_method_finds_all_anew(filled: Project) -> None:
    links.update(filled)
    whole = named(filled)
    with filled.write() as session:
        kept = facts.get(session, "links")
        facts.put(session, "links", kept.replace(f'"method": {links.METHOD}', '"method": 0'))
    filled.let_go("links")
    assert not len(links.load(filled)) and links.state(filled).pairs == 0
    links.update(filled)
    assert named(filled) == whole


def test_a_lost_thumbnail_is_made_again_and_without_its_file_a_content_waits(
    filled: Project, folder: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(folder, moved)
    filled.thumbnails.begin_anew()
    links.update(filled)
    assert links.state(filled).waiting == 0
    with projects.create(tmp_path / "lost.lookalike") as lost:
        lost.keep("encoder:builtin", lambda: filled.kept("encoder:builtin"))
        sources.import_folders(lost, [moved])
        lost.thumbnails.begin_anew()
        (moved / "2.png").unlink()
        job = Job()
        pairs = duplicates.find(lost, job=job)
        assert links.state(lost).waiting == 1 and "1 contents were not compared" in job.notes[0]
        assert len(pairs) == len(duplicates.find(filled))


def test_beside_a_writer_and_without_one_the_same_is_found(filled: Project) -> None:
    with projects.open(filled.path, write=False) as reading:
        with pytest.raises(ReadOnlyCatalogue):
            links.update(reading)
        computed = duplicates.find(reading)
    with filled.read() as session:
        assert stored.counts(session) == (0, 0)
    assert duplicates.find(filled) == computed
    with projects.open(filled.path, write=False) as reading:
        assert duplicates.find(reading) == computed
