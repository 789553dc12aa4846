"""A network at work: batches that adapt, mixed precision, numbers that are none, parts of pictures."""

from pathlib import Path

import numpy as np
import pytest
import tiny_openclip
import torch
from torch import Tensor, nn

from core.encoders import registry
from core.encoders.base import Preprocessing
from core.encoders.islands import islands, lower
from core.encoders.names import parse
from core.encoders.network import Network, Way
from core.encoders.precision import LEAST_SAMPLE, choose, expected_recall, recall_at
from core.encoders.towers import Towers
from core.errors import EncoderError
from core.jobs import Cancelled, Job

SIDE_PX = 8


class Averages(nn.Module):
    """Means of the four quarters. Remembers how many pictures came at once, and can run out of memory."""

    def __init__(self, most: int = 1000, error: str = "CUDA out of memory") -> None:
        super().__init__()
        self.weights = nn.Linear(12, 12)
        nn.init.eye_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)
        self.most, self.error = most, error
        self.counts: list[int] = []

    def forward(self, pixels: Tensor) -> Tensor:
        self.counts.append(len(pixels))
        if len(pixels) > self.most:
            raise RuntimeError(self.error)
        quarters = nn.functional.adaptive_avg_pool2d(pixels, 2).flatten(1)
        found: Tensor = self.weights(quarters)
        return found


def made(module: nn.Module, **changes: object) -> Network:
    towers = {
        "architecture": "averages",
        "module": module,
        "pictures": module,
        "preprocessing": Preprocessing(SIDE_PX, "squash"),
        "mean": (0.5, 0.5, 0.5),
        "std": (0.5, 0.5, 0.5),
        "input_px": (SIDE_PX, SIDE_PX),
    }
    return Network("fake", "fake-key", Towers(**{**towers, **changes}))  # type: ignore[arg-type]


def pictures(count: int, seed: int = 0) -> np.ndarray:
    shape = (count, SIDE_PX, SIDE_PX, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_rows_are_what_the_network_says_of_the_normalised_picture() -> None:
    squares = pictures(5)
    rows = made(Averages()).encode_images(squares)
    floats = (squares.astype(np.float64) / 255 - 0.5) / 0.5
    means = floats.reshape(5, 2, 4, 2, 4, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2).reshape(5, -1)
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(rows, expected, atol=1e-5)
    assert rows.dtype == np.float32


def test_memory_that_runs_out_halves_the_batch_and_loses_nothing() -> None:
    whole = made(Averages()).encode_images(pictures(100))
    module = Averages(most=5)
    encoder = made(module)
    assert encoder.batch == 32
    module.counts.clear()
    np.testing.assert_array_equal(encoder.encode_images(pictures(100)), whole)
    assert max(module.counts) > 5 >= encoder.batch
    module.counts.clear()
    encoder.encode_images(pictures(100))
    assert max(module.counts) <= encoder.batch  # the next call begins with what fits


def test_too_little_memory_for_one_picture_is_said() -> None:
    module = Averages()
    encoder = made(module)
    module.most = 0
    with pytest.raises(EncoderError, match="too little memory"):
        encoder.encode_images(pictures(3))


def test_other_errors_of_the_network_are_not_taken_for_memory() -> None:
    module = Averages(error="shapes do not match")
    encoder = made(module)
    module.most = 0
    with pytest.raises(RuntimeError, match="shapes"):
        encoder.encode_images(pictures(3))


def test_numbers_that_are_not_finite_are_refused() -> None:
    module = Averages()
    encoder = made(module)
    nn.init.constant_(module.weights.bias, float("nan"))
    with pytest.raises(EncoderError, match="not finite"):
        encoder.encode_images(pictures(2))


def test_a_picture_in_which_nothing_is_seen_has_a_vector_all_the_same() -> None:
    module = Averages()
    encoder = made(module)
    nn.init.zeros_(module.weights.weight)
    rows = encoder.encode_images(pictures(2))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_network_that_takes_no_square_gets_its_form() -> None:
    shapes = []

    class Looks(Averages):
        def forward(self, pixels: Tensor) -> Tensor:
            shapes.append(tuple(pixels.shape[2:]))
            return super().forward(pixels)

    made(Looks(), input_px=(8, 4)).encode_images(pictures(2))
    assert set(shapes) == {(8, 4)}


def test_no_words_and_no_parts_are_said_in_a_sentence() -> None:
    encoder = made(Averages())
    assert not encoder.has_words and not encoder.has_patches
    with pytest.raises(EncoderError, match="knows no words"):
        encoder.encode_words(["a car"])
    with pytest.raises(EncoderError, match="parts of a picture"):
        encoder.encode_patches(pictures(1))


def test_islands_leave_norms_and_the_first_layer_in_full_precision() -> None:
    block = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4)),
        nn.LayerNorm(4),
        nn.MultiheadAttention(4, 2, batch_first=True),
    )
    found = islands(block)
    assert [type(one).__name__ for one in found] == ["Conv2d", "Sequential", "MultiheadAttention"]
    lower(block, torch.bfloat16)
    kinds = {name: value.dtype for name, value in block.named_parameters()}
    assert kinds["0.weight"] == torch.float32 and kinds["2.weight"] == torch.float32
    assert kinds["1.0.weight"] == kinds["3.in_proj_weight"] == torch.bfloat16
    assert block[1](torch.ones(1, 4)).dtype == torch.float32


