"""Small networks: what they look like, what they give, weights of a file, and how they are listed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn

from core.encoders import known, registry, small, small_shapes
from core.encoders.names import EncoderName, parse
from core.encoders.network import Network
from core.errors import EncoderError
from core.operations import encoders
from core.project import Project

MODELS = list(small_shapes.SHAPES)


def squares(side_px: int, count: int = 3) -> NDArray[np.uint8]:
    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, side_px, side_px, 3), dtype=np.uint8)


@pytest.mark.parametrize("model", MODELS)
def test_a_network_is_as_its_shape_says(model: str) -> None:
    shape = small_shapes.SHAPES[model]
    encoder = registry.load(parse(f"small:{model}"))
    assert isinstance(encoder, Network)
    assert encoder.dim == shape.dim and encoder.preprocessing == shape.preprocessing
    assert encoder.preprocessing.fit == "squash" and not encoder.has_words
    rows = encoder.encode_images(squares(shape.size_px))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    patches = encoder.encode_patches(squares(shape.size_px))
    assert patches.shape[0] == 3 and patches.shape[3] == shape.dim
    weights = encoder.running_pictures.parameters()
    assert sum(one.numel() for one in weights) == shape.parameters


def test_conv4_has_four_blocks_of_32_to_128_channels() -> None:
    model = small.make(parse("small:conv4"), None).module
    found = [one for one in model.modules() if isinstance(one, nn.Conv2d)]
    assert [one.out_channels for one in found] == [32, 64, 64, 128]
    assert all(one.kernel_size == (3, 3) for one in found)
    assert sum(isinstance(one, nn.BatchNorm2d) for one in model.modules()) == 4


def test_the_work_is_that_of_its_convolutions() -> None:
    towers = small.make(parse("small:conv5-64"), None)
    counted = 0

    def count(module: nn.Module, inputs: object, output: torch.Tensor) -> None:
        nonlocal counted
        assert isinstance(module, nn.Conv2d)
        counted += 2 * 9 * module.in_channels * output.numel()

    for one in towers.module.modules():
        if isinstance(one, nn.Conv2d):
            one.register_forward_hook(count)
    towers.pictures(torch.zeros(1, 3, 64, 64))
    listed = known.find(parse("small:conv5-64"))
    assert listed is not None and listed.work.gflops == pytest.approx(counted / 1e9)


def test_random_weights_are_the_same_each_time_and_differ_between_models() -> None:
    keys = [registry.load(parse(f"small:{model}")).key for model in (*MODELS, *MODELS)]
    assert keys[: len(MODELS)] == keys[len(MODELS) :]
    assert len(set(keys)) == len(MODELS)
    assert all(key.startswith("small-") for key in keys)


def test_weights_of_a_file_are_used_and_make_a_key_of_their_own(tmp_path: Path) -> None:
    random = registry.load(parse("small:conv4"))
    model = small.make(parse("small:conv4"), None).module
    with torch.no_grad():
        for one in model.parameters():
            one.add_(0.01)
    file = tmp_path / "mine.safetensors"
    save_file(model.state_dict(), file)
    trained = registry.load(parse(f"small:conv4@{file}"))
    assert trained.key != random.key
    assert np.abs(trained.encode_images(squares(28)) - random.encode_images(squares(28))).max() > 0
    entry = encoders.describe(f"small:conv4@{file}")
    assert entry.available and entry.is_installed and not entry.is_random
    assert entry.dim == 128 and entry.licence == ""


def test_it_learns_with_its_normalisation_in_training() -> None:
    model = small.make(parse("small:conv4"), None).module.requires_grad_(True).train()
    model(torch.rand(4, 3, 28, 28, generator=torch.Generator().manual_seed(0))).sum().backward()
    assert all(one.grad is not None for one in model.parameters())


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file(small.make(parse("small:conv5-64"), None).module.state_dict(), other)
    with pytest.raises(EncoderError, match="another architecture"):
        registry.load(parse(f"small:conv4@{other}"))
    with pytest.raises(EncoderError, match="There is no checkpoint"):
        registry.load(parse("small:conv4@/no/such.safetensors"))


@pytest.mark.parametrize("text", ["small:conv4@tag", "small:hf-hub:a/b", "small:local-dir:/x"])
def test_they_have_neither_tags_nor_repositories(text: str) -> None:
    with pytest.raises(EncoderError):
        parse(text)


def test_names_are_taken_apart() -> None:
    assert parse("small:conv4") == EncoderName("small", "conv4")
    assert parse("small:conv4").is_random
    named = parse("small:conv4@/x/y.safetensors")
    assert named == EncoderName("small", "conv4", file="/x/y.safetensors")
    assert not named.is_random and str(named) == "small:conv4@/x/y.safetensors"


def test_a_model_that_there_is_not_is_refused() -> None:
    with pytest.raises(EncoderError, match="no encoder named"):
        encoders.check_name("small:conv9")
    with pytest.raises(EncoderError, match="no small network"):
        registry.load(parse("small:conv9"))


def test_they_are_listed_as_a_start_for_training(project: Project) -> None:
    listed = {one.name: one for one in encoders.list_encoders() if one.family == "small"}
    assert set(listed) == {f"small:{model}" for model in MODELS}
    for name, one in listed.items():
        encoders.check_name(name)
        assert encoders.check_available(project, name) == name
        assert one == encoders.describe(name)
        assert one.is_random and not one.available and not one.group
        assert "a start for training" in one.why_not
        assert one.licence == "apache-2.0" and one.about.endswith(".")
        assert one.dim == small_shapes.SHAPES[one.name.partition(":")[2]].dim
        assert one.size_px in (28, 64, 96)
