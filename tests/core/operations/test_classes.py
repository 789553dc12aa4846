"""Another class for single images, and classes that a person found right: over folders, undone, remembered."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.catalogue import labels as rows
from core.changes import Changes
from core.errors import UndoRefused, UsageError
from core.operations import (
    advice,
    by_class,
    classes,
    diagnostics,
    hints,
    history,
    images,
    labels,
    sources,
    split_counts,
    splits,
)
from core.project import Project

COLOURS = {"red": (200, 40, 40), "blue": (40, 60, 200)}


@pytest.fixture
def filled(project: Project, tmp_path: Path) -> Project:
    """Two folders of twelve pictures; ``blue/odd.png`` is a red one."""
    root = tmp_path / "shelf"
    for name in COLOURS:
        (root / name).mkdir(parents=True)
    for place, (name, colour) in enumerate(COLOURS.items()):
        for number in range(13 if name == "red" else 12):
            noise = np.random.default_rng(100 * place + number).normal(0, 14, (6, 6, 3))
            cells = (np.array(colour) + noise).clip(0, 255).astype(np.uint8)
            to = "blue/odd" if (name, number) == ("red", 12) else f"{name}/{name}-{number}"
            picture = Image.fromarray(cells).resize((60, 60), Image.Resampling.NEAREST)
            picture.save(root / f"{to}.png")
    sources.import_folders(project, [root])
    return project


def odd(project: Project) -> int:
    every = images.describe(project, images.list_ids(project).tolist())
    return next(one.id for one in every if one.name == "odd.png")


def test_a_given_class_lies_over_the_folder_and_ends_the_hint(filled: Project) -> None:
    one = odd(filled)
    assert [hint.image_id for hint in hints.find(filled).found] == [one]
    assert Changes.CLASSES in classes.give(filled, {one: "  red "})
    (image,) = images.describe(filled, [one])
    assert (image.class_name, image.label, image.folder_class) == ("red", "red", "blue")
    # One label in 25 corrects what folders say; it does not take their place.
    found = hints.find(filled)
    assert (found.source, found.judged, found.total) == ("classes", 25, 0)
    assert history.state(filled).undo_text == "Give 1 image the class “red”"
    assert classes.give(filled, {one: "red", 10**9: "red"}) == Changes.NONE
    history.undo(filled)
    assert images.describe(filled, [one])[0].label is None
    assert hints.find(filled).source == "folders"
    history.redo(filled)
    assert images.describe(filled, [one])[0].label == "red"


def test_a_few_corrections_are_nothing_to_learn_from_by_themselves(
    project: Project, tmp_path: Path
) -> None:
    for name in ("some", "other"):
        (tmp_path / "many" / name).mkdir(parents=True)
        for number in range(70):
            noise = np.random.default_rng([len(name), number]).integers(0, 255, (16, 16, 3))
            picture = Image.fromarray(noise.astype(np.uint8))
            picture.save(tmp_path / "many" / name / f"{number}.png")
    sources.import_folders(project, [tmp_path / "many"], embed=False)
    ids = images.list_ids(project).tolist()
    classes.give(project, {one: "ab"[number % 2] for number, one in enumerate(ids[:12])})
    assert advice.advise(project, "labels").settings.labels == "labels"  # it could be learnt from
    assert advice.advise(project).settings.labels == "folders"
    classes.give(project, {one: "ab"[number % 2] for number, one in enumerate(ids[:24])})
    assert advice.advise(project).settings.labels == "labels"


def test_several_classes_are_given_in_one_step(filled: Project) -> None:
    one, *others = [odd(filled), *images.list_ids(filled).tolist()[:2]]
    classes.give(filled, {one: "red", others[0]: "green", others[1]: "green"})
    assert history.state(filled).undo_text == "Give 3 images the suggested classes"
    history.undo(filled)
    assert not any(image.label for image in images.describe(filled, [one, *others]))
    with pytest.raises(UsageError, match="letters"):
        classes.give(filled, {one: "  "})
    with pytest.raises(UsageError, match="100"):
        classes.give(filled, {one: "x" * 101})


def test_a_class_that_is_right_is_remembered_until_it_is_another(filled: Project) -> None:
    one = odd(filled)
    assert classes.keep(filled, [one], "folders")
    assert classes.keep(filled, [one], "folders") == Changes.NONE
    found = hints.find(filled)
    assert (found.total, found.kept) == (0, 1)
    assert labels.fields_of(filled, one) == [(classes.CHECKED, "blue")]
    history.undo(filled)
    assert labels.fields_of(filled, one) == []
    assert [hint.image_id for hint in hints.find(filled).found] == [one]
    history.redo(filled)
    assert hints.find(filled).kept == 1
    # With yet another class that is wrong, it is hinted at again.
    classes.give(filled, {one: "green", **dict.fromkeys(_blue(filled), "green")})
    found = hints.find(filled, "classes")
    assert (found.total, found.kept) == (1, 0)
    assert (found.found[0].class_name, found.found[0].suggested) == ("green", "red")


def _blue(project: Project) -> list[int]:
    every = images.describe(project, images.list_ids(project).tolist())
    return [one.id for one in every if one.name.startswith("blue")]


def test_what_has_changed_since_is_not_undone(filled: Project, tmp_path: Path) -> None:
    one = odd(filled)
    classes.give(filled, {one: "red"})
    state = history.state(filled).undo_text
    with filled.write(durable=True) as session:
        rows.put(session, {one: "green"})
    with pytest.raises(UndoRefused, match="Give 1 image"):
        history.undo(filled)
    assert history.state(filled).undo_text == state


def test_counts_of_a_proposal_by_part_and_class(filled: Project, tmp_path: Path) -> None:
    every = images.describe(filled, images.list_ids(filled).tolist())
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        lines = [
            (one.path, one.folder_class, "val" if number % 3 else "train")
            for number, one in enumerate(every)
        ]
        csv.writer(file).writerows([("path", "label", "split"), *lines])
    labels.apply_labels(filled, tmp_path / "labels.csv")
    leaks = splits.find(filled)
    assert leaks.proposal is not None
    counted = split_counts.by_class(filled, leaks.proposal, "labels")
    assert {one.name for one in counted} <= {"red", "blue"}
    for place, part in enumerate(leaks.proposal.parts):
        assert sum(one.before[place] for one in counted) == part.before
        assert sum(one.after[place] for one in counted) == part.after


def test_confusions_and_hubs_name_their_images(filled: Project) -> None:
    found = by_class.measure(filled, "folders")
    (wrong,) = [one for one in found.confusions if one.name == "blue"]
    assert (wrong.taken_for, wrong.images) == ("red", 1)
    assert wrong.examples[0][0] == odd(filled)
    (nearest,) = images.describe(filled, [wrong.examples[0][1]])
    assert nearest.folder_class == "red"
    told = diagnostics.diagnose(filled)
    paths = {
        one.id: one.path for one in images.describe(filled, [hub.image_id for hub in told.hubs])
    }
    assert told.hubs and all(paths[hub.image_id] == hub.path for hub in told.hubs)
    assert [len(one) for one in told.same_ids] == [len(one) for one in told.same]
