"""Weights as timm publishes them: with a classifier, and marked for a loader that they do not need any more."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.encoders import timm_models, torchvision_ops
from core.encoders.names import parse
from core.encoders.weights.installed import Files


@pytest.mark.parametrize(
    "name",
    [
        "timm:vit_tiny_patch16_224@augreg_in21k_ft_in1k",  # marked for numpy's files
        "timm:resnet18@a1_in1k",
        "timm:convnext_atto@d2_in1k",
        "timm:vit_small_patch16_224@dino",  # no classifier
    ],
)
def test_published_weights_are_read(tmp_path: Path, name: str) -> None:
    torchvision_ops.prepare()
    import timm

    parsed = parse(name)
    published = timm.create_model(f"{parsed.model}.{parsed.tag}", pretrained=False).eval()
    weights = tmp_path / "model.safetensors"
    save_file({key: value.contiguous() for key, value in published.state_dict().items()}, weights)
    towers = timm_models.make(parsed, Files(weights))
    side = towers.preprocessing.size_px
    pixels = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = published.forward_head(published.forward_features(pixels), pre_logits=True)
        torch.testing.assert_close(towers.pictures(pixels).flatten(1), expected.flatten(1))
