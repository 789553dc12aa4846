"""Links are found batch by batch, gone on with after a cancel or a kill, and never found twice."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import contents, facts
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


MADE = [(0, "half"), (0, "mirror"), (0, "turned"), (0, "crop"), (1, "mirror"), (1, "crop")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures, edits of the first two, and one of those again in another container."""
    root = tmp_path_factory.mktemp("edits")
    for seed in range(3):
        patterned(seed).save(root / f"{seed}.png")
    for seed, name in MADE:
        EDITS[name](patterned(seed)).save(root / f"{seed}-{name}.jpg", quality=80)
    patterned(0).save(root / "0-again.bmp")
    return root


@pytest.fixture(scope="module")
def template(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two catalogues of the folder that all tests copy: imported, and linked too."""
    root = tmp_path_factory.mktemp("catalogues")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_WORKERS", "0")
        patch.setenv("LOOKALIKE_CONFIG_DIR", str(root))
        patch.setenv("LOOKALIKE_DATA_DIR", str(root))
        with projects.create(root / "imported.lookalike") as made:
            sources.import_folders(made, [folder], embed=False)
        shutil.copytree(root / "imported.lookalike", root / "linked.lookalike")
        with projects.open(root / "linked.lookalike") as linked:
            links.update(linked)
    return root


@pytest.fixture
def filled(template: Path, tmp_path: Path) -> Iterator[Project]:
    """The folder, imported."""
    shutil.copytree(template / "imported.lookalike", tmp_path / "imported.lookalike")
    with projects.open(tmp_path / "imported.lookalike") as opened:
        yield opened


@pytest.fixture
def linked(template: Path, tmp_path: Path) -> Iterator[Project]:
    """The folder, imported, and its links found."""
    shutil.copytree(template / "linked.lookalike", tmp_path / "linked.lookalike")
    with projects.open(tmp_path / "linked.lookalike") as opened:
        yield opened


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


def compared(project: Project) -> np.ndarray:
    """Keys of all pairs that are kept, as links or as none."""
    with project.read() as session:
        return np.concatenate([stored.load(session).keys, stored.refuted(session)])


def ids_by_name(project: Project) -> dict[str, int]:
    return {one.name: one.id for one in images.describe(project, images.list_ids(project).tolist())}


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


def test_every_edit_is_linked_and_other_pictures_are_not(filled: Project, linked: Project) -> None:
    assert not links.is_current(filled) and links.state(filled).waiting == 10
    found = named(linked)
    for seed, name in MADE:
        assert tuple(sorted((f"{seed}.png", f"{seed}-{name}.jpg"))) in found, (seed, name)
    assert all(one[0] == other[0] for one, other in found)
    assert found["0-again.bmp", "0.png"][0] == "pixels"
    assert found["1-crop.jpg", "1.png"][0] == "part-of"
    state = links.state(linked)
    assert (state.links, state.compared, state.waiting) == (len(found), 10, 0)
    assert links.is_current(linked) and state.made_with == ()
    pairs = duplicates.find(linked)
    assert pairs[0].kind == "pixels" and {one.kind for one in pairs} > {"near"}


def test_a_cancelled_job_goes_on_to_the_same_end(
    filled: Project, linked: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "BATCH", 4)
    for after in (0, 9):
        with pytest.raises(Cancelled):
            links.update(filled, job=Stopping(after))
        with filled.read() as session:
            before = stored.counts(session)
        assert sum(before) >= after - 4 and not links.is_current(filled)
        assert links.state(filled).waiting == 10
    links.update(filled)
    assert named(filled) == named(linked) and links.is_current(filled)
    every = compared(filled)
    assert len(np.unique(every)) == len(every)  # nothing was compared twice


def test_a_killed_job_goes_on(filled: Project, linked: Project) -> None:
    filled.close()
    script = """
import sys, time
from pathlib import Path
from core.jobs import Job
from core.operations import links, projects, verification

class Slow(Job):  # stays within the comparing until it is killed
    def advance(self, count=1):
        super().advance(count)
        if self.progress.stage == "Comparing pictures" and self.progress.done > 6:
            time.sleep(120)

verification.BATCH = 2
links.update(projects.open(Path(sys.argv[1])), job=Slow())
"""
    child = subprocess.Popen([sys.executable, "-c", script, str(filled.path)], cwd=ROOT)
    until = time.monotonic() + 60
    with projects.open(filled.path, write=False) as watching:
        while child.poll() is None and time.monotonic() < until:
            with watching.read() as session:
                if sum(stored.counts(session)):
                    break
            time.sleep(0.02)
    child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    child.wait()
    with projects.open(filled.path) as again:
        before = compared(again)
        assert len(before) and not links.is_current(again)
        links.update(again)
        assert named(again) == named(linked)
        every = compared(again)
    assert np.isin(before, every).all() and len(every) > len(before)
    assert len(np.unique(every)) == len(every)  # nothing was compared twice


def test_new_images_cost_only_their_own_candidates(
    project: Project, folder: Path, tmp_path: Path
) -> None:
    part = tmp_path / "part"
    part.mkdir()
    later = ("0-crop.jpg", "1-mirror.jpg", "2.png")
    for one in folder.iterdir():
        if one.name not in later:
            shutil.copy(one, part)
    sources.import_folders(project, [part], embed=False)
    links.update(project)
    known = compared(project)
    for name in later:
        shutil.copy(folder / name, part)
    sources.import_folders(project, [part], embed=False)
    assert not links.is_current(project) and links.state(project).waiting == 3
    links.update(project)
    with projects.create(tmp_path / "anew.lookalike") as anew:
        sources.import_folders(anew, [part], embed=False)
        links.update(anew)
        assert named(project) == named(anew)
    every = compared(project)
    assert len(np.unique(every)) == len(every)
    assert np.isin(known, every).all() and links.is_current(project)


def test_links_of_contents_that_went_come_back_with_them(linked: Project) -> None:
    whole = named(linked)
    gone = [ids_by_name(linked)["0.png"]]
    images.take_out(linked, gone)
    assert named(linked) == {key: one for key, one in whole.items() if "0.png" not in key}
    assert not any(
        "0.png" in (Path(one.a).name, Path(one.b).name) for one in duplicates.find(linked)
    )
    with linked.read() as session:
        before = stored.counts(session)
    images.bring_back(linked, gone)
    assert named(linked) == whole
    links.update(linked)
    with linked.read() as session:
        assert stored.counts(session) == before


@pytest.mark.parametrize("how", ["file", "content", "image"])
def test_what_was_away_is_compared_with_what_came_meanwhile(
    project: Project, folder: Path, tmp_path: Path, how: str
) -> None:
    """A file that was moved away, one that showed something else, an image that was taken out."""
    here = tmp_path / "here"
    here.mkdir()

    def found() -> dict[tuple[str, str], tuple[str, float]]:
        sources.import_folders(project, [here], embed=False)
        links.update(project)
        assert links.is_current(project) and links.state(project).waiting == 0
        return named(project)

    shutil.copy(folder / "0.png", here)
    shutil.copy(folder / "1.png", here)
    assert not found()
    away = [ids_by_name(project)["0.png"]]
    if how == "image":
        images.take_out(project, away)
    elif how == "content":
        shutil.copy(folder / "2.png", here / "0.png")
    else:
        (here / "0.png").unlink()
    shutil.copy(folder / "0-turned.jpg", here)
    assert not found()
    if how == "image":
        images.bring_back(project, away)
    else:
        shutil.copy(folder / "0.png", here)
    assert list(found()) == [("0-turned.jpg", "0.png")]


def test_another_version_of_the_method_finds_all_anew(linked: Project) -> None:
    whole = named(linked)
    with linked.write() as session:
        kept = facts.get(session, "links")
        facts.put(session, "links", kept.replace(f'"method": {links.METHOD}', '"method": 0'))
    linked.let_go("links")
    assert not len(links.load(linked)) and links.state(linked).pairs == 0
    links.update(linked)
    assert named(linked) == whole


def test_a_lost_thumbnail_is_made_again_though_its_fingerprint_is_known(
    project: Project, folder: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    shutil.copy(folder / "0.png", here)
    sources.import_folders(project, [here], embed=False)
    links.update(project)
    project.thumbnails.begin_anew()
    shutil.copy(folder / "0-mirror.jpg", here)
    sources.import_folders(project, [here], embed=False)
    project.thumbnails.begin_anew()
    with projects.open(project.path, write=False) as reading:
        job = Job()
        computed = duplicates.find(reading, job=job)
        assert [one.kind for one in computed] == ["near"] and not job.notes
    assert duplicates.find(project) == computed
    assert links.state(project).waiting == 0
    with project.read() as session:
        hashes = contents.hashes(session, [1, 2]).values()
    assert len(project.thumbnails.get(list(hashes))) == 2


def test_without_its_thumbnail_and_its_file_a_content_waits_and_that_is_said(
    project: Project, folder: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in ("0.png", "0-half.jpg", "2.png"):
        shutil.copy(folder / name, here)
    sources.import_folders(project, [here], embed=False)
    project.thumbnails.begin_anew()
    (here / "2.png").unlink()
    for is_writing in (False, True, True):  # the last time all is known already
        job = Job()
        if is_writing:
            pairs = duplicates.find(project, job=job)
            assert links.state(project).waiting == 1
        else:
            with projects.open(project.path, write=False) as reading:
                pairs = duplicates.find(reading, job=job)
        assert len(pairs) == 1 and job.notes == [
            "1 content was not compared with all others: a thumbnail is lost and its file cannot be read now."
        ]
    shutil.copy(folder / "2.png", here)
    job = Job()
    duplicates.find(project, job=job)
    assert job.notes == [] and links.state(project).waiting == 0


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
