"""Marking a selection as pair or group: what is kept, what undo puts back, what is refused."""

import numpy as np
import pytest

from core.catalogue import images as image_rows
from core.catalogue import pairs as pair_rows
from core.changes import Changes
from core.errors import UndoRefused, UsageError
from core.operations import history, images, marks, pairs
from core.project import Project


@pytest.fixture
def project(imported: Project) -> Project:
    return imported


@pytest.fixture
def ids(project: Project) -> list[int]:
    """Images of five different contents, by path."""
    every = images.list_ids(project)
    contents = images.content_ids(project, every)
    _, first = np.unique(contents, return_index=True)
    return [int(one) for one in every[np.sort(first)][:5]]


def said(project: Project) -> list[tuple[int, int, str]]:
    return [(one.a, one.b, one.verdict) for one in pairs.list_pairs(project)]


def contents_of(project: Project, ids: list[int]) -> list[int]:
    return [int(one) for one in images.content_ids(project, np.array(ids))]


def test_two_images_are_a_pair_and_undo_takes_it_back(project: Project, ids: list[int]) -> None:
    changes = marks.mark(project, ids[:2], "similar")
    assert changes == Changes.PAIRS | Changes.HISTORY
    a, b = sorted(contents_of(project, ids[:2]))
    assert said(project) == [(a, b, "similar")]
    assert pairs.list_pairs(project)[0].origin == "person"
    assert history.state(project).undo_text == "Mark 2 images as similar"
    history.undo(project)
    assert said(project) == []
    history.redo(project)
    assert said(project) == [(a, b, "similar")]


def test_undo_puts_an_earlier_verdict_back_with_all_that_was_kept_of_it(
    project: Project, ids: list[int]
) -> None:
    a, b = contents_of(project, ids[:2])
    with project.write() as session:
        pair_rows.put(
            session, [(b, a, "different")], origin="table", score=0.5, encoder_key="some encoder"
        )
    before = pairs.list_pairs(project)
    marks.mark(project, ids[:2], "duplicate")
    assert said(project)[0][2] == "duplicate"
    history.undo(project)
    assert pairs.list_pairs(project) == before
    key = (min(a, b), max(a, b))
    with project.read() as session:
        assert pair_rows.said_of(session, [key])[key].encoder_key == "some encoder"


def test_more_than_two_become_a_group_around_the_first(project: Project, ids: list[int]) -> None:
    marks.mark(project, ids[1:3], "different")
    marks.mark(project, ids[:4], "duplicate")
    first, *others = contents_of(project, ids[:4])
    star = {(min(first, one), max(first, one), "duplicate") for one in others}
    joined = (*sorted(others[:2]), "duplicate")  # which was said to be different before
    assert set(said(project)) == star | {joined}
    assert marks.standing(project, ids[2:4]).group == 4
    assert marks.standing(project, [ids[0]]).counts == {"duplicate": 3}
    assert marks.standing(project, [ids[3], ids[4]]) == marks.Standing(None, {"duplicate": 1}, 0)
    history.undo(project)
    assert said(project) == [(*sorted(others[:2]), "different")]
    assert marks.standing(project, ids[1:3]).verdict == "different"


def test_clearing_forgets_what_was_said_among_them_and_nothing_else(
    project: Project, ids: list[int]
) -> None:
    marks.mark(project, ids[:2], "duplicate")
    marks.mark(project, [ids[1], ids[4]], "similar")
    marks.clear_marks(project, ids[:3])
    assert [one[2] for one in said(project)] == ["similar"]
    assert marks.clear_marks(project, ids[:3]) == Changes.NONE
    history.undo(project)
    assert {one[2] for one in said(project)} == {"duplicate", "similar"}


def test_saying_the_same_again_leaves_no_step_to_undo(project: Project, ids: list[int]) -> None:
    marks.mark(project, ids[:2], "similar")
    marks.mark(project, ids[:2], "different")
    assert marks.mark(project, ids[:2], "different") == Changes.NONE
    history.undo(project)
    assert said(project)[0][2] == "similar"


def test_undo_is_refused_when_the_pair_was_judged_anew(project: Project, ids: list[int]) -> None:
    marks.mark(project, ids[:2], "similar")
    a, b = contents_of(project, ids[:2])
    with project.write() as session:
        pair_rows.put(session, [(a, b, "unsure")], origin="table")
    with pytest.raises(UndoRefused, match="judged anew"):
        history.undo(project)
    assert said(project)[0][2] == "unsure"


def test_each_two_of_a_few_are_similar_in_one_step(project: Project, ids: list[int]) -> None:
    assert marks.mark(project, ids[:4], "similar") == Changes.PAIRS | Changes.HISTORY
    count = len(set(contents_of(project, ids[:4])))
    assert [one[2] for one in said(project)] == ["similar"] * (count * (count - 1) // 2)
    history.undo(project)
    assert said(project) == []


def test_what_makes_no_sense_is_a_sentence(
    project: Project, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "MOST_PAIRED", 2)
    with pytest.raises(UsageError, match="two images or more"):
        marks.mark(project, ids[:1], "similar")
    for verdict in ("similar", "different"):
        with pytest.raises(UsageError, match="At most 2 images"):
            marks.mark(project, ids[:3], verdict)
    with project.read() as session:
        shared = image_rows.shared_contents(session)
        copies = image_rows.of_contents(session, shared)[shared[0]]
    with pytest.raises(UsageError, match="the very same bytes"):
        marks.mark(project, copies, "duplicate")
    assert said(project) == []
