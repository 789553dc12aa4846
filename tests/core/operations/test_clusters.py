"""Clusters of a catalogue: found, named, kept, coloured by, tagged and taken back; anew when the graph is another."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.changes import Changes
from core.errors import EncoderError, UsageError
from core.jobs import Job
from core.operations import (
    clusters,
    history,
    images,
    neighbours,
    sources,
    tags,
    taking_out,
)
from core.project import Project

FAMILIES = ("red", "green", "blue")


def picture(family: int, number: int) -> Image.Image:
    """One of many that are nearly alike: a slope of one colour, with a grain of its own."""
    random = np.random.default_rng(100 * family + number)
    slope = np.linspace(20, 220, 48)[None, :, None] * np.eye(3)[family] + 20
    slope = np.repeat(slope, 40, axis=0)
    return Image.fromarray((slope + random.integers(0, 25, slope.shape)).astype(np.uint8))


@pytest.fixture
def filled(project: Project, tmp_path: Path) -> Project:
    """Three families of twelve, each in its folder but for one picture; a second file of one; two that are odd."""
    root = tmp_path / "shelf"
    for family, name in enumerate(FAMILIES):
        (root / "train" / name).mkdir(parents=True)
        for number in range(12):
            at = root / "train" / (FAMILIES[0] if number == 0 else name) / f"{name} {number}.png"
            picture(family, number).save(at)
    (root / "odd").mkdir()
    shutil.copy(root / "train" / "blue" / "blue 4.png", root / "odd" / "copy.png")
    board = (np.indices((48, 48)) // 6).sum(axis=0) % 2 * 255
    Image.fromarray(np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8)).save(
        root / "odd" / "board.png"
    )
    sources.import_folders(project, [root])
    return project


def by_name(project: Project, found: clusters.Clustering) -> dict[str, int]:
    names = {one.id: one.name for one in images.describe(project, found.image_ids.tolist())}
    pairs = zip(found.image_ids.tolist(), found.codes.tolist(), strict=True)
    return {names[id_]: code for id_, code in pairs}


def test_families_are_found_and_named(filled: Project) -> None:
    found = clusters.build(filled, grain=3)
    code = by_name(filled, found)
    assert found.image_ids.dtype == np.int64 and found.codes.dtype == np.int32
    assert np.array_equal(found.image_ids, np.sort(images.list_ids(filled)))
    of_family = [{code[f"{name} {number}.png"] for number in range(1, 12)} for name in FAMILIES]
    assert all(len(one) == 1 for one in of_family) and len(set.union(*of_family)) == 3
    assert code["copy.png"] == code["blue 4.png"] >= 0
    assert found.on_their_own == int((found.codes < 0).sum()) and code["board.png"] == -1
    assert found.sizes == np.bincount(found.codes[found.codes >= 0]).tolist()
    assert found.sizes == sorted(found.sizes, reverse=True)
    blue = code["blue 4.png"]
    assert found.words[blue] == "blue" and found.names[blue].startswith("mostly blue, 8")
    assert found.class_names[blue] == "blue" and found.class_shares[blue] is not None
    assert found.class_shares[blue] == pytest.approx(11 / found.sizes[blue], abs=1e-4)
    for one, some in enumerate(found.typical):
        assert 1 <= len(some) <= 4 and set(some) <= set(clusters.members(found, [one]).tolist())
    assert found.grain == 3 and found.least == 11 and found.unknown == 0


def test_codes_for_colours_and_members(filled: Project) -> None:
    found = clusters.build(filled, grain=3)
    ids = np.append(found.image_ids[::-1], 10_000)
    codes, names = clusters.group_codes(found, ids)
    assert codes.dtype == np.int32 and names == found.names
    assert np.array_equal(codes, np.append(found.codes[::-1], -1))
    everybody = clusters.members(found, [-1, *range(len(names))])
    assert np.array_equal(everybody, found.image_ids)
    assert len(clusters.members(found, [])) == 0


def test_tags_in_one_step(filled: Project) -> None:
    found = clusters.build(filled, grain=3)
    code = by_name(filled, found)
    blue, red = code["blue 4.png"], code["red 4.png"]
    tags.add(filled, clusters.members(found, [blue])[:3], "cluster blue")
    before = {one.name: one.count for one in tags.list_tags(filled)}
    assert clusters.tag(filled, found, [blue, red]) == Changes.TAGS | Changes.HISTORY
    counts = {one.name: one.count for one in tags.list_tags(filled)}
    assert counts == {"cluster blue": found.sizes[blue], "cluster red": found.sizes[red]}
    assert history.state(filled).undo_text == (
        f"Tag 2 clusters, {found.sizes[blue] + found.sizes[red] - 3} images"
    )
    assert clusters.tag(filled, found, [blue, red]) == Changes.NONE
    # A cluster is not called by the tag that it got.
    assert clusters.build(filled, grain=3).names == found.names
    history.undo(filled)
    assert {one.name: one.count for one in tags.list_tags(filled)} == before
    history.redo(filled)
    assert {one.name: one.count for one in tags.list_tags(filled)} == counts
    clusters.tag(filled, found, [blue], prefix=" our  shelf ")
    assert "our shelf blue" in {one.name for one in tags.list_tags(filled)}
    assert clusters.build(filled, grain=3).names == found.names
    history.undo(filled)
    history.undo(filled)
    clusters.tag(filled, found, prefix="")
    assert {one.name for one in tags.list_tags(filled)} == {*found.words, "cluster blue"}
    with pytest.raises(UsageError, match="numbered from 0"):
        clusters.tag(filled, found, [len(found.names)])
    with pytest.raises(UsageError, match="100 letters"):
        clusters.tag(filled, found, [0], prefix="long " * 30)


def test_images_that_went_since_get_no_tag(filled: Project) -> None:
    found = clusters.build(filled, grain=3)
    taking_out.take_out(filled, found.image_ids[found.codes == 0][:2])
    later = clusters.build(filled, grain=3)
    assert sum(later.sizes) == sum(found.sizes) - 2
    assert len(later.image_ids) == len(found.image_ids) - 2


def test_a_tag_names_what_no_folder_does(filled: Project) -> None:
    found = clusters.build(filled, grain=3)
    code = by_name(filled, found)["blue 4.png"]
    tags.add(filled, clusters.members(found, [code]), "sea")
    names = clusters.build(filled, grain=3).names
    assert names[code] == "sea"


def test_kept_in_the_cache_for_exactly_this_graph(filled: Project) -> None:
    path = filled.path
    assert clusters.load(filled) is None
    coarse = clusters.build(filled, grain=2)
    fine = clusters.build(filled, grain=8, nearest=True)
    assert not np.array_equal(coarse.codes, fine.codes)
    filled.close()
    with Project.open(path, write=False) as again:
        loaded = clusters.load(again)
        assert loaded is not None and loaded.settings == clusters.Settings(8, "shared", True)
        assert np.array_equal(loaded.codes, fine.codes) and loaded.typical == fine.typical
        assert loaded.names == fine.names and loaded.least == fine.least
        once = clusters.build(again, grain=2)
        assert np.array_equal(once.codes, coarse.codes)
        with pytest.raises(EncoderError):
            clusters.load(again, "nobody:here")
    last = path / "cache" / "clusters-1-last.npz"
    last.write_bytes(last.read_bytes()[:100])
    with Project.open(path) as again:
        assert clusters.load(again) is None
        neighbours.build(again, k=6)
        assert clusters.load(again) is None
        other = clusters.build(again, grain=2)
        (path / "cache" / "clusters-1-shared.npz").unlink()
        again.let_go("clusters:1")
        assert np.array_equal(clusters.build(again, grain=2).codes, other.codes)


def test_the_nearest_cluster_takes_those_on_their_own(filled: Project) -> None:
    alone = clusters.build(filled, grain=3)
    near = clusters.build(filled, grain=3, nearest=True)
    assert near.on_their_own < alone.on_their_own and len(near.names) == len(alone.names)
    assert by_name(filled, near)["board.png"] >= 0 > by_name(filled, alone)["board.png"]


def test_what_came_since_is_said(filled: Project, tmp_path: Path) -> None:
    Image.new("RGB", (30, 30), (200, 0, 200)).save(tmp_path / "shelf" / "odd" / "late.png")
    sources.import_folders(filled, [tmp_path / "shelf"], embed=False)
    job = Job()
    assert clusters.build(filled, job=job).unknown == 1
    assert job.notes == ["1 image has no stored neighbours yet; run neighbours."]


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_images(project: Project, tmp_path: Path, count: int) -> None:
    for number in range(count):
        Image.new("RGB", (20, 20), (60 * number, 20, 99)).save(tmp_path / f"{number}.png")
    sources.import_folders(project, [tmp_path])
    found = clusters.build(project)
    assert found.names == [] and found.on_their_own == count
    assert clusters.tag(project, found) == Changes.NONE


def test_what_cannot_be_asked(project: Project) -> None:
    with pytest.raises(EncoderError, match="no vectors"):
        clusters.build(project)
    with pytest.raises(UsageError, match="from 1, few and large, to 9"):
        clusters.build(project, grain=0)
    with pytest.raises(UsageError, match="shared or distance"):
        clusters.build(project, by="likeness")  # type: ignore[arg-type]
