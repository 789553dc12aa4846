"""Parts of pictures: found where they are, whatever is filtered, added, stopped, damaged or compacted."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import tiles as rows
from core.catalogue.filters import Filter, parse_filter
from core.errors import UsageError
from core.jobs import Cancelled, Job
from core.operations import check, images, projects, regions, search, sources, space
from core.operations.embeddings import require
from core.project import Project
from core.search import question as asking
from core.search.question import Question

Draw = Callable[..., Image.Image]


@pytest.fixture
def sheets(tmp_path: Path, make_picture: Draw) -> Path:
    """Sixteen pictures of four other pictures each; "a" and "b" by turns."""
    root = tmp_path / "sheets"
    for number in range(16):
        sheet = Image.new("RGB", (192, 192))
        for place in range(4):
            part = make_picture(100 + 4 * number + place, size=(96, 96), shape=place % 3)
            sheet.paste(part, (96 * (place % 2), 96 * (place // 2)))
        folder = root / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        sheet.save(folder / f"sheet-{number:02}.png")
    return root


@pytest.fixture
def tiled(project: Project, sheets: Path) -> Project:
    sources.import_folders(project, [sheets])
    regions.build(project)
    return project


def part_of(sheets: Path, number: int, box: tuple[int, int, int, int], target: Path) -> Path:
    with Image.open(sheets / "ab"[number % 2] / f"sheet-{number:02}.png") as picture:
        picture.crop(box).save(target)
    return target


WHOLE = (0.0, 0.0, 1.0, 1.0)
# What the lower right of the nine windows shows.
LOWER_RIGHT = (58, 58, 192, 192)


def test_a_crop_finds_its_picture_and_where_it_is(
    tiled: Project, sheets: Path, tmp_path: Path
) -> None:
    assert regions.state(tiled) == regions.RegionsState(16, 16)
    for number in range(16):
        crop = part_of(sheets, number, LOWER_RIGHT, tmp_path / "crop.png")
        question = Question((asking.of_file(crop, region=WHOLE),), k=3)
        first, *others = search.ask(tiled, question)
        assert first.path.endswith(f"sheet-{number:02}.png")
        assert first.box == (0.3, 0.3, 0.7, 0.7) and first.score > 0.99
        assert len(others) == 2 and all(one.score <= first.score for one in others)
        # Without a part nothing is said of parts.
        assert search.ask(tiled, Question((asking.of_file(crop),), k=1))[0].box is None


def test_a_part_of_a_picture_of_the_catalogue_leaves_that_out(tiled: Project, sheets: Path) -> None:
    path = sheets / "a" / "sheet-04.png"
    image_id = images.id_of_path(tiled, path)
    assert image_id is not None
    twin = sheets / "a" / "twin.png"
    twin.write_bytes(path.read_bytes())
    sources.import_folders(tiled, [sheets])
    found = search.ask(
        tiled, Question((asking.of_image(image_id, region=(0.3, 0.3, 0.7, 0.7)),), k=20)
    )
    assert found[0].path == str(twin) and found[0].score > 0.99
    assert len(found) == 16 and str(path) not in [one.path for one in found]


@pytest.mark.parametrize("k", [1, 5, 8, 30])
def test_filters_count_before_k(tiled: Project, sheets: Path, tmp_path: Path, k: int) -> None:
    crop = part_of(sheets, 3, LOWER_RIGHT, tmp_path / "crop.png")
    question = Question((asking.of_file(crop, region=WHOLE),), k=k, filter=parse_filter("class:a"))
    found = search.ask(tiled, question)
    assert len(found) == min(k, 8)
    assert all(Path(one.path).parent.name == "a" for one in found)
    assert search.ask(tiled, replace(question, filter=Filter(classes=frozenset({"c"})))) == []


def exact(project: Project, crop: Path) -> list[tuple[float, int]]:
    """Every content with the highest cosine of its tiles, from the stored rows alone."""
    from core.search.tiles import shorten

    embedding = require(project, None)
    with project.read() as session:
        tile_set = rows.of_embedding(session, embedding.id)
        assert tile_set is not None
        owners, basis = rows.owners(session, tile_set.id), rows.basis(session, tile_set)
    with Image.open(crop) as picture:
        square = np.asarray(
            picture.convert("RGB").resize((16, 16), Image.Resampling.HAMMING, reducing_gap=2.0)
        )
    encoder = project.keep("encoder:builtin", lambda: None)
    query = shorten(encoder.encode_images(square[None]), basis)[0]  # type: ignore[attr-defined]
    stored = project.tile_vectors(tile_set).read(0, len(owners) * len(tile_set.boxes))
    scores = (stored.astype(np.float32) @ query).reshape(len(owners), -1).max(axis=1)
    return sorted(zip((-scores).tolist(), owners.tolist(), strict=True))


@pytest.mark.parametrize("is_negated", [False, True])
def test_the_order_is_that_of_brute_force(
    tiled: Project, sheets: Path, tmp_path: Path, is_negated: bool
) -> None:
    crop = part_of(sheets, 6, (0, 20, 120, 150), tmp_path / "crop.png")
    expected = exact(tiled, crop)[:: -1 if is_negated else 1]
    question = Question((asking.of_file(crop, region=WHOLE),), k=30, is_negated=is_negated)
    found = search.ask(tiled, question)
    assert [one.content_id for one in found] == [content for _, content in expected]
    assert [one.score for one in found] == pytest.approx([-s for s, _ in expected], abs=1e-4)


def test_a_first_look_at_few_gives_the_same(
    tiled: Project, sheets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crop = part_of(sheets, 6, LOWER_RIGHT, tmp_path / "crop.png")
    question = Question((asking.of_file(crop, region=WHOLE),), k=2)
    expected = search.ask(tiled, question)
    monkeypatch.setattr(regions, "_LEAST", 1)
    monkeypatch.setattr(regions, "_TIMES", 2)
    assert search.ask(tiled, question) == expected
    tiled.let_go(f"tiles:{require(tiled, None).id}")
    monkeypatch.setattr(regions, "MOST_BYTES", 0)  # as where there are too many to keep
    monkeypatch.setattr("core.search.tiles._BLOCK_CONTENTS", 3)
    assert search.ask(tiled, question) == expected


def test_new_pictures_are_found_before_and_after_their_parts_are_made(
    tiled: Project, sheets: Path, tmp_path: Path, make_picture: Draw
) -> None:
    late = make_picture(999, size=(192, 192))
    late.save(sheets / "a" / "late.png")
    sources.import_folders(tiled, [sheets])
    assert regions.state(tiled) == regions.RegionsState(16, 17)
    late.crop((0, 0, 134, 134)).save(tmp_path / "crop.png")
    question = Question((asking.of_file(tmp_path / "crop.png", region=WHOLE),), k=20)
    before = {one.path: one.box for one in search.ask(tiled, question)}
    assert len(before) == 17 and before[str(sheets / "a" / "late.png")] is None
    regions.build(tiled)
    after = search.ask(tiled, question)
    assert after[0].path.endswith("late.png") and after[0].box == (0.0, 0.0, 0.7, 0.7)
    assert len(after) == 17


def test_without_parts_the_whole_answers(project: Project, sheets: Path, tmp_path: Path) -> None:
    sources.import_folders(project, [sheets])
    crop = part_of(sheets, 3, LOWER_RIGHT, tmp_path / "crop.png")
    found = search.ask(project, Question((asking.of_file(crop, region=WHOLE),), k=3))
    assert len(found) == 3 and all(one.box is None for one in found)
    assert found == search.ask(project, Question((asking.of_file(crop),), k=3))
    assert regions.state(project) == regions.RegionsState(0, 16)


class Stopping(Job):
    """Stops at the n-th advance."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def advance(self, count: int = 1) -> None:
        self.left -= 1
        if self.left < 0:
            self.cancel()
        super().advance(count)


