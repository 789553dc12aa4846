"""`lookalike outliers`, `hints` and `diagnose`: their documents, what they print for people, what they refuse."""

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.catalogue import contents
from core.intake.batches import Embedder
from core.operations import projects

OTHER = "timm:resnet18@other.safetensors"


@pytest.fixture
def catalogue(photos: Path, tmp_path: Path, call: Any) -> Path:
    """The three folders; ``triangles/disc-0 copy.png`` has the bytes of a disc."""
    shutil.copy(photos / "discs" / "disc-1.png", photos / "triangles" / "disc-1 copy.png")
    path = tmp_path / "c.lookalike"
    assert call("import", photos, "--catalogue", path).code == 0
    return path


def put_split(catalogue: Path, photos: Path, call: Any) -> None:
    """Files whose number is even are in train, others and copies in test."""
    rows = [("path", "label", "split")]
    for path in sorted(photos.rglob("*.png")):
        is_even = path.stem[-1] in "02"
        rows.append((str(path), path.parent.name, "train" if is_even else "test"))
    with (photos.parent / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    answer = call("labels", "--catalogue", catalogue, "--import", photos.parent / "labels.csv")
    assert answer.code == 0, answer.err


def test_outliers(catalogue: Path, photos: Path, call: Any) -> None:
    found = call("outliers", "--catalogue", catalogue, "--json").document
    assert len(found) == 12  # two of the fourteen are copies
    assert all(set(one) == {"path", "score", "nearest", "nearest_score"} for one in found)
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert all(one["nearest"] not in (None, one["path"]) for one in found)
    some = call(
        "outliers", "--catalogue", catalogue, "-k", 3, "--filter", "class:discs", "--json"
    ).document
    assert len(some) == 3 and all("/discs/" in one["path"] for one in some)
    lines = call("outliers", "--catalogue", catalogue, "-k", 2).out.splitlines()
    assert len(lines) == 2 and lines[0].endswith(found[0]["path"])


def test_hints_of_labels(catalogue: Path, photos: Path, call: Any) -> None:
    found = call("hints", "--catalogue", catalogue, "--json").document
    assert {"labels", "leaks", "proposal"} <= set(found)
    assert found["leaks"] == [] and found["proposal"] is None
    assert found["notes"] == ["The catalogue has no split."] and found["judged"] == 14
    for one in found["labels"]:
        assert set(one) == {"path", "class", "suggested", "confidence", "support"}
        assert one["class"] != one["suggested"] and 0.4 < one["confidence"] <= 1
        assert one["class"] == Path(one["path"]).parent.name
    lines = call("hints", "--catalogue", catalogue, "-k", 1).out.splitlines()
    assert lines[0].startswith(f"{found['labels_total']} of 14 labels (by folders) may be wrong.")
    assert lines[-1] == "note    The catalogue has no split."
    refusal = call("hints", "--catalogue", catalogue, "--apply-split", "clean").refusal
    assert "has no split" in refusal


def test_leaks_and_a_split_without_them(catalogue: Path, photos: Path, call: Any) -> None:
    put_split(catalogue, photos, call)
    found = call("hints", "--catalogue", catalogue, "--json").document
    assert found["leaks_total"] == len(found["leaks"]) >= 1
    leak = found["leaks"][0]
    assert leak["parts"] == ["test", "train"] and leak["score"] > 0.86
    assert {image["part"] for image in leak["images"]} == {"train", "test"}
    proposal = found["proposal"]
    assert proposal["split"] == "labels" and proposal["moved"] == len(proposal["moves"]) >= 1
    assert sum(one["after"] for one in proposal["parts"]) == 14
    assert found["applied"] is None
    assert call("hints", "--catalogue", catalogue).out.strip().endswith("keeps it.")
    kept = call("hints", "--catalogue", catalogue, "--apply-split", "clean", "--json").document
    assert kept["applied"] == "clean" and kept["proposal"] == proposal
    again = call("hints", "--catalogue", catalogue, "--split", "clean", "--json").document
    assert again["leaks"] == [] and again["proposal"] is None
    lines = call("hints", "--catalogue", catalogue, "--split", "clean").out.splitlines()
    assert lines[-1] == "No picture lies in several parts of the split 'clean'."
    same = call("hints", "--catalogue", catalogue, "--split", "labels", "--json").document
    assert same["proposal"] == proposal
    assert "Name one of them" in call("hints", "--catalogue", catalogue).refusal
    assert "no split named" in call("hints", "--catalogue", catalogue, "--split", "x").refusal


def test_diagnose(catalogue: Path, call: Any) -> None:
    found = call("diagnose", "--catalogue", catalogue, "--labels", "folders", "--json").document
    assert found["encoder"] == "builtin" and found["contents"] == 12
    for key in ("intrinsic_dimension", "hubness", "same_neighbours", "spectrum"):
        assert found[key]["sentence"].endswith(".")
    plain = call("evaluate", "--catalogue", catalogue, "--labels", "folders", "--json").document
    for key in ("recall@1", "recall@5", "recall@10", "map@r", "queries", "intervals"):
        assert found["by_class"][key] == plain[key]
    assert len(found["by_class"]["classes"]) == 3
    lines = call("diagnose", "--catalogue", catalogue).out.splitlines()
    assert lines[0] == "builtin, 12 distinct images"
    assert found["hubness"]["sentence"] in lines


def test_diagnose_with_another_encoder(catalogue: Path, call: Any) -> None:
    with projects.open(catalogue) as project:
        with project.read() as session:
            ids = [int(one) for one in contents.in_use(session)]
        rows = np.random.default_rng(1).normal(size=(len(ids), 8)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)

        class Net:
            name, key, dim = OTHER, "another", 8

        embedder = Embedder.open(project, Net)  # type: ignore[arg-type]
        with project.write() as session:
            embedder.append(project, session, ids, rows)
    # Asked of the shorter vectors: the spectrum of the long ones takes seconds.
    asked = ("diagnose", "--catalogue", catalogue, "--labels", "folders", "--encoder", OTHER)
    assert "no stored neighbours by timm" in call(*asked, "--with", "builtin").refusal
    assert call("neighbours", "--catalogue", catalogue, "--encoder", OTHER).code == 0
    plain = call(*asked, "--json").document
    found = call(*asked, "--with", "builtin", "-k", 4, "--json").document
    compared = found.pop("compared")
    assert found == plain  # nothing else has changed
    assert (compared["encoder"], compared["with"], compared["k"]) == (OTHER, "builtin", 4)
    assert compared["contents"] == 12 and compared["labels"] == "folders"
    assert compared["same"] == pytest.approx(4 * compared["overlap"], abs=1e-3)
    assert 0 < compared["overlap"] < 1 and compared["jaccard"] < compared["overlap"]
    for one in compared["images"]:
        assert len(one["won"]) == len(one["lost"]) == 4 - one["same"]
        assert Path(one["path"]).is_file() and Path(one["won"][0]).is_file()
    shares = [one["same"] for one in compared["images"]]
    assert shares == sorted(shares) and compared["layout"] is None
    assert compared["gain"]["low"] <= compared["gain"]["value"] <= compared["gain"]["high"]
    lines = call(*asked, "--with", "builtin", "-k", 4).out.splitlines()
    assert all(one in lines for one in compared["sentences"])
    assert "Both are timm" in call(*asked, "--with", OTHER).refusal


def test_what_is_refused(tmp_path: Path, catalogue: Path, photos: Path, call: Any) -> None:
    for name in ("outliers", "hints", "diagnose"):
        assert call(name).code == 2
        assert (
            "no catalogue" in call(name, "--catalogue", tmp_path / "none.lookalike").refusal.lower()
        )
        refusal = call(name, "--catalogue", catalogue, "--encoder", "timm:resnet18").refusal
        assert "no vectors" in refusal
    assert call("outliers", "--catalogue", catalogue, "-k", 0).code == 2
    assert "no key" in call("outliers", "--catalogue", catalogue, "--filter", "a:b").refusal
    assert "tag" in call("hints", "--catalogue", catalogue, "--labels", "tags").refusal
    bare = tmp_path / "bare.lookalike"
    assert call("import", photos, "--catalogue", bare, "--no-embed").code == 0
    for name in ("outliers", "hints", "diagnose"):
        assert "no vectors" in call(name, "--catalogue", bare).refusal
