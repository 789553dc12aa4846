"""Packed layers give what plain ones give, and stay plain where that cannot be."""

import pytest
import torch
from torch import nn

from core.encoders import packed
from core.encoders.packed import PackedLinear, pack

needs_operators = pytest.mark.skipif(not packed._works(), reason="torch lacks the operators here")


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
