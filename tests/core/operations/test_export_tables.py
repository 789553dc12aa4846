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
    group = parquet.read_metadata(tmp_path / "out.parquet").row_group(0)
    assert all(group.column(place).is_stats_set for place in range(group.num_columns))
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
    with pytest.raises(ExportError, match="None of the chosen"):
        exports.preview(filled, Request("pairs", "csv", filter_text="class:nothing"))
    with pytest.raises(ExportError, match="no such pairs among the chosen"):
        exports.preview(filled, Request("pairs", "csv", filter_text="copy"))
    pairs.judge_many(filled, [(one.a, one.b) for one in pairs.list_pairs(filled)], None, "Anew")
    with pytest.raises(ExportError, match="No pair is judged"):
        exports.preview(filled, Request("pairs", "csv", options={"pairs": "judged"}))


def test_what_is_gone_is_no_duplicate(filled: Project, tmp_path: Path) -> None:
    told = images.describe(filled, images.list_ids(filled).tolist())
    by_name = {one.name: Path(one.path) for one in told}
    # A copy, one side of a link that nobody judged, one of a pair that was judged a duplicate.
    for name in ("disc-0 copy.png", "square-0.png", "triangle-0.png"):
        by_name[name].unlink()
    sources.import_folders(filled, [by_name["disc-1.png"].parent.parent], embed=False)
    written = export(filled, tmp_path / "out.csv", "pairs")
    rows = rows_of(tmp_path / "out.csv")
    assert written.count == 3 and {one["verdict"] for one in rows} == {"different", "duplicate"}
    found = [(one["a"], one["b"]) for one in rows if one["is_duplicate"] == "true"]
    assert found == [(str(by_name["disc-1.png"]), str(by_name["disc-2.png"]))]


def test_chosen_images_that_are_gone_are_told(filled: Project, tmp_path: Path) -> None:
    ids = images.list_ids(filled)[:3]
    Path(images.describe(filled, ids[:1].tolist())[0].path).unlink()
    sources.import_folders(filled, [Path(sources.list_sources(filled)[0].path)], embed=False)
    gone = "Images that were gone at the last look, which are left out: 1."
    for form in ("csv", "imagefolder"):
        written = export(filled, tmp_path / f"out-{form}", "tags", form, image_ids=ids)
        assert (written.count, written.notes) == (2, (gone,))
    assert exports.preview(filled, Request("layout", "csv")).notes[-1] == gone


def test_the_journal_says_what_was_meant_and_where(
    filled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = layouts.load(filled)
    assert found is not None
    written = export(filled, Path("map.csv"), "layout")
    tree = export(filled, Path("tree"), "dataset", "imagefolder")
    assert written.files == (tmp_path / "map.csv",) and tree.files == (tmp_path / "tree",)
    of_tree, of_map = exports.past(filled)
    assert (of_map.out, of_map.encoder) == (str(tmp_path / "map.csv"), "builtin")
    assert of_map.options == {"layout": found.method}
    assert (of_tree.out, of_tree.options["split"]) == (str(tmp_path / "tree"), "labels")


def test_what_does_not_go_together_is_refused(filled: Project, tmp_path: Path) -> None:
    ids = images.list_ids(filled)[:1]
    with pytest.raises(UsageError, match="no filter or list of images"):
        exports.preview(filled, Request("report", "json", image_ids=ids))
    with pytest.raises(UsageError, match="--encoder does not go with model"):
        exports.preview(filled, Request("model", "onnx", encoder="builtin"))
    with pytest.raises(UsageError, match="--pictures does not go with embeddings as npy"):
        exports.preview(filled, Request("embeddings", "npy", options={"pictures": "link"}))
    (tmp_path / "e.npy.csv").mkdir()
    with pytest.raises(ExportError, match=r"e\.npy\.csv is a folder"):
        exports.check(filled, Request("embeddings", "npy", tmp_path / "e.npy"))
    (tmp_path / "out.csv").write_text("before")
    checked = exports.check(filled, Request("tags", "csv", tmp_path / "out.csv"))
    assert checked.replaces and "will be replaced" in checked.notes[0]
    assert "is replaced" in export(filled, tmp_path / "out.csv", "tags").notes[0]
    path = Path(images.describe(filled, ids.tolist())[0].path)
    (tmp_path / "link.csv").symlink_to(path)
    with pytest.raises(ExportError, match="is an image"):
        exports.check(filled, Request("tags", "csv", tmp_path / "link.csv"))


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
