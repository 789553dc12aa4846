"""Tiny models, made here and published on the test's own hub, are installed, loaded and searched with."""

import json
from pathlib import Path

import pytest
from hub_server import Hub
from safetensors.torch import load_file, save

from core.encoders import installed, names, torchvision_ops
from core.operations import weights

torchvision_ops.prepare()
import open_clip  # noqa: E402 - torchvision must be prepared first
import timm  # noqa: E402

CLIP = "openclip:hf-hub:test/tiny-clip"
NET = "timm:hf-hub:test/tiny-net"
CONFIG = {
    "model_cfg": {
        "embed_dim": 16,
        "vision_cfg": {
            "image_size": 32,
            "layers": 1,
            "width": 32,
            "head_width": 16,
            "patch_size": 8,
        },
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 16,
            "heads": 1,
            "layers": 1,
        },
    },
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
}


@pytest.fixture
def models(hub: Hub, tmp_path: Path) -> Hub:
    """A hub with a tiny CLIP and a tiny network of timm's."""
    config = tmp_path / "made"
    config.mkdir()
    (config / "open_clip_config.json").write_text(json.dumps(CONFIG))
    clip = open_clip.create_model(f"local-dir:{config}", load_weights=False)
    hub.add(
        "test/tiny-clip",
        {
            "open_clip_config.json": json.dumps(CONFIG).encode(),
            "open_clip_model.safetensors": save(clip.state_dict()),
        },
        licence="apache-2.0",
    )
    net = timm.create_model("test_resnet", num_classes=0)
    about = {
        "architecture": "test_resnet",
        "num_classes": 0,
        "pretrained_cfg": {
            key: net.pretrained_cfg[key] for key in ("input_size", "mean", "std", "crop_pct")
        },
    }
    hub.add(
        "test/tiny-net",
        {"config.json": json.dumps(about).encode(), "model.safetensors": save(net.state_dict())},
    )
    return hub


def test_the_loaders_of_open_clip_and_timm_find_what_was_fetched(
    models: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    weights.install(CLIP)
    weights.install(NET)
    models.repos.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
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
