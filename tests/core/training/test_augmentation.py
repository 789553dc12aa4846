"""Varied pictures: in range, the same for the same seed, each its own, and as far as the preset says."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from core.errors import UsageError
from core.training import augmentation, augmentation_text
from core.training.augmentation import PRESETS, augment
from core.training.settings import AUGMENTATIONS

NAMES = list(PRESETS)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 6, height: int = 24, width: int = 24) -> Tensor:
    return torch.rand(count, 3, height, width, generator=seeded(9))


def marked(row: int, column: int, side: int = 64) -> Tensor:
    """One black picture with a white spot."""
    planes = torch.zeros(1, 3, side, side)
    planes[:, :, row - 2 : row + 2, column - 2 : column + 2] = 1.0
    return planes


def test_every_preset_of_the_settings_is_there_and_says_what_it_means() -> None:
    assert {"auto", "none", *NAMES} == set(AUGMENTATIONS) == set(augmentation_text.MEANINGS)
    assert all(augmentation.about(one) for one in AUGMENTATIONS)
    with pytest.raises(UsageError):
        augmentation.about("wild")


def test_none_changes_and_draws_nothing() -> None:
    planes, generator = pictures(), seeded()
    before = generator.get_state()
    assert augment(planes, "none", generator) is planes
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize("preset", ["auto", "wild"])
def test_what_is_no_preset_is_refused(preset: str) -> None:
    with pytest.raises(UsageError, match="no augmentation"):
        augment(pictures(), preset, seeded())


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.integers(0, 2**31),
    st.integers(0, 3),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0.0, 1.0, None]),
)
def test_shape_and_range_stay(
    preset: str, seed: int, count: int, height: int, width: int, flat: float | None
) -> None:
    planes = pictures(count, height, width)
    if flat is not None:
        planes = torch.full_like(planes, flat)
    kept = planes.clone()
    varied = augment(planes, preset, seeded(seed))
    assert varied.shape == planes.shape and varied.dtype == planes.dtype
    assert bool(torch.isfinite(varied).all())
    assert bool((varied >= 0).all()) and bool((varied <= 1).all())
    assert torch.equal(planes, kept)  # what comes in is left alone


@pytest.mark.parametrize("preset", NAMES)
def test_the_same_seed_gives_the_same_and_each_picture_is_its_own(preset: str) -> None:
    same = pictures(1).expand(6, -1, -1, -1).contiguous()
    first = augment(same, preset, seeded(3))
    assert torch.equal(first, augment(same, preset, seeded(3)))
    assert not torch.equal(first, augment(same, preset, seeded(4)))
    for at in range(5):
        assert (first[at] - first[at + 1]).abs().max() > 1e-3


@pytest.mark.parametrize("preset", NAMES)
def test_a_picture_does_not_depend_on_the_others_of_its_batch(preset: str) -> None:
    planes = pictures(4)
    others = planes.clone()
    others[1:] = 0.5
    first = augment(planes, preset, seeded())[0]
    torch.testing.assert_close(augment(others, preset, seeded())[0], first)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("preset", NAMES)
def test_a_gpu_gives_the_same_pictures(preset: str) -> None:
    on_gpu = augment(pictures().to("cuda"), preset, seeded()).cpu()
    torch.testing.assert_close(on_gpu, augment(pictures(), preset, seeded()), atol=1e-4, rtol=0)


def test_the_grid_is_that_of_torch() -> None:
    maps = torch.randn(3, 2, 3, generator=seeded())
    expected = F.affine_grid(maps, [3, 3, 7, 5], align_corners=False)
    torch.testing.assert_close(augmentation._grid(maps, 7, 5), expected)


def test_drawings_keep_their_colours_and_sides() -> None:
    """Grey stays grey, flat stays flat, and what is left stays left."""
    spot = marked(32, 8).expand(64, -1, -1, -1)
    varied = augment(spot, "drawings", seeded())
    assert torch.equal(varied[:, 0], varied[:, 1])
    weights = varied[:, 0].sum(dim=1)
    columns = (weights * torch.arange(64)).sum(dim=1) / weights.sum(dim=1)
    assert bool((columns < 24).all())
    flat = torch.full((8, 3, 16, 16), 0.3)
    torch.testing.assert_close(augment(flat, "drawings", seeded()), flat)


def test_photos_are_mirrored_half_the_time() -> None:
    spot = torch.zeros(200, 3, 32, 32)
    spot[..., :16] = 1.0  # white on the left
    varied = augment(spot, "photos", seeded())[:, 0]
    is_mirrored = varied[..., -1].mean(dim=1) > varied[..., 0].mean(dim=1)
    assert 0.35 < is_mirrored.float().mean().item() < 0.65


def test_photos_show_at_least_half_of_the_picture() -> None:
    ramp = torch.linspace(0, 1, 64).expand(100, 3, 64, 64)
    columns = augment(ramp, "photos", seeded())[:, 0, 32]
    assert (columns.max(dim=1).values - columns.min(dim=1).values).min() > 0.25


def test_light_moves_a_little() -> None:
    varied = augment(marked(32, 32).expand(64, -1, -1, -1), "light", seeded())[:, 0]
    weights = varied.sum(dim=1)
    columns = (weights * torch.arange(64)).sum(dim=1) / weights.sum(dim=1)
    assert (columns - 31.5).abs().max() < 4 and (columns - 31.5).abs().max() > 0.5


def test_strong_makes_some_grey_and_covers_parts() -> None:
    red = torch.zeros(300, 3, 32, 32)
    red[:, 0] = 0.6
    varied = augment(red, "strong", seeded())
    is_grey = (varied[:, 0, 0, 0] - varied[:, 1, 0, 0]).abs() < 1e-3
    assert 0.1 < is_grey.float().mean().item() < 0.3
    is_covered = varied.flatten(2).std(dim=2).max(dim=1).values > 1e-3
    assert 0.2 < is_covered.float().mean().item() < 0.4


def test_a_turn_of_a_wide_picture_keeps_its_angles() -> None:
    """A square on a picture twice as wide as high is turned as a square."""
    ranges = augmentation.Ranges(rotation=90.0)
    numbers = torch.full((1, augmentation._Drawn.COUNT), 1.0, dtype=torch.float64)
    maps = augmentation._places(ranges, augmentation._Drawn(numbers), 2.0)[0]
    # A quarter of a turn: the whole width, 2, becomes the height, 1, of another picture.
    torch.testing.assert_close(
        maps, torch.tensor([[0.0, -0.5, 0.0], [2.0, 0.0, 0.0]], dtype=torch.float64)
    )
