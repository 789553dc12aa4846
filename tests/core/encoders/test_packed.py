"""Packed layers give what plain ones give, and stay plain where that cannot be."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.encoders import packed, registry
from core.encoders.names import parse
from core.encoders.network import Network, Way
from core.encoders.packed import PackedLinear, pack

# Packing is left alone where torch lacks the operators, or the processor cannot multiply bf16 (no AVX-512).
has_operators = hasattr(torch.ops.mkldnn, "_linear_pointwise") and bool(
    torch.ops.mkldnn._is_mkldnn_bf16_supported()
)
needs_operators = pytest.mark.skipif(not has_operators, reason="nothing is packed here")


def perceptron(activation: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(32, 64), activation, nn.Linear(64, 32, bias=False))
    return layers.to(torch.bfloat16).requires_grad_(False)


def kinds(module: nn.Module) -> list[str]:
    return [type(one).__name__ for one in module.children()]


@needs_operators
@pytest.mark.parametrize("count", [1, 7, 32])
def test_a_perceptron_gives_the_same(count: int) -> None:
    rows = torch.randn(count, 5, 32, generator=torch.Generator().manual_seed(1)).bfloat16()
    with torch.inference_mode():
        expected = perceptron(nn.GELU())(rows)
        layers = pack(perceptron(nn.GELU()))
        found = layers(rows)
    assert kinds(layers) == ["PackedLinear", "Identity", "PackedLinear"]
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, atol=0.02, rtol=0.02)


@needs_operators
@pytest.mark.parametrize("activation", [nn.GELU(approximate="tanh"), nn.ReLU(), nn.SiLU()])
def test_other_activations_stay(activation: nn.Module) -> None:
    layers = pack(perceptron(activation))
    assert kinds(layers) == ["PackedLinear", type(activation).__name__, "PackedLinear"]
    rows = torch.randn(3, 32, generator=torch.Generator().manual_seed(1)).bfloat16()
    expected = perceptron(activation)(rows)
    torch.testing.assert_close(layers(rows), expected, atol=0.02, rtol=0.02)


@needs_operators
def test_timms_perceptron_is_known_and_attention_is_left_alone() -> None:
    from core.encoders import timm_models

    block = timm_models.timm.create_model("test_vit", num_classes=0).blocks[0].eval()
    mlp = pack(block.mlp.to(torch.bfloat16).requires_grad_(False))
    assert type(mlp.fc1) is PackedLinear and type(mlp.act) is nn.Identity
    attention = nn.MultiheadAttention(8, 2).to(torch.bfloat16)
    before = attention.out_proj
    assert pack(attention).out_proj is before


def test_full_precision_is_left_alone() -> None:
    assert kinds(pack(perceptron(nn.GELU()).float())) == ["Linear", "GELU", "Linear"]


@pytest.mark.parametrize("operators", [object(), None])
def test_without_the_operators_nothing_changes(
    operators: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "_operators", lambda: operators)
    assert kinds(pack(perceptron(nn.GELU()))) == ["Linear", "GELU", "Linear"]


@needs_operators
def test_operators_that_give_something_else_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PackedLinear, "forward", lambda self, rows: rows * 2)
    assert kinds(pack(perceptron(nn.GELU()))) == ["Linear", "GELU", "Linear"]


@needs_operators
@pytest.mark.parametrize(
    "name",
    [
        "timm:beit_base_patch16_224",  # multiplies with its layers' weights itself
        "timm:eva02_tiny_patch14_224",
        "timm:swinv2_tiny_window8_256",
        "timm:mobilevit_xxs",
        "timm:convit_tiny",
        "openclip:RN50",
    ],
)
def test_networks_that_read_weights_themselves_run_in_16_bits(name: str) -> None:
    encoder = registry.load(parse(name))
    assert isinstance(encoder, Network)
    side = encoder.preprocessing.size_px
    cells = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    squares = np.stack([np.array(Image.fromarray(one).resize((side, side))) for one in cells])
    way = Way("cpu", "bf16")
    lowered = encoder.encode_with(way, encoder.candidate(way), squares)
    exact = encoder.encode_images(squares)
    assert float((lowered * exact).sum(axis=1).min()) > 0.99