def test_what_was_stopped_goes_on(
    project: Project, sheets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.import_folders(project, [sheets])
    monkeypatch.setattr(regions, "SAMPLE", 4)
    monkeypatch.setattr("core.intake.tiling._WAITING_BYTES", 1)
    monkeypatch.setattr(
        type(project.keep("encoder:builtin", lambda: None)), "batch", 9, raising=False
    )
    with pytest.raises(Cancelled):
        regions.build(project, job=Stopping(2))  # within the sample: nothing is kept of it
    assert regions.state(project).made == 0
    with pytest.raises(Cancelled):
        regions.build(project, job=Stopping(9))
    made = regions.state(project).made
    assert 4 <= made < 16
    counted = Job()
    regions.build(project, job=counted)
    assert counted.progress.total == 16 - made
    assert regions.state(project) == regions.RegionsState(16, 16)
    crop = part_of(sheets, 7, LOWER_RIGHT, tmp_path / "crop.png")
    assert search.ask(project, Question((asking.of_file(crop, region=WHOLE),), k=1))[0].score > 0.99


def test_a_torn_tail_is_cut_and_lost_rows_are_made_again(
    tmp_path: Path, sheets: Path, fake_encoder: type
) -> None:
    path = tmp_path / "own.lookalike"
    with projects.create(path) as project:
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [sheets])
        regions.build(project)
        (tile_set,) = _sets(project)
        folder = project.tile_vectors(tile_set).folder
    (segment,) = folder.glob("*.f16")
    whole = segment.stat().st_size
    with segment.open("ab") as file:
        file.write(bytes(5000))  # written, never counted
    stray = path / "vectors" / "tiles-99-1"
    stray.mkdir()
    with projects.open(path) as project:
        assert segment.stat().st_size == whole and not stray.exists()
        assert regions.state(project).made == 16
    segment.write_bytes(segment.read_bytes()[:100])
    with projects.open(path) as project:
        project.keep("encoder:builtin", fake_encoder)
        assert regions.state(project).made == 0
        regions.build(project)
        assert regions.state(project).made == 16


