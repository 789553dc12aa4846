"""Keys tell weights and preprocessing apart; cards save loading; own checkpoints must fit."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny_openclip
import torch
from safetensors.torch import load_file, save_file

from core.encoders import cards, registry, torchvision_ops
from core.encoders.names import EncoderName, parse
from core.encoders.network import Network
from core.encoders.precision import Measured, machine
from core.encoders.weights import checkpoints
from core.encoders.weights.installed import Files
from core.errors import EncoderError

torchvision_ops.prepare()  # each of these tests can be run alone


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_openclip.make(tmp_path, "clip-vit", mean=[0.5] * 3, std=[0.5] * 3)


def key(folder: Path) -> str:
    return registry.load(parse(f"openclip:local-dir:{folder}")).key


def test_a_key_is_of_weights_and_preprocessing_not_of_places(tiny: Path, tmp_path: Path) -> None:
    first = key(tiny)
    moved = tmp_path / "elsewhere"
    shutil.copytree(tiny, moved)
    assert key(moved) == first
    text = (moved / "open_clip_config.json").read_text()
    (moved / "open_clip_config.json").write_text(text.replace("0.5, 0.5, 0.5", "0.5, 0.5, 0.4"))
    assert key(moved) != first
    (moved / "open_clip_config.json").write_text(text)
    assert key(moved) == first
    weights = load_file(moved / "open_clip_model.safetensors")
    weights["visual.proj"][0, 0] += 0.001
    save_file(weights, moved / "open_clip_model.safetensors")
    assert key(moved) != first


def test_an_activation_that_weights_do_not_tell_of_is_in_the_key(tiny: Path) -> None:
    first = key(tiny)
    config = tiny / "open_clip_config.json"
    text = config.read_text()
    config.write_text(text.replace('"embed_dim"', '"quick_gelu": true, "embed_dim"'))
    assert key(tiny) != first


def test_a_card_saves_hashing_and_counts_only_for_its_files(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = parse(f"openclip:local-dir:{tiny}")
    first = registry.load(name)
    card = cards.read(str(name))
    assert card is not None
    assert (card.key, card.dim, card.size_px, card.has_words) == (first.key, first.dim, 32, True)
    with monkeypatch.context() as patch:
        patch.setattr(registry, "_key", lambda *_: pytest.fail("hashed again"))
        assert registry.load(name).key == first.key
    weights = tiny / "open_clip_model.safetensors"
    os.utime(weights, ns=(1, 1))
    assert cards.fresh(str(name), Files(weights, tiny, tiny, tiny)) is None
    assert registry.load(name).key == first.key  # hashed anew, and the same


def test_a_broken_card_is_as_none(tiny: Path) -> None:
    name = parse(f"openclip:local-dir:{tiny}")
    registry.load(name)
    path = cards._path(str(name))
    for text in ("", "[]", "{", '{"version": 1}'):
        path.write_text(text)
        assert cards.read(str(name)) is None
    assert registry.load(name).key


def test_the_way_that_was_measured_is_used_on_this_machine_only(tiny: Path) -> None:
    name = parse(f"openclip:local-dir:{tiny}")
    first = registry.load(name)
    assert isinstance(first, Network) and not registry.is_tuned(first)
    registry.keep_speed(str(name), Measured("cpu", "bf16", 100.0, 50.0, 0.99, 256))
    again = registry.load(name)
    assert isinstance(again, Network) and again.precision == "bf16" and registry.is_tuned(again)
    assert again.key == first.key  # vectors of both are of one encoder
    speed = cards.read(str(name)).speed  # type: ignore[union-attr]
    assert speed is not None and speed.machine == machine("cpu")
    cards.write_speed(str(name), cards.Speed("another", "cpu", "bf16", 1, 1, 1, 1))
    elsewhere = registry.load(name)
    assert isinstance(elsewhere, Network) and elsewhere.precision == "fp32"


def test_random_weights_are_the_same_each_time_and_leave_the_callers_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = registry.load(parse("timm:test_resnet"))
    assert torch.equal(torch.rand(1), expected)
    again = registry.load(parse("timm:test_resnet"))
    side_px = first.preprocessing.size_px
    squares = np.random.default_rng(0).integers(0, 256, (2, side_px, side_px, 3), dtype=np.uint8)
    np.testing.assert_array_equal(first.encode_images(squares), again.encode_images(squares))
    assert first.key == again.key != registry.load(parse("timm:test_vit")).key


def test_an_own_checkpoint_is_read_with_or_without_its_classifier(tmp_path: Path) -> None:
    import timm

    torch.manual_seed(3)
    model = timm.create_model("test_resnet", num_classes=7)
    whole, bare = tmp_path / "whole.safetensors", tmp_path / "bare.safetensors"
    state = {name: value.clone() for name, value in model.state_dict().items()}
    save_file(state, whole)
    save_file({k: v for k, v in state.items() if not k.startswith("fc.")}, bare)
    squares = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), dtype=np.uint8)
    rows = []
    for file in (whole, bare):
        encoder = registry.load(parse(f"timm:test_resnet@{file}"))
        rows.append(encoder.encode_images(squares))
    np.testing.assert_array_equal(*rows)
    random = registry.load(parse("timm:test_resnet")).encode_images(squares)
    assert np.abs(rows[0] - random).max() > 1e-4


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    import timm

    file = tmp_path / "other.safetensors"
    save_file(timm.create_model("test_vit", num_classes=0).state_dict(), file)
    with pytest.raises(EncoderError, match="another architecture"):
        registry.load(parse(f"timm:test_resnet@{file}"))
    with pytest.raises(EncoderError, match=r"weights are of another architecture\.$"):
        registry.load(parse(f"openclip:ViT-B-32@{file}"))


def test_a_header_that_only_the_library_minds_is_said_in_a_sentence(tiny: Path) -> None:
    file = tiny / "open_clip_model.safetensors"
    header = json.dumps({"x": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(EncoderError, match="cannot be made"):
        registry.load(parse(f"openclip:local-dir:{tiny}"))


class Harmful:
    """Runs a command when it is unpickled."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.made),)


