"""Labels from outside: previewed, applied in one step, undone in one step."""

import csv
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue import revisions
from core.catalogue.records import Image
from core.errors import TableError, UndoRefused
from core.operations import history, images, labels, sources, tags
from core.operations.labels import apply_labels, preview_labels
from core.project import Project

SHELF = (
    "image,species,keywords,split,weight,remark\n"
    "discs/disc-0.png,round,red;shiny,train,1.5,first\n"
    "discs/disc-1.png,round,red,val,2,\n"
    "squares/square-0.png,edged,,test,,last\n"
    "nowhere.png,edged,,train,9,\n"
)


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos], embed=False)
    return project


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def everything(project: Project) -> list[Image]:
    return images.describe(project, images.list_ids(project).tolist())


def state(project: Project) -> dict[str, object]:
    """All that labels from outside can change, by name of the image."""
    with sqlite3.connect(project.path / "catalogue.sqlite") as raw:
        parts = raw.execute("SELECT image_id, part FROM split_images ORDER BY 1").fetchall()
        kept = raw.execute("SELECT name, kind FROM fields ORDER BY 1").fetchall()
    raw.close()
    return {
        "images": {
            one.path: (one.label, one.tags, labels.fields_of(project, one.id))
            for one in everything(project)
        },
        "parts": parts,
        "fields": kept,
    }


def test_a_preview_changes_nothing_and_says_what_would(filled: Project, tmp_path: Path) -> None:
    before = state(filled)
    found = preview_labels(filled, write(tmp_path, SHELF))
    assert state(filled) == before
    assert (found.rows, found.matched, found.images) == (4, 3, 3)
    assert [tuple(one) for one in found.unmatched] == [
        (5, "nowhere.png", "the catalogue has no such image")
    ]
    assert dict(found.classes) == {"round": 2, "edged": 1}
    assert dict(found.tags) == {"red": 2, "shiny": 1}
    assert dict(found.splits) == {"train": 1, "val": 1, "test": 1}
    assert [(one.name, one.kind, one.count) for one in found.fields] == [
        ("weight", "number", 2), ("remark", "text", 2),
    ]  # fmt: skip
    assert (found.new_labels, found.changed_labels, found.lost_labels) == (3, 0, 0)
    sample = found.sample(10)
    assert [one.image_name for one in sample] == [
        "disc-0.png", "disc-1.png", "square-0.png", "",
    ]  # fmt: skip
    assert [one.problem for one in sample] == ["", "", "", "No image"]


def test_applied_undone_and_redone_as_one_step(filled: Project, tmp_path: Path) -> None:
    apply_labels(filled, write(tmp_path, "path,label,x\ndiscs/disc-0.png,old,7\n"))
    tagged = images.list_ids(filled)[:2]
    tags.add(filled, tagged, "red")
    before = state(filled)
    report = apply_labels(filled, write(tmp_path, SHELF, "shelf.csv"))
    assert (report.kept, report.images, report.classes, report.can_undo) == (3, 3, 2, True)
    after = state(filled)
    one = next(i for i in everything(filled) if i.path.endswith("discs/disc-0.png"))
    assert (one.label, one.tags) == ("round", ("red", "shiny"))
    assert labels.fields_of(filled, one.id) == [("remark", "first"), ("weight", 1.5), ("x", 7.0)]
    assert history.state(filled).undo_text == "Import labels of 3 images from shelf.csv"
    history.undo(filled)
    assert state(filled) == before
    history.redo(filled)
    assert state(filled) == after
    history.undo(filled)
    history.undo(filled)
    history.undo(filled)
    assert {one.label for one in everything(filled)} == {None}
    assert labels.list_fields(filled) == []


def test_undo_is_refused_when_a_label_has_changed_since(filled: Project, tmp_path: Path) -> None:
    apply_labels(filled, write(tmp_path, SHELF))
    with sqlite3.connect(filled.path / "catalogue.sqlite") as raw:
        raw.execute("UPDATE image_classes SET class_id = (SELECT max(id) FROM classes)")
    raw.close()
    with pytest.raises(UndoRefused, match="changed since"):
        history.undo(filled)


def test_too_large_to_be_undone_is_said_before(
    filled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "UNDO_LIMIT_BYTES", 10)
    tags.add(filled, images.list_ids(filled)[:1], "x")
    path = write(tmp_path, SHELF)
    assert not preview_labels(filled, path).can_undo
    assert not apply_labels(filled, path).can_undo
    assert history.state(filled).undo_text is None
    assert {one.label for one in everything(filled)} == {None, "round", "edged"}


