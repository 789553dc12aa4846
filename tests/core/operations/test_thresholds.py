"""Thresholds of a catalogue: set and undone, curves from verdicts, pairs at the boundary."""

import numpy as np
import pytest
from made_links import keep, made

from core.catalogue.links import KINDS
from core.changes import Changes
from core.errors import UsageError
from core.operations import history, images, pairs, thresholds
from core.project import Project

NEAR, PIXELS = KINDS.index("near"), KINDS.index("pixels")


@pytest.fixture
def project(imported: Project) -> Project:
    return imported


@pytest.fixture
def linked(project: Project) -> list[tuple[int, int, float]]:
    """All pairs of twelve contents as links, their scores from 0.4 to 1."""
    found = np.unique(images.content_ids(project, images.list_ids(project))).tolist()
    two = [(a, b) for place, a in enumerate(found) for b in found[place + 1 :]]
    scores = np.linspace(0.4, 1.0, len(two))
    rows = [(a, b, float(score)) for (a, b), score in zip(two, scores, strict=True)]
    keep(project, made(rows))
    return rows


def test_a_threshold_is_set_and_undone(project: Project, linked: list) -> None:  # type: ignore[type-arg]
    before = thresholds.threshold(project, "near")
    assert before == thresholds.DEFAULTS["near"]
    changes = thresholds.set_threshold(project, "near", 0.9)
    assert changes == Changes.SETTINGS | Changes.LINKS | Changes.HISTORY
    thresholds.set_threshold(project, "part-of", 0.7)
    assert thresholds.threshold(project, "near") == 0.9
    assert history.state(project).undo_text == "Set the threshold of parts to 0.700"
    history.undo(project)
    assert thresholds.threshold(project, "part-of") == thresholds.DEFAULTS["part-of"]
    assert thresholds.threshold(project, "near") == 0.9
    thresholds.set_threshold(project, "near", None)
    assert thresholds.threshold(project, "near") == before
    assert thresholds.set_threshold(project, "near", None) == Changes.NONE
    history.undo(project)
    assert thresholds.threshold(project, "near") == 0.9
    for kind, value in (("near", 1.5), ("pixels", 0.5), ("odd", 0.5)):
        with pytest.raises(UsageError):
            thresholds.set_threshold(project, kind, value)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="share"):
        thresholds.suggest(project, "near", 1.0)
    with pytest.raises(UsageError):
        thresholds.curve(project, "pixels")


def test_verdicts_bend_the_curve(project: Project, linked: list) -> None:  # type: ignore[type-arg]
    start = thresholds.curve(project, "near")
    assert (start.answers, start.candidates, start.shown[0]) == (0, len(linked), len(linked))
    assert thresholds.curve(project, "near") is start
    assert thresholds.suggest(project, "near") == thresholds.DEFAULTS["near"]
    right = [(a, b) for a, b, score in linked if score >= 0.7]
    wrong = [(a, b) for a, b, score in linked if score < 0.7]
    pairs.judge_many(project, wrong[::2], "different", "half")
    pairs.judge_many(project, wrong[1::2], "similar", "half")
    pairs.judge(project, *right[0], "unsure")
    now = thresholds.curve(project, "near")
    assert now.answers == len(wrong)
    assert now.shown[0] == len(linked) - len(wrong)
    assert thresholds.at(now, 0.5).precision[1] > thresholds.at(start, 0.5).precision[1]
    assert thresholds.at(now, 0.7).recall[1] == 1.0
    told = thresholds.at(now, 0.8)
    assert told.shown == sum(score >= 0.8 for _, _, score in linked)
    assert 0 < told.precision[0] <= told.precision[1] <= told.precision[2] <= 1
    # What follows is known too: nothing of it is open any more.
    kinds = np.full(3, NEAR, dtype=np.uint8)
    likely = thresholds.chance(project, np.array([0.45, 0.75, 0.95]), kinds)
    assert (np.diff(likely) > 0).all() and likely[0] < 0.1
    certain = thresholds.chance(project, np.array([0.2]), np.array([PIXELS]))
    assert certain.tolist() == [1.0]
    assert 0.4 < thresholds.suggest(project, "near", 0.9) <= 1.0


def test_nothing_open_suggests_what_was_measured_and_else_nothing_below_it(
    project: Project,
    linked: list,  # type: ignore[type-arg]
) -> None:
    keys = [(a, b) for a, b, _ in linked]
    pairs.judge_many(project, keys[:-6:2], "different", "half")
    pairs.judge_many(project, keys[1:-6:2], "similar", "half")
    told = thresholds.at(thresholds.curve(project, "near"), 0.4)
    assert told.shown == 6
    assert thresholds.suggest(project, "near", 0.01) >= linked[-6][2] - 0.005
    pairs.judge_many(project, keys[-6:], "duplicate", "rest")
    told = thresholds.at(thresholds.curve(project, "near"), 0.4)
    assert told.shown < len(linked) and told.precision == (1.0, 1.0, 1.0)
    assert thresholds.suggest(project, "near") == thresholds.DEFAULTS["near"]


def test_one_act_is_not_many_answers(project: Project, linked: list) -> None:  # type: ignore[type-arg]
    wrong = [(a, b) for a, b, score in linked if score > 0.55][::2]
    assert len(wrong) > 20
    pairs.judge_many(project, wrong, "different", "at once")
    at_once = thresholds.chance(project, np.array([0.8]), np.array([NEAR]))[0]
    history.undo(project)
    pairs.judge_many(project, wrong[::2], "different", "half")
    pairs.judge_many(project, wrong[1::2], "different", "half")
    one_by_one = thresholds.chance(project, np.array([0.8]), np.array([NEAR]))[0]
    assert one_by_one < at_once  # two acts count for twice as much


def test_pairs_at_the_boundary_are_open_near_and_spread(
    project: Project,
    linked: list,  # type: ignore[type-arg]
) -> None:
    scores = {(a, b): score for a, b, score in linked}
    few = thresholds.boundary(project, "near", 0.7, 6)
    assert len(few) == 6
    assert len({end for key in few for end in key}) == 12
    assert sum(scores[key] >= 0.7 for key in few) == 3
    assert [scores[key] for key in few] == sorted(scores[key] for key in few)
    pairs.judge(project, *few[2], "different")
    pairs.judge(project, *few[3], "unsure")
    again = thresholds.boundary(project, "near", 0.7, 20)
    assert len(set(again)) == 20
    assert not {few[2], few[3]} & set(again)
    assert len(thresholds.boundary(project, "near", 0.7, 500)) == len(linked) - 2
    assert thresholds.boundary(project, "part-of", 0.7) == []
