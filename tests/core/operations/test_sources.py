"""Import: incremental, faithful to moves, edits and returns, and calm about faults."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import facts
from core.catalogue.filters import Filter
from core.changes import Changes
from core.errors import SourceError
from core.jobs import Cancelled, Job
from core.operations import (
    embeddings,
    images,
    imports,
    layouts,
    neighbours,
    sources,
    tags,
    unreadable,
)
from core.project import Project


def paths(project: Project, *, missing: bool = False) -> list[str]:
    ids = images.list_ids(project, Filter(state="missing" if missing else "present"))
    return [one.path for one in images.describe(project, ids.tolist())]


def test_everything_is_read_once(project: Project, photos: Path) -> None:
    told: list[Changes] = []
    report = sources.import_folders(project, [photos], on_changes=told.append)
    assert (report.added, report.unreadable, report.ignored) == (13, 1, 1)
    assert Changes.IMAGES in told[0]
    counts = images.counts(project)
    assert (counts.images, counts.contents, counts.unreadable, counts.ignored) == (13, 12, 1, 1)
    (embedding,) = embeddings.list_embeddings(project)
    assert (embedding.rows, embedding.encoder, embedding.is_default) == (12, "builtin", True)
    (fault,) = images.list_unreadable(project)
    assert fault.path == f"{photos}/discs/broken.jpg" and fault.reason
    again = sources.import_folders(project, [photos])
    assert (again.added, again.unchanged, again.unreadable) == (0, 13, 1)
    assert again.embedded == 0
    assert again.changes == Changes.NONE
    described = images.describe(project, images.list_ids(project).tolist())
    assert {one.folder_class for one in described} == {"discs", "squares", "triangles"}
    assert all((one.width, one.height, one.format) == (96, 72, "PNG") for one in described)


def test_thumbnails_and_pictures(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    ids = images.list_ids(project)
    contents = images.content_ids(project, ids).tolist()
    kept = images.thumbnails(project, contents)
    assert len(kept) == 12 and all(one.startswith(b"\xff\xd8") for one in kept.values())
    (project.path / "cache" / "thumbnails.sqlite").unlink()
    project.thumbnails.close()
    project.thumbnails = type(project.thumbnails)(
        project.path / "cache" / "thumbnails.sqlite", write=True
    )
    assert images.thumbnails(project, contents).keys() == kept.keys()
    assert images.picture(project, int(ids[0]), max_px=48).shape == (36, 48, 3)


def test_a_moved_file_keeps_its_id_and_tags(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    image_id = images.id_of_path(project, photos / "discs" / "disc-1.png")
    assert image_id is not None
    tags.add(project, np.array([image_id]), "kept")
    (photos / "new").mkdir()
    shutil.move(photos / "discs" / "disc-1.png", photos / "new" / "renamed.png")
    report = sources.import_folders(project, [photos])
    assert report.embedded == 0
    assert images.id_of_path(project, photos / "new" / "renamed.png") == image_id
    (moved,) = images.describe(project, [image_id])
    assert (moved.tags, moved.folder_class, moved.name) == (("kept",), "new", "renamed.png")
    assert images.counts(project).missing == 0


def test_an_edited_file_is_a_new_content_with_its_tags(
    project: Project, photos: Path, make_picture: Callable[..., Image.Image]
) -> None:
    sources.import_folders(project, [photos])
    path = photos / "discs" / "disc-2.png"
    image_id = images.id_of_path(project, path)
    assert image_id is not None
    tags.add(project, np.array([image_id]), "mine")
    before = images.describe(project, [image_id])[0]
    make_picture(777).save(path)
    report = sources.import_folders(project, [photos])
    assert (report.changed, report.embedded) == (1, 1)
    after = images.describe(project, [image_id])[0]
    assert after.content_id != before.content_id and after.tags == ("mine",)


def test_missing_images_come_back(project: Project, photos: Path, tmp_path: Path) -> None:
    sources.import_folders(project, [photos])
    shutil.move(photos / "discs", tmp_path / "elsewhere")
    report = sources.import_folders(project, [photos])
    assert report.missing == 4
    assert len(paths(project, missing=True)) == 4
    assert images.counts(project).unreadable == 0
    shutil.move(tmp_path / "elsewhere", photos / "discs")
    sources.import_folders(project, [photos])
    assert images.counts(project).missing == 0 and len(paths(project)) == 13


def test_a_file_that_breaks_is_named_and_recovers(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    path = photos / "discs" / "disc-3.png"
    good = path.read_bytes()
    image_id = images.id_of_path(project, path)
    path.write_bytes(good[:60])
    sources.import_folders(project, [photos])
    assert images.counts(project).unreadable == 2
    assert str(path) not in paths(project)
    path.write_bytes(good)
    sources.import_folders(project, [photos])
    assert images.counts(project).unreadable == 1
    assert images.id_of_path(project, path) == image_id and str(path) in paths(project)


def test_without_embedding_and_then_with(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos], embed=False)
    assert embeddings.list_embeddings(project) == []
    report = sources.import_folders(project, [photos])
    assert Changes.LAYOUTS in report.changes
    assert embeddings.list_embeddings(project)[0].rows == 12
    stored = layouts.load(project)
    assert stored is not None and len(stored.image_ids) == 13


def test_cancel_keeps_what_was_read(
    project: Project,
    tmp_path: Path,
    make_picture: Callable[..., Image.Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "_TELL_EVERY_S", 0)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(150):
        make_picture(number, size=(64, 64)).save(folder / f"{number:03}.png")
    job = Job()

    def stop(changes: Changes) -> None:
        if images.counts(project).images >= 64:
            job.cancel()

    with pytest.raises(Cancelled):
        sources.import_folders(project, [folder], job=job, on_changes=stop)
    kept = images.counts(project).images
    assert 64 <= kept < 150
    report = sources.import_folders(project, [folder])
    assert report.added == 150 - kept and images.counts(project).images == 150
    assert embeddings.list_embeddings(project)[0].rows == 150


def test_folders_that_cannot_be_used(project: Project, photos: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        sources.import_folders(project, [photos, tmp_path / "nowhere"])
    with pytest.raises(SourceError, match="is a file"):
        sources.import_folders(project, [photos / "notes.txt"])
    with pytest.raises(SourceError, match="catalogue's own place"):
        sources.import_folders(project, [project.path / "cache"])
    assert sources.list_sources(project) == []
    sources.import_folders(project, [photos / "discs"])
    with pytest.raises(SourceError, match="overlap"):
        sources.import_folders(project, [photos])


def test_a_folder_inside_a_source_refreshes_the_source(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    shutil.copy(photos / "discs" / "disc-0.png", photos / "discs" / "another.png")
    report = sources.import_folders(project, [photos / "discs"])
    assert report.added == 1 and len(sources.list_sources(project)) == 1


def test_rebind_and_remove(project: Project, photos: Path, tmp_path: Path) -> None:
    sources.import_folders(project, [photos])
    moved = tmp_path / "moved"
    shutil.move(photos, moved)
    sources.rebind(project, photos, moved)
    report = sources.import_folders(project, [moved])
    assert (report.added, report.missing) == (0, 0)
    sources.remove(project, moved)
    assert images.counts(project).images == 0 and sources.list_sources(project) == []


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_that_are_not_utf8_are_escaped_and_work(project: Project, photos: Path) -> None:
    raw = os.fsencode(photos) + b"/discs/caf\xe9.png"
    try:
        shutil.copy(photos / "discs" / "disc-0.png", os.fsdecode(raw))
    except OSError:
        pytest.skip("this file system refuses the name")
    sources.import_folders(project, [photos])
    (path,) = (one for one in paths(project) if "caf" in one)
    assert path.endswith("/discs/caf\\xe9.png")
    image_id = images.id_of_path(project, Path(os.fsdecode(raw)))
    assert image_id is not None
    assert images.picture(project, image_id).shape == (72, 96, 3)
    assert neighbours.of_image(project, image_id, 1)[0].score == 1


def test_a_source_that_goes_takes_its_limit_along(project: Project, photos: Path) -> None:
    """Ids of sources are given again."""
    sources.import_folders(project, [photos])
    source_id = sources.list_sources(project)[0].id
    with project.write() as session:
        facts.note_tried_limit_px(session, source_id, 10**9)
    sources.remove(project, photos)
    with project.read() as session:
        assert facts.tried_limit_px(session, source_id) == facts.LIMIT_PX


def test_the_first_file_that_can_be_read_after_all_gets_its_vector(
    project: Project, tmp_path: Path, make_picture: Callable[..., Image.Image]
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert sources.import_folders(project, [folder]).unreadable == 1
    make_picture(1).save(folder / "a.png")
    assert unreadable.retry(project, None).added == 1
    assert [one.rows for one in embeddings.list_embeddings(project)] == [1]
