"""FLoRA: zero at first, thin convolutions equal the merged weight, files no larger than LoRA's."""

from copy import deepcopy
from pathlib import Path
from typing import Literal

import pytest
import tiny_openclip
import torch
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from safetensors.torch import save
from torch import Tensor, nn

from core.encoders import registry, small, torchvision_ops
from core.encoders.names import parse
from core.errors import UsageError
from core.training import adapters
from core.training.adapted import Adapted
from core.training.flora import Flora

torchvision_ops.prepare()  # each of these tests can be run alone

RANK, ALPHA = 4, 8.0


def conv4() -> nn.Module:
    return small.make(parse("small:conv4"), None).pictures


def stem() -> nn.Module:
    """What ResNets begin with, and a layer of each other kernel."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 16, 7, stride=2, padding=3, bias=False),
        nn.ReLU(),
        nn.Conv2d(16, 24, 5, padding=2),
        nn.Conv2d(24, 24, 3, padding=1, groups=24),
        nn.Conv2d(24, 12, (1, 5), padding=(0, 2)),
        nn.Flatten(),
        nn.LazyLinear(10),
    )


def disturb(made: adapters.Adapters) -> None:
    """As if it had been trained."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for one in made.parameters():
            one.add_(torch.randn(one.shape, generator=generator) * 0.1)


@pytest.mark.parametrize("make", [conv4, stem])
def test_nothing_changes_at_first_and_only_factors_learn(make: object) -> None:
    assert callable(make)
    module, pixels = make(), torch.rand(2, 3, 28, 28)
    module(pixels)  # the lazy layer finds its size
    module.eval()
    base = deepcopy(module)
    made = adapters.add(module, RANK, alpha=ALPHA, kind="flora")
    for path in made.layers:
        layer = module.get_submodule(path)
        assert isinstance(layer, Adapted)
        assert not layer.adapter_kind.delta(layer.factors(), torch.Size()).any()
    assert torch.equal(module(pixels), base(pixels))
    module(pixels).square().sum().backward()
    learns = {id(one) for one in made.parameters()}
    for name, one in module.named_parameters():
        assert one.requires_grad == (id(one) in learns), name
        assert one.requires_grad or one.grad is None
    for path in made.layers:  # each layer moves with the first step
        layer = module.get_submodule(path)
        assert isinstance(layer, Adapted)
        assert any(one.grad is not None and one.grad.any() for one in layer.factors().values())
    disturb(made)
    for state in (made.state(), made.packed()):
        merged = deepcopy(base)
        adapters.merge(merged, state, RANK, ALPHA, "flora")
        with torch.no_grad():
            expected = module(pixels)
            assert (expected - base(pixels)).abs().max() > 1e-3
            torch.testing.assert_close(merged(pixels), expected, atol=1e-5, rtol=1e-5)


