"""Hints of a catalogue: misfiled pictures, the same bytes twice, leaks of a split, and a split without them."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import labels as label_rows
from core.changes import Changes
from core.errors import EncoderError, UndoRefused, UsageError
from core.operations import (
    hints,
    history,
    images,
    labels,
    neighbours,
    sources,
    splits,
    tags,
    taking_out,
)
from core.project import Project

COLOURS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (40, 60, 200)}


def stripes(colour: tuple[int, int, int], number: int) -> Image.Image:
    """A picture of some colour, each a little different."""
    random = np.random.default_rng(number)
    cells = np.array(colour) + random.normal(0, 14, (6, 6, 3))
    small = Image.fromarray(cells.clip(0, 255).astype(np.uint8))
    return small.resize((60, 60), Image.Resampling.NEAREST)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Three folders of ten pictures; ``blue/red-0.png`` is a red one, ``green/copy.png`` another's bytes."""
    root = tmp_path / "shelf"
    for place, (name, colour) in enumerate(COLOURS.items()):
        (root / name).mkdir(parents=True)
        for number in range(10):
            stripes(colour, 100 * place + number).save(root / name / f"{name}-{number}.png")
    stripes(COLOURS["red"], 999).save(root / "blue" / "red-0.png")
    shutil.copy(root / "red" / "red-3.png", root / "green" / "copy.png")
    return root


@pytest.fixture
def filled(project: Project, shelf: Path) -> Project:
    sources.import_folders(project, [shelf])
    return project


def put_labels(project: Project, tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "label", "split")[: len(rows[0])], *rows])
    labels.apply_labels(project, tmp_path / "labels.csv")


def parts_of(project: Project, name: str) -> dict[str, str]:
    """The part of each image of a split, by file name."""
    with project.read() as session:
        parts = label_rows.split(session, name)
    return {one.name: parts[one.id] for one in images.describe(project, sorted(parts))}


def test_a_misfiled_picture_and_the_same_bytes_are_found(filled: Project) -> None:
    found = hints.find(filled)
    assert found.source == "folders" and found.judged == 32 and found.alone == 0
    assert {Path(one.path).name for one in found.found} == {"red-0.png", "copy.png"} or {
        Path(one.path).parent.name + "/" + Path(one.path).name for one in found.found
    } == {"blue/red-0.png", "green/copy.png"}
    assert found.total == 2
    for one in found.found:
        assert one.suggested == "red" and one.class_name in ("blue", "green")
        assert 0.4 < one.confidence <= 1
        assert 1 <= len(one.support) <= 5 and all("/red/" in path for path in one.support)
        assert one.path not in one.support
    copy = next(one for one in found.found if one.path.endswith("copy.png"))
    assert copy.support[0].endswith("red/red-3.png")  # the same bytes come first
    assert [one.confidence for one in found.found] == sorted(
        (one.confidence for one in found.found), reverse=True
    )


def test_all_files_of_a_content_are_told(filled: Project, shelf: Path) -> None:
    shutil.copy(shelf / "blue" / "red-0.png", shelf / "blue" / "red-0 again.png")
    sources.import_folders(filled, [shelf])
    found = hints.find(filled)
    assert {Path(one.path).name for one in found.found} == {
        "red-0.png",
        "red-0 again.png",
        "copy.png",
    }
    assert len(hints.find(filled, k=1).found) == 1 and hints.find(filled, k=1).total == 3


def test_least_is_a_limit(filled: Project) -> None:
    everything = hints.find(filled, least=-2)
    assert everything.total == 32  # whoever has a neighbour of another class
    assert all(one.confidence > 0.6 for one in hints.find(filled, least=0.6).found)
    assert hints.find(filled, least=1).found == []


