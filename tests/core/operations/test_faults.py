"""What once went wrong: each test is a mistake that a reviewer found by trying."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import embeddings as rows
from core.errors import CatalogueError, SourceError, TableError
from core.operations import (
    duplicates,
    embeddings,
    images,
    labels,
    neighbours,
    projects,
    search,
    sources,
    tags,
)
from core.project import Project


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def test_a_vector_is_never_that_of_other_bytes(
    project: Project, photos: Path, make_picture: Callable[..., Image.Image]
) -> None:
    sources.import_folders(project, [photos], embed=False)
    changed = photos / "discs" / "disc-1.png"
    make_picture(4242, shape=2).save(changed)
    embeddings.embed(project)
    assert embeddings.list_embeddings(project)[0].rows == 11
    sources.import_folders(project, [photos])
    (hit,) = search.similar_to_files(project, [changed], region=(0, 0, 1, 1), k=1)
    assert hit.path != str(changed)
    assert not len(embeddings.lacking(project, "builtin"))


def test_lost_vectors_are_made_again(
    filled: Project, photos: Path, fake_encoder: type, tmp_path: Path
) -> None:
    first = int(images.list_ids(filled)[0])
    before = [hit.path for hit in search.similar_to_images(filled, [first], k=5)]
    filled.close()
    shutil.rmtree(filled.path / "vectors")
    with (
        projects.open(filled.path, write=False) as reader,
        pytest.raises(CatalogueError, match="Import again"),
    ):
        search.similar_to_images(reader, [first])
    with projects.open(filled.path) as again:
        again.keep("encoder:builtin", fake_encoder)
        sources.import_folders(again, [photos])
        assert [hit.path for hit in search.similar_to_images(again, [first], k=5)] == before
        assert len(neighbours.of_image(again, first, 5)) == 5


def test_another_version_of_the_encoder_is_embedded_anew(filled: Project, photos: Path) -> None:
    with filled.write() as session:
        session.exec_driver_sql("UPDATE embeddings SET encoder_key = 'older', made_at = 1")
    report = sources.import_folders(filled, [photos])
    assert report.added == 0
    found = embeddings.list_embeddings(filled)
    assert [one.rows for one in found] == [12, 12]
    with filled.read() as session:
        newest = rows.find(session, None)
    assert newest is not None and newest.key != "older"
    outside = photos / "discs" / "disc-2.png"
    assert search.similar_to_files(filled, [outside], region=(0, 0, 1, 1), k=1)


def test_no_part_of_the_disk_is_listed_twice(
    project: Project, photos: Path, tmp_path: Path
) -> None:
    report = sources.import_folders(project, [photos / "discs", photos, photos / "discs"])
    assert report.added == 13 and len(sources.list_sources(project)) == 1
    if os.name != "nt":
        (tmp_path / "link").symlink_to(photos)
        assert sources.import_folders(project, [tmp_path / "link"]).added == 0
    other = tmp_path / "other"
    shutil.copytree(photos, other)
    sources.import_folders(project, [other])
    with pytest.raises(SourceError, match="overlap"):
        sources.rebind(project, photos, other / "discs")
    with pytest.raises(SourceError, match="own place"):
        sources.rebind(project, photos, project.path / "cache")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_to_what_is_listed_are_passed_over(project: Project, photos: Path) -> None:
    (photos / "a link.png").symlink_to(photos / "discs" / "disc-0.png")
    (photos / "another").symlink_to(photos / "squares")
    report = sources.import_folders(project, [photos])
    assert (report.added, report.ignored) == (13, 2)
    found = search.similar_to_files(project, [photos / "another" / "square-1.png"], k=20)
    assert str(photos / "squares" / "square-1.png") not in [hit.path for hit in found]


def test_a_date_beyond_all_calendars(project: Project, photos: Path) -> None:
    path = photos / "discs" / "disc-0.png"
    try:
        os.utime(path, (99_999_999_999, 99_999_999_999))
    except (OSError, OverflowError):
        pytest.skip("this file system refuses the date")
    assert sources.import_folders(project, [photos]).added == 13
    assert sources.import_folders(project, [photos]).unchanged == 13


def test_gone_images_do_not_crowd_out_neighbours(
    project: Project, tmp_path: Path, make_picture: Callable[..., Image.Image]
) -> None:
    folder = tmp_path / "steps"
    folder.mkdir()
    base = make_picture(1)
    for step in range(30):
        Image.fromarray((np.asarray(base) * (1 - step / 200)).astype(np.uint8)).save(
            folder / f"{step:02}.png"
        )
    sources.import_folders(project, [folder])
    for step in range(6, 30):
        (folder / f"{step:02}.png").unlink()
    sources.import_folders(project, [folder])
    left = images.list_ids(project)
    assert all(len(neighbours.of_image(project, one, 20)) == 5 for one in left.tolist())
    assert len(duplicates.find(project)) == 15


def test_more_duplicates_than_the_graph_keeps(
    project: Project, tmp_path: Path, make_picture: Callable[..., Image.Image]
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for quality in range(14):
        make_picture(1).save(folder / f"{quality}.jpg", quality=40 + quality)
    sources.import_folders(project, [folder])
    neighbours.build(project, k=3)
    assert len(duplicates.find(project)) == 14 * 13 // 2


def test_a_file_moved_between_sources_keeps_its_tags(
    project: Project, photos: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(photos / "triangles" / "triangle-0.png", other / "first.png")
    sources.import_folders(project, [photos, other])
    image_id = images.id_of_path(project, photos / "discs" / "disc-1.png")
    tags.add(project, np.array([image_id]), "mine")
    shutil.move(photos / "discs" / "disc-1.png", other / "moved.png")
    sources.import_folders(project, [other, photos])
    assert images.id_of_path(project, other / "moved.png") == image_id


def test_an_absent_source_keeps_its_images(project: Project, photos: Path, tmp_path: Path) -> None:
    """A copy that turns up elsewhere while a drive is unplugged is a copy, not a move."""
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(photos / "discs" / "disc-1.png", other / "copy.png")
    sources.import_folders(project, [photos])
    image_id = images.id_of_path(project, photos / "discs" / "disc-1.png")
    (photos / "discs" / "disc-1.png").rename(tmp_path / "aside.png")
    sources.import_folders(project, [photos])
    photos.rename(tmp_path / "unplugged")
    sources.import_folders(project, [other])
    (tmp_path / "unplugged").rename(photos)
    (tmp_path / "aside.png").rename(photos / "discs" / "disc-1.png")
    sources.import_folders(project, [photos])
    assert images.id_of_path(project, photos / "discs" / "disc-1.png") == image_id


@pytest.mark.skipif(sys.platform == "darwin", reason="names are composed by the system there")
def test_printed_paths_can_be_given_back(project: Project, photos: Path) -> None:
    decomposed = photos / "discs" / "u\u0308ber.png"
    shutil.copy(photos / "discs" / "disc-1.png", decomposed)
    sources.import_folders(project, [photos])
    shown = images.describe(project, [images.id_of_path(project, decomposed) or 0])[0].path
    assert shown.endswith("\u00fcber.png")
    assert images.id_of_path(project, Path(shown)) == images.id_of_path(project, decomposed)
    found = search.similar_to_files(project, [Path(shown)], k=3)
    assert found[0].path.endswith("disc-1.png")


def test_a_path_that_fits_two_images_names_none(
    project: Project, photos: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(photos, other)
    sources.import_folders(project, [photos, other])
    table = tmp_path / "somewhere.csv"
    table.write_text("path,label\ndiscs/disc-0.png,x\n")
    with pytest.raises(TableError, match="No row"):
        labels.apply_labels(project, table)
    beside = other / "labels.csv"
    beside.write_text("path,label\ndiscs/disc-0.png,x\n")
    assert labels.apply_labels(project, beside).kept == 1
    labelled = images.describe(project, images.list_ids(project).tolist())
    assert [one.path for one in labelled if one.label] == [f"{other}/discs/disc-0.png"]


def test_a_folder_of_broken_files_only(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"nothing")
    report = sources.import_folders(project, [folder])
    assert (report.added, report.unreadable) == (0, 1)
    assert duplicates.find(project) == []


def test_an_image_that_breaks_between_reading_and_embedding(
    project: Project, photos: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    path = folder / "a.png"
    shutil.copy(photos / "discs" / "disc-0.png", path)
    sources.import_folders(project, [folder], embed=False)
    status = path.stat()
    path.write_bytes(b"x" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    report = sources.import_folders(project, [folder])
    assert report.embedded == 0 and neighbours.of_image(project, 1) == []
