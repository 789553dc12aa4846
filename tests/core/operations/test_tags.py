"""Tags and their undo, which survives a restart and refuses what has changed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalogue.filters import Filter
from core.catalogue.schema import history as history_table
from core.changes import Changes
from core.errors import UndoRefused, UsageError
from core.operations import history, images, projects, sources, tags
from core.project import Project


@pytest.fixture
def ids(project: Project, photos: Path) -> np.ndarray:
    sources.import_folders(project, [photos], embed=False)
    return images.list_ids(project)


def tagged(project: Project, tag: str) -> list[int]:
    return images.list_ids(project, Filter(tags=frozenset({tag}))).tolist()


def test_add_undo_redo(project: Project, ids: np.ndarray) -> None:
    assert tags.add(project, ids[:3], "  to   keep ") == Changes.TAGS | Changes.HISTORY
    assert tagged(project, "to keep") == ids[:3].tolist()
    assert history.state(project).undo_text == "Tag 3 images “to keep”"
    assert tags.add(project, ids[:3], "to keep") == Changes.NONE
    tags.remove(project, ids[1:], "to keep")
    assert tagged(project, "to keep") == ids[:1].tolist()
    history.undo(project)
    assert tagged(project, "to keep") == ids[:3].tolist()
    history.undo(project)
    assert tags.list_tags(project) == []
    assert history.state(project).redo_text == "Tag 3 images “to keep”"
    history.redo(project)
    history.redo(project)
    assert tagged(project, "to keep") == ids[:1].tolist()
    with pytest.raises(UndoRefused, match="nothing to redo"):
        history.redo(project)


def test_undo_survives_a_restart(project: Project, ids: np.ndarray) -> None:
    tags.add(project, ids[:2], "a")
    project.close()
    with projects.open(project.path) as again:
        history.undo(again)
        assert tagged(again, "a") == []


def test_undo_is_refused_when_things_have_changed(project: Project, ids: np.ndarray) -> None:
    tags.add(project, ids[:2], "a")
    with project.write() as session:
        session.exec_driver_sql("DELETE FROM image_tags WHERE image_id = ?", (int(ids[0]),))
    with pytest.raises(UndoRefused, match="changed since"):
        history.undo(project)
    assert tagged(project, "a") == [ids[1]]


def test_a_command_of_another_version_drops_the_history_only(
    project: Project, ids: np.ndarray
) -> None:
    tags.add(project, ids[:2], "a")
    with project.write() as session:
        session.execute(history_table.update().values(inverse_version=99))
    assert history.undo(project) == Changes.HISTORY
    assert tagged(project, "a") == ids[:2].tolist()
    assert history.state(project).undo_text is None


def test_an_edit_after_undo_ends_what_could_be_redone(project: Project, ids: np.ndarray) -> None:
    tags.add(project, ids[:1], "a")
    history.undo(project)
    tags.add(project, ids[:1], "b")
    assert history.state(project).redo_text is None


@pytest.mark.parametrize("tag", ["", "   ", "x" * 101])
def test_words_that_are_no_tags(project: Project, ids: np.ndarray, tag: str) -> None:
    with pytest.raises(UsageError):
        tags.add(project, ids, tag)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    edits=st.lists(
        st.tuples(st.booleans(), st.sampled_from("ab"), st.sets(st.integers(0, 12), min_size=1)),
        max_size=8,
    )
)
def test_undoing_everything_restores_everything(
    project: Project, ids: np.ndarray, edits: list[tuple[bool, str, set[int]]]
) -> None:
    before = [tagged(project, tag) for tag in "ab"]
    steps = 0
    for is_added, tag, places in edits:
        change = tags.add if is_added else tags.remove
        steps += change(project, ids[sorted(places)], tag) != Changes.NONE
    after = [tagged(project, tag) for tag in "ab"]
    for _ in range(steps):
        history.undo(project)
    assert [tagged(project, tag) for tag in "ab"] == before
    for _ in range(steps):
        history.redo(project)
    assert [tagged(project, tag) for tag in "ab"] == after
    for _ in range(steps):
        history.undo(project)
