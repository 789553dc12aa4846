"""`lookalike embeddings` as other programs see it: list, plan, import and remove vectors that were made elsewhere."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def catalogue(call: Any, photos: Path, tmp_path: Path) -> Path:
    path = tmp_path / "c.lookalike"
    assert call("import", photos, "--catalogue", path, "--no-embed").code == 0
    return path


@pytest.fixture
def file(photos: Path, tmp_path: Path) -> Path:
    """Vectors of the discs by paths of another machine, of a file that is not there, and one that is no vector."""
    names = [*(f"disc-{number}.png" for number in range(4)), "gone.png"]
    rows = np.random.default_rng(2).normal(size=(5, 12)).astype(np.float32)
    rows[3] = np.nan
    np.savez(
        tmp_path / "my vectors.npz", embeddings=rows, paths=[f"C:/old/discs/{one}" for one in names]
    )
    return tmp_path / "my vectors.npz"


def test_plan_import_list_and_remove(
    call: Any, catalogue: Path, file: Path, photos: Path, tmp_path: Path
) -> None:
    given = ("embeddings", "--catalogue", catalogue)
    assert call(*given, "--json").document == []
    left = tmp_path / "left.csv"
    answer = call(*given, "import", file, "--plan", "--json", "--unmatched", left)
    plan = answer.document
    assert set(plan) == {
        "file", "table", "format", "numbers", "rows", "dim", "by", "matched", "contents", "new", "images", "of",
        "scaled", "conflicts", "left_out", "reasons", "first_left_out", "how", "moved", "notes", "here",
    }  # fmt: skip
    assert (plan["rows"], plan["dim"], plan["matched"], plan["contents"]) == (5, 12, 3, 3)
    assert (plan["images"], plan["of"], plan["left_out"], plan["scaled"]) == (4, 13, 2, 3)
    assert plan["moved"][0]["before"].startswith("C:/old") and plan["here"] is None
    assert plan["first_left_out"][1] == {
        "row": 5, "image": "C:/old/discs/gone.png", "reason": "no image has this path",
    }  # fmt: skip
    assert "Row 4: C:/old/discs/disc-3.png: its numbers are not all finite." in answer.err
    assert len(left.read_text().splitlines()) == 3
    assert call(*given, "import", file, "--plan").out.endswith("Nothing was changed.\n")
    assert call(*given).out == "The catalogue has no vectors yet.\n"
    document = call(*given, "import", file, "--no-graph", "--json").document
    assert document == {
        "encoder": "given:my vectors", "file": str(file), "rows": 5, "dim": 12, "added": 3, "contents": 3,
        "images": 4, "of": 13, "left_out": 2, "scaled": 3, "replaced": 0, "graph": False,
    }  # fmt: skip
    (listed,) = call(*given, "list", "--json").document
    assert listed["given"] and listed["default"] and listed["file"] == str(file)
    assert (listed["encoder"], listed["images"], listed["of"]) == ("given:my vectors", 4, 13)
    found = call(
        "similar", "--catalogue", catalogue, "--image", photos / "discs/disc-1.png", "--json"
    )
    assert {Path(one["path"]).name for one in found.document} == {
        "disc-0.png", "disc-0 copy.png", "disc-2.png",
    }  # fmt: skip
    refused = call("similar", "--catalogue", catalogue, "--image", photos / "squares/square-1.png")
    assert "no vector can be made of a new picture" in refused.err and refused.code == 1
    assert "knows no words" in call("similar", "--catalogue", catalogue, "--text", "red").err
    assert "2 rows were left out" not in call(*given, "import", file).err
    assert call(*given, "remove", "my vectors", "--json").document == {
        "encoder": "given:my vectors", "contents": 3, "default": None,
    }  # fmt: skip
    assert call(*given, "list", "--json").document == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "nowhere.npy"], "nowhere.npy cannot be read: no such file or directory"),
        (["import", "FILE", "--name", "a/b"], "cannot be the name of vectors"),
        (["import", "FILE", "--by", "hash"], "There are no hashes to match by"),
        (["remove", "nothing"], "There are no vectors named 'nothing'"),
    ],
)
def test_wrong_calls(
    call: Any, catalogue: Path, file: Path, arguments: list[str], words: str
) -> None:
    named = [str(file) if one == "FILE" else one for one in arguments]
    answer = call("embeddings", "--catalogue", catalogue, *named)
    assert answer.code == 1 and words in answer.err and answer.out == ""
    assert answer.err.count("lookalike: ") == 1
