"""The index by the command line: neighbours makes it and says what it finds, similar takes a mode."""

from pathlib import Path
from typing import Any

import pytest

from core.operations import indexes


@pytest.fixture
def catalogue(call: Any, photos: Path, tmp_path: Path) -> Path:
    path = tmp_path / "c.lookalike"
    assert call("import", photos, "--catalogue", path, "--json").code == 0
    return path


def test_a_small_catalogue_has_none_and_every_mode_is_exact(
    call: Any, catalogue: Path, photos: Path
) -> None:
    made = call("neighbours", "--catalogue", catalogue, "-k", 3, "--json").document
    assert made["index"] is None and made["k"] == 3
    query = ("--image", photos / "discs" / "disc-0.png", "-k", 5, "--json")
    answers = [
        call("similar", "--catalogue", catalogue, *query, "--mode", mode).document
        for mode in ("exact", "balanced", "fast")
    ]
    assert len(answers[0]) == 5 and answers[0] == answers[1] == answers[2]
    assert call("similar", "--catalogue", catalogue, *query, "--mode", "quick").code == 2


def test_what_was_measured_is_said(
    call: Any, catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = indexes.Figures("balanced", 0.992, 1.8, 2.5, 8, 60)
    said = indexes.Measured("balanced", 60_000, True, True, (figures,), 31.2, 99)
    monkeypatch.setattr(indexes, "measured", lambda project, encoder: said)
    answer = call("neighbours", "--catalogue", catalogue)
    assert "balanced  finds 99.2 % of the ten nearest in 1.8 ms" in answer.out
    assert "31.2 ms" in answer.out
    document = call("neighbours", "--catalogue", catalogue, "--json").document
    assert document["index"]["modes"][0]["recall"] == 0.992
