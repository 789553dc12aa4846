"""`lookalike clusters`: its document, what it prints for people, tags, and what it refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def catalogue(tmp_path: Path, call: Any) -> Path:
    """Two folders of ten pictures, alike within."""
    for name, colour in (("warm", (200, 60, 20)), ("cold", (20, 90, 210))):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(10):
            random = np.random.default_rng(number)
            noisy = np.array(colour) + random.integers(-20, 20, (32, 40, 3))
            picture = Image.fromarray(noisy.astype(np.uint8))
            picture.save(tmp_path / "pictures" / name / f"{number}.png")
    path = tmp_path / "c.lookalike"
    assert call("import", tmp_path / "pictures", "--catalogue", path).code == 0
    return path


def test_clusters(catalogue: Path, call: Any) -> None:
    found = call("clusters", "--catalogue", catalogue, "--grain", 4, "--json").document
    assert set(found) == {
        *("encoder", "grain", "by", "least", "clusters", "on_their_own", "images"),
    }
    assert (found["encoder"], found["grain"], found["images"]) == ("builtin", 4, 20)
    assert {one["class"] for one in found["clusters"]} == {"warm", "cold"}
    assert sum(one["images"] for one in found["clusters"]) + found["on_their_own"] == 20
    for one in found["clusters"]:
        assert set(one) == {"name", "images", "typical", "class", "share_of_class", "tag"}
        assert one["share_of_class"] == 1 and one["tag"] is None
        assert all(Path(path).parent.name == one["class"] for path in one["typical"])
    lines = call("clusters", "--catalogue", catalogue, "--grain", 4).out.splitlines()
    assert lines[0].startswith(f"{len(found['clusters'])} clusters of ") and len(lines) > 1
    assert lines[1].endswith(found["clusters"][0]["typical"][0])
    near = call("clusters", "--catalogue", catalogue, "--nearest", "--by", "distance", "--json")
    assert near.document["by"] == "distance" and near.document["images"] == 20


def test_tags(catalogue: Path, call: Any) -> None:
    found = call("clusters", "--catalogue", catalogue, "--tag", "shade", "--json").document
    tags = {one["tag"]: one["images"] for one in found["clusters"]}
    assert len(tags) == len(found["clusters"]) >= 2 and all(
        one.startswith("shade ") for one in tags
    )
    one = found["clusters"][0]["typical"][0]
    listed = call("tag", "--catalogue", catalogue, "--add", "x", one, "--json").document
    assert {each["tag"]: each["images"] for each in listed if each["tag"] != "x"} == tags


def test_what_is_refused(catalogue: Path, tmp_path: Path, call: Any) -> None:
    assert (
        "from 1, few and large, to 9"
        in call("clusters", "--catalogue", catalogue, "--grain", 12).refusal
    )
    assert call("clusters", "--catalogue", catalogue, "--grain", "fine").code == 2
    assert call("clusters", "--catalogue", tmp_path / "none.lookalike").refusal
    bare = tmp_path / "bare.lookalike"
    assert call("import", tmp_path / "pictures", "--catalogue", bare, "--no-embed").code == 0
    assert "no vectors" in call("clusters", "--catalogue", bare).refusal
