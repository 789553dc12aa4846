"""`lookalike labels` as other programs see it: preview, roles of columns, rows that were left out."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def catalogue(call: Any, photos: Path, tmp_path: Path) -> Path:
    path = tmp_path / "c.lookalike"
    assert call("import", photos, "--catalogue", path, "--no-embed").code == 0
    return path


TABLE = (
    "image;kind of thing;part\nC:\\old\\photos\\discs\\disc-0.png;round;1\n"
    "C:\\old\\photos\\squares\\square-0.png;edged;2\nC:\\old\\photos\\discs\\lost.png;round;3\n"
)


def test_preview_then_import(call: Any, catalogue: Path, tmp_path: Path) -> None:
    table = tmp_path / "things.csv"
    table.write_text(TABLE)
    given = (
        "labels",
        "--catalogue",
        catalogue,
        "--import",
        table,
        "--column",
        "kind of thing=class",
    )
    left = tmp_path / "left.csv"
    found = call(*given, "--preview", "--json", "--unmatched", left).document
    assert (found["rows"], found["matched"], found["images"]) == (3, 2, 2)
    assert found["unmatched"] == [
        {"line": 4, "path": "C:\\old\\photos\\discs\\lost.png",
         "reason": "the catalogue has no such image"}
    ]  # fmt: skip
    assert found["classes"] == {"edged": 1, "round": 1} and found["conflicts"] == []
    assert [(one["name"], one["role"], one["guessed"]) for one in found["columns"]] == [
        ("image", "path", True), ("kind of thing", "label", False), ("part", "field", True),
    ]  # fmt: skip
    assert found["moved"][0]["before"] == "C:/old" and found["labels"]["new"] == 2
    assert left.read_text().splitlines()[1].startswith("4,")
    text = call(*given, "--preview")
    assert text.out.endswith("Nothing was changed.\n") and "taken for  C:/old" in text.out
    out = tmp_path / "out.csv"
    call("labels", "--catalogue", catalogue, "--export", out)
    assert "round" not in out.read_text()
    answer = call(*given, "--json")
    assert answer.document["kept"] == 2 and answer.document["can_undo"]
    assert (
        "Line 4: C:\\old\\photos\\discs\\lost.png: the catalogue has no such image." in answer.err
    )
    call("labels", "--catalogue", catalogue, "--export", out)
    assert "disc-0.png,round" in out.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--import", "x.csv", "--column", "label"], 1, "NAME=ROLE"),
        (["--import", "x.csv", "--column", "label=colour"], 1, "Roles are"),
        (["--import", "nowhere.csv"], 1, "cannot be read"),
        (["--export", "x.csv", "--preview"], 1, "go with --import"),
        (["--preview"], 2, "required"),
    ],
)
def test_wrong_calls(
    call: Any, catalogue: Path, arguments: list[str], code: int, words: str
) -> None:
    answer = call("labels", "--catalogue", catalogue, *arguments)
    assert answer.code == code and words in answer.err and answer.out == ""