def test_attention_gets_one_tensor_where_it_was_given_one() -> None:
    """Else it leaves the fast way, and copies its weights at every call."""
    attention = nn.MultiheadAttention(4, 2, batch_first=True)
    seen = []
    lower(attention, torch.bfloat16)
    attention.register_forward_pre_hook(lambda module, args: seen.append(args))
    tokens = torch.rand(1, 3, 4)
    attention(tokens, tokens, tokens, need_weights=False)
    query, key, value = seen[0]
    assert query is key is value and query.dtype == torch.bfloat16


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_openclip.make(tmp_path_factory.mktemp("tiny"), "clip-vit")


def test_reduced_precision_finds_the_same_neighbours(tiny: Path) -> None:
    encoder = registry.load(parse(f"openclip:local-dir:{tiny}"))
    assert isinstance(encoder, Network)
    shape = (200, 32, 32, 3)
    coarse = np.random.default_rng(3).integers(0, 256, (200, 4, 4, 3), dtype=np.uint8)
    squares = coarse.repeat(8, axis=1).repeat(8, axis=2)
    assert squares.shape == shape
    way = Way("cpu", "bf16")
    lowered = encoder.encode_with(way, encoder.candidate(way), squares)
    exact = encoder.encode_images(squares)
    assert np.abs(lowered - exact).max() > 0  # it is another precision
    assert recall_at(exact, lowered) >= 0.95
    assert encoder.precision == "fp32"  # trying is not adopting


def test_a_precision_that_finds_other_neighbours_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = made(Averages())
    squares = pictures(LEAST_SAMPLE)
    coarse = Averages()
    nn.init.normal_(coarse.weights.weight)
    monkeypatch.setattr(Network, "candidate", lambda self, way: coarse)
    monkeypatch.setattr("core.encoders.precision._LEAST_GAIN", 0.0)  # however slow it is
    measured = choose(encoder, squares, Job())
    assert (measured.precision, encoder.precision) == ("fp32", "fp32")
    same = Averages()
    monkeypatch.setattr(Network, "candidate", lambda self, way: same)
    measured = choose(encoder, squares, Job())
    assert (measured.precision, encoder.precision, measured.recall) == ("bf16", "bf16", 1.0)


def test_there_is_no_measuring_against_what_is_lowered() -> None:
    encoder = made(Averages())
    encoder.adopt(Way("cpu", "bf16"), encoder.candidate(Way("cpu", "bf16")))
    with pytest.raises(ValueError, match="lowered already"):
        choose(encoder, pictures(LEAST_SAMPLE), Job())


def test_a_sample_stands_for_a_larger_catalogue_with_closer_neighbours() -> None:
    assert expected_recall(0.991, 256, 256) == expected_recall(0.991, 256, 0) == 0.991
    # As it was measured: ViT-B-32, all of it in bf16, then only its islands.
    assert expected_recall(0.991, 256, 2048) == pytest.approx(0.9767, abs=0.004)
    assert expected_recall(0.9973, 256, 2048) == pytest.approx(0.9936, abs=0.004)
    assert expected_recall(0.99, 256, 1_000_000) == expected_recall(0.99, 256, 10_000)


def test_measuring_can_be_cancelled() -> None:
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        choose(made(Averages()), pictures(LEAST_SAMPLE), job)


def test_recall_counts_common_neighbours() -> None:
    exact = np.eye(4, dtype=np.float32)
    exact[1, 0], exact[3, 2] = 0.9, 0.9
    assert recall_at(exact, exact, k=1) == 1.0
    other = exact[[2, 3, 0, 1]]  # the same pairs, at other places
    assert recall_at(exact, other, k=1) == 1.0
    apart = np.eye(4, dtype=np.float32)
    apart[2, 0], apart[3, 1] = 0.9, 0.9
    assert recall_at(exact, apart, k=1) == 0.0


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU")
def test_cuda_finds_the_same_neighbours_and_survives_a_batch_too_large(tiny: Path) -> None:
    encoder = registry.load(parse(f"openclip:local-dir:{tiny}"))
    assert isinstance(encoder, Network) and encoder.device == "cuda"
    squares = np.random.default_rng(3).integers(0, 256, (512, 32, 32, 3), dtype=np.uint8)
    exact = encoder.encode_images(squares)
    measured = choose(encoder, squares, Job())
    assert measured.device == "cuda" and measured.recall >= 0.98
    np.testing.assert_allclose(encoder.encode_images(squares), exact, atol=0.02)
    encoder.batch = 1 << 24
    np.testing.assert_allclose(encoder.encode_images(squares), exact, atol=0.02)
