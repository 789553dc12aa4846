"""The stored graph: brought up to date as a full build would make it, and gone on with after a kill."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue.records import Graph
from core.changes import Changes
from core.jobs import Cancelled, Job
from core.operations import embeddings, images, neighbours, sources, taking_out
from core.project import Project
from core.search import knn, knn_update, products

K = 3


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "TILE_ROWS", 2)
    monkeypatch.setattr(knn, "_BLOCK_BYTES", 1)
    monkeypatch.setattr(knn_update, "_MOST_SHARE", 1.0)


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    neighbours.build(project, k=K)
    return project


def stored(project: Project) -> Graph:
    embedding = embeddings.require(project, None)
    graph = neighbours.load(project, embedding)
    assert graph is not None
    return graph


def assert_same(one: Graph, other: Graph) -> None:
    assert np.array_equal(one.content_ids, other.content_ids)
    assert np.array_equal(one.neighbour_ids, other.neighbour_ids)
    assert np.array_equal(one.scores, other.scores)


@pytest.fixture
def no_full_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object, **more: object) -> None:
        raise AssertionError("a full build")

    monkeypatch.setattr(knn, "knn_graph", refuse)


def test_a_new_image_is_put_into_the_graph(
    filled: Project,
    photos: Path,
    make_picture: Callable[..., Image.Image],
    request: pytest.FixtureRequest,
) -> None:
    make_picture(77).save(photos / "discs" / "late.png")
    sources.import_folders(filled, [photos], embed=False)
    embeddings.embed(filled)
    before = len(stored(filled).content_ids)
    request.getfixturevalue("no_full_build")
    assert neighbours.build(filled, only_if_stale=True) == Changes.NEIGHBOURS
    request.getfixturevalue("monkeypatch").undo()
    updated = stored(filled)
    assert len(updated.content_ids) == before + 1
    neighbours.build(filled)  # of the same contents: made anew
    assert_same(updated, stored(filled))


def test_an_image_taken_out_leaves_the_graph(
    filled: Project, request: pytest.FixtureRequest
) -> None:
    gone = images.list_ids(filled)[2:3]
    content = images.describe(filled, gone.tolist())[0].content_id
    taking_out.take_out(filled, gone)
    request.getfixturevalue("no_full_build")
    neighbours.build(filled, only_if_stale=True)
    request.getfixturevalue("monkeypatch").undo()
    updated = stored(filled)
    assert content not in updated.content_ids
    assert content not in updated.neighbour_ids
    neighbours.build(filled)
    assert_same(updated, stored(filled))


class Stopped(Job):
    """Cancelled after some steps."""

    steps = 12

    def advance(self, count: int = 1) -> None:
        self.steps -= 1
        if self.steps < 0:
            self.cancel()
        super().advance(count)


def states(project: Project) -> list[Path]:
    return sorted((project.path / "cache").glob("graph-*"))


def test_a_stopped_build_keeps_the_old_graph_and_goes_on(filled: Project) -> None:
    before = stored(filled)
    with pytest.raises(Cancelled):
        neighbours.build(filled, job=Stopped())
    assert_same(before, stored(filled))
    assert len(states(filled)) == 1
    neighbours.build(filled)
    assert not states(filled)
    assert_same(before, stored(filled))


def test_what_was_begun_for_other_contents_is_dropped(filled: Project) -> None:
    with pytest.raises(Cancelled):
        neighbours.build(filled, job=Stopped())
    taking_out.take_out(filled, images.list_ids(filled)[:6])
    neighbours.build(filled, k=2)
    assert not states(filled)


KILLED = """
import os, signal, sys
from pathlib import Path
from core.jobs import Job
from core.operations import neighbours
from core.project import Project
from core.search import knn, knn_update, products
products.TILE_ROWS, knn._BLOCK_BYTES = 2, 1
class Killed(Job):
    steps = int(sys.argv[2])
    def advance(self, count=1):
        self.steps -= 1
        if not self.steps:
            os.kill(os.getpid(), signal.SIGKILL)
        super().advance(count)
if __name__ == "__main__":
    with Project.open(Path(sys.argv[1])) as project:
        neighbours.build(project, k=3, job=Killed())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("steps", [2, 13])
def test_a_killed_build_goes_on(tmp_path: Path, photos: Path, steps: int) -> None:
    place = tmp_path / "killed.lookalike"
    with Project.create(place) as project:
        sources.import_folders(project, [photos])
        neighbours.build(project, k=K)
        expected = stored(project)
    done = subprocess.run([sys.executable, "-c", KILLED, str(place), str(steps)], check=False)
    assert done.returncode == -signal.SIGKILL
    with Project.open(place) as project:
        assert_same(expected, stored(project))  # nothing of the half-made one is seen
        neighbours.build(project)
        assert_same(expected, stored(project))
        assert not states(project)
