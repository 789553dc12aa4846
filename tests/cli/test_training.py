"""`lookalike train` and `lookalike runs` as other programs see them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

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