@limits(max_examples=60, deadline=None)
@given(
    channels=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    stride=st.integers(1, 3),
    padding=st.one_of(st.just("same"), st.integers(0, 3)),
    dilation=st.integers(1, 2),
    mode=st.sampled_from(("zeros", "reflect", "replicate", "circular")),
    rank=st.integers(1, 10),
    kernel_rank=st.integers(1, 8),
    zero=st.sampled_from(("a", "core")),
)
def test_thin_convolutions_equal_the_merged_weight(
    channels: tuple[int, int],
    kernel: tuple[int, int],
    stride: int,
    padding: int | str,
    dilation: int,
    mode: Literal["zeros", "reflect", "replicate", "circular"],
    rank: int,
    kernel_rank: int,
    zero: Literal["a", "core"],
) -> None:
    torch.manual_seed(3)
    if kernel == (stride, stride) and stride > 1:
        stride = 1  # else these are patches
    if padding == "same":  # torch warns of an even kernel
        stride, kernel = 1, (kernel[0] | 1, kernel[1] | 1)
    layer = nn.Conv2d(
        *channels,
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        padding_mode=mode,
    ).double()
    base, planes = deepcopy(layer), torch.rand(2, channels[0], 17, 19).double()
    kind = Flora(kernel_rank, zero)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(adapters.KINDS, "flora", kind)
        made = adapters.add(layer, rank, alpha=3.0, kind="flora")
        assert torch.equal(layer(planes), base(planes))
        disturb(made)
        for state in (made.state(), made.packed()):
            merged = deepcopy(base)
            adapters.merge(merged, state, rank, 3.0, "flora")
            with torch.no_grad():
                torch.testing.assert_close(layer(planes), merged(planes), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(layer.weight, merged.weight, atol=1e-5, rtol=1e-5)
    adapted = adapters.add(deepcopy(base), rank, kind="lora") if kernel == (3, 3) else None
    if adapted is not None:
        assert numbers(made.packed()) <= numbers(adapted.state())


def numbers(state: dict[str, Tensor]) -> int:
    return sum(one.numel() for one in state.values())


def test_a_core_has_four_sides_and_those_that_stay_long_need_no_factor() -> None:
    made = adapters.add(nn.Conv2d(16, 32, 7), RANK, kind="flora").state()
    assert {name: tuple(one.shape) for name, one in made.items()} == {
        ".flora": (4, 4, 3, 3),
        ".flora_a": (32, 4),
        ".flora_b": (16, 4),
        ".flora_c": (7, 3),
        ".flora_d": (7, 3),
    }
    made = adapters.add(nn.Conv2d(3, 32, 3), RANK, kind="flora").state()
    assert {name: tuple(one.shape) for name, one in made.items()} == {
        ".flora": (4, 3, 3, 3),
        ".flora_a": (32, 4),
    }
    made = adapters.add(nn.Linear(16, 32), RANK, kind="flora").state()
    assert {name: tuple(one.shape) for name, one in made.items()} == {
        ".flora": (4, 4),
        ".flora_a": (32, 4),
        ".flora_b": (16, 4),
    }
    patches = nn.Sequential(nn.Conv2d(3, 32, 8, stride=8), nn.Conv2d(32, 8, 1))
    assert adapters.add(patches, RANK, kind="flora").layers == ["1"]


def test_a_change_within_its_ranks_can_be_learnt() -> None:
    """The factors can become any weight that is such a product, from where they start."""
    torch.manual_seed(0)
    layer = nn.Conv2d(12, 10, 5, padding=2)
    wanted = deepcopy(layer)
    sides = [torch.randn(length, 2) / length**0.5 for length in (10, 12)]
    core = torch.randn(2, 2, 3, 3)
    kernel = [torch.randn(5, 3) / 5**0.5 for _ in range(2)]
    with torch.no_grad():
        wanted.weight += torch.einsum("abcd,oa,ib,hc,wd->oihw", core, *sides, *kernel)
    made = adapters.add(layer, 2, kind="flora")
    optimiser = torch.optim.Adam(made.parameters(), lr=0.02)
    errors = []
    for _ in range(600):
        planes = torch.randn(8, 12, 8, 8)
        error = (layer(planes) - wanted(planes)).square().mean()
        errors.append(error.item())
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
    assert errors[-1] < 0.05 * errors[0]


@pytest.mark.parametrize("rank", [1, 2, 4, 8, 16, 32, 64])
def test_a_file_is_no_larger_than_that_of_lora(rank: int, tmp_path: Path) -> None:
    name = f"openclip:local-dir:{tiny_openclip.make(tmp_path, 'clip-vit')}"
    encoder = registry.load(parse(name))
    for network in (conv4(), encoder.running_pictures, nn.Linear(48, 96)):  # type: ignore[attr-defined]
        files = {}
        for kind in adapters.KINDS:
            made = adapters.add(deepcopy(network), rank, kind=kind)
            files[kind] = len(save(made.packed()))
        assert files["flora"] <= files["lora"]
    convolutions = {
        kind: numbers(adapters.add(conv4(), rank, kind=kind).packed()) for kind in adapters.KINDS
    }
    if rank in (4, 8, 16):
        assert convolutions["flora"] < 0.6 * convolutions["lora"]


def test_a_state_goes_round_and_what_is_of_another_kind_or_rank_is_refused() -> None:
    base = conv4()
    module, pixels = deepcopy(base), torch.rand(2, 3, 28, 28)
    made = adapters.add(module, RANK, kind="flora")
    disturb(made)
    kept = made.state()
    with torch.no_grad():
        expected = module(pixels)
        disturb(made)
        assert (module(pixels) - expected).abs().max() > 1e-4
        made.restore(kept)
        assert torch.equal(module(pixels), expected)
    lora = adapters.add(deepcopy(base), RANK).state()
    larger = adapters.add(deepcopy(base), RANK + 1, kind="flora").state()
    linear = adapters.add(nn.Linear(8, 8), RANK, kind="flora").state()
    for state in (lora, larger, linear, dict(list(kept.items())[1:])):
        with pytest.raises(UsageError, match="another encoder"):
            made.restore(state)
        with pytest.raises(UsageError, match="another encoder"):
            adapters.merge(deepcopy(base), state, RANK, ALPHA, "flora")
    with pytest.raises(UsageError, match="another encoder"):
        adapters.merge(deepcopy(base), kept, RANK, ALPHA, "lora")
    with pytest.raises(UsageError, match="another encoder"):
        adapters.merge(module, kept, RANK, ALPHA, "flora")  # has adapters


def test_mixed_precision_and_channels_last() -> None:
    module = conv4().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    made = adapters.add(module, RANK, kind="flora")
    disturb(made)
    pixels = torch.rand(4, 3, 28, 28).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        expected = module(pixels)
        with torch.autocast("cpu", torch.bfloat16):
            torch.testing.assert_close(module(pixels).float(), expected, atol=0.1, rtol=0.1)
    assert all(one.is_contiguous() for one in made.state().values())
    save(made.packed())
