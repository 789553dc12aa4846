"""Adapters: nothing changes at first, factors learn, a file and the base give the trained network."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import tiny_openclip
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from core.encoders import registry, small, torchvision_ops
from core.encoders.islands import lower
from core.encoders.names import parse
from core.errors import UsageError
from core.training import adapters
from core.training.adapted import Adapted

torchvision_ops.prepare()  # each of these tests can be run alone

OPENCLIP = ("clip-vit", "clip-resnet", "coca", "siglip")
TIMM = ("test_vit", "test_resnet", "test_convnext", "test_efficientnet", "beit")
RANK, ALPHA = 4, 8.0


def network(kind: str, tmp_path: Path) -> nn.Module:
    """The pictures' part of a network with random weights, in which no layer begins with zeros."""
    import timm

    torch.manual_seed(0)
    if kind in OPENCLIP:
        name = f"openclip:local-dir:{tiny_openclip.make(tmp_path, kind)}"
        encoder: Any = registry.load(parse(name))
        found = deepcopy(encoder.running_pictures)
    elif kind == "beit":  # its attention multiplies with the layer's weight itself
        found = timm.create_model(
            "beit_base_patch16_224", num_classes=0, embed_dim=32, depth=2, num_heads=2, img_size=32
        )
    elif kind == "small":
        found = small.make(parse("small:conv4"), None).pictures
    else:
        size = {"img_size": 64} if kind == "test_vit" else {}
        found = timm.create_model(kind, num_classes=0, **size)
    with torch.no_grad():
        for one in found.modules():
            if isinstance(one, nn.BatchNorm2d):
                one.weight.fill_(1.0)
        for name, weight in found.named_parameters():
            if name.endswith("gamma"):  # by which blocks begin next to nothing
                weight.fill_(1.0)
    return found.eval()


def side_of(kind: str) -> int:
    return {"clip-vit": 32, "coca": 32, "beit": 32, "small": 28}.get(kind, 64)


def planes(kind: str, count: int = 2) -> Tensor:
    side = side_of(kind)
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(1))


def pooled(module: nn.Module, pixels: Tensor) -> Tensor:
    found = module(pixels)
    rows: Tensor = (found[0] if isinstance(found, tuple) else found).flatten(1)
    return rows


