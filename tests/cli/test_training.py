"""`lookalike train` and `lookalike runs` as other programs see them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import made_models
import numpy as np
import pytest
from PIL import Image

from core.catalogue import runs as rows
from core.encoders import run_files
from core.operations import projects

QUICK = ("--steps", 12, "--copies", 0, "--augmentation", "none", "--dim", 24, "--json")


@pytest.fixture
def catalogue(call: Any, tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for kind, colour in enumerate(((200, 60, 60), (60, 200, 60), (60, 60, 200))):
        folder = root / f"kind{kind}"
        folder.mkdir(parents=True)
        for number in range(9):
            random = np.random.default_rng([kind, number])
            pixels = np.clip(random.normal(colour, 60, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    path = tmp_path / "c.lookalike"
    assert call("import", root, "--catalogue", path).code == 0
    return path


def test_train_list_promote_roll_back_discard(call: Any, catalogue: Path) -> None:
    given = ("train", "--catalogue", catalogue, "--labels", "folders", *QUICK, "--name", "mine")
    document = call(*given).document
    wanted = {"run", "before", "after", "held_out", "steps", "seconds", "device", "stopped_because"}
    assert wanted <= set(document) and document["run"] == "mine" and document["steps"] == 12
    assert {"recall@1", "map@r"} <= set(document["before"]) & set(document["after"])
    again = call(*given[:-1], "other").document
    assert (again["before"], again["after"]) == (document["before"], document["after"])
    listed = call("runs", "--catalogue", catalogue, "--json").document
    assert [one["run"] for one in listed] == ["other", "mine"]
    assert call("runs", "--catalogue", catalogue, "promote", "mine", "--anyway").code == 0
    info = call("info", "--catalogue", catalogue, "--json").document
    assert {"builtin", "run:mine"} == {one["encoder"] for one in info["embeddings"]}
    said = call("evaluate", "--catalogue", catalogue, "--labels", "folders", "--json").document
    assert said["encoder"] == "run:mine" and said["intervals"]
    image = catalogue.parent / "photos" / "kind0" / "0.png"
    similar = ("similar", "--catalogue", catalogue, "--image", image, "-k", 3, "--json")
    assert len(call(*similar).document) == 3
    assert call("runs", "--catalogue", catalogue, "rollback", "mine").code == 0
    assert call("evaluate", *said_of(catalogue)).document["encoder"] == "builtin"
    assert call("runs", "--catalogue", catalogue, "discard", "mine").code == 0
    assert "nobody" in call("runs", "--catalogue", catalogue, "discard", "nobody").refusal


def said_of(catalogue: Path) -> tuple[object, ...]:
    return ("--catalogue", catalogue, "--labels", "folders", "--json")


def test_lines_for_people(call: Any, catalogue: Path) -> None:
    given = [one for one in QUICK if one != "--json"]
    found = call("train", "--catalogue", catalogue, "--labels", "folders", *given)
    assert found.code == 0 and "before" in found.out and "held out" in found.out
    assert "folders head 1" in call("runs", "--catalogue", catalogue).out


def test_refusals(call: Any, catalogue: Path) -> None:
    train = ("train", "--catalogue", catalogue)
    assert "No pair has been judged" in call(*train, "--labels", "pairs").refusal
    assert "no stopped run" in call(*train, "--labels", "folders", "--resume").refusal
    assert call(*train, "--labels", "magic").code == 2
    assert call("runs", "--catalogue", catalogue, "promote").code == 2
    assert "No run was promoted" in call("runs", "--catalogue", catalogue, "rollback").refusal
    other = call(*train, "--labels", "folders", "--depth", "adapters").refusal
    assert "no weights that adapters" in other


def test_update_without_reindexing(call: Any, catalogue: Path) -> None:
    train = ("train", "--catalogue", catalogue, "--labels", "folders", *QUICK[:-3], "--json")
    call(*train, "--name", "mine")
    act = ("runs", "--catalogue", catalogue)
    assert "not trained to stay comparable" in call(*act, "promote", "mine", "--at-once").refusal
    assert call(*act, "rollback", "mine", "--at-once").code == 2
    assert call(*act, "promote", "mine", "--no-embed").code == 2
    measured = {
        "old": 0.8, "new": 0.9, "old_to_new": 0.75, "new_to_old": 0.85, "is_comparable": False,
        "sentence": "It is not comparable.",
    }  # fmt: skip
    make_comparable(catalogue, measured)
    refusal = call(*act, "promote", "mine", "--at-once").refusal
    assert "0.750" in refusal and "0.850" in refusal and "0.800" in refusal
    make_comparable(catalogue, {**measured, "old_to_new": 0.82, "is_comparable": True})
    assert call(*act, "promote", "mine", "--at-once", "--no-embed").code == 0
    listed = call(*act, "--json").document
    assert listed[0]["comparable"]["old_to_new"] == 0.82 and listed[0]["default"]
    embedded = call("info", "--catalogue", catalogue, "--json").document["embeddings"]
    assert [(one["contents"], one["represented_by"]) for one in embedded] == [
        (27, None),
        (0, {"encoder": "builtin", "contents": 27}),
    ]
    assert "update     to run:mine: 27 contents" in call("info", "--catalogue", catalogue).out
    image = catalogue.parent / "photos" / "kind0" / "0.png"
    similar = ("similar", "--catalogue", catalogue, "--image", image, "-k", 3, "--json")
    meanwhile = call(*similar).document
    assert len(meanwhile) == 3
    embed = ("embed", "--catalogue", catalogue, "--encoder", "run:mine", "--json")
    assert call(*embed).document["contents"] == 27
    embedded = call("info", "--catalogue", catalogue, "--json").document["embeddings"]
    assert [one["represented_by"] for one in embedded] == [None, None]
    assert call(*act, "rollback", "mine").code == 0
    assert call(*act, "promote", "mine", "--at-once", "--json").document[0]["default"]
    assert len(call(*similar).document) == 3


def make_comparable(catalogue: Path, measured: dict[str, Any]) -> None:
    """As a training with ``comparable`` leaves it."""
    with projects.open(catalogue) as project:
        passed = bool(measured["is_comparable"])
        card = run_files.read(project.path / "models", "mine")
        assert card is not None
        name, key = ("builtin", card.base_key) if passed else ("", "")
        changed = replace(card, comparable_with=name, comparable_key=key)
        run_files.write(project.path / "models", changed)
        with project.write() as session:
            rows.put(session, "mine", result={"is_better": True, "comparable": measured})


def test_a_model_moves_to_another_catalogue(
    call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with projects.create(tmp_path / "home.lookalike") as home:
        made_models.make(home, "scratch", tmp_path)
    projects.create(tmp_path / "away.lookalike").close()
    home_path, away = tmp_path / "home.lookalike", tmp_path / "away.lookalike"
    given = ("--what", "model", "--format", "safetensors", "--run", "scratch")
    out = tmp_path / "m.safetensors"
    assert call("export", "--catalogue", home_path, *given, "--out", out).code == 0
    monkeypatch.chdir(tmp_path)
    brought = ("runs", "--catalogue", away, "import", "m.safetensors")
    (listed,) = call(*brought, "--name", "mine", "--json").document
    assert (listed["run"], listed["better"], listed["encoder"]) == ("mine", False, "small:conv4")
    assert "There is a run named 'mine'" in call(*brought, "--name", "mine").refusal
    assert call("runs", "--catalogue", away, "import").code == 2
    assert call("runs", "--catalogue", away, "discard", "mine", "--name", "x").code == 2
