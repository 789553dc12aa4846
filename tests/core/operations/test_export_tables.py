"""Layouts, pairs, groups, tags and splits taken away as tables, and read back."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_links
import numpy as np
import pyarrow.parquet as parquet
import pytest
from derived import derive
from kept_folders import put_back

from core.catalogue import labels as label_rows
from core.errors import ExportError, UsageError
from core.operations import (
    exports,
    groups,
    images,
    keepers,
    labels,
    layouts,
    pairs,
    projects,
    sources,
    tags,
)  # fmt: skip
from core.operations.exports import Request
from core.project import Project

TAGS = ("red, really", "blue;green", "[odd]", "plain")


@pytest.fixture
def filled(kept: Path, fill_photos: Any, fake_encoder: Any) -> Iterator[Project]:
    """The photos with two links, three verdicts, tags, a split, and a layout of made-up positions."""

    def fill(folder: Path) -> None:
        with projects.create(folder / "test.lookalike") as new:
            new.keep("encoder:builtin", fake_encoder)
            sources.import_folders(new, [fill_photos(folder / "photos")], embed=False)
            derive(new)
            ids = images.list_ids(new)
            by_name = named(new)
            near = by_name["disc-1.png"], by_name["disc-2.png"], 0.95
            far = by_name["square-0.png"], by_name["square-1.png"], 0.6
            made_links.keep(new, made_links.made([near, far]))
            for one, other, verdict in (
                ("disc-3.png", "square-3.png", "different"),
                ("triangle-0.png", "triangle-1.png", "duplicate"),
                ("disc-1.png", "disc-2.png", "duplicate"),
            ):
                pairs.judge(new, by_name[one], by_name[other], verdict)  # type: ignore[arg-type]
            for place, tag in enumerate(TAGS):
                tags.add(new, ids[place : place + 2], tag)
            with new.write() as session:
                parts = {int(one): ("train", "test")[n % 2] for n, one in enumerate(ids[:-1])}
                label_rows.put_split(session, "labels", parts)

    folder = put_back(kept, "tables", fill)
    with projects.open(folder / "test.lookalike") as opened:
        opened.keep("encoder:builtin", fake_encoder)
        yield opened


def named(project: Project) -> dict[str, int]:
    """Contents by the names of their files."""
    told = images.describe(project, images.list_ids(project).tolist())
    return {one.name: one.content_id for one in told}


def export(project: Project, out: Path, what: str, form: str = "csv", **more: Any) -> Any:
    return exports.export(project, Request(what, form, out, **more))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("what", ["layout", "pairs", "groups", "tags", "splits"])
def test_the_three_formats_say_the_same(filled: Project, tmp_path: Path, what: str) -> None:
    for form in ("csv", "json", "parquet"):
        export(filled, tmp_path / f"out.{form}", what, form)
    told = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    table = parquet.read_table(tmp_path / "out.parquet")
    assert list(told[0]) == table.column_names
    read = table.to_pylist()
    texts = rows_of(tmp_path / "out.csv")
    assert len(told) == len(read) == len(texts) > 0
    for one, other, text in zip(told, read, texts, strict=True):
        for name, value in one.items():
            assert other[name] == (pytest.approx(value) if isinstance(value, float) else value)
            match value:
                case None:
                    assert text[name] == ""
                case bool():
                    assert text[name] == ("true" if value else "false")
                case float():
                    assert float(text[name]) == pytest.approx(value)
                case int():
                    assert int(text[name]) == value
                case str():
                    assert text[name] == value
    shown = exports.preview(filled, Request(what, "csv"))
    assert shown.columns == tuple(table.column_names) and shown.count == len(told)


def test_a_layout_says_where_and_how_true(filled: Project, tmp_path: Path) -> None:
    found = layouts.load(filled)
    assert found is not None
    export(filled, tmp_path / "out.parquet", "layout", "parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    places = dict(zip(found.image_ids.tolist(), found.positions, strict=True))
    ids = images.list_ids(filled).tolist()
    told = images.describe(filled, ids)
    assert table["path"].to_pylist() == [one.path for one in told]
    assert table["content"].to_pylist() == [one.sha256 for one in told]
    at = np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()])
    assert np.allclose(at, np.array([places[one] for one in ids]))
    facts = json.loads(table.schema.metadata[b"lookalike"])
    assert facts["method"] == found.method and facts["encoder"] == "builtin"
    few = export(filled, tmp_path / "few.csv", "layout", filter_text="class:discs")
    assert few.count == 4
    with pytest.raises(UsageError, match="no layout 'other'"):
        exports.preview(filled, Request("layout", "csv", options={"layout": "other"}))
    layouts.forget(filled, found.method)
    with pytest.raises(ExportError, match="no layout yet"):
        exports.preview(filled, Request("layout", "csv"))


def test_pairs_come_back_as_verdicts(filled: Project, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "pairs.csv"
    assert export(filled, out, "pairs").count == 5
    rows = rows_of(out)
    assert list(rows[0])[:3] == ["a", "b", "verdict"]
    short = {
        (Path(one["a"]).name, Path(one["b"]).name): (one["verdict"], one["kind"], one["score"], one["is_duplicate"])
        for one in rows
    }  # fmt: skip
    assert short == {
        ("disc-0.png", "disc-0 copy.png"): ("", "exact", "1.0", "true"),
        ("disc-1.png", "disc-2.png"): ("duplicate", "near", "0.95", "true"),
        ("disc-3.png", "square-3.png"): ("different", "", "", "false"),
        ("square-0.png", "square-1.png"): ("", "near", "0.6", "false"),
        ("triangle-0.png", "triangle-1.png"): ("duplicate", "", "", "true"),
    }
    assert {one["origin"] for one in rows if one["verdict"]} == {"person"}
    assert all(one["decided_at"].endswith("Z") == bool(one["verdict"]) for one in rows)
    # All that stands there goes into another catalogue of the same photos.
    before = pairs.list_pairs(filled)
    pairs.judge_many(filled, [(one.a, one.b) for one in before], None, "Anew")
    report = pairs.import_csv(filled, out)
    assert (report.rows, report.kept, report.unsaid, report.unmatched) == (5, 3, 2, [])
    assert [(one.a, one.b, one.verdict) for one in pairs.list_pairs(filled)] == [
        (one.a, one.b, one.verdict) for one in before
    ]


def test_pairs_of_some_images_and_of_a_person_only(filled: Project, tmp_path: Path) -> None:
    judged = export(filled, tmp_path / "j.csv", "pairs", options={"pairs": "judged"})
    assert judged.count == 3
    some = export(filled, tmp_path / "s.csv", "pairs", filter_text="class:discs")
    assert [Path(one["a"]).name for one in rows_of(tmp_path / "s.csv")] == ["disc-1.png"]
    assert some.count == 1
    # A verdict outlasts its files: those that are missing still name it, without a filter.
    by_name = {one.name: one for one in images.describe(filled, images.list_ids(filled).tolist())}
    Path(by_name["square-3.png"].path).unlink()
    sources.import_folders(filled, [Path(by_name["square-3.png"].path).parent.parent], embed=False)
    assert export(filled, tmp_path / "m.csv", "pairs").count == 5
    with pytest.raises(ExportError, match="no pairs"):
        exports.preview(filled, Request("pairs", "csv", filter_text="class:nothing"))


def test_groups_say_who_stays_and_why(filled: Project, tmp_path: Path) -> None:
    export(filled, tmp_path / "g.csv", "groups")
    rows = rows_of(tmp_path / "g.csv")
    found = groups.groups(filled)
    assert len(rows) == sum(len(one.images) for one in found)
    for number, group in enumerate(found, start=1):
        mine = [one for one in rows if one["group"] == str(number)]
        told = images.describe(filled, group.images)
        assert [one["path"] for one in mine] == [one.path for one in told]
        assert [one["is_keeper"] for one in mine] == ["true"] + ["false"] * (len(mine) - 1)
        (kept,) = keepers.chosen(filled, [group.images])
        assert [one["why"] for one in mine] == ["keeper", *kept.reasons]
        assert {one["files"] for one in mine} == {str(len(group.images))}
        assert {one["is_judged"] for one in mine} == {"true" if group.is_judged else "false"}
    # Of a group of which a filter lets one file through, nothing is a duplicate of anything.
    few = export(filled, tmp_path / "f.csv", "groups", filter_text="class:discs")
    assert {Path(one["path"]).name for one in rows_of(tmp_path / "f.csv")} == {"disc-1.png", "disc-2.png"}  # fmt: skip
    assert few.count == 2


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_labels_come_back_into_another_catalogue(
    filled: Project, tmp_path: Path, form: str
) -> None:
    out = tmp_path / f"tags.{form}"
    export(filled, out, "tags", form)
    (root,) = sources.list_sources(filled)
    before = images.describe(filled, images.list_ids(filled).tolist())
    with filled.read() as session:
        parts = label_rows.split(session, "labels")
    with projects.create(tmp_path / "other.lookalike") as other:
        sources.import_folders(other, [Path(root.path)], embed=False)
        report = labels.apply_labels(other, out)
        assert (report.kept, report.left_out) == (13, [])
        after = images.describe(other, images.list_ids(other).tolist())
        assert [(one.path, one.class_name, one.tags) for one in after] == [
            (one.path, one.class_name, one.tags) for one in before
        ]
        assert {len(one.tags) for one in after} == {0, 1, 2}
        with other.read() as session:
            moved = label_rows.split(session, "labels")
        assert [moved.get(one.id) for one in after] == [parts.get(one.id) for one in before]
        assert labels.list_fields(other) == []  # a hash is no field


def test_splits_leave_out_what_is_in_none(filled: Project, tmp_path: Path) -> None:
    written = export(filled, tmp_path / "s.csv", "splits")
    rows = rows_of(tmp_path / "s.csv")
    assert list(rows[0]) == ["path", "label", "split"] and len(rows) == written.count == 12
    assert written.notes == ("Images in no part of the split, which are left out: 1.",)
    with pytest.raises(UsageError, match="no split 'mine'"):
        exports.preview(filled, Request("splits", "csv", options={"split": "mine"}))
    with filled.write() as session:
        label_rows.put_split(
            session, "labels", dict.fromkeys(label_rows.split(session, "labels"), "")
        )
    with pytest.raises(ExportError, match="in a split"):
        exports.preview(filled, Request("splits", "csv"))
