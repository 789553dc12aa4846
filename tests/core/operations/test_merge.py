"""Merging two catalogues: everything comes over, the open one's word stays, and twice is as once."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catalogue_rows import everything
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from kept_folders import put_back

from core.catalogue import journal
from core.changes import Changes
from core.errors import CatalogueError, NotACatalogue, UsageError
from core.jobs import Cancelled, Job
from core.operations import (
    check,
    embeddings,
    images,
    merge,
    neighbours,
    pairs,
    projects,
    sources,
    tags,
    unreadable,
)
from core.parallel import limit_threads
from core.project import Project

Open = Callable[[str], Project]


@pytest.fixture
def tmp_path(kept: Path, fill_photos: Callable[[Path], Path], fake_encoder: type) -> Path:
    """A folder with pictures and the two catalogues of ``two``, as they were made once."""
    return put_back(kept, "merging", lambda folder: fill(folder, fill_photos, fake_encoder))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def make(tmp_path: Path, fake_encoder: type) -> Iterator[Open]:
    """Opens catalogues by name, made where they are new."""
    opened: list[Project] = []

    def open_one(name: str) -> Project:
        project = projects.open_or_create(tmp_path / f"{name}.lookalike")
        project.keep("encoder:builtin", fake_encoder)
        opened.append(project)
        return project

    yield open_one
    for one in opened:
        one.close()


def verdict(project: Project, a: Path, b: Path, word: str) -> None:
    table = project.path.parent / "table.csv"
    table.write_text(f"a,b,verdict\n{a},{b},{word}\n")
    pairs.import_csv(project, table)


def add_tag(project: Project, path: Path, name: str) -> None:
    image_id = images.id_of_path(project, path)
    assert image_id is not None
    tags.add(project, np.array([image_id]), name)


@pytest.fixture
def two(make: Open) -> tuple[Project, Project]:
    """One catalogue of discs and squares, one of squares and triangles; both were worked on."""
    return make("own"), make("other")


def fill(folder: Path, fill_photos: Callable[[Path], Path], encoder: type) -> None:
    photos = fill_photos(folder / "photos")
    own, other = (projects.create(folder / f"{name}.lookalike") for name in ("own", "other"))
    for one in (own, other):
        one.keep("encoder:builtin", encoder)
    sources.import_folders(own, [photos / "discs", photos / "squares"])
    sources.import_folders(other, [photos / "squares", photos / "triangles"])
    (photos / "triangles" / "cut off.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    sources.import_folders(other, [photos / "triangles"])
    square, triangle = photos / "squares" / "square-0.png", photos / "triangles" / "triangle-0.png"
    for project, name in ((own, "mine"), (other, "theirs")):
        add_tag(project, square, name)
        add_tag(project, square, "both")
    add_tag(other, triangle, "theirs")
    verdict(own, square, photos / "squares" / "square-1.png", "different")
    verdict(other, square, photos / "squares" / "square-1.png", "duplicate")
    verdict(other, photos / "squares" / "disc-0 copy.png", triangle, "similar")
    own.close()
    other.close()


def test_everything_comes_over(two: tuple[Project, Project], photos: Path) -> None:
    own, other = two
    before = everything(other)
    told: list[Changes] = []
    report = merge.merge(own, other.path, on_changes=told.append)
    assert (report.sources, report.images, report.contents, report.vectors) == (1, 4, 4, 4)
    assert (report.tags, report.pairs, report.unreadable, report.thumbnails) == (2, 1, 1, 4)
    (conflict,) = report.conflicts
    assert "square-0.png" in conflict and "stays “different”" in conflict
    assert "says “duplicate”" in conflict and told and Changes.IMAGES in report.changes
    assert not report.not_taken
    shown = {
        one.path: one.tags
        for one in images.describe(own, images.list_ids(own).tolist())
        if one.tags
    }
    assert shown == {
        f"{photos}/squares/square-0.png": ("both", "mine", "theirs"),
        f"{photos}/triangles/triangle-0.png": ("theirs",),
    }
    assert sorted(one.verdict for one in pairs.list_pairs(own)) == ["different", "similar"]
    assert len(unreadable.list_unreadable(own)) == 2
    assert everything(other) == before
    assert len(embeddings.lacking(own, "builtin")) == 0
    first = images.id_of_path(own, photos / "triangles" / "triangle-1.png") or 0
    assert len(neighbours.of_image(own, first, 5)) == 5
    contents = images.content_ids(own, images.list_ids(own)).tolist()
    with own.read() as session:
        (entry,) = [entry for _, kind, entry in journal.every(session) if kind == "merge"]
    assert entry["images"] == 4 and entry["catalogue"] == str(other.path)
    assert len(images.thumbnails(own, contents)) == 12
    again = sources.import_folders(
        own, [photos / "discs", photos / "squares", photos / "triangles"]
    )
    assert (again.unchanged, again.added, again.changed, again.embedded) == (13, 0, 0, 0)
    assert check.check(own).problems == []


def test_twice_is_as_once(two: tuple[Project, Project]) -> None:
    own, other = two
    merge.merge(own, other.path)
    once = everything(own)
    report = merge.merge(own, other.path)
    assert set(report.counts.values()) == {0} and report.changes == Changes.NONE
    assert len(report.conflicts) == 1
    assert everything(own) == once


def test_into_an_empty_catalogue(two: tuple[Project, Project], make: Open) -> None:
    _, other = two
    empty = make("empty")
    merge.merge(empty, other.path)
    there, here = everything(other), everything(empty)
    for name in ("sources", "tags", "pairs", "unreadable"):
        assert here[name] == there[name], name
    assert [one[:-1] for one in here["images"]] == [one[:-1] for one in there["images"]]  # type: ignore[index]
    assert sorted(here) == sorted(there)
    (embedding,) = embeddings.list_embeddings(empty)
    assert here[embedding.key] == there[embedding.key]


def test_labels_splits_and_fields(two: tuple[Project, Project], photos: Path) -> None:
    own, other = two
    for project, label, kind in ((own, "apple", "number"), (other, "pear", "text")):
        square = images.id_of_path(project, photos / "squares" / "square-0.png")
        second = images.id_of_path(project, photos / "squares" / "square-1.png")
        with project.write() as session:
            for statement in (
                f"INSERT INTO classes (id, name) VALUES (1, '{label}'), (2, 'shared')",
                f"INSERT INTO image_classes VALUES ({square}, 1)",
                "INSERT INTO splits (id, name) VALUES (1, 'labels')",
                f"INSERT INTO fields (id, name, kind) VALUES (1, 'weight', '{kind}'),"
                f" (2, 'place', 'text')",
            ):
                session.exec_driver_sql(statement)
            if project is other:
                session.exec_driver_sql(f"INSERT INTO image_classes VALUES ({second}, 1)")
                session.exec_driver_sql(f"INSERT INTO split_images VALUES (1, {square}, 'test')")
                session.exec_driver_sql(
                    f"INSERT INTO image_fields VALUES (1, {square}, 'heavy', NULL),"
                    f" (2, {square}, 'Rome', NULL)"
                )
    report = merge.merge(own, other.path)
    assert (report.labels, report.splits, report.fields) == (1, 1, 1)
    assert any("stays “apple”" in one and "says “pear”" in one for one in report.conflicts)
    assert any("weight" in one for one in report.not_taken)
    now = everything(own)
    assert now["labels"] == [("apple", b"square-0.png"), ("pear", b"square-1.png")]
    assert now["splits"] == [("labels", b"square-0.png", "test")]
    assert now["fields"] == [("place", b"square-0.png", "Rome", None)]
    classes = {
        one.name: one.class_name
        for one in images.describe(own, images.list_ids(own).tolist())
        if one.label
    }
    assert classes == {"square-0.png": "apple", "square-1.png": "pear"}


def test_other_encoders_are_not_mixed(two: tuple[Project, Project]) -> None:
    own, other = two
    with other.write() as session:
        session.exec_driver_sql("UPDATE embeddings SET encoder_key = 'another version'")
    report = merge.merge(own, other.path)
    assert report.vectors == 0 and report.images == 4
    assert report.not_taken == [
        "9 vectors of builtin: this catalogue has none of that very encoder."
    ]
    assert len(embeddings.lacking(own, "builtin")) == 4


def test_what_cannot_be_merged(two: tuple[Project, Project], make: Open, photos: Path) -> None:
    own, other = two
    with pytest.raises(UsageError, match="that is open"):
        merge.merge(own, own.path)
    with pytest.raises(NotACatalogue):
        merge.merge(own, photos)
    whole = make("whole")
    sources.import_folders(whole, [photos], embed=False)
    before = everything(own)
    with pytest.raises(UsageError, match="overlap"):
        merge.merge(own, whole.path)
    other.close()
    (segment,) = (other.path / "vectors" / "1-0").iterdir()
    segment.unlink()
    assert everything(own) == before
    report = merge.merge(own, other.path)
    assert report.vectors == 0 and "cannot be read" in report.not_taken[0]
    old = other.path.parent / "old.lookalike"
    shutil.copytree(Path(__file__).parents[1] / "catalogue/old_catalogues/v1.lookalike", old)
    with pytest.raises(CatalogueError, match="older version"):
        merge.merge(own, old)


def test_images_taken_out_and_missing_come_as_such(
    two: tuple[Project, Project], photos: Path
) -> None:
    own, other = two
    images.take_out(other, [images.id_of_path(other, photos / "triangles" / "triangle-1.png") or 0])
    (photos / "triangles" / "triangle-2.png").unlink()
    sources.import_folders(other, [photos / "triangles"])
    merge.merge(own, other.path)
    counts = images.counts(own)
    assert (counts.missing, counts.removed, counts.images) == (1, 1, 11)


def test_a_stop_and_a_kill_in_the_middle_lose_nothing(
    two: tuple[Project, Project], make: Open, tmp_path: Path
) -> None:
    """After any transaction the process may end; running it again gives the same as one run."""
    own, other = two
    whole = projects.open_or_create(tmp_path / "whole.lookalike")
    whole.close()
    own.close()
    for name in ("whole", "killed"):
        shutil.rmtree(tmp_path / f"{name}.lookalike", ignore_errors=True)
        shutil.copytree(own.path, tmp_path / f"{name}.lookalike")
    whole = make("whole")
    merge.merge(whole, other.path)
    if not hasattr(os, "fork"):
        pytest.skip("no fork")
    for step in range(1, 40):
        child = os.fork()
        if child == 0:
            _merge_until(tmp_path / "killed.lookalike", other.path, step)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            break
        assert code == 9
    assert step > 5
    killed = make("killed")
    report = merge.merge(killed, other.path)
    assert report.images == 0
    expected, found = everything(whole), everything(killed)
    for name in ("images", "tags", "pairs", "sources", "unreadable"):
        stripped = [[one[:9] for one in each[name]] for each in (expected, found)]  # type: ignore[index]
        assert stripped[0] == stripped[1], name
    key = embeddings.list_embeddings(killed)[0].key
    assert found[key] == expected[key]
    assert check.check(killed).problems == []


def _merge_until(path: Path, other: Path, transactions: int) -> None:
    """Merge in a process that ends without a word when it has committed so many times."""
    from sqlalchemy import event

    limit_threads(1)  # torch's others did not come along into this process
    project = projects.open(path)
    count = 0

    def committed(connection: object) -> None:
        nonlocal count
        count += 1
        if count > transactions:
            os._exit(9)

    event.listen(project.database._engine, "commit", committed)
    try:
        merge.merge(project, other)
    finally:
        os._exit(0 if count <= transactions else 8)


def test_cancelling_keeps_what_came(two: tuple[Project, Project]) -> None:
    own, other = two
    job = Job()
    with pytest.raises(Cancelled):
        merge.merge(own, other.path, job, on_changes=lambda changes: job.cancel())
    assert images.counts(own).images == 13
    merge.merge(own, other.path)
    assert len(pairs.list_pairs(own)) == 2


def test_stopped_before_the_neighbours_the_next_run_makes_them(
    two: tuple[Project, Project],
) -> None:
    class StoppedThere(Job):
        def start(self, stage: str, total: int | None = None, **how: Any) -> None:
            if stage == "Neighbours":
                self.cancel()
            super().start(stage, total, **how)

    own, other = two
    with pytest.raises(Cancelled):
        merge.merge(own, other.path, StoppedThere())
    assert not any(merge.merge(own, other.path).counts.values())
    embedding = embeddings.list_embeddings(own)[0]
    graph = neighbours.load(own, embedding)
    assert graph is not None and len(graph.content_ids) == embedding.rows
    assert merge.merge(own, other.path).changes == Changes.NONE


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[one for one in Phase if one != Phase.explain],  # it traces every line, for minutes
)
@given(data=st.data())
def test_any_two_catalogues_twice_as_once(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, fake_encoder: type
) -> None:
    """Two catalogues that saw different files of one folder at different times."""
    home = tmp_path_factory.mktemp("laws")
    root = home / "photos"
    root.mkdir()
    opened = []
    for name in ("own", "other"):
        project = projects.create(home / f"{name}.lookalike")
        project.keep("encoder:builtin", fake_encoder)
        opened.append(project)
        chosen = data.draw(st.dictionaries(st.integers(0, 5), st.integers(0, 7), min_size=1))
        for number, content in chosen.items():
            (root / f"{number}.ppm").write_bytes(b"P6 2 2 255 " + bytes([content * 30] * 12))
        sources.import_folders(project, [root], embed=data.draw(st.booleans()))
        every = images.list_ids(project)
        tagged = data.draw(st.lists(st.sampled_from(every.tolist()), unique=True))
        tags.add(project, np.array(tagged, dtype=np.int64), data.draw(st.sampled_from("xy")))
        images.take_out(project, data.draw(st.lists(st.sampled_from(every.tolist()), unique=True)))
    own, other = opened
    tags_before = {(one, tag) for one, tag in _tags(own) | _tags(other)}
    merge.merge(own, other.path)
    once = everything(own)
    assert _tags(own) == tags_before
    assert set(merge.merge(own, other.path).counts.values()) == {0}
    assert everything(own) == once
    assert check.check(own).problems == []
    own.close()
    other.close()


def _tags(project: Project) -> set[tuple[str, str]]:
    with project.read() as session:
        query = (
            "SELECT i.name, t.name FROM image_tags it JOIN tags t ON t.id = it.tag_id"
            " JOIN images i ON i.id = it.image_id"
        )
        return {(row[0], row[1]) for row in session.exec_driver_sql(query)}
