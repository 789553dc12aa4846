"""`lookalike remove`: a plan, carried out and taken back, from the command line."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import send2trash
import send2trash.plat_other


@pytest.fixture
def catalogue(photos: Path, tmp_path: Path, call: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    importlib.reload(send2trash.plat_other)  # it reads the environment when it is imported
    monkeypatch.setattr(send2trash, "send2trash", send2trash.plat_other.send2trash)
    path = tmp_path / "c.lookalike"
    assert call("import", photos, "--catalogue", path, "--no-embed").code == 0
    return path


def test_plan_apply_restore(catalogue: Path, photos: Path, tmp_path: Path, call: Any) -> None:
    copy, original = photos / "squares" / "disc-0 copy.png", photos / "discs" / "disc-0.png"
    plan = tmp_path / "plan.json"
    planned = call("remove", "--catalogue", catalogue, "--plan", plan, "--json").document
    assert planned["files"] == 1 and planned["bytes"] == copy.stat().st_size
    (group,) = planned["groups"]
    assert group["keep"]["path"] == str(original)
    assert group["remove"][0]["path"] == str(copy) and copy.exists()
    assert json.loads(plan.read_text())["groups"] == planned["groups"]

    done = call("remove", "--catalogue", catalogue, "--apply", plan, "--json").document
    assert [one["path"] for one in done["went"]] == [str(copy)] and done["refused"] == []
    assert done["bytes"] == planned["bytes"] and not copy.exists() and original.exists()
    assert Path(done["went"][0]["to"]).read_bytes() == original.read_bytes()
    assert call("info", "--catalogue", catalogue, "--json").document["missing"] == 1

    again = call("remove", "--catalogue", catalogue, "--apply", plan, "--json").document
    assert again["went"] == [] and again["refused"][0]["path"] == str(copy)
    (last, first) = call("remove", "--catalogue", catalogue, "--list", "--json").document
    assert first["files"] == {"gone": 1} and last["files"] == {"refused": 1}

    back = call("remove", "--restore", done["manifest"], "--json").document  # without the catalogue
    assert [one["now_at"] for one in back["restored"]] == [str(copy)] and back["lost"] == []
    assert copy.read_bytes() == original.read_bytes()
    text = call("remove", "--catalogue", catalogue, "--restore", plan)
    assert text.code == 0 and "it was there already" in text.out
    assert call("info", "--catalogue", catalogue, "--json").document["missing"] == 0


def test_what_is_no_plan_is_said_in_one_sentence(
    catalogue: Path, photos: Path, tmp_path: Path, call: Any
) -> None:
    plan = tmp_path / "plan.json"
    for text in ("", "{}", "[1]", "no json", '{"lookalike_plan": 1}', '{"lookalike_plan": 9}'):
        plan.write_text(text)
        for way in ("--apply", "--restore") if text in ("", "{}") else ("--apply",):
            assert str(plan) in call("remove", "--catalogue", catalogue, way, plan).refusal
    picture = photos / "discs" / "disc-1.png"
    assert str(picture) in call("remove", "--catalogue", catalogue, "--apply", picture).refusal
    assert "cannot be read" in call("remove", "--catalogue", catalogue, "--apply", tmp_path).refusal
    inside = call(
        "remove",
        "--catalogue",
        catalogue,
        "--plan",
        plan,
        "--how",
        "folder",
        "--folder",
        photos / "x",
    )
    assert "next import" in inside.refusal


@pytest.mark.parametrize(
    "arguments",
    [
        ["--plan", "p", "--how", "shredder"],
        ["--plan", "p", "--apply", "p"],
        ["--apply", "p", "--threshold", "0.9"],
        ["--plan", "p", "--threshold", "1.5"],
        ["--plan", "p", "--copies"],
        ["--restore", "p", "--manifest", "m"],
        [],
    ],
)
def test_wrong_usage(arguments: list[str], call: Any) -> None:
    assert call("remove", "--catalogue", "c", *arguments).code == 2


def test_protected_folders_keep_their_files(
    catalogue: Path, photos: Path, tmp_path: Path, call: Any
) -> None:
    plan = tmp_path / "plan.json"
    given = ("remove", "--catalogue", catalogue, "--plan", plan, "--json", "--protect")
    both = call(*given, photos / "squares", photos / "discs").document
    assert both["files"] == 0
    (group,) = call(*given, photos / "squares").document["groups"]
    assert group["remove"][0]["path"] == str(photos / "discs" / "disc-0.png")