def test_a_kill_between_disk_and_catalogue_costs_what_was_in_flight(
    tiled: Project,
    sheets: Path,
    tmp_path: Path,
    make_picture: Draw,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_picture(999, size=(192, 192)).save(sheets / "a" / "late.png")
    sources.import_folders(tiled, [sheets])

    def killed(*arguments: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rows, "append", killed)  # the rows are on the disk, and not counted
        with pytest.raises(KeyboardInterrupt):
            regions.build(tiled)
    assert regions.state(tiled) == regions.RegionsState(16, 17)
    assert check.check(tiled).problems == []
    regions.build(tiled)
    assert regions.state(tiled) == regions.RegionsState(17, 17)
    assert check.check(tiled).problems == []
    crop = part_of(sheets, 5, LOWER_RIGHT, tmp_path / "crop.png")
    found = search.ask(tiled, Question((asking.of_file(crop, region=WHOLE),), k=1))
    assert found[0].path.endswith("sheet-05.png") and found[0].score > 0.99


def test_sets_whose_embedding_is_lost_are_mended_away(tiled: Project) -> None:
    connection = sqlite3.connect(tiled.path / "catalogue.sqlite")
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("UPDATE tile_sets SET embedding_id = 77")
    connection.commit()
    connection.close()
    assert "references" in [one.kind for one in check.check(tiled).problems]
    check.check(tiled, repair=True)
    assert check.check(tiled, repair=True).problems == [] and _sets(tiled) == []


def test_parts_go_with_the_embedding_they_are_of(tiled: Project) -> None:
    from core.catalogue import embeddings
    from core.operations import region_care

    key = require(tiled, None).id
    assert list((tiled.path / "vectors").glob("tiles-*"))
    with tiled.write() as session:
        embeddings.remove(session, key)
    region_care.forget_files(tiled, key)
    assert _sets(tiled) == [] and not list((tiled.path / "vectors").glob("tiles-*"))


def _sets(project: Project) -> list[rows.TileSet]:
    with project.read() as session:
        return rows.every(session)


def test_a_basis_of_few_is_made_anew_once_there_are_many(project: Project, sheets: Path) -> None:
    sources.import_folders(project, [sheets / "a"])
    regions.build(project)
    (first,) = _sets(project)
    assert first.sampled == 8
    for number in range(30):
        Image.fromarray(
            np.random.default_rng(number).integers(0, 255, (20, 20, 3)).astype(np.uint8)
        ).resize((96, 96)).save(sheets / "a" / f"noise-{number}.png")
    sources.import_folders(project, [sheets / "a"])
    regions.build(project)
    (second,) = _sets(project)
    assert second.sampled == 38 and second.contents == 38
    folders = [one.name for one in (project.path / "vectors").glob("tiles-*")]
    assert folders == [project.tile_vectors(second).folder.name]


def test_checked_measured_and_compacted(tiled: Project, sheets: Path, tmp_path: Path) -> None:
    report = check.check(tiled)
    assert report.problems == []
    with_tiles = report.space.vectors["builtin"]
    assert with_tiles > space.measure(tiled).other
    sources.remove(tiled, sheets)
    sources.import_folders(tiled, [sheets / "a"])
    assert check.check(tiled, compact=True).problems == []
    (tile_set,) = _sets(tiled)
    assert tile_set.contents == 8
    assert regions.state(tiled) == regions.RegionsState(8, 8)
    assert check.check(tiled).problems == []
    crop = part_of(sheets, 4, LOWER_RIGHT, tmp_path / "crop.png")
    found = search.ask(tiled, Question((asking.of_file(crop, region=WHOLE),), k=20))
    assert found[0].path.endswith("sheet-04.png") and found[0].score > 0.99 and len(found) == 8


@pytest.mark.parametrize("damage", ["rows", "owners", "files", "list"])
def test_damaged_tiles_are_dropped_by_a_repair(tiled: Project, damage: str) -> None:
    (tile_set,) = _sets(tiled)
    vectors = tiled.tile_vectors(tile_set)
    (segment,) = vectors.folder.glob("*.f16")
    if damage == "rows":
        content = bytearray(segment.read_bytes())
        content[:40] = b"\xff" * 40
        segment.write_bytes(bytes(content))
    elif damage == "files":
        segment.unlink()
    else:
        with tiled.write() as session:
            owners = rows.owners(session, tile_set.id).copy()
            if damage == "owners":
                owners[3] = 9999
                rows.replace_owners(session, tile_set, owners, generation=tile_set.generation)
            else:
                rows.replace_owners(session, tile_set, owners[:4], generation=tile_set.generation)
                from sqlalchemy import text

                session.execute(text("UPDATE tile_sets SET rows = 16"))
    (problem,) = check.check(tiled).problems
    assert problem.kind == "tiles"
    assert check.check(tiled, repair=True).repaired == 1
    assert check.check(tiled).problems == [] and _sets(tiled) == []
    regions.build(tiled)
    assert regions.state(tiled).made == 16


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_pictures(project: Project, tmp_path: Path, make_picture: Draw, count: int) -> None:
    root = tmp_path / "few"
    root.mkdir()
    for number in range(count):
        make_picture(number, size=(96, 96)).save(root / f"{number}.png")
    sources.import_folders(project, [root])
    regions.build(project)
    found = search.ask(project, Question((asking.of_image(1, region=(0, 0, 0.7, 0.7)),), k=9))
    assert len(found) == count - 1


def test_a_region_of_no_area_is_refused(tiled: Project) -> None:
    with pytest.raises(UsageError, match="no area"):
        search.ask(tiled, Question((asking.of_image(1, region=(0.5, 0.5, 0, 0.1)),)))
    # However small, a part has at least a pixel.
    assert search.ask(tiled, Question((asking.of_image(1, region=(0.5, 0.5, 1e-4, 1e-4)),), k=1))


def test_one_decoding_gives_every_square(sheets: Path) -> None:
    from core.images.decode import DecodeTask, decode
    from core.search.tiles import boxes

    path = str(sheets / "a" / "sheet-00.png").encode()
    way = {"square_px": 16, "with_thumbnail": False}
    _, squares = decode(DecodeTask(path, tiles=boxes(), **way))  # type: ignore[arg-type]
    assert squares is not None and squares.shape == (10, 16, 16, 3)
    for box, square in zip(boxes(), squares, strict=True):
        _, alone = decode(DecodeTask(path, region=box, **way))  # type: ignore[arg-type]
        assert alone is not None
        assert np.abs(square.astype(int) - alone.astype(int)).max() <= 3