def test_code_in_a_trusted_pickle_is_not_run_and_said_in_a_sentence(
    tiny: Path, tmp_path: Path
) -> None:
    import timm

    made = tmp_path / "made"
    net = timm.create_model("test_resnet", num_classes=0)
    torch.save({**net.state_dict(), "more": Harmful(made)}, tmp_path / "net.pth")
    (tiny / "open_clip_model.safetensors").unlink()
    torch.save({"more": Harmful(made)}, tiny / "open_clip_pytorch_model.bin")
    for file, name in (
        (tmp_path / "net.pth", f"timm:test_resnet@{tmp_path / 'net.pth'}"),
        (tiny / "open_clip_pytorch_model.bin", f"openclip:local-dir:{tiny}"),
    ):
        checkpoints.trust(checkpoints.inspect(file).sha256)
        with pytest.raises(EncoderError, match="holds more than weights"):
            registry.load(parse(name))
    assert not made.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("timm:no_such_net", "no architecture"),
        ("openclip:NoSuch", "no architecture"),
        ("run:first", "no trained encoder"),
        ("openclip:ViT-B-32@laion2b_s34b_b79k", "is not installed"),
        ("timm:resnet18@/no/such.safetensors", "There is no checkpoint"),
        ("openclip:local-dir:/no/such", "holds no OpenCLIP model"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(EncoderError, match=sentence):
        registry.load(parse(name))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("builtin", EncoderName("builtin")),
        ("openclip:ViT-B-32@openai", EncoderName("openclip", "ViT-B-32", "openai")),
        ("timm:resnet18@/x/y.pth", EncoderName("timm", "resnet18", file="/x/y.pth")),
        ("timm:hf-hub:org/model", EncoderName("timm", "hf-hub:org/model")),
        ("openclip:local-dir:/x", EncoderName("openclip", "local-dir:/x")),
        ("run:my run@2", EncoderName("run", "my run@2")),
        ("timm:resnet18", EncoderName("timm", "resnet18")),
    ],
)
def test_names_are_taken_apart_and_put_together(text: str, expected: EncoderName) -> None:
    assert parse(text) == expected
    assert str(expected) == text
    assert expected.is_random == (text == "timm:resnet18")


@pytest.mark.parametrize(
    "text",
    ["", "clip", "openclip:", "timm:@x", "timm:a@", "what:else", "openclip:local-dir:",
     "timm:local-dir:/x", "timm:hf-hub:org", "timm:hf-hub:a/b@tag", "openclip:local-dir:/x\udcff", "timm:a\nb@c"],
)  # fmt: skip
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(EncoderError):
        parse(text)