def test_labels_are_preferred_to_folders(filled: Project, shelf: Path, tmp_path: Path) -> None:
    reds = [(str(shelf / "red" / f"red-{n}.png"), "warm") for n in range(9)]
    blues = [(str(shelf / "blue" / f"blue-{n}.png"), "cold") for n in range(9)]
    put_labels(filled, tmp_path, [*reds, *blues, (str(shelf / "red" / "red-9.png"), "cold")])
    found = hints.find(filled)
    assert found.source == "labels" and found.judged == 19
    (one,) = found.found
    assert one.path.endswith("red-9.png") and one.suggested == "warm" and one.class_name == "cold"
    assert hints.find(filled, "folders").judged == 32


def test_tags_and_lone_classes(filled: Project) -> None:
    with pytest.raises(UsageError, match="tag"):
        hints.find(filled, "tags")
    ids = {one.name: one.id for one in images.describe(filled, images.list_ids(filled).tolist())}
    red = [ids[f"red-{n}.png"] for n in range(1, 9)]
    tags.add(filled, np.array(red), "warm")
    tags.add(filled, np.array([ids["red-9.png"]]), "typo")
    found = hints.find(filled, "tags")
    assert (found.judged, found.alone, found.found) == (9, 1, [])


def test_what_cannot_be_asked(project: Project, shelf: Path) -> None:
    with pytest.raises(EncoderError, match="no vectors"):
        hints.find(project)
    sources.import_folders(project, [shelf])
    for ask in (hints.find, splits.find):
        with pytest.raises(UsageError, match="at least one"):
            ask(project, k=0)


def split_rows(shelf: Path) -> list[tuple[str, str, str]]:
    """Of each colour six in train and four in test; the copy and the misfiled one in test."""
    rows = []
    for name in COLOURS:
        for number in range(10):
            part = "train" if number < 6 else "test"
            rows.append((str(shelf / name / f"{name}-{number}.png"), name, part))
    rows.append((str(shelf / "green" / "copy.png"), "green", "test"))
    rows.append((str(shelf / "blue" / "red-0.png"), "blue", "test"))
    return rows


@pytest.fixture
def divided(filled: Project, shelf: Path, tmp_path: Path) -> Project:
    put_labels(filled, tmp_path, split_rows(shelf))
    return filled


@pytest.fixture(autouse=True)
def _only_copies_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    # The cosine is of the true encoder; of this fake one all reds are alike.
    from core.training import holdout

    monkeypatch.setattr(holdout, "LEAK_COSINE", 0.9999)


def test_the_same_bytes_in_two_parts_leak(divided: Project) -> None:
    found = splits.find(divided)
    assert (found.split, found.total, found.images, found.notes) == ("labels", 1, 2, ())
    (leak,) = found.found
    assert leak.score == 1 and leak.parts == ("test", "train")
    assert {(Path(one.path).name, one.part, one.class_name) for one in leak.images} == {
        ("red-3.png", "train", "red"),
        ("copy.png", "test", "green"),
    }


def test_near_copies_leak_as_training_says(filled: Project, shelf: Path, tmp_path: Path) -> None:
    with Image.open(shelf / "blue" / "blue-1.png") as picture:
        picture.resize((48, 48)).save(shelf / "blue" / "smaller.png")
    sources.import_folders(filled, [shelf])
    put_labels(
        filled,
        tmp_path,
        [*split_rows(shelf), (str(shelf / "blue" / "smaller.png"), "blue", "test")],
    )
    found = splits.find(filled)
    names = [{Path(image.path).name for image in one.images} for one in found.found]
    assert found.total == 2 and {"blue-1.png", "smaller.png"} in names
    assert {"red-3.png", "copy.png"} in names
    assert all(0.9999 <= one.score <= 1 for one in found.found)
    assert len(splits.find(filled, k=1).found) == 1


