"""Verdicts and labels as CSV: what goes out comes back, and what does not fit is named."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.errors import TableError, UsageError
from core.jobs import Cancelled
from core.operations import duplicates, evaluate, images, labels, pairs, sources
from core.operations.tables import write_rows
from core.project import Project


@pytest.fixture
def filled(project: Project, photos: Path) -> Project:
    sources.import_folders(project, [photos])
    return project


def table(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_verdicts_out_and_in(filled: Project, photos: Path, tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "a,b,verdict\n"
        f"{photos}/discs/disc-1.png,squares/square-1.png,different\n"
        "discs/disc-2.png,discs/disc-3.png,Duplicate\n"
        "discs/disc-2.png,nowhere.png,similar\n",
    )
    report = pairs.import_csv(filled, path)
    assert (report.rows, report.kept) == (3, 2)
    assert report.unmatched == [(4, "nowhere.png names no image, or several")]
    out = tmp_path / "out.csv"
    assert pairs.export_csv(filled, out) == 2
    first = pairs.list_pairs(filled)
    again = pairs.import_csv(filled, out)
    assert again.kept == 2 and not again.unmatched
    assert [(p.a, p.b, p.verdict) for p in pairs.list_pairs(filled)] == [
        (p.a, p.b, p.verdict) for p in first
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\nx,y\n", "no column 'verdict'"),
        ("a,b,verdict\ndiscs/disc-1.png,discs/disc-2.png,maybe\n", "the verdict 'maybe'"),
        ("a,b,verdict\nx.png,y.png,similar\n", "No row"),
        ("", "no column 'a'"),
    ],
)
def test_tables_that_do_not_fit(filled: Project, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TableError, match=words):
        pairs.import_csv(filled, table(tmp_path, text))
    assert pairs.list_pairs(filled) == []


def test_files_that_are_no_tables(filled: Project, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        pairs.import_csv(filled, tmp_path / "nowhere.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x01\x02\x00\x00")
    with pytest.raises(TableError, match="not a table"):
        labels.apply_labels(filled, path)


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_a_table_is_written_into_a_pipe_and_through_a_link(filled: Project, tmp_path: Path) -> None:
    """What is no ordinary file is never replaced by one: as root that would cost /dev/stdout."""
    pipe, link, target = tmp_path / "pipe", tmp_path / "link.csv", tmp_path / "target.csv"
    os.mkfifo(pipe)
    ears = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert labels.export_csv(filled, pipe) == 13
        assert os.read(ears, 12) == b"path,label\r\n"
    finally:
        os.close(ears)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    target.write_text("old")
    link.symlink_to(target)
    labels.export_csv(filled, link)
    assert link.is_symlink() and target.read_text().startswith("path,label")


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_a_table_that_is_cancelled_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("before")

    def rows() -> Iterator[tuple[str]]:
        yield ("one",)
        raise Cancelled

    with pytest.raises(Cancelled):
        write_rows(tmp_path / "out.csv", ["path"], rows())
    assert [one.read_text() for one in tmp_path.iterdir()] == ["before"]


def test_labels_from_a_pipe_are_refused_at_once(filled: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "labels.csv")
    with pytest.raises(TableError, match="pipe"):
        labels.preview_labels(filled, tmp_path / "labels.csv")


def test_labels_without_one_whole_row_are_refused(filled: Project, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No row"):
        labels.apply_labels(filled, table(tmp_path, 'path,label\n"disc-0.png,round\n'))


def test_labels_and_a_split(filled: Project, photos: Path, tmp_path: Path) -> None:
    rows = [
        f"{kind}s/{kind}-{number}.png,{'round' if kind == 'disc' else 'edged'},"
        f"{'train' if number < 2 else 'test'}"
        for kind in ("disc", "square", "triangle")
        for number in range(4)
    ]
    report = labels.apply_labels(
        filled, table(tmp_path, "\ufeffPath, Label ,Split\n" + "\n".join(rows) + "\n")
    )
    assert report.kept == 12
    assert images.facets(filled).classes[0].name == "edged"
    whole = evaluate.evaluate(filled, "labels")
    assert (whole["queries"], whole["classes"]) == (12, 2)
    held_out = evaluate.evaluate(filled, "labels", split="labels")
    assert held_out["queries"] == 6
    assert evaluate.evaluate(filled, "labels", split="test")["queries"] == 6
    with pytest.raises(UsageError, match="no split"):
        evaluate.evaluate(filled, "labels", split="nothing")
    out = tmp_path / "out.csv"
    labels.export_csv(filled, out)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "path,label,split" and len(lines) == 14
    assert f"{photos}/discs/disc-0.png,round,train" in lines


def test_an_empty_label_takes_it_off(filled: Project, tmp_path: Path) -> None:
    labels.apply_labels(filled, table(tmp_path, "path,label\ndiscs/disc-0.png,x\n"))
    labels.apply_labels(filled, table(tmp_path, "path,label\ndiscs/disc-0.png,\n"))
    assert "x" not in [one.name for one in images.facets(filled).classes]
    with pytest.raises(UsageError, match="no classes"):
        evaluate.evaluate(filled, "labels")


def test_evaluate_by_folders_counts_every_image(filled: Project) -> None:
    found = evaluate.evaluate(filled, "folders")
    assert found["queries"] == found["images"] == 13
    assert 0 <= found["map@r"] <= found["recall@1"] <= found["recall@5"] <= 1


def test_duplicates_exact_and_near(filled: Project, photos: Path) -> None:
    exact = [one for one in duplicates.find(filled) if one.kind == "exact"]
    assert [(one.a, one.b) for one in exact] == [
        (f"{photos}/discs/disc-0.png", f"{photos}/squares/disc-0 copy.png")
    ]
    with Image.open(photos / "discs" / "disc-0.png") as picture:
        picture.save(photos / "discs" / "again.jpg", quality=85)
    sources.import_folders(filled, [photos])
    everything = duplicates.find(filled)
    keys = [frozenset((one.a_id, one.b_id)) for one in everything]
    assert len(keys) == len(set(keys)) and everything[0] == exact[0]
    again = [one for one in everything if f"{photos}/discs/again.jpg" in (one.a, one.b)]
    assert len(again) == 2  # the original and its copy
    assert all(one.kind == "near" and "format" in one.differs and one.a < one.b for one in again)
    scores = [one.score for one in everything[1:]]
    assert scores == sorted(scores, reverse=True) and all(0 <= one <= 1 for one in scores)
    assert [one.kind for one in duplicates.find(filled, threshold=1.0)] == ["exact"]


def test_a_pair_judged_different_is_not_shown_again(
    filled: Project, photos: Path, tmp_path: Path
) -> None:
    with Image.open(photos / "discs" / "disc-1.png") as picture:
        picture.save(photos / "discs" / "again.jpg", quality=85)
    sources.import_folders(filled, [photos])
    again = f"{photos}/discs/again.jpg"
    near = next(one for one in duplicates.find(filled) if again in (one.a, one.b))
    pairs.import_csv(filled, table(tmp_path, f"a,b,verdict\n{near.a},{near.b},different\n"))
    left = duplicates.find(filled, threshold=0.0)
    assert (near.a, near.b) not in [(one.a, one.b) for one in left]


def test_a_pair_judged_duplicate_is_shown_whatever_its_score(
    filled: Project, photos: Path, tmp_path: Path
) -> None:
    one, other = f"{photos}/discs/disc-1.png", f"{photos}/triangles/triangle-2.png"
    pairs.import_csv(filled, table(tmp_path, f"a,b,verdict\n{one},{other},duplicate\n"))
    assert (one, other) in [(pair.a, pair.b) for pair in duplicates.find(filled)]
