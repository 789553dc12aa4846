"""Every kind of query as other programs see it: between, least, parts with boxes, saved searches."""

import csv
from pathlib import Path
from typing import Any

import pytest
from PIL import Image


@pytest.fixture
def catalogue(call: Any, photos: Path, tmp_path: Path) -> Path:
    path = tmp_path / "c.lookalike"
    assert call("import", photos, "--catalogue", path).code == 0
    return path


def test_between_and_least(call: Any, catalogue: Path, photos: Path) -> None:
    ends = photos / "discs/disc-1.png", photos / "squares/square-1.png"
    asked = ("similar", "--catalogue", catalogue, "--json", "-k")
    found = call(*asked, 4, "--between", *ends).document
    assert len(found) == 4 and set(found[0]) == {"path", "score"}
    assert not {str(one) for one in ends} & {one["path"] for one in found}
    all_of_them = {
        one["path"]: one["score"] for one in call(*asked, 99, "--between", *ends).document
    }
    assert sorted(all_of_them.values())[-4:] == sorted(one["score"] for one in found)
    most = call(*asked, 99, "--image", ends[0]).document
    least = call(*asked, 99, "--image", ends[0], "--least").document
    assert [one["score"] for one in least] == [one["score"] for one in most][::-1]
    given = ("similar", "--catalogue", catalogue, "--between", *ends)
    assert "takes nothing away" in call(*given, "--least").refusal
    assert "takes nothing away" in call(*given, "--not", ends[0]).refusal
    assert call(*given, "--image", ends[0]).code == 2


def test_parts_and_where_they_are(call: Any, catalogue: Path, photos: Path, tmp_path: Path) -> None:
    with Image.open(photos / "discs/disc-2.png") as picture:
        picture.resize((192, 144)).crop((57, 43, 192, 144)).save(tmp_path / "part.png")
    asked = (
        "similar",
        "--catalogue",
        catalogue,
        "--json",
        "-k",
        3,
        "--image",
        tmp_path / "part.png",
    )
    before = call(*asked, "--box").document
    assert [one["box"] for one in before] == [None] * 3
    made = call("regions", "--catalogue", catalogue, "--json").document
    assert made == {"encoder": "builtin", "contents": 12, "of": 12}
    assert call("regions", "--catalogue", catalogue).out.startswith("12 of 12 contents")
    found = call(*asked, "--box").document
    assert found[0]["path"].endswith("disc-2.png") and found[0]["box"] == [0.3, 0.3, 0.7, 0.7]
    assert set(call(*asked, "--region", "0,0,1,1").document[0]) == {"path", "score"}
    text = call(*asked[:3], *asked[4:], "--box").out
    assert text.startswith("0.30,0.30,0.70,0.70  ")
    assert (
        "words have none"
        in call("similar", "--catalogue", catalogue, "--text", "disc", "--box").refusal
    )


def test_saved_searches(call: Any, catalogue: Path, photos: Path, tmp_path: Path) -> None:
    image = photos / "discs/disc-1.png"
    asked = ("similar", "--catalogue", catalogue, "--json", "--image", image, "-k", 3)
    found = call(*asked, "--filter", "class:discs", "--save", "round ones").document
    saved = ("searches", "--catalogue", catalogue)
    (one,) = call(*saved, "--json").document
    assert one["name"] == "round ones" and one["question"] == "like disc-1.png, class discs"
    assert (one["k"], one["encoder"], one["asked_at"]) == (3, None, None)
    assert call(*saved).out == "round ones: like disc-1.png, class discs\n"
    assert call(*saved, "run", "round ones", "--json").document == found
    assert call(*saved, "run", "round ones", "-k", 1, "--json").document == found[:1]
    assert (
        "named 'round ones' already" in call(*asked[:3], *asked[4:], "--save", "round ones").refusal
    )
    (one,) = call(*saved, "rename", "round ones", "discs", "--json").document
    assert one["name"] == "discs"
    (one,) = call(*saved, "negate", "discs", "--json").document
    assert one["question"] == "least like disc-1.png, class discs"
    assert call(*saved, "run", "discs", "--json").document == found[::-1]
    assert call(*saved, "tag", "discs", "far", "-k", 2, "--json").document == {
        "tag": "far", "images": 2
    }  # fmt: skip
    out = tmp_path / "out.csv"
    assert call(*saved, "export", "discs", out, "--json").document["rows"] == 3
    with out.open(encoding="utf-8", newline="") as file:
        assert [row["path"] for row in csv.DictReader(file)] == [one["path"] for one in found[::-1]]
    assert call(*saved, "remove", "discs", "--json").document == []
    assert call(*saved).out == "No saved searches.\n"
    assert "no saved search named 'discs'" in call(*saved, "run", "discs").refusal
