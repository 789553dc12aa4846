"""What belongs to an image stays with it: files moved, swapped, edited, away for a while, on another drive."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue.filters import Filter
from core.errors import SourceError
from core.jobs import Job
from core.operations import embeddings, images, pairs, projects, sources, tags
from core.project import Project

Draw = Callable[..., Image.Image]


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def tag(project: Project, path: Path, name: str) -> int:
    image_id = images.id_of_path(project, path)
    assert image_id is not None, path
    tags.add(project, np.array([image_id]), name)
    return image_id


def tags_at(project: Project, path: Path) -> tuple[str, ...]:
    image_id = images.id_of_path(project, path)
    assert image_id is not None, path
    (described,) = images.describe(project, [image_id])
    assert described.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not described.is_missing
    return described.tags


def count_decoding(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The paths that are decoded from now on."""
    decoded: list[bytes] = []
    readers = project.readers
    run = readers.map

    def counted(tasks, **options):  # type: ignore[no-untyped-def]
        def noted():  # type: ignore[no-untyped-def]
            for task in tasks:
                decoded.append(task.raw_path)
                yield task

        return run(noted(), **options)

    monkeypatch.setattr(readers, "map", counted)
    return decoded


def test_a_renamed_folder_is_not_decoded_again(
    filled: Project, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag(filled, photos / "discs" / "disc-1.png", "one")
    decoded = count_decoding(filled, monkeypatch)
    (photos / "discs").rename(photos / "circles")
    report = sources.import_folders(filled, [photos])
    assert (report.moved, report.added, report.missing) == (4, 0, 0)
    assert decoded == [os.fsencode(photos / "circles" / "broken.jpg")]
    assert tags_at(filled, photos / "circles" / "disc-1.png") == ("one",)
    again = sources.import_folders(filled, [photos])
    assert (again.moved, again.missing, again.unchanged) == (0, 0, 13)


def test_a_move_seen_in_two_imports(
    filled: Project, photos: Path, tmp_path: Path, make_picture: Draw
) -> None:
    """It vanishes here today; the folder where it is now is imported tomorrow."""
    tag(filled, photos / "discs" / "disc-1.png", "kept")
    other = tmp_path / "other"
    other.mkdir()
    shutil.move(photos / "discs" / "disc-1.png", other / "somewhere.png")
    assert sources.import_folders(filled, [photos]).missing == 1
    report = sources.import_folders(filled, [other])
    assert (report.moved, report.added, report.embedded) == (1, 0, 0)
    assert tags_at(filled, other / "somewhere.png") == ("kept",)
    assert images.counts(filled).missing == 0


def test_a_copy_is_no_move_while_the_drive_is_away(
    filled: Project, photos: Path, tmp_path: Path
) -> None:
    tag(filled, photos / "discs" / "disc-1.png", "kept")
    other = tmp_path / "other"
    other.mkdir()
    content = (photos / "discs" / "disc-1.png").read_bytes()
    (photos / "discs" / "disc-1.png").unlink()
    sources.import_folders(filled, [photos])
    (other / "copy.png").write_bytes(content)
    photos.rename(tmp_path / "unplugged")
    assert sources.import_folders(filled, [other]).moved == 0
    assert tags_at(filled, other / "copy.png") == ()
    (tmp_path / "unplugged").rename(photos)
    (photos / "discs" / "disc-1.png").write_bytes(content)
    sources.import_folders(filled, [photos])
    assert tags_at(filled, photos / "discs" / "disc-1.png") == ("kept",)


def test_two_copies_do_not_steal_from_each_other(project: Project, photos: Path) -> None:
    """A folder and its backup, each with tags of its own, move together."""
    shutil.copytree(photos / "discs", photos / "old" / "backup" / "discs")
    (photos / "discs").rename(photos / "old" / "discs")
    sources.import_folders(project, [photos])
    for number in range(4):
        tag(project, photos / "old" / "discs" / f"disc-{number}.png", "mine")
        tag(project, photos / "old" / "backup" / "discs" / f"disc-{number}.png", "theirs")
    (photos / "old").rename(photos / "a new name")
    shutil.copytree(photos / "a new name" / "discs", photos / "0 another copy")
    report = sources.import_folders(project, [photos])
    assert (report.moved, report.added) == (8, 4)
    for number in range(4):
        name = f"disc-{number}.png"
        assert tags_at(project, photos / "a new name" / "discs" / name) == ("mine",)
        assert tags_at(project, photos / "a new name" / "backup" / "discs" / name) == ("theirs",)
        assert tags_at(project, photos / "0 another copy" / name) == ()
    (photos / "a new name" / "discs" / "disc-0.png").unlink()
    sources.import_folders(project, [photos])
    assert tags_at(project, photos / "a new name" / "backup" / "discs" / "disc-0.png") == (
        "theirs",
    )


def test_swapped_and_renumbered_files_take_their_tags_along(
    filled: Project, photos: Path, make_picture: Draw
) -> None:
    folder = photos / "discs"
    ids = [tag(filled, folder / f"disc-{number}.png", f"tag {number}") for number in range(4)]
    a, b = folder / "disc-0.png", folder / "disc-1.png"
    a.rename(folder / "aside")
    b.rename(a)
    (folder / "aside").rename(b)
    assert sources.import_folders(filled, [photos]).moved == 2
    assert [tags_at(filled, one) for one in (a, b)] == [("tag 1",), ("tag 0",)]
    # All numbers go up by one, and a new picture takes the first.
    for number in (3, 2, 1, 0):
        (folder / f"disc-{number}.png").rename(folder / f"disc-{number + 1}.png")
    make_picture(4711).save(folder / "disc-0.png")
    report = sources.import_folders(filled, [photos])
    assert (report.moved, report.added + report.changed, report.missing) == (4, 1, 0)
    shown = [tags_at(filled, folder / f"disc-{number}.png") for number in range(5)]
    assert shown == [(), ("tag 1",), ("tag 0",), ("tag 2",), ("tag 3",)]
    assert images.id_of_path(filled, folder / "disc-4.png") == ids[3]


def test_where_one_file_takes_the_place_of_another_the_place_keeps_its_tags(
    filled: Project, photos: Path, make_picture: Draw
) -> None:
    a, b, c = (photos / "discs" / f"disc-{number}.png" for number in range(3))
    for path, name in ((a, "a"), (b, "b"), (c, "c")):
        tag(filled, path, name)
    shutil.copy(b, a)  # replaced by a copy
    assert sources.import_folders(filled, [photos]).changed == 1
    assert (tags_at(filled, a), tags_at(filled, b)) == (("a",), ("b",))
    shutil.move(c, b)  # replaced by the file itself
    report = sources.import_folders(filled, [photos])
    assert (report.changed, report.missing, report.moved) == (1, 1, 0)
    assert tags_at(filled, b) == ("b",)
    (missing,) = images.list_ids(filled, Filter(state="missing")).tolist()
    assert images.describe(filled, [missing])[0].tags == ("c",)
    # A copy is put aside, then the original is edited: the original keeps what was said of it.
    shutil.copy(b, photos / "discs" / "before.png")
    make_picture(4712).save(b)
    sources.import_folders(filled, [photos])
    assert tags_at(filled, b) == ("b",)
    assert tags_at(filled, photos / "discs" / "before.png") != ("b",)


def test_verdicts_follow_the_bytes(filled: Project, photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("a,b,verdict\nphotos/discs/disc-1.png,photos/discs/disc-2.png,different\n")
    pairs.import_csv(filled, table)
    (photos / "discs" / "disc-1.png").rename(photos / "first.png")
    sources.import_folders(filled, [photos])
    pairs.export_csv(filled, tmp_path / "out.csv")
    assert (
        f"{photos}/first.png,{photos}/discs/disc-2.png,different"
        in (tmp_path / "out.csv").read_text()
    )


def test_copied_disks_are_hashed_and_not_decoded(
    filled: Project, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy to a new disk gives every file another time."""
    tag(filled, photos / "discs" / "disc-1.png", "kept")
    copy = tmp_path / "new disk" / "photos"
    shutil.copytree(photos, copy, copy_function=shutil.copyfile)
    shutil.rmtree(photos)
    for path in copy.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    (copy / "squares" / "square-0.png").unlink()
    with (copy / "squares" / "square-1.png").open("ab") as file:
        file.write(b"longer")
    decoded = count_decoding(filled, monkeypatch)
    preview = sources.preview_rebind(filled, photos, copy)
    assert (preview.found, preview.missing, preview.changed) == (11, 1, 1)
    assert (preview.images, preview.looked_at) == (13, 13)
    assert sorted(preview.examples) == ["squares/square-0.png", "squares/square-1.png"]
    sources.rebind(filled, photos, copy)
    assert images.counts(filled).missing == 0  # nothing is read yet
    report = sources.import_folders(filled, [copy])
    assert (report.unchanged, report.missing, report.changed) == (11, 1, 1)
    assert {Path(os.fsdecode(one)).name for one in decoded} == {"square-1.png", "broken.jpg"}
    assert report.embedded == 1
    assert tags_at(filled, copy / "discs" / "disc-1.png") == ("kept",)
    assert sources.import_folders(filled, [copy]).unchanged == 12


def test_rebinding_where_old_and_new_overlap(filled: Project, photos: Path) -> None:
    """Everything was put into a folder of its own: /photos is /photos/2020 now, and back again."""
    inner = photos / "2020"
    inner.mkdir()
    for name in ("discs", "squares", "triangles"):
        (photos / name).rename(inner / name)
    assert sources.preview_rebind(filled, photos, inner).found == 13
    sources.rebind(filled, photos, inner)
    assert [one.path for one in sources.list_sources(filled)] == [str(inner)]
    assert sources.import_folders(filled, [inner]).unchanged == 13
    sources.rebind(filled, inner, photos)
    report = sources.import_folders(filled, [photos])
    assert (report.moved, report.missing, report.added) == (13, 0, 0)


def test_a_drive_with_several_sources_is_rebound_at_once(
    project: Project, photos: Path, tmp_path: Path
) -> None:
    drive, new = tmp_path / "drive", tmp_path / "other drive"
    drive.mkdir()
    for name in ("discs", "squares"):
        shutil.copytree(photos / name, drive / name)
    sources.import_folders(project, [drive / "discs", drive / "squares", photos / "triangles"])
    drive.rename(new)
    assert [one.is_present for one in sources.list_sources(project)] == [False, False, True]
    sources.rebind(project, drive, new)
    assert {one.path for one in sources.list_sources(project)} == {
        f"{new}/discs",
        f"{new}/squares",
        f"{photos}/triangles",
    }
    with pytest.raises(SourceError, match="not a source"):
        sources.rebind(project, tmp_path / "nowhere", new)
    with pytest.raises(SourceError, match="does not exist"):
        sources.rebind(project, new, tmp_path / "nowhere")
    with pytest.raises(SourceError, match="overlap"):
        sources.rebind(project, new / "discs", new / "squares")


@pytest.mark.skipif(os.name == "nt", reason="the other way round there")
@pytest.mark.parametrize("spelled", ["D:\\Bilder\\photos", "d:/bilder/PHOTOS/"])
def test_a_catalogue_made_on_windows(
    filled: Project, photos: Path, tmp_path: Path, spelled: str
) -> None:
    """Its sources lie at D:\\ ...; they are absent here, nothing goes missing, and they can be re-bound."""
    with filled.write() as session:
        session.exec_driver_sql(
            "UPDATE sources SET path = 'D:/Bilder/photos', raw_path = ?",
            (b"D:\\Bilder\\photos",),
        )
    (source,) = sources.list_sources(filled)
    assert (source.path, source.is_present, source.name) == ("D:/Bilder/photos", False, "photos")
    described = images.describe(filled, images.list_ids(filled).tolist())
    assert described[0].path.startswith("D:/Bilder/photos/")
    with pytest.raises(SourceError, match="not there now; its 13 images are left"):
        sources.import_folders(filled, [Path(spelled)])
    assert sources.preview_rebind(filled, Path(spelled), photos).found == 13
    sources.rebind(filled, Path(spelled), photos)
    assert sources.import_folders(filled, [photos]).unchanged == 13
    with filled.write() as session:
        session.exec_driver_sql("UPDATE sources SET path = 'D:/x', raw_path = ?", (b"D:\\x",))
    (tmp_path / "x").mkdir()
    for path in photos.iterdir():
        shutil.move(path, tmp_path / "x")
    sources.rebind(filled, Path("D:\\"), tmp_path)
    assert sources.import_folders(filled, [tmp_path / "x"]).unchanged == 13


def test_the_catalogue_folder_moves_to_another_machine(
    filled: Project, photos: Path, tmp_path: Path, fake_encoder: type
) -> None:
    tag(filled, photos / "discs" / "disc-1.png", "kept")
    content_ids = images.content_ids(filled, images.list_ids(filled)).tolist()
    filled.close()
    there = tmp_path / "another machine"
    shutil.copytree(filled.path, there / "copied.lookalike")
    shutil.rmtree(filled.path)
    photos.rename(there / "pictures")
    with projects.open(there / "copied.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        (source,) = sources.list_sources(project)
        assert not source.is_present and source.images == 13
        assert len(images.thumbnails(project, content_ids)) == 12
        job = Job()
        other = there / "more"
        shutil.copytree(there / "pictures" / "squares", other)
        report = sources.import_folders(project, [photos, other], job=job)
        assert report.added == 5 and images.counts(project).missing == 0
        (note,) = job.notes
        assert note == f"The folder {photos} is not there now; its 13 images are left as they are."
        sources.rebind(project, photos, there / "pictures")
        assert sources.import_folders(project, [there / "pictures"]).unchanged == 13
        assert tags_at(project, there / "pictures" / "discs" / "disc-1.png") == ("kept",)
        assert embeddings.list_embeddings(project)[0].rows == 12


def test_an_empty_mount_point_is_a_drive_that_is_away(filled: Project, photos: Path) -> None:
    shutil.move(photos, photos.parent / "aside")
    photos.mkdir()
    job = Job()
    report = sources.import_folders(filled, [photos], job=job)
    assert report.missing == 0 and images.counts(filled).images == 13
    assert "is empty now; its 13 images are left" in job.notes[0]
    (photos / "a text.txt").write_text("not empty any more")
    assert sources.import_folders(filled, [photos]).missing == 13


def test_an_image_under_a_closed_folder_has_not_moved(
    filled: Project, photos: Path, tmp_path: Path
) -> None:
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("permissions do not bind here")
    tag(filled, photos / "discs" / "disc-1.png", "kept")
    shutil.copy(photos / "discs" / "disc-1.png", photos / "copy.png")
    (photos / "discs").chmod(0)
    try:
        assert sources.import_folders(filled, [photos]).moved == 0
    finally:
        (photos / "discs").chmod(0o755)
    sources.import_folders(filled, [photos])
    assert tags_at(filled, photos / "discs" / "disc-1.png") == ("kept",)


def test_a_file_broken_in_place_has_not_moved(filled: Project, photos: Path) -> None:
    path = photos / "discs" / "disc-1.png"
    content = path.read_bytes()
    tag(filled, path, "kept")
    path.write_bytes(content[: len(content) // 2])
    sources.import_folders(filled, [photos])
    (photos / "rescued.png").write_bytes(content)
    assert sources.import_folders(filled, [photos]).added == 1
    path.write_bytes(content)
    sources.import_folders(filled, [photos])
    assert tags_at(filled, path) == ("kept",) and tags_at(filled, photos / "rescued.png") == ()


def test_a_watched_source_is_remembered(filled: Project) -> None:
    (source,) = sources.list_sources(filled)
    assert not source.is_watched
    sources.set_watched(filled, source.id, True)
    assert sources.list_sources(filled)[0].is_watched
    with pytest.raises(SourceError, match="no longer"):
        sources.set_watched(filled, source.id + 1, True)
