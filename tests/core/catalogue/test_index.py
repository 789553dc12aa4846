"""The arrays behind a listing say the same as the tables, after any change and from any file."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import columns, index_file, queries
from core.catalogue.filters import Filter, Sort, parse_filter
from core.catalogue.naming import name_key
from core.catalogue.texts import Texts
from core.errors import UsageError
from core.operations import images, labels, sources, tags
from core.project import Project


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def fresh(project: Project) -> columns.Columns:
    """The columns as read from nothing."""
    with project.read() as session:
        return columns.load(session)


def kept(project: Project) -> columns.Columns:
    """The columns as the project has them, brought up to date."""
    with project.read() as session:
        return project.index(session).columns


def assert_same(project: Project) -> None:
    now, read = kept(project), fresh(project)
    assert now.state == read.state
    for name in columns.ARRAYS:
        np.testing.assert_array_equal(getattr(now, name), getattr(read, name), err_msg=name)


def test_what_is_kept_follows_every_kind_of_change(filled: Project, photos: Path) -> None:
    before = kept(filled)
    assert kept(filled) is before  # nothing changed, nothing is read
    labels_file = photos.parent / "labels.csv"
    first = images.describe(filled, images.list_ids(filled)[:1].tolist())[0]
    labels_file.write_text(f"path,label\n{first.path},moon\n")
    labels.apply_labels(filled, labels_file)
    assert_same(filled)
    (photos / "discs" / "disc-0.png").rename(photos / "squares" / "moved.png")
    (photos / "squares" / "square-1.png").unlink()
    sources.import_folders(filled, [photos])
    assert kept(filled) is not before
    assert_same(filled)
    sources.remove(filled, photos)
    assert_same(filled)
    assert len(kept(filled)) == 0


def test_a_session_that_began_earlier_sees_its_own_images(filled: Project, photos: Path) -> None:
    def change() -> columns.Columns:
        (photos / "new folder").mkdir()
        (photos / "squares" / "square-1.png").rename(photos / "new folder" / "of its own.png")
        sources.import_folders(filled, [photos])
        return kept(filled)

    with filled.read() as early, ThreadPoolExecutor(1) as elsewhere:
        before = filled.index(early)
        newer = elsewhere.submit(change).result()
        again = filled.index(early)
        assert again.state == before.state != newer.state
        np.testing.assert_array_equal(again.columns.folder_ids, before.columns.folder_ids)
        again.order(early, "path")
    assert kept(filled) is newer
    assert_same(filled)


def test_filters_agree_with_what_the_images_say(filled: Project) -> None:
    ids = images.list_ids(filled)
    every = images.describe(filled, ids.tolist())
    tags.add(filled, ids[::3], "third")
    middle = sorted(one.size_bytes for one in every)[len(every) // 2]
    cases = [
        (Filter(classes=frozenset({"discs"})), lambda one: one.class_name == "discs"),
        (Filter(formats=frozenset({"PNG"})), lambda one: one.format == "PNG"),
        (Filter(sizes=frozenset({(middle, None)})), lambda one: one.size_bytes >= middle),
        (Filter(text="DISC 1"), lambda one: "disc" in one.path.lower() and "1" in one.name),
        (Filter(tags=frozenset({"third"})), lambda one: one.id in ids[::3]),
        (Filter(sources=frozenset({every[0].source_id + 7})), lambda one: False),
        (Filter(classes=frozenset({"no such class"})), lambda one: False),
    ]
    for wanted, passes in cases:
        found = set(images.list_ids(filled, wanted).tolist())
        assert found == {one.id for one in every if passes(one)}, wanted


def test_orders_are_total_and_natural(filled: Project, photos: Path) -> None:
    for number in (1, 2, 10):
        data = (photos / "discs" / "disc-0.png").read_bytes() + bytes(number)
        (photos / f"IMG{number}.png").write_bytes(data)
        os.utime(photos / f"IMG{number}.png", (number, number))
    sources.import_folders(filled, [photos])
    for by in ("path", "name", "date", "size", "class"):
        up = images.list_ids(filled, None, Sort(by))
        down = images.list_ids(filled, None, Sort(by, descending=True))
        np.testing.assert_array_equal(up, down[::-1])
        assert len(np.unique(up)) == len(up)
    described = images.describe(filled, images.list_ids(filled, None, Sort("name")).tolist())
    names = [one.name for one in described if one.name.startswith("IMG")]
    assert names == ["IMG1.png", "IMG2.png", "IMG10.png"]
    dates = [one.mtime_ns for one in images.describe(
        filled, images.list_ids(filled, None, Sort("date")).tolist())]  # fmt: skip
    assert dates == sorted(dates)


def test_facets_count_what_filters_find(filled: Project) -> None:
    facets = images.facets(filled)
    fields = {
        "classes": facets.classes,
        "formats": facets.formats,
        "sources": facets.sources,
        "sizes": facets.sizes,
        "dates": facets.years,
    }
    for field, values in fields.items():
        assert values, field
        for one in values:
            wanted = Filter(**{field: frozenset({one.value})})
            assert len(images.list_ids(filled, wanted)) == one.count, one
    assert sum(one.count for one in facets.years) == len(images.list_ids(filled))


def test_an_index_on_the_disk_counts_only_for_its_own_state(
    filled: Project, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "WORTH_ROWS", 1)
    order = images.list_ids(filled)
    path, place = filled.path / "cache" / "index.npz", filled.path
    filled.close()
    assert path.is_file()
    with Project.open(place) as project:
        np.testing.assert_array_equal(images.list_ids(project), order)
        assert_same(project)
        (photos / "discs" / "disc-0.png").unlink()
        before = path.read_bytes()
        sources.import_folders(project, [photos], embed=False)
    assert path.read_bytes() != before
    path.write_bytes(before)  # as if the catalogue had been put back from a copy: another state
    with Project.open(place) as project:
        assert len(images.list_ids(project)) == len(order) - 1
        assert_same(project)
    path.write_bytes(path.read_bytes()[:-200])  # cut off
    with Project.open(place) as project:
        assert len(images.list_ids(project)) == len(order) - 1


@given(st.lists(st.text(st.characters(blacklist_characters="\x00/", codec="utf-8"), max_size=12)),
       st.text(st.characters(blacklist_characters="\x00", codec="utf-8"), max_size=4))  # fmt: skip
def test_texts_find_what_a_loop_would_find(texts: list[str], word: str) -> None:
    found = Texts.of(texts).holding(word)
    assert found.tolist() == [word.casefold() in text.casefold() for text in texts]


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.text("abcDÄ ", max_size=3))
def test_numbers_in_names_are_ordered_by_value(a: int, b: int, stem: str) -> None:
    assert (name_key(f"{stem}{a}.jpg") < name_key(f"{stem}{b}.jpg")) == (a < b)


def test_filters_are_read_from_words() -> None:
    found = parse_filter("size:1MB..2.5MB date:2024 state:missing sunset")
    assert found.sizes == frozenset({(1_000_000, 2_500_000)})
    ((low, high),) = found.dates
    assert high - low == 366 * 86_400 * 10**9
    assert (found.state, found.text) == ("missing", "sunset")
    assert parse_filter("date:2024-12..").dates == frozenset({(1_733_011_200 * 10**9, None)})
    for wrong in ("size:big", "size:1..2XB", "date:yesterday", "date:2024-13", "state:gone"):
        with pytest.raises(UsageError):
            parse_filter(wrong)


def test_codes_for_the_map_follow_any_order_of_ids(filled: Project) -> None:
    ids = images.list_ids(filled)[::-1]
    by_id = {one.id: one for one in images.describe(filled, ids.tolist())}
    codes, names = images.group_codes(filled, ids, "class")
    assert [names[code] for code in codes] == [by_id[one].class_name for one in ids.tolist()]
    gone = np.array([10**9], dtype=np.int64)
    assert images.group_codes(filled, gone, "class")[0].tolist() == [-1]
    assert images.content_ids(filled, gone).tolist() == [0]
    with filled.read() as session:
        assert queries.counts(session, filled.index(session)).images == len(ids)
