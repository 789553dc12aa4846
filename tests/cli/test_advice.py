"""`lookalike advice` as other programs see it: the call that it names can be made."""

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app import cli
from app.advice_commands import command
from core.training.settings import Settings


@pytest.fixture
def catalogue(call: Any, tmp_path: Path) -> Path:
    for kind, colour in enumerate(((200, 60, 60), (60, 60, 200))):
        folder = tmp_path / "photos" / f"kind{kind}"
        folder.mkdir(parents=True)
        for number in range(8):
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


def test_the_command_says_every_setting() -> None:
    settings = Settings(
        labels="tags", depth="adapters", nested=True, difficulty=1.5, held_out_share=0.2
    )
    words = shlex.split(command(Path("/a b/c.lookalike"), settings))
    given = cli.make_parser().parse_args(words[1:])
    assert given.catalogue == Path("/a b/c.lookalike")
    assert (given.labels, given.depth, given.nested) == ("tags", "adapters", True)
    assert (given.difficulty, given.held_out_share, given.mix) == (1.5, 0.2, None)
