"""Between two images in a catalogue of any size: however the rows are compared, the answer is the same."""

from pathlib import Path

import pytest

from core.operations import comparing, images, search, sources
from core.project import Project
from core.search.question import Question, of_image


def test_rows_read_fast_give_the_same_answer(
    project: Project, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.import_folders(project, [photos])
    ids = images.list_ids(project).tolist()
    question = Question((of_image(ids[0]), of_image(ids[7])), kind="between", k=20)
    little = search.ask(project, question)
    monkeypatch.setattr(comparing, "_LITTLE_NUMBERS", 0)  # as if there were millions of numbers
    many = search.ask(project, question)
    assert [one.image_id for one in many] == [one.image_id for one in little]
    assert [one.score for one in many] == pytest.approx([one.score for one in little], abs=1e-5)
