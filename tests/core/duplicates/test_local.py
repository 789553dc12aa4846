"""Codes of parts find what was cut out, turned and mirrored; their index equals a slow count."""

import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.duplicates import codes, fingerprints, local
from core.duplicates.codes import Parts


def textured(seed: int, side: int = 256) -> np.ndarray:
    """A grey picture with things of many sizes on it."""
    drawn = np.random.default_rng(seed)
    picture = np.full((side, side), 128, dtype=np.uint8)
    for _ in range(110):
        x, y = (int(one) for one in drawn.integers(0, side, 2))
        size, grey = int(drawn.integers(3, 26)), int(drawn.integers(0, 255))
        if drawn.random() < 0.5:
            cv2.circle(picture, (x, y), size, grey, -1)
        else:
            end = (x + size, y + int(drawn.integers(3, 26)))
            cv2.rectangle(picture, (x, y), end, grey, -1)
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.8), dtype=np.uint8)


def edits(picture: np.ndarray) -> dict[str, np.ndarray]:
    cut = picture[40:210, 60:230]
    return {
        "cropped": np.asarray(cv2.resize(cut, (256, 256), interpolation=cv2.INTER_AREA)),
        "mirrored": np.ascontiguousarray(picture[:, ::-1]),
        "turned": np.ascontiguousarray(np.rot90(picture)),
        "cropped and mirrored": np.ascontiguousarray(
            cv2.resize(cut, (256, 256), interpolation=cv2.INTER_AREA)[:, ::-1]
        ),
        "darker": (picture * 0.6).astype(np.uint8),
    }


@pytest.fixture(scope="module")
def index() -> tuple[np.ndarray, list[tuple[int, str]]]:
    """Fingerprints of eight pictures, of edits of the first two, and what each is."""
    rows, names = [], []
    for seed in range(8):
        picture = textured(seed)
        rows.append(fingerprints.of_grey(picture))
        names.append((seed, ""))
        if seed < 2:
            for name, edited in edits(picture).items():
                rows.append(fingerprints.of_grey(edited))
                names.append((seed, name))
    return np.stack(rows), names


def test_what_was_cut_out_turned_or_mirrored_is_found_by_its_parts(
    index: tuple[np.ndarray, list[tuple[int, str]]],
) -> None:
    rows, names = index
    a, b, _ = codes.near(fingerprints.parts(rows))
    found = {(int(one), int(other)) for one, other in zip(a, b, strict=True)}
    true = {(one, other) for one, other in found if names[one][0] == names[other][0]}
    for place, (seed, name) in enumerate(names):
        if name:
            assert (names.index((seed, "")), place) in true, (seed, name)
    assert len(found - true) <= 0.1 * len(true)


def test_codes_are_the_same_each_time_and_a_blank_picture_has_none() -> None:
    picture = textured(1)
    assert np.array_equal(local.codes(picture), local.codes(picture.copy()))
    for blank in (np.zeros((1, 1), np.uint8), np.full((256, 4), 9, np.uint8)):
        assert (local.codes(blank)[:, 4] == local.NO_FLIP).all()
    flips = local.codes(picture)[:, 4]
    assert (flips < local.BITS).sum() > 20


def slowly(parts: Parts) -> set[tuple[int, int]]:
    """Pairs with enough codes in common that turn and scale alike, counted code by code."""
    count = len(parts)
    owners: dict[int, dict[int, int]] = {}
    for row, place in zip(*np.nonzero(parts.flips != 255), strict=True):
        code = int(parts.codes[row, place])
        for one in (code, code ^ 1 << int(parts.flips[row, place])):
            known = owners.setdefault(one, {})
            known[int(row)] = min(int(place), known.get(int(row), 99))
    votes: dict[tuple[int, int, object], dict[int, int]] = {}
    for known in owners.values():
        weight = int(np.round(15 * (np.log2((count + 256) / len(known)) / codes.most(count))))
        for a, b in itertools.combinations(sorted(known), 2):
            one, other = known[a], known[b]
            scales = int(parts.scales[a, one]), int(parts.scales[b, other])
            angles = int(parts.angles[a, one]), int(parts.angles[b, other])
            is_mirrored = (scales[0] ^ scales[1]) >> 7
            turn = (angles[1] + angles[0] if is_mirrored else angles[1] - angles[0]) % 256
            for nudge, shift in itertools.product((0, 8), (0, 4)):
                octaves = ((scales[1] & 127) - (scales[0] & 127) + 128 + shift) // 8
                vote = (is_mirrored, nudge, shift, (turn + nudge) // 16 % 16, octaves)
                met = votes.setdefault((a, b, vote), {})
                met[one] = max(weight, met.get(one, 0))
    least = 15 * codes.LEAST_WEIGHT
    return {
        (a, b)
        for (a, b, _), met in votes.items()
        if len(met) >= codes.LEAST and sum(met.values()) >= least
    }


def random_parts(seed: int, count: int, kinds: int, places: int = 6) -> Parts:
    drawn = np.random.default_rng(seed)
    shape = (count, places)
    flips = np.where(drawn.random(shape) < 0.2, 255, drawn.integers(0, 32, shape))
    chosen = drawn.integers(0, 2**32, kinds, dtype=np.uint32)[drawn.integers(0, kinds, shape)]
    angles, scales = drawn.choice([0, 5, 90], shape), drawn.choice([20, 22, 28, 150], shape)
    return Parts(chosen, *(one.astype(np.uint8) for one in (flips, angles, scales)))


@given(seed=st.integers(0, 10**6), count=st.integers(2, 12), kinds=st.integers(8, 60))
@settings(max_examples=20, deadline=None)
def test_the_index_equals_a_slow_count(seed: int, count: int, kinds: int) -> None:
    parts = random_parts(seed, count, kinds)
    a, b, _ = codes.near(parts)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == sorted(slowly(parts))


@given(seed=st.integers(0, 10**6), share=st.floats(0, 1))
@settings(max_examples=8, deadline=None)
def test_of_new_pictures_only_their_pairs_are_found(seed: int, share: float) -> None:
    parts = random_parts(seed, 10, 20)
    is_new = np.random.default_rng(seed).random(10) < share
    a, b, _ = codes.near(parts, is_new=is_new)
    wanted = {(one, other) for one, other in slowly(parts) if is_new[one] or is_new[other]}
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == wanted


def test_a_crowd_with_the_same_parts_is_bounded_and_meets_in_its_first() -> None:
    one, others = random_parts(1, 1, 40, 12), random_parts(2, 1500, 50_000, 12)
    names = ("codes", "flips", "angles", "scales")
    crowd = {name: np.repeat(getattr(one, name), 400, axis=0) for name in names}
    every = Parts(*(np.concatenate([crowd[name], getattr(others, name)]) for name in names))
    a, b, _ = codes.near(every)
    a, b = a[b < 400], b[b < 400]
    assert len(a) <= 2 * 400 and set(b[a == 0].tolist()) == set(range(1, 400))
