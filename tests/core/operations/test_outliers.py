"""The oddest images of a catalogue: planted ones first, copies once, filters, and anew with another graph."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue.filters import Filter, parse_filter
from core.errors import EncoderError, UsageError
from core.jobs import Job
from core.operations import images, neighbours, outliers, sources, taking_out
from core.project import Project


@pytest.fixture
def filled(project: Project, tmp_path: Path, make_picture: Callable[..., Image.Image]) -> Project:
    """Thirty alike pictures, one chessboard of which there are two files, and its smaller copy."""
    root = tmp_path / "shelf"
    for folder in ("plain", "odd"):
        (root / folder).mkdir(parents=True)
    ramp = np.linspace(40, 200, 96, dtype=np.uint8)
    for number in range(30):
        array = np.stack([ramp + number % 7, ramp // 2 + number, ramp[::-1] // 3], axis=1)
        Image.fromarray(np.repeat(array[None], 72, axis=0)).save(
            root / "plain" / f"{number:02}.png"
        )
    board = (np.indices((64, 64)) // 16).sum(axis=0) % 2 * 255
    picture = Image.fromarray(np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8))
    picture.save(root / "odd" / "board.png")
    shutil.copy(root / "odd" / "board.png", root / "odd" / "board again.png")
    picture.resize((48, 48)).save(root / "odd" / "small board.png")
    sources.import_folders(project, [root])
    return project


def test_the_odd_ones_come_first_and_contents_once(filled: Project) -> None:
    found = outliers.find(filled, k=5)
    assert len(found) == 5
    assert {Path(one.path).name for one in found[:2]} == {"board.png", "small board.png"} or {
        Path(one.path).name for one in found[:2]
    } == {"board again.png", "small board.png"}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    first = found[0]
    assert first.nearest is not None and "/odd/" in first.nearest and first.nearest != first.path
    assert first.nearest_score is not None and first.nearest_score > 0.9
    assert first.score > 3 * found[2].score


def test_every_image_has_its_oddness(filled: Project) -> None:
    ids, values = outliers.scores(filled)
    assert ids.dtype == np.int64 and values.dtype == np.float32
    assert np.array_equal(ids, np.sort(images.list_ids(filled))) and np.isfinite(values).all()
    names = {one.id: one.name for one in images.describe(filled, ids.tolist())}
    by_name = {names[int(id_)]: float(value) for id_, value in zip(ids, values, strict=True)}
    assert by_name["board.png"] == by_name["board again.png"]
    ordered = outliers.in_order(filled, np.append(ids, 10_000))
    assert {names[int(one)] for one in ordered[:3]} == {
        "board.png",
        "board again.png",
        "small board.png",
    }
    assert ordered[-1] == 10_000


def test_a_filter_counts_before_k_and_leaves_scores(filled: Project) -> None:
    everyone = {one.path: one.score for one in outliers.find(filled, k=100)}
    assert len(everyone) == 32
    plain = outliers.find(filled, k=4, wanted=parse_filter("class:plain"))
    assert len(plain) == 4 and all("/plain/" in one.path for one in plain)
    assert all(everyone[one.path] == one.score for one in plain)
    assert outliers.find(filled, wanted=Filter(text="nothing like it")) == []


def test_another_graph_gives_other_scores(filled: Project) -> None:
    _, before = outliers.scores(filled)
    neighbours.build(filled, k=3)
    _, after = outliers.scores(filled)
    assert not np.array_equal(before, after)


def test_what_came_since_is_said(filled: Project, tmp_path: Path) -> None:
    ids = images.list_ids(filled)
    taking_out.take_out(filled, ids[:1])
    assert int(ids[0]) not in outliers.scores(filled)[0].tolist()
    Image.new("RGB", (30, 30), (200, 0, 200)).save(tmp_path / "shelf" / "odd" / "late.png")
    sources.import_folders(filled, [tmp_path / "shelf"], embed=False)
    job = Job()
    assert all(not one.path.endswith("late.png") for one in outliers.find(filled, k=99, job=job))
    assert job.notes == ["1 image has no stored neighbours yet; run neighbours."]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_images(project: Project, tmp_path: Path, count: int) -> None:
    for number in range(count):
        Image.new("RGB", (20, 20), (60 * number, 20, 99)).save(tmp_path / f"{number}.png")
    sources.import_folders(project, [tmp_path])
    found = outliers.find(project)
    assert len(found) == count and all(np.isfinite(one.score) for one in found)
    assert (found[0].nearest is None) == (count == 1)


def test_what_cannot_be_asked(project: Project) -> None:
    with pytest.raises(EncoderError, match="no vectors"):
        outliers.find(project)
    with pytest.raises(UsageError):
        outliers.find(project, k=0)
