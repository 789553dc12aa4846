"""Numbers, groups and lists of images, and what the lens reads."""

import csv
from pathlib import Path

import numpy as np
import pytest

from core.errors import TableError, UsageError
from core.operations import groups, images, lens, lists, marks, neighbours, numbers, sources
from core.project import Project


@pytest.fixture
def ids(project: Project, photos: Path) -> np.ndarray:
    sources.import_folders(project, [photos])
    return images.list_ids(project)[::-1].copy()  # in any order


def test_numbers_are_those_of_the_files(project: Project, ids: np.ndarray) -> None:
    known = images.describe(project, ids.tolist())
    assert numbers.of_images(project, ids, "bytes").tolist() == [one.size_bytes for one in known]
    pixels = [one.width * one.height for one in known]
    for _ in range(2):  # the second time from what was kept
        assert numbers.of_images(project, ids, "pixels").tolist() == pixels
    dates = numbers.of_images(project, ids, "date")
    assert np.allclose(dates, [one.mtime_ns / 1e9 for one in known])
    assert np.isnan(numbers.of_images(project, np.array([10**9]), "bytes")).all()


def test_oddness_is_known_of_all_with_neighbours(project: Project, ids: np.ndarray) -> None:
    values = numbers.of_images(project, ids, "oddness")
    assert np.isfinite(values).all()
    assert (values >= 0).all()


def test_another_number_is_refused(project: Project, ids: np.ndarray) -> None:
    with pytest.raises(UsageError, match="no number 'beauty'"):
        numbers.of_images(project, ids, "beauty")
    assert numbers.names_of_fields(project) == []
    assert np.isnan(numbers.of_images(project, ids, "field:rating")).all()


def test_groups_are_the_same_bytes_and_what_was_marked(project: Project, ids: np.ndarray) -> None:
    contents = images.content_ids(project, ids)
    codes, names = groups.group_codes(project, ids)
    counts = np.bincount(contents)
    assert (codes >= 0).tolist() == (counts[contents] > 1).tolist()
    single = ids[codes < 0][:3]
    marks.mark(project, single[:2].tolist(), "duplicate")
    marks.mark(project, single[1:].tolist(), "duplicate")
    codes, names = groups.group_codes(project, ids)
    of = dict(zip(ids.tolist(), codes.tolist(), strict=True))
    assert {of[one] for one in single.tolist()} == {0}  # the largest comes first
    assert names[0] == "Group 1"
    assert np.bincount(codes[codes >= 0]).tolist() == sorted(
        np.bincount(codes[codes >= 0]).tolist(), reverse=True
    )


def test_the_lens_reads_the_stored_neighbours(project: Project, ids: np.ndarray) -> None:
    assert lens.prepare(project)
    content = int(images.content_ids(project, ids[:1])[0])
    found, scores = lens.of_content(project, content, 5)
    listed = neighbours.of_image(project, int(ids[0]), 30)
    others = [one.content_id for one in listed if one.content_id != content]
    assert list(dict.fromkeys(others))[:5] == found.tolist()
    assert (np.diff(scores) <= 0).all()
    assert len(lens.of_content(project, 10**6, 5)[0]) == 0


def test_a_list_is_written_in_its_order(project: Project, ids: np.ndarray, tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    assert lists.export_csv(project, ids[:4], table) == 4
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = images.describe(project, ids[:4].tolist())
    assert [one["path"] for one in rows] == [one.path for one in known]
    assert [int(one["width"]) for one in rows] == [one.width for one in known]
    assert rows[0]["class"] == known[0].class_name
    with pytest.raises(TableError):
        lists.export_csv(project, ids, tmp_path)