def test_contradictions_are_left_out_and_listed(filled: Project, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "path,label,price\ndiscs/disc-0.png,a,1\ndiscs/disc-1.png,a,1\ndiscs/disc-0.png,b,2\n"
        "discs/disc-1.png,a,2\n",
    )
    found = preview_labels(filled, path)
    assert [(one.line, one.reason) for one in found.conflicts] == [
        (2, "the file gives it more than one class: a, b"),
        (4, "the file gives it more than one class: a, b"),
    ]
    assert (found.matched, found.images) == (2, 1)
    assert any("more than one 'price'" in note for note in found.notes)
    report = apply_labels(filled, path)
    assert [one.line for one in report.left_out] == [2, 4]
    named = {one.name: one.label for one in everything(filled) if one.label}
    assert named == {"disc-1.png": "a"}
    as_tags = preview_labels(filled, path, columns={"label": "tags"})
    assert not as_tags.conflicts and dict(as_tags.tags) == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("", "path,label,split\ndiscs/disc-0.png,a,nowhere\n", "the split 'nowhere'"),
        ("path,price\ndiscs/disc-0.png,3\n", "path,price\ndiscs/disc-0.png,cheap\n", "of numbers"),
        ("", "path,label\nno.png,x\n", "No row"),
        ("", "name of it,label\nno,x\n", "none of its columns"),
        ("", "path,label\ndiscs/disc-0.png," + "x" * 400 + "\n", "over 300 letters"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(
    filled: Project, tmp_path: Path, first: str, second: str, words: str
) -> None:
    if first:
        apply_labels(filled, write(tmp_path, first))
    before = state(filled)
    with pytest.raises(TableError, match=words):
        apply_labels(filled, write(tmp_path, second))
    assert state(filled) == before


def test_empty_labels(filled: Project, tmp_path: Path) -> None:
    apply_labels(filled, write(tmp_path, "path,label\ndiscs/disc-0.png,a\ndiscs/disc-1.png,b\n"))
    path = write(tmp_path, "path,label,tags\ndiscs/disc-0.png,,\ndiscs/disc-1.png,,x\n")
    found = preview_labels(filled, path)
    assert (found.lost_labels, found.changed_labels) == (1, 0)
    apply_labels(filled, path)
    named = {one.name: one.label for one in everything(filled) if one.label}
    assert named == {"disc-1.png": "b"}


def test_what_is_kept_in_memory_learns_of_the_change(filled: Project, tmp_path: Path) -> None:
    with filled.read() as session:
        before = revisions.current(session)
    apply_labels(filled, write(tmp_path, SHELF))
    with filled.read() as session:
        assert revisions.current(session).revision > before.revision
    assert {one.name for one in images.facets(filled).classes} >= {"round", "edged"}
    history.undo(filled)
    assert {one.name for one in images.facets(filled).classes} == {"discs", "squares", "triangles"}


def test_coco_and_a_tree_of_copies(filled: Project, photos: Path, tmp_path: Path) -> None:
    document = {
        "images": [{"id": 1, "file_name": "disc-1.png"}, {"id": 2, "file_name": "square-2.png"}],
        "categories": [{"id": 1, "name": "disc"}, {"id": 2, "name": "box"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "area": 4},
            {"image_id": 2, "category_id": 2, "area": 9},
            {"image_id": 2, "category_id": 1, "area": 1},
        ],
    }
    apply_labels(filled, write(tmp_path, json.dumps(document), "annotations.json"))
    found = {one.name: (one.label, one.tags) for one in everything(filled) if one.label}
    assert found == {"disc-1.png": ("disc", ("disc",)), "square-2.png": ("box", ("box", "disc"))}
    tree = tmp_path / "tree"
    for split, name, source in (
        ("train", "one.png", "triangles/triangle-1.png"),
        ("test", "triangle-2.png", "triangles/triangle-2.png"),
        ("test", "square-3.png", "triangles/triangle-0.png"),
    ):
        (tree / split / "spiky").mkdir(parents=True, exist_ok=True)
        (tree / split / "spiky" / name).write_bytes((photos / source).read_bytes())
    preview = preview_labels(filled, tree)
    assert preview.how == {"same content": 3} and dict(preview.splits) == {"test": 2, "train": 1}
    apply_labels(filled, tree)
    spiky = sorted(one.name for one in everything(filled) if one.label == "spiky")
    assert spiky == ["triangle-0.png", "triangle-1.png", "triangle-2.png"]


def test_unmatched_rows_are_written(filled: Project, tmp_path: Path) -> None:
    found = preview_labels(filled, write(tmp_path, SHELF))
    assert labels.export_unmatched(found.unmatched, tmp_path / "left.csv") == 1
    with (tmp_path / "left.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "path", "reason"], ["5", "nowhere.png", "the catalogue has no such image"],
        ]  # fmt: skip


def test_a_preview_goes_on_from_the_one_before(filled: Project, tmp_path: Path) -> None:
    path = write(tmp_path, SHELF)
    first = preview_labels(filled, path)
    path.unlink()
    second = preview_labels(filled, path, columns={"species": "tags"}, before=first)
    assert not second.classes and dict(second.tags)["round"] == 2
    assert apply_labels(filled, path, columns={"species": "tags"}, before=second).images == 3


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85"),
    min_size=1,
    max_size=20,
).filter(lambda word: word.strip() == word)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.lists(st.tuples(WORDS, st.sampled_from(["", "train", "val", "gallery"])),
                      min_size=13, max_size=13))  # fmt: skip
def test_what_is_exported_comes_back_the_same(
    filled: Project, tmp_path: Path, words: list[tuple[str, str]]
) -> None:
    rows = zip((one.path for one in everything(filled)), words, strict=True)
    with (tmp_path / "given.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "split"))
        writer.writerows((path, word, part) for path, (word, part) in rows)
    apply_labels(filled, tmp_path / "given.csv")
    labels.export_csv(filled, tmp_path / "out.csv")
    before = state(filled)
    report = apply_labels(filled, tmp_path / "out.csv")
    assert report.kept == 13 and not report.left_out
    assert state(filled) == before
    labels.export_csv(filled, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()
