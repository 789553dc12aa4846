"""Tiny models with weights of chance, as files of a hub's repository. Heavy: imports open_clip and timm."""

import json
import tempfile
from pathlib import Path
from typing import Any

from safetensors.torch import save

from core.encoders import torchvision_ops

torchvision_ops.prepare()
import open_clip  # noqa: E402 - torchvision must be prepared first
import timm  # noqa: E402
import torch  # noqa: E402

CLIP_CONFIG: dict[str, Any] = {
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


def clip() -> dict[str, bytes]:
    """An OpenCLIP model of 0.8 M weights that takes words by CLIP's own vocabulary."""
    config = json.dumps(CLIP_CONFIG)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "open_clip_config.json").write_text(config)
        model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    return {
        "open_clip_config.json": config.encode(),
        "open_clip_model.safetensors": save(model.state_dict()),
    }


def net() -> dict[str, bytes]:
    """A small convolution network of timm's, without a classifier."""
    torch.manual_seed(0)
    model = timm.create_model("test_resnet", num_classes=0)
    way = {key: model.pretrained_cfg[key] for key in ("input_size", "mean", "std", "crop_pct")}
    about = {"architecture": "test_resnet", "num_classes": 0, "pretrained_cfg": way}
    return {
        "config.json": json.dumps(about).encode(),
        "model.safetensors": save(model.state_dict()),
    }
