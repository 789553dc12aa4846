"""Layouts of a catalogue: watched, ended early, extended without moving the rest, laid over each other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import contents
from core.changes import Changes
from core.errors import EncoderError, UsageError
from core.intake.batches import Embedder
from core.jobs import Cancelled, Job
from core.operations import images, layout_watch, layouts, neighbours, sources, taking_out
from core.operations.layout_watch import Frame, watch_of
from core.project import Project

OTHER = "timm:resnet18@other.safetensors"
COUNT = 60


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty small pictures in three classes."""
    folder = tmp_path_factory.mktemp("shelf")
    random = np.random.default_rng(5)
    for number in range(COUNT):
        place = folder / "abc"[number % 3]
        place.mkdir(exist_ok=True)
        save(place / f"{number:02}.png", number % 3, random)
    return folder


def save(path: Path, kind: int, random: np.random.Generator) -> None:
    pixels = random.integers(0, 60, (16, 16, 3))
    pixels[:, kind * 5 : kind * 5 + 5] += 150
    Image.fromarray(pixels.astype(np.uint8)).save(path)


@pytest.fixture
def filled(project: Project, shelf: Path) -> Project:
    sources.import_folders(project, [shelf])
    return project


@pytest.fixture
def every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout_watch, "_EVERY_S", 0.0)
    monkeypatch.setattr(layout_watch, "_MOST_SHARE", 1e9)


class Seen(Job):
    """Looks at the watch whenever the job comes by, and does something at the fourth frame."""

    def __init__(self, project: Project, then: str = "") -> None:
        super().__init__()
        self.watch, self.then = watch_of(project), then
        self.frames: list[Frame] = []

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        frame = self.watch.frame
        if frame is not None and (not self.frames or frame is not self.frames[-1]):
            self.frames.append(frame)
            if len(self.frames) == 4 and self.then == "finish":
                self.watch.finish()
            elif len(self.frames) == 4 and self.then == "cancel":
                self.cancel()


def late(shelf: Path, folder: Path, count: int) -> Iterator[Path]:
    random = np.random.default_rng(77)
    for number in range(count):
        save(folder / f"late {number}.png", number % 3, random)
        yield folder / f"late {number}.png"


def embed_other(project: Project, count: int = COUNT) -> None:
    with project.read() as session:
        ids = [int(one) for one in contents.in_use(session)][:count]
    rows = np.random.default_rng(1).normal(size=(len(ids), 8)).astype(np.float32)
    rows += 4 * np.eye(8, dtype=np.float32)[np.arange(len(ids)) % 3]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    class Net:
        name, key, dim = OTHER, "another key", 8

    embedder = Embedder.open(project, Net)  # type: ignore[arg-type]
    with project.write() as session:
        embedder.append(project, session, ids, rows)


def test_an_import_lays_out_every_image(filled: Project) -> None:
    stored = layouts.load(filled)
    assert stored is not None and stored.method == "umap"
    assert np.array_equal(np.sort(stored.image_ids), np.sort(images.list_ids(filled)))
    assert np.abs(stored.positions).max() <= 1.0001
    facts = stored.facts
    assert facts.rounds[0] == facts.rounds[1] > 5 and not facts.is_stopped_early
    assert facts.trustworthiness is not None and 0.7 < facts.trustworthiness <= 1
    assert facts.sampled == COUNT and facts.options["neighbours"] == 15


def test_the_same_twice(filled: Project) -> None:
    first, second = (
        layouts.build(filled, align_with="") and layouts.load(filled) for _ in range(2)
    )
    assert first and second and np.array_equal(first.positions, second.positions)


@pytest.mark.usefixtures("every_frame")
def test_it_moves_while_it_is_computed(filled: Project) -> None:
    job = Seen(filled)
    layouts.build(filled, job=job)
    assert len(job.frames) > 4
    first, last = job.frames[0], job.frames[-1]
    assert first.image_ids is last.image_ids and len(first.image_ids) == COUNT
    assert first.positions.shape == (COUNT, 2)
    assert not np.array_equal(first.positions, last.positions)
    assert [one.round for one in job.frames] == sorted(one.round for one in job.frames)
    assert watch_of(filled).frame is None


@pytest.mark.usefixtures("every_frame")
def test_it_is_kept_as_it_is_when_it_looks_right(filled: Project) -> None:
    job = Seen(filled, "finish")
    layouts.build(filled, align_with="", job=job)
    stored = layouts.load(filled)
    assert stored is not None and stored.facts.is_stopped_early
    assert stored.facts.rounds[0] < stored.facts.rounds[1]
    assert np.array_equal(stored.positions, job.frames[-1].positions)
    layouts.build(filled)  # the next one is not ended by it
    again = layouts.load(filled)
    assert again is not None and not again.facts.is_stopped_early


@pytest.mark.usefixtures("every_frame")
def test_a_cancelled_one_leaves_the_old(filled: Project) -> None:
    before = layouts.load(filled)
    with pytest.raises(Cancelled):
        layouts.build(filled, options={"neighbours": 5}, job=Seen(filled, "cancel"))
    after = layouts.load(filled)
    assert before and after and after.id == before.id
    assert np.array_equal(before.positions, after.positions)
    assert watch_of(filled).frame is None


