"""Check, repair, compact: faults are named and mended, what the user said stays, a kill leaves old or new."""

import os
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from catalogue_rows import enlarge
from kept_folders import put_back
from PIL import Image

from core.catalogue import embeddings as rows
from core.catalogue.blobs import to_blob
from core.errors import CatalogueError, DiskFull, NotACatalogue
from core.jobs import Cancelled, Job
from core.operations import (
    check,
    compacting,
    embeddings,
    images,
    layouts,
    neighbours,
    pairs,
    projects,
    search,
    sources,
    tags,
)
from core.operations.check import CheckReport
from core.project import Project


@pytest.fixture
def tmp_path(
    kept: Path,
    request: pytest.FixtureRequest,
    fill_photos: Callable[[Path], Path],
    fake_encoder: type,
) -> Path:
    """A folder with pictures and the catalogue that the test asks for, as it was made once."""
    wanted = {"holed": make_holes, "large": enlarge}
    name = next((one for one in wanted if one in request.fixturenames), "filled")

    def fill(folder: Path) -> None:
        photos = fill_photos(folder / "photos")
        with projects.create(folder / "test.lookalike") as project:
            project.keep("encoder:builtin", fake_encoder)
            sources.import_folders(project, [photos])
            if name != "large":
                say(project, photos)
            if name in wanted:
                wanted[name](project, photos)

    return put_back(kept, name, fill)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def filled(tmp_path: Path, fake_encoder: type) -> Iterator[Project]:
    """Thirteen images, tags on three of them, one verdict."""
    with projects.open(tmp_path / "test.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        yield project


def say(project: Project, photos: Path) -> None:
    tags.add(project, images.list_ids(project)[:3], "kept")
    table = photos.parent / "pairs.csv"
    table.write_text("a,b,verdict\nphotos/discs/disc-1.png,photos/discs/disc-2.png,different\n")
    pairs.import_csv(project, table)


def said(project: Project) -> tuple[list[tuple[str, int]], dict[str, int]]:
    """What the user said: tags with their counts, and verdicts."""
    counts: dict[str, int] = {}
    for one in pairs.list_pairs(project):
        counts[one.verdict] = counts.get(one.verdict, 0) + 1
    return [(one.name, one.count) for one in tags.list_tags(project)], counts


SAID = ([("kept", 3)], {"different": 1})


def kinds(report: CheckReport) -> list[str]:
    return [one.kind for one in report.problems]


def test_a_sound_catalogue(filled: Project) -> None:
    report = check.check(filled)
    assert (report.problems, report.repaired) == ([], 0)
    space = report.space
    assert space.vectors.keys() == {"builtin"} and min(space.vectors.values()) > 0
    assert min(space.database, space.thumbnails, space.free) > 0
    on_disk = sum(one.stat().st_size for one in filled.path.rglob("*") if one.is_file())
    assert space.total == on_disk
    with projects.open(filled.path, write=False) as reader:
        assert check.check(reader).problems == []


def test_lost_and_spoilt_vectors(filled: Project, photos: Path) -> None:
    (embedding,) = embeddings.list_embeddings(filled)
    (segment,) = filled.vectors(embedding).folder.iterdir()
    with segment.open("r+b") as file:
        file.write(np.full(48, np.nan, "<f2").tobytes())  # the first
        file.seek(5 * 96)
        file.write(np.full(48, 1, "<f2").tobytes())  # much too long
        file.seek(7 * 96)
        file.write(bytes(96))  # zeros, as a disk leaves them
    report = check.check(filled)
    (problem,) = report.problems
    assert (problem.kind, problem.count) == ("vectors", 3) and "3 vectors of builtin" in (
        problem.sentence
    )
    assert check.check(filled, repair=True).problems == []
    assert len(embeddings.lacking(filled, "builtin")) == 3
    sources.import_folders(filled, [photos])
    assert check.check(filled).problems == [] and said(filled) == SAID
    assert len(embeddings.lacking(filled, "builtin")) == 0
    segment.unlink()
    assert kinds(check.check(filled)) == ["vectors"]
    assert check.check(filled, repair=True).repaired == 1
    assert len(embeddings.lacking(filled, "builtin")) == 12


def test_owners_that_name_nothing(filled: Project) -> None:
    with filled.write() as session:
        owners = rows.owners(session, 1).copy()
        owners[2], owners[3] = 999, owners[4]
        session.exec_driver_sql("UPDATE vector_blocks SET content_ids = ?", (to_blob(owners),))
    report = check.check(filled)
    assert kinds(report) == ["owners"] and report.problems[0].count == 2
    check.check(filled, repair=True)
    assert check.check(filled).problems == []
    assert len(embeddings.lacking(filled, "builtin")) == 2
    with filled.write() as session:
        session.exec_driver_sql("UPDATE embeddings SET rows = 400")
    assert kinds(check.check(filled)) == ["vectors"]
    check.check(filled, repair=True)
    assert check.check(filled).problems == []
    assert len(embeddings.lacking(filled, "builtin")) == 12


@pytest.mark.parametrize("table", ["neighbour_blocks", "layout_blocks"])
@pytest.mark.parametrize("fault", ["torn", "gone"])
def test_graphs_and_layouts_are_made_again(filled: Project, table: str, fault: str) -> None:
    with filled.write() as session:
        ids = (
            np.arange(90, 102, dtype=np.int32)
            if fault == "gone"
            else np.arange(1, 9, dtype=np.int32)
        )
        session.exec_driver_sql(f"UPDATE {table} SET content_ids = ?", (to_blob(ids),))
    assert kinds(check.check(filled)) == ["neighbours" if table[0] == "n" else "layout"]
    report = check.check(filled, repair=True)
    assert (report.problems, report.repaired) == ([], 1)
    first = int(images.list_ids(filled)[0])
    assert neighbours.of_image(filled, first, 3) and layouts.load(filled) is not None


def test_references_to_nothing_are_mended_and_nothing_said_is_lost(
    filled: Project, photos: Path
) -> None:
    filled.close()
    connection = sqlite3.connect(filled.path / "catalogue.sqlite")
    for statement in (
        "DELETE FROM tags",
        "DELETE FROM folders",
        "DELETE FROM contents WHERE id IN (SELECT content_id FROM images LIMIT 2)",
        "INSERT INTO image_tags VALUES (1, 4711)",
        "INSERT INTO image_classes VALUES (1, 77)",
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()
    with projects.open(filled.path) as project:
        before = [one.path for one in sources.list_sources(project)]
        report = check.check(project)
        assert "references" in kinds(report)
        check.check(project, repair=True)
        assert check.check(project).problems == []
        assert [one.path for one in sources.list_sources(project)] == before
        assert [one.count for one in tags.list_tags(project)] == [3]
        assert sum(said(project)[1].values()) == 1
        names = {one.path for one in images.describe(project, images.list_ids(project).tolist())}
        assert f"{photos}/discs/disc-1.png" in names
        assert sources.import_folders(project, [photos], embed=False).changed == 2
        assert images.counts(project).images == 13


def damage(path: Path, share: float) -> None:
    """Overwrite a page of the database in the middle of its length."""
    with path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(int(size * share) // 4096 * 4096)
        file.write(os.urandom(4096))


@pytest.fixture
def large(filled: Project) -> Project:
    """A catalogue of some hundred pages, with tags on every image."""
    return filled


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_damaged_database_is_salvaged(large: Project, share: float) -> None:
    large.close()
    file = large.path / "catalogue.sqlite"
    damage(file, share)
    try:
        project = projects.open(large.path)
    except NotACatalogue:
        check.rescue(large.path)
        project = projects.open(large.path)
    with project:
        report = check.check(project)
        if not report.problems:
            return  # the page was a free one, or held what nobody misses
        report = check.check(project, repair=True)
        assert report.problems == [] and report.repaired
        assert check.check(project).problems == []
        left = images.counts(project).images + images.counts(project).missing
        assert left > 3000
        tagged = sum(one.count for one in tags.list_tags(project))
        assert tagged > 3000
        if any("were saved" in note for note in report.notes):
            (kept,) = large.path.glob("catalogue.sqlite.damaged-*[0-9]")
            assert kept.stat().st_size > 0
            assert any("Old databases are kept" in note for note in check.check(project).notes)
        tags.add(project, images.list_ids(project)[:5], "written to")


def test_a_database_that_cannot_be_opened(large: Project, tmp_path: Path) -> None:
    large.close()
    file = large.path / "catalogue.sqlite"
    with file.open("r+b") as opened:
        opened.seek(100)
        opened.write(os.urandom(3996))  # the list of tables itself
    with pytest.raises(NotACatalogue):
        projects.open(large.path).close()
    before = file.read_bytes()
    with pytest.raises(CatalogueError, match="Nothing can be read"):
        check.rescue(large.path)
    assert file.read_bytes() == before
    (tmp_path / "catalogue.sqlite").write_text("no database")
    with pytest.raises(NotACatalogue):
        check.rescue(tmp_path)


def test_a_damaged_thumbnail_store_is_begun_anew(filled: Project) -> None:
    filled.close()
    damage(filled.path / "cache" / "thumbnails.sqlite", 0.5)
    with projects.open(filled.path) as project:
        assert kinds(check.check(project)) == ["thumbnails"]
        check.check(project, repair=True)
        assert check.check(project).problems == []
        contents = images.content_ids(project, images.list_ids(project)).tolist()
        assert len(images.thumbnails(project, contents)) == 12


@pytest.fixture
def holed(filled: Project) -> Project:
    """Two sources, one of them forgotten: eleven contents are used, eight have gone with it."""
    return filled


def make_holes(filled: Project, photos: Path) -> None:
    other = photos.parent / "other"
    other.mkdir()
    generator = np.random.default_rng(5)
    for number in range(8):
        pixels = generator.integers(0, 255, (40, 40, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(other / f"{number}.png")
    sources.import_folders(filled, [other])
    (photos / "triangles" / "triangle-0.png").unlink()  # missing images keep all they have
    sources.import_folders(filled, [photos])
    images.take_out(filled, [images.id_of_path(filled, photos / "discs" / "disc-3.png") or 0])
    sources.remove(filled, other)
    sources.import_folders(filled, [photos])


def vectors_by_hash(project: Project) -> dict[str, bytes]:
    (embedding,) = embeddings.list_embeddings(project)
    with project.read() as session:
        owners = rows.owners(session, embedding.id)
        hashes = dict(session.exec_driver_sql("SELECT id, hex(sha256) FROM contents").all())
    stored = project.vectors(embedding).read(0, len(owners))
    return {
        hashes[int(owner)]: stored[place].tobytes()
        for place, owner in enumerate(owners)
        if owner in hashes
    }


def test_compacting_drops_what_is_gone_and_nothing_else(
    holed: Project, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = vectors_by_hash(holed)
    made = embeddings.list_embeddings(holed)[0]
    assert (made.rows, made.generation) == (20, 0)
    report = check.check(holed, compact=True)
    assert report.problems == [] and report.freed_bytes > 0
    made = embeddings.list_embeddings(holed)[0]
    assert (made.rows, made.generation) == (12, 1)
    assert [one.name for one in (holed.path / "vectors").iterdir()] == ["1-1"]
    after = vectors_by_hash(holed)
    assert len(after) == 12 and all(before[key] == value for key, value in after.items())
    assert said(holed) == SAID
    with holed.read() as session:
        assert session.exec_driver_sql("SELECT count(*) FROM contents").scalar() == 12
    assert len(images.list_taken_out(holed)) == 1 and images.counts(holed).missing == 1
    # The graph and the layout are as fresh as they were.
    again = sources.import_folders(holed, [photos])
    assert again.embedded == 0 and not again.changes
    first = int(images.list_ids(holed)[0])
    assert len(search.similar_to_images(holed, [first], k=5)) == 5
    log = (holed.path / "catalogue.sqlite-wal").stat().st_size
    assert check.check(holed, compact=True).freed_bytes <= log
    assert check.check(holed).problems == []


def test_verdicts_of_what_is_gone_outlive_compacting(filled: Project, photos: Path) -> None:
    sources.remove(filled, photos)
    check.check(filled, compact=True)
    assert said(filled)[1] == SAID[1]
    assert embeddings.list_embeddings(filled)[0].rows == 0
    sources.import_folders(filled, [photos])
    assert said(filled)[1] == SAID[1] and len(pairs.list_pairs(filled)) == 1
    assert check.check(filled).problems == []


def test_a_full_disk_is_seen_ahead(holed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1000))
    with pytest.raises(DiskFull, match="nothing was changed"):
        check.check(holed, compact=True)
    assert embeddings.list_embeddings(holed)[0].generation == 0


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_while_compacting_leaves_the_old_or_the_new(
    holed: Project, monkeypatch: pytest.MonkeyPatch, moment: str, fake_encoder: type
) -> None:
    """The process ends just before, or just after, the one transaction that turns to the new."""

    before = vectors_by_hash(holed)
    replace_owners = compacting.upkeep.replace_owners

    def killed(*arguments: object, **options: object) -> None:
        if moment == "before":
            os._exit(9)
        replace_owners(*arguments, **options)  # type: ignore[arg-type]

    def killed_later(*arguments: object) -> None:
        os._exit(9)

    holed.close()
    child = os.fork() if hasattr(os, "fork") else None
    if child is None:
        pytest.skip("no fork")
    if child == 0:
        project = projects.open(holed.path)
        compacting.upkeep.replace_owners = killed  # type: ignore[assignment]
        compacting.upkeep.drop_unused = killed_later  # type: ignore[assignment]
        check.check(project, compact=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 9
    assert len(list((holed.path / "vectors").iterdir())) == 2
    with projects.open(holed.path) as project:
        project.keep("encoder:builtin", fake_encoder)
        made = embeddings.list_embeddings(project)[0]
        assert made.generation == (0 if moment == "before" else 1)
        assert [one.name for one in (project.path / "vectors").iterdir()] == [
            f"1-{made.generation}"
        ]
        assert check.check(project).problems == [] and said(project) == SAID
        after = vectors_by_hash(project)
        assert all(before[key] == value for key, value in after.items())
        assert len(after) == (20 if moment == "before" else 12)


def test_cancelling_leaves_the_old(holed: Project) -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        compacting.compact(holed, job)
    assert [one.name for one in (holed.path / "vectors").iterdir()] == ["1-0"]
    assert check.check(holed).problems == []
