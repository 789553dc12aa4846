"""Tiny models, published on the test's own hub, are installed and loaded without it."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hub_server import Hub
from safetensors.torch import load_file

from core.encoders import names, registry, torchvision_ops
from core.encoders.weights import installed
from core.encoders.weights.checkpoints import UntrustedCheckpoint
from core.errors import EncoderError
from core.operations import encoders, weights

torchvision_ops.prepare()
import open_clip  # noqa: E402 - torchvision must be prepared first
import timm  # noqa: E402
import tiny_models  # noqa: E402
import tiny_openclip  # noqa: E402

CLIP = "openclip:hf-hub:test/tiny-clip"
NET = "timm:hf-hub:test/tiny-net"


@pytest.fixture
def closed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub from which both were fetched, and which has closed since."""
    from huggingface_hub import constants

    hub.add("test/tiny-clip", tiny_models.clip())
    hub.add("test/tiny-net", tiny_models.net())
    weights.install(CLIP)
    weights.install(NET)
    hub.repos.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return hub


def test_the_loaders_of_open_clip_and_timm_find_what_was_fetched(closed: Hub) -> None:
    folder = str(installed.encoder_folder())
    clip = open_clip.create_model(
        "hf-hub:test/tiny-clip", cache_dir=folder, require_pretrained=True
    )
    net = timm.create_model("hf-hub:test/tiny-net", pretrained=True, cache_dir=folder)
    for model, name in ((clip, CLIP), (net, NET)):
        files = installed.find(names.parse(name))
        assert files is not None
        kept = load_file(files.weights)
        assert {key: value.tolist() for key, value in model.state_dict().items()} == {
            key: value.tolist() for key, value in kept.items()
        }


def test_they_encode_without_the_hub(closed: Hub) -> None:
    closed.asked.clear()
    for name, has_words in ((CLIP, True), (NET, False)):
        encoder = registry.load(names.parse(name))
        size = encoder.preprocessing.size_px
        pixels = np.random.default_rng(0).integers(0, 255, (3, size, size, 3), dtype=np.uint8)
        rows = encoder.encode_images(pixels)
        assert rows.shape == (3, encoder.dim) and encoder.has_words == has_words
    assert closed.asked == []


def test_a_checkpoint_of_another_architecture_is_refused_and_not_kept(
    closed: Hub, tmp_path: Path
) -> None:
    files = installed.find(names.parse(NET))
    assert files is not None
    mine = shutil.copy(files.weights, tmp_path / "mine.safetensors")
    weights.install(f"timm:test_resnet@{mine}")
    assert encoders.describe(f"timm:test_resnet@{mine}").available
    with pytest.raises(EncoderError):
        weights.install(f"timm:test_vit@{mine}")
    assert names.parse(f"timm:test_resnet@{mine}") in installed.every()
    assert names.parse(f"timm:test_vit@{mine}") not in installed.every()


def test_a_pickle_is_loaded_with_consent_and_never_runs_code(hub: Hub, tmp_path: Path) -> None:
    made = tiny_models.net()
    (tmp_path / "w.safetensors").write_bytes(made["model.safetensors"])
    state = load_file(tmp_path / "w.safetensors")
    torch.save(state, tmp_path / "good.pt")
    name = f"timm:test_resnet@{tmp_path / 'good.pt'}"
    with pytest.raises(UntrustedCheckpoint):
        weights.install(name)
    weights.install(name, allow_pickle=True)
    trap = tmp_path / "trap"
    torch.save({**state, "code": Trap(trap)}, tmp_path / "bad.pt")
    with pytest.raises(EncoderError):
        weights.install(f"timm:test_resnet@{tmp_path / 'bad.pt'}", allow_pickle=True)
    assert not trap.exists()


def test_a_text_tower_of_transformers_comes_from_three_repositories(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_openclip.make(tmp_path, "roberta")
    config = json.loads((folder / "open_clip_config.json").read_text())
    text = config["model_cfg"]["text_cfg"]
    shape = Path(text["hf_model_name"])
    text |= {"hf_model_name": "test/shape", "hf_tokenizer_name": "test/words"}
    hub.add(
        "test/roberta",
        {
            "open_clip_config.json": json.dumps(config).encode(),
            "open_clip_model.safetensors": (folder / "open_clip_model.safetensors").read_bytes(),
        },
    )
    hub.add("test/shape", {"config.json": (shape / "config.json").read_bytes()})
    vocabulary = {
        one.name: one.read_bytes()
        for one in folder.iterdir()
        if one.name not in ("open_clip_config.json", "open_clip_model.safetensors")
    }
    hub.add("test/words", {**vocabulary, "pytorch_model.bin": b"not wanted"})
    name = "openclip:hf-hub:test/roberta"
    weights.install(name)
    hub.repos.clear()
    encoder = registry.load(names.parse(name))
    assert encoder.has_words and encoder.encode_words(["a red car"]).shape == (1, encoder.dim)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)