@pytest.mark.parametrize("method", ["umap", "pca"])
def test_new_images_are_placed_and_the_rest_stays(
    filled: Project, shelf: Path, tmp_path: Path, method: str
) -> None:
    layouts.build(filled, method=method)
    before = layouts.load(filled, method=method)
    paths = list(late(shelf, tmp_path, 6))
    sources.import_folders(filled, [tmp_path])
    after = layouts.load(filled, method=method)
    assert before and after and after.facts.placed == 6
    assert after.facts.options == before.facts.options
    assert after.facts.rounds == before.facts.rounds
    is_old = np.isin(after.image_ids, before.image_ids)
    assert np.array_equal(after.positions[is_old], before.positions)
    new = after.positions[~is_old]
    assert np.isfinite(new).all() and len(new) == len(paths)
    # Each lies among those of its kind: nearer to their middle than to that of the others.
    kinds = np.array([ord(Path(one).parent.name[0]) - 97 for one in shown(filled, before)])
    middles = np.stack([before.positions[kinds == kind].mean(axis=0) for kind in range(3)])
    order = [int(Path(one).stem.split()[1]) % 3 for one in shown(filled, after)[~is_old]]
    distances = np.linalg.norm(new[:, None] - middles, axis=2)
    assert (distances.argmin(axis=1) == order).mean() >= 5 / 6
    assert layouts.build(filled, only_if_stale=True, method=method) == Changes.NONE


def shown(project: Project, stored: layouts.StoredLayout) -> np.ndarray:
    paths = {one.id: one.path for one in images.describe(project, stored.image_ids.tolist())}
    return np.array([paths[int(one)] for one in stored.image_ids])


def test_more_new_than_old_are_laid_out_anew(project: Project, shelf: Path, tmp_path: Path) -> None:
    list(late(shelf, tmp_path, 9))
    sources.import_folders(project, [tmp_path])
    sources.import_folders(project, [shelf])
    stored = layouts.load(project)
    assert stored is not None and stored.facts.placed == 0
    assert len(stored.image_ids) == COUNT + 9


def test_images_taken_out_leave_it(filled: Project) -> None:
    gone = images.list_ids(filled)[:7]
    before = layouts.load(filled)
    taking_out.take_out(filled, gone)
    layouts.build(filled, only_if_stale=True)
    after = layouts.load(filled)
    assert before and after and len(after.image_ids) == COUNT - 7
    stays = ~np.isin(before.image_ids, gone)
    assert np.array_equal(after.positions, before.positions[stays])


def test_that_of_another_encoder_lies_over_the_first(filled: Project) -> None:
    embed_other(filled, COUNT - 5)
    neighbours.build(filled, encoder=OTHER)
    layouts.build(filled, encoder=OTHER)
    over = layouts.load(filled, OTHER)
    assert over is not None and over.facts.aligned_with == "builtin"
    assert over.facts.shared == COUNT - 5 and over.facts.residual is not None
    layouts.build(filled, encoder=OTHER, align_with="")
    alone = layouts.load(filled, OTHER)
    assert alone is not None and alone.facts.aligned_with is None
    first = layouts.load(filled)
    assert first is not None
    assert moved(first, over) < moved(first, alone)


def moved(one: layouts.StoredLayout, other: layouts.StoredLayout) -> float:
    places = np.searchsorted(one.image_ids, other.image_ids)
    return float(np.linalg.norm(one.positions[places] - other.positions, axis=1).mean())


def test_methods_are_kept_side_by_side(filled: Project) -> None:
    layouts.build(filled, method="pca")
    found = layouts.available(filled)
    assert list(found) == ["pca", "umap"]
    newest, named = layouts.load(filled), layouts.load(filled, method="umap")
    assert newest is not None and newest.method == "pca"
    assert named is not None and named.method == "umap"
    assert layouts.forget(filled, "pca") == Changes.LAYOUTS
    assert layouts.forget(filled, "pca") == Changes.NONE
    assert list(layouts.available(filled)) == ["umap"]


def test_what_is_asked_wrongly_gets_one_sentence(filled: Project) -> None:
    for given, words in (
        ({"method": "x"}, "no layout named"),
        ({"options": {"x": 1}}, "no option 'x'"),
        ({"options": {"neighbours": 1}}, "lies between"),
        ({"options": {"neighbours": 5.5}}, "whole number"),
        ({"options": {"begin": "here"}}, "is one of"),
        ({"align_with": OTHER}, "no layout umap of"),
    ):
        with pytest.raises(UsageError, match=words):
            layouts.build(filled, **given)  # type: ignore[arg-type]
    with pytest.raises(EncoderError):
        layouts.build(filled, encoder=OTHER)


def test_it_makes_the_neighbours_that_it_lacks(filled: Project) -> None:
    embed_other(filled)
    assert layouts.build(filled, encoder=OTHER) == Changes.LAYOUTS | Changes.NEIGHBOURS
    assert neighbours.of_image(filled, int(images.list_ids(filled)[0]), 3, OTHER)
    assert layouts.build(filled, encoder=OTHER) == Changes.LAYOUTS


def test_no_images(project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    sources.import_folders(project, [tmp_path / "empty"])
    assert layouts.load(project) is None
    assert layouts.available(project) == {}
