"""Any OpenCLIP architecture can be made; one of every family is really run, against open_clip itself."""

import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tiny_openclip
import torch

from core.encoders import known, openclip, registry, torchvision_ops
from core.encoders.names import EncoderName, parse
from core.encoders.weights.installed import Files

ROOT = Path(__file__).parents[3]
TEXTS = ["a red car", "two birds on the house"]


@pytest.fixture
def encoder_costs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of packaging/, which is no package."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    module = importlib.import_module("encoder_costs")
    sys.modules.pop("encoder_costs")
    return module


@pytest.mark.parametrize("family", tiny_openclip.FAMILIES)
def test_a_tiny_one_of_every_family_runs(tmp_path: Path, family: str) -> None:
    folder = tiny_openclip.make(tmp_path, family)
    encoder = registry.load(parse(f"openclip:local-dir:{folder}"))
    import open_clip

    model = open_clip.create_model(f"local-dir:{folder}", require_pretrained=True).eval()
    size_px = encoder.preprocessing.size_px
    squares = np.random.default_rng(0).integers(0, 256, (3, size_px, size_px, 3), dtype=np.uint8)
    way = model.visual.preprocess_cfg
    with torch.no_grad():
        pixels = torch.from_numpy(squares).permute(0, 3, 1, 2) / 255
        mean, std = (torch.tensor(way[key]).view(3, 1, 1) for key in ("mean", "std"))
        expected = model.encode_image((pixels - mean) / std, normalize=True)
    rows = encoder.encode_images(squares)
    assert rows.shape == (3, encoder.dim) and rows.dtype == np.float32
    np.testing.assert_allclose(rows, expected, atol=2e-4)
    assert np.abs(rows[0] - rows[1]).max() > 1e-6

    assert encoder.has_words
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    with torch.no_grad():
        said = model.encode_text(tokenizer(TEXTS), normalize=True)
    words = encoder.encode_words(TEXTS)
    assert words.shape == (2, encoder.dim)
    np.testing.assert_allclose(words, said, atol=2e-4)
    assert np.abs(words[0] - words[1]).max() > 1e-6


@pytest.mark.parametrize("model", ["roberta-ViT-B-32", "coca_roberta-ViT-B-32"])
def test_random_weights_need_no_shape_of_a_text_tower(model: str) -> None:
    encoder = registry.load(parse(f"openclip:{model}"))
    assert encoder.encode_images(np.zeros((1, 224, 224, 3), np.uint8)).shape == (1, 512)
    assert not encoder.has_words


def test_a_text_tower_of_transformers_takes_its_shape_from_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with published weights: the architecture by its name, the rest from folders of the cache."""
    folder = tiny_openclip.make(tmp_path, "roberta")
    config = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    config["text_cfg"]["hf_model_name"] = config["text_cfg"]["hf_tokenizer_name"] = "no/such"
    import open_clip

    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "tiny-roberta", config)
    files = Files(
        folder / "open_clip_model.safetensors",
        text_folder=tmp_path / "text-roberta",
        tokenizer_folder=folder,
    )
    towers = openclip.make(EncoderName("openclip", "tiny-roberta", tag="mine"), files)
    assert towers.tokens is not None and towers.texts is not None
    same = openclip.make(parse(f"openclip:local-dir:{folder}"), None)
    assert same.tokens is not None and same.texts is not None
    with torch.no_grad():
        torch.testing.assert_close(
            towers.texts(towers.module, towers.tokens(TEXTS)),
            same.texts(same.module, same.tokens(TEXTS)),
        )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_architecture_can_be_made(encoder_costs: ModuleType) -> None:
    """On the "meta" device: shapes and no values. Every twelfth, and through some of these a picture and a text; all,
    and through all, with LOOKALIKE_TEST_ALL set."""
    torchvision_ops.prepare()
    import open_clip

    step, asked = (1, 1) if os.environ.get("LOOKALIKE_TEST_ALL") else (12, 2)
    different = []
    for number, model in enumerate(open_clip.list_models()[::step]):
        network = encoder_costs.openclip_on_meta(open_clip, model)
        listed = known.find(parse(f"openclip:{model}"))
        assert listed is not None, model
        if encoder_costs.parameters(network) != listed.parameters:
            different.append(model)
        if number % asked == 0 and _dims(network, open_clip.get_model_config(model)) != {
            listed.dim
        }:
            different.append(model)
    assert different == []


def _dims(network: Any, config: dict[str, Any]) -> set[int]:
    """Dimensions of the vectors of a picture and of a text."""
    size = network.visual.image_size
    height, width = (size, size) if isinstance(size, int) else size
    with torch.no_grad(), torch.device("meta"):
        dims = {network.encode_image(torch.empty(1, 3, height, width)).shape[1]}
        if (
            "hf_model_name" not in config["text_cfg"]
        ):  # transformers looks at values: there are none
            tokens = torch.zeros(1, config["text_cfg"].get("context_length", 77), dtype=torch.long)
            dims.add(network.encode_text(tokens).shape[1])
    return dims
