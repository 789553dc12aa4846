"""`lookalike encoders`, and an encoder from a hub to a search by words, all by the command line."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub_server import Hub

from core.encoders.weights import installed

CLIP = "openclip:hf-hub:test/tiny-clip"


@pytest.fixture(scope="module")
def clip() -> dict[str, bytes]:
    import tiny_models

    return tiny_models.clip()


def test_the_list_is_whole_as_json_and_short_for_people(call: Any, hub: Hub) -> None:
    document = call("encoders", "--json").document
    assert document[0]["name"] == "builtin" and document[0]["available"]
    assert len({one["name"] for one in document}) == len(document) > 1500
    assert {one["group"] for one in document} == {"", "small", "balanced", "best"}
    wanted = {"name", "dim", "words", "available", "why_not"}
    assert all(wanted <= set(one) for one in document)
    lines = call("encoders").out.splitlines()
    assert lines[0].startswith("builtin ") and len(lines) < 20
    assert "more: lookalike encoders --search WORDS" in lines[-1]
    assert hub.asked == []


def test_the_rest_is_found_by_words(call: Any, hub: Hub) -> None:
    found = call("encoders", "--search", "vit-b-32 LAION2B", "--json").document
    assert "openclip:ViT-B-32@laion2b_s34b_b79k" in [one["name"] for one in found]
    assert all("laion2b" in one["name"] for one in found)
    assert call("encoders", "--search", "vit-b-32 laion2b").out.count("\n") == len(found)
    assert call("encoders", "--search", "nothing like it").out == ("No encoder has such a name.\n")


def test_from_the_hub_to_a_search_by_words(
    call: Any, hub: Hub, photos: Path, tmp_path: Path, clip: dict[str, bytes]
) -> None:
    hub.add("test/tiny-clip", clip, licence="apache-2.0")
    catalogue = tmp_path / "x.lookalike"
    assert call("import", photos, "--catalogue", catalogue).code == 0
    refused = call("embed", "--catalogue", catalogue, "--encoder", CLIP)
    assert refused.code == 1 and refused.err.count("\n") == 1
    assert f"{CLIP} is not installed." in refused.err
    assert f"lookalike encoders install {CLIP}" in refused.err
    made = call("encoders", "install", CLIP, "--json")
    assert made.document["bytes"] == sum(len(one) for one in clip.values())
    assert made.document["licence"] == "apache-2.0"
    assert made.document["folder"] == str(installed.encoder_folder())
    assert "MB to fetch into" in made.err and "licence apache-2.0" in made.err
    hub.repos.clear()
    listed = [one for one in call("encoders", "--json").document if one["name"] == CLIP]
    assert listed[0]["is_installed"] and listed[0]["available"] and listed[0]["words"]
    assert call("embed", "--catalogue", catalogue, "--encoder", CLIP).code == 0
    asked = ("similar", "--catalogue", catalogue, "--text", "a red disc -square", "-k", "3")
    found = call(*asked, "--encoder", CLIP, "--json").document
    assert len(found) == 3 and found[0]["score"] >= found[1]["score"]
    assert call("encoders", "default", CLIP, "--catalogue", catalogue).code == 0
    assert call(*asked, "--json").document == found
    freed = call("encoders", "remove", CLIP, "--json").document
    assert freed["freed_bytes"] == made.document["bytes"]
    assert f"{CLIP} is not installed." in call("encoders", "remove", CLIP).refusal


def test_without_a_network_one_sentence_and_the_rest_works(
    call: Any, photos: Path, tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    refusal = call("encoders", "install", CLIP).refusal
    assert "The model hub http://127.0.0.1:9 cannot be reached." in refusal
    assert call("import", photos, "--catalogue", tmp_path / "x.lookalike").code == 0


def test_a_pickle_wants_a_word_more(
    call: Any, hub: Hub, tmp_path: Path, clip: dict[str, bytes]
) -> None:
    import torch
    from safetensors.torch import load

    torch.save(load(clip["open_clip_model.safetensors"]), tmp_path / "w.bin")
    pickle = (tmp_path / "w.bin").read_bytes()
    config = clip["open_clip_config.json"]
    hub.add(
        "test/tiny-clip", {"open_clip_config.json": config, "open_clip_pytorch_model.bin": pickle}
    )
    refusal = call("encoders", "install", CLIP).refusal
    assert "is a pickle, which can carry harmful code." in refusal
    assert "--allow-pickle" in refusal and hub.served["open_clip_pytorch_model.bin"] == 0
    assert call("encoders", "install", CLIP, "--allow-pickle").code == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ("install",),
        ("default", "builtin"),
        ("fetch", "builtin"),
        ("remove", "a", "b"),
    ],
)
def test_wrong_usage(call: Callable[..., Any], wrong: tuple[str, ...]) -> None:
    assert call("encoders", *wrong).code == 2


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupted_install_keeps_what_arrived(
    call: Any, hub: Hub, clip: dict[str, bytes]
) -> None:
    hub.add("test/tiny-clip", clip)
    hub.piece_pause_s = 0.02
    weights_file = "open_clip_model.safetensors"
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "encoders", "install", CLIP],
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while hub.served[weights_file] < 500_000 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "lookalike: Interrupted; what was done is kept."
    hub.piece_pause_s = 0
    hub.served.clear()
    assert call("encoders", "install", CLIP).code == 0
    assert hub.served[weights_file] < len(clip[weights_file]) - 400_000