def test_a_split_without_leaks_is_put_in_and_taken_back(divided: Project) -> None:
    before = parts_of(divided, "labels")
    found = splits.find(divided)
    assert found.proposal is not None
    # The copy's group goes one way, and one image of its class makes up for it.
    assert 1 <= len(found.proposal.moved) <= 2
    assert [(one.part, one.before) for one in found.proposal.parts] == [("test", 14), ("train", 18)]
    told = splits.moves(divided, found.proposal)
    assert len(told) == len(found.proposal.moved)
    assert splits.apply(divided, found.proposal) == Changes.SPLITS | Changes.HISTORY
    after = parts_of(divided, "labels")
    assert after["red-3.png"] == after["copy.png"]
    assert {Path(path).name for path, _, _ in told} == {
        name for name in before if before[name] != after[name]
    }
    again = splits.find(divided)
    assert again.total == 0 and again.proposal is None
    assert history.state(divided).undo_text == (
        f"Put {len(told)} image{'s' if len(told) > 1 else ''} into parts of the split “labels”"
    )
    history.undo(divided)
    assert parts_of(divided, "labels") == before
    history.redo(divided)
    assert parts_of(divided, "labels") == after


def test_it_can_be_kept_under_another_name(divided: Project) -> None:
    before = parts_of(divided, "labels")
    proposal = splits.find(divided).proposal
    assert proposal is not None
    splits.apply(divided, proposal, "  without   leaks ")
    assert parts_of(divided, "labels") == before
    assert len(parts_of(divided, "without leaks")) == 31  # names: there are two of red-0.png
    assert splits.apply(divided, proposal, "without leaks") == Changes.NONE
    with pytest.raises(UsageError, match="splits labels, without leaks"):
        splits.find(divided)
    assert splits.find(divided, "without leaks").total == 0
    history.undo(divided)
    assert parts_of(divided, "without leaks") == {}
    with divided.read() as session:
        assert label_rows.split_names(session) == ["labels"]


def test_a_proposal_of_yesterday_is_refused(divided: Project, shelf: Path, tmp_path: Path) -> None:
    proposal = splits.find(divided).proposal
    assert proposal is not None
    put_labels(divided, tmp_path, [(str(shelf / "red" / "red-1.png"), "red", "val")])
    with pytest.raises(UsageError, match="changed since"):
        splits.apply(divided, proposal)
    for name in ("  ", "x" * 101):
        with pytest.raises(UsageError):
            splits.apply(divided, proposal, name)


def test_undo_is_refused_when_the_split_has_changed(divided: Project, shelf: Path) -> None:
    proposal = splits.find(divided).proposal
    assert proposal is not None
    splits.apply(divided, proposal)
    with divided.write() as session:
        label_rows.put_split(session, "labels", {int(proposal.moved[0]): "val"})
    with pytest.raises(UndoRefused, match="changed since"):
        history.undo(divided)


def test_no_split_one_part_and_unknown_ones(filled: Project, shelf: Path, tmp_path: Path) -> None:
    found = splits.find(filled)
    assert found.split is None and found.notes == ("The catalogue has no split.",)
    with pytest.raises(UsageError, match="no split named"):
        splits.find(filled, "other")
    put_labels(filled, tmp_path, [(row[0], row[1], "train") for row in split_rows(shelf)])
    found = splits.find(filled)
    assert found.total == 0 and found.proposal is None and "one part" in found.notes[0]


def test_images_without_class_and_images_taken_out(divided: Project) -> None:
    found = splits.find(divided, source="tags")
    assert found.total == 1 and {one.class_name for one in found.found[0].images} == {None}
    ids = {one.name: one.id for one in images.describe(divided, images.list_ids(divided).tolist())}
    taking_out.take_out(divided, np.array([ids["copy.png"]]))
    assert splits.find(divided).total == 0


def test_without_a_graph_only_the_same_files_are_compared(divided: Project) -> None:
    with divided.write() as session:
        session.exec_driver_sql("DELETE FROM neighbour_graphs")
    divided.let_go("graph:1")
    found = splits.find(divided)
    assert found.total == 1 and "same files" in found.notes[0]
    with pytest.raises(EncoderError, match="no stored neighbours"):
        hints.find(divided)
    neighbours.build(divided)
    assert hints.find(divided).judged == 32
