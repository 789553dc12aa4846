"""`lookalike advice` and `lookalike train --try` as other programs see them."""

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app import cli
from app.advice_commands import command
from core.operations import examples
from core.training import holdout
from core.training.settings import Settings


@pytest.fixture
def catalogue(call: Any, tmp_path: Path) -> Path:
    for kind, colour in enumerate(((200, 60, 60), (60, 60, 200))):
        folder = tmp_path / "photos" / f"kind{kind}"
        folder.mkdir(parents=True)
        for number in range(22):
            random = np.random.default_rng([kind, number])
            pixels = np.clip(random.normal(colour, 60, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    path = tmp_path / "c.lookalike"
    assert call("import", tmp_path / "photos", "--catalogue", path).code == 0
    return path


def test_advice(call: Any, catalogue: Path) -> None:
    document = call("advice", "--catalogue", catalogue, "--json").document
    assert set(document) == {"settings", "headline", "reasons", "command"}
    assert document["settings"] == {} and len(document["reasons"]) >= 2
    words = shlex.split(document["command"])
    assert words[:2] == ["lookalike", "train"]
    given = cli.make_parser().parse_args(words[1:])
    assert given.catalogue == catalogue and given.labels == "folders" and given.depth is None
    said = call("advice", "--catalogue", catalogue, "--labels", "folders")
    assert said.code == 0 and document["headline"] in said.out and document["command"] in said.out
    refusal = call("advice", "--catalogue", catalogue, "--labels", "pairs").refusal
    assert "No pair has been judged" in refusal
    assert call("advice", "--catalogue", catalogue, "--labels", "magic").code == 2


def test_try(call: Any, catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdout, "LEAK_COSINE", 1.1)
    given = ("train", "--catalogue", catalogue, "--labels", "folders", "--try", 1)
    few = ("--steps", 12, "--copies", 0, "--augmentation", "none", "--dim", 24)
    assert "Too few images can be watched" in call(*given, *few).refusal
    monkeypatch.setattr(examples, "_LEAST_WATCHED", 4)
    document = call(*given, *few, "--json", "--name", "best").document
    wanted = {"run", "before", "after", "held_out", "steps", "seconds", "device", "stopped_because"}
    assert wanted <= set(document) and document["run"] == "best"
    assert len(document["trials"]) == 3 and "health" in document
    for one in document["trials"]:
        assert set(one) == {"settings", "steps", "seconds", "score", "recall@1", "map@r"}
        assert one["settings"]["dim"] == 24 and one["steps"] <= 12
    assert [one["run"] for one in call("runs", "--catalogue", catalogue, "--json").document] == [
        "best"
    ]
    said = call(*given, *few)
    assert said.code == 0 and said.out.count("tried      ") == 3
    assert call(*given, "--resume").code == 2
    assert call(*given[:-1], 0).code == 2


def test_the_command_says_every_setting() -> None:
    settings = Settings(
        labels="tags", depth="adapters", nested=True, difficulty=1.5, held_out_share=0.2
    )
    words = shlex.split(command(Path("/a b/c.lookalike"), settings))
    given = cli.make_parser().parse_args(words[1:])
    assert given.catalogue == Path("/a b/c.lookalike")
    assert (given.labels, given.depth, given.nested) == ("tags", "adapters", True)
    assert (given.difficulty, given.held_out_share, given.mix) == (1.5, 0.2, None)