def disturb(made: adapters.Adapters) -> None:
    """As if it had been trained."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for one in made.parameters():
            one.add_(torch.randn(one.shape, generator=generator) * 0.05)


@pytest.mark.parametrize("kind", [*OPENCLIP, *TIMM, "small"])
def test_nothing_changes_at_first_factors_learn_and_merge(kind: str, tmp_path: Path) -> None:
    module, pixels = network(kind, tmp_path), planes(kind)
    base = deepcopy(module)
    made = adapters.add(module, RANK, alpha=ALPHA)
    for is_training in (False, True):
        for has_gradients in (False, True):
            adapters.set_training(module, is_training)
            adapters.set_training(base, is_training)
            with torch.set_grad_enabled(has_gradients):
                torch.testing.assert_close(
                    pooled(module, pixels), pooled(base, pixels), atol=1e-6, rtol=1e-6
                )
    rows = pooled(module, pixels)
    (rows * torch.randn(rows.shape, generator=torch.Generator().manual_seed(3))).sum().backward()
    learns = {id(one) for one in made.parameters()}
    for name, one in module.named_parameters():
        assert one.requires_grad == (id(one) in learns), name
    for path in made.layers:
        layer = module.get_submodule(path)
        assert isinstance(layer, Adapted)
        learned = {name: one.grad for name, one in layer.factors().items()}
        assert learned["lora_b"] is not None and learned["lora_b"].abs().max() > 0, path
        assert learned["lora_a"] is not None  # zero as long as B is

    disturb(made)
    module.eval()
    base.eval()
    file = tmp_path / "adapters.safetensors"
    save_file(made.state(), file)
    with torch.no_grad():
        trained, before = pooled(module, pixels), pooled(base, pixels)
        adapters.merge(base, load_file(file), RANK, ALPHA)
        merged = pooled(base, pixels)
    assert (trained - before).abs().max() > 1e-4 * before.abs().max()
    torch.testing.assert_close(merged, trained, atol=1e-4, rtol=1e-4)
    assert not any(isinstance(one, Adapted) for one in base.modules())
    with torch.enable_grad():  # the way that learns and the way without gradients
        torch.testing.assert_close(pooled(module, pixels), trained, atol=1e-4, rtol=1e-4)


def test_which_layers_of_a_vision_transformer_are_adapted(tmp_path: Path) -> None:
    made = adapters.add(network("clip-vit", tmp_path), RANK)
    block = "transformer.resblocks.0."
    ends = {"attn", "attn.out_proj", "mlp.c_fc", "mlp.c_proj"}
    assert {one for one in made.layers if one.startswith(block)} == {block + end for end in ends}
    made = adapters.add(network("test_vit", tmp_path), RANK)
    ends = {"attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"}
    assert {one for one in made.layers if one.startswith("blocks.0.")} == {
        f"blocks.0.{end}" for end in ends
    }


def test_a_copy_is_a_network_of_its_own(tmp_path: Path) -> None:
    module, pixels = network("clip-vit", tmp_path), planes("clip-vit")
    made = adapters.add(module, RANK)
    disturb(made)
    copy = deepcopy(module)
    with torch.no_grad():
        expected = pooled(module, pixels)
        torch.testing.assert_close(pooled(copy, pixels), expected)
        disturb(made)
        torch.testing.assert_close(pooled(copy, pixels), expected)
        assert (pooled(module, pixels) - expected).abs().max() > 1e-4


def test_the_state_dict_keeps_its_names_and_can_be_loaded(tmp_path: Path) -> None:
    module = network("clip-vit", tmp_path)
    before = module.state_dict()
    base = deepcopy(module)
    made = adapters.add(module, RANK)
    disturb(made)
    state = module.state_dict()
    assert before.keys() < state.keys()
    for key, value in before.items():
        assert torch.equal(state[key], value)  # the base alone, without what was learned
    factors = {key for key in state if key not in before}
    assert factors == made.state().keys()
    base.load_state_dict({key: state[key] for key in before})
    other = deepcopy(base)
    adapters.add(other, RANK)
    other.load_state_dict(state)
    with torch.no_grad():
        torch.testing.assert_close(
            pooled(other, planes("clip-vit")), pooled(module, planes("clip-vit"))
        )


def test_a_state_is_restored_and_is_no_view(tmp_path: Path) -> None:
    module, pixels = network("test_vit", tmp_path), planes("test_vit")
    made = adapters.add(module, RANK)
    disturb(made)
    kept = made.state()
    with torch.no_grad():
        expected = pooled(module, pixels)
        disturb(made)
        assert (pooled(module, pixels) - expected).abs().max() > 1e-5
        made.restore(kept)
        assert torch.equal(pooled(module, pixels), expected)


def test_adapters_of_another_network_or_rank_are_refused(tmp_path: Path) -> None:
    module = network("clip-vit", tmp_path / "a")
    base = deepcopy(module)
    made = adapters.add(module, RANK)
    for other in (network("test_vit", tmp_path), network("coca", tmp_path / "b")):
        state = adapters.add(deepcopy(other), RANK).state()
        if state.keys() == made.state().keys():
            continue
        with pytest.raises(UsageError, match="another encoder"):
            made.restore(state)
        with pytest.raises(UsageError, match="another encoder"):
            adapters.merge(base, state, RANK, ALPHA)
    with pytest.raises(UsageError, match="another encoder"):
        made.restore(adapters.add(deepcopy(base), RANK + 1).state())
    for broken in ({}, {"x": torch.zeros(1)}, dict(list(made.state().items())[:-1])):
        with pytest.raises(UsageError, match="another encoder"):
            adapters.merge(base, broken, RANK, ALPHA)


def test_what_has_no_layer_for_it_and_what_has_them_already_is_refused() -> None:
    with pytest.raises(UsageError, match="no layer that could take an adapter"):
        adapters.add(nn.Sequential(nn.Conv2d(3, 8, 7), nn.ReLU(), nn.BatchNorm2d(8)), RANK)
    with pytest.raises(UsageError, match="rank"):
        adapters.add(nn.Linear(4, 4), 0)
    module = nn.Sequential(nn.Linear(8, 8))
    adapters.add(module, 2)
    with pytest.raises(UsageError, match="already"):
        adapters.add(module, 2)
    with pytest.raises(UsageError, match="kind"):
        adapters.add(nn.Linear(4, 4), 2, kind="dora")


def test_the_rank_is_at_most_that_of_the_layer_and_the_seed_decides() -> None:
    def made() -> dict[str, Tensor]:
        torch.manual_seed(0)
        module = nn.Sequential(nn.Linear(3, 8))
        return adapters.add(module, 64, generator=torch.Generator().manual_seed(5)).state()

    first = made()
    assert first["0.lora_a"].shape == (3, 3) and first["0.lora_b"].shape == (8, 3)
    assert torch.equal(first["0.lora_a"], made()["0.lora_a"])
    assert not first["0.lora_b"].any()


def test_merging_is_exact_for_a_strided_convolution() -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(4, 6, 3, stride=2, padding=1, dilation=2, padding_mode="reflect")
    base, pixels = deepcopy(layer), torch.rand(2, 4, 11, 9)
    made = adapters.add(layer, 2, alpha=3.0)
    disturb(made)
    adapters.merge(base, made.state(), 2, 3.0)
    with torch.no_grad():
        torch.testing.assert_close(layer(pixels), base(pixels), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("batch_first", [True, False])
def test_attention_with_masks_and_other_keys_sees_its_adapter(batch_first: bool) -> None:
    torch.manual_seed(0)
    layer = nn.MultiheadAttention(16, 2, batch_first=batch_first).eval()
    base = deepcopy(layer)
    made = adapters.add(layer, 2)
    disturb(made)
    adapters.merge(base, made.state(), 2, 2.0)
    rows, keys = torch.rand(5, 5, 16), torch.rand(5, 5, 16)
    mask = torch.ones(5, 5, dtype=torch.bool).triu(1)
    one = torch.rand(5, 16)  # without a batch
    for has_gradients in (False, True):
        with torch.set_grad_enabled(has_gradients):
            for given, named in (
                ((rows, rows, rows), {}),
                ((rows, rows, rows), {"need_weights": False}),
                ((one, one, one), {"need_weights": False}),
                ((rows, rows, rows), {"need_weights": False, "attn_mask": mask}),
                ((rows, keys, keys), {"need_weights": False}),
            ):
                torch.testing.assert_close(layer(*given, **named), base(*given, **named))


def test_normalisation_of_batches_keeps_its_statistics() -> None:
    module = network("small", Path())
    adapters.add(module, RANK)
    adapters.set_training(module)
    norms = [one for one in module.modules() if isinstance(one, nn.BatchNorm2d)]
    before = [one.running_mean.clone() for one in norms if one.running_mean is not None]
    module(planes("small"))
    assert module.training and not any(one.training for one in norms)
    for one, kept in zip(norms, before, strict=True):
        assert one.running_mean is not None and torch.equal(one.running_mean, kept)


def test_half_precision_takes_the_factors_along(tmp_path: Path) -> None:
    module, pixels = network("clip-vit", tmp_path), planes("clip-vit")
    disturb(adapters.add(module, RANK))
    with torch.inference_mode():
        expected = pooled(module, pixels)
        lowered = pooled(lower(deepcopy(module), torch.bfloat16), pixels)
    assert lowered.dtype == torch.float32
    torch.testing.assert_close(lowered, expected, atol=0.05, rtol=0.05)
