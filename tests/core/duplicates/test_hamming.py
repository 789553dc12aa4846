"""What is near in any orientation is found as by comparing all with all, and crowds stay affordable."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.links import pair_keys
from core.duplicates import hamming
from core.duplicates.features import Look
from core.duplicates.fingerprints import inner, inner_box, sign_hash


def by_brute_force(hashes: np.ndarray, owners: np.ndarray) -> dict[int, int]:
    """The least distance of each two owners within the radius, over all orientations."""
    found: dict[int, int] = {}
    for turned in hamming.oriented(hashes):
        bits = np.bitwise_count(turned[:, None] ^ hashes[None, :])
        for one, other in zip(*np.nonzero(bits <= hamming.RADIUS), strict=True):
            if owners[one] != owners[other]:
                key = int(pair_keys(owners[one : one + 1], owners[other : other + 1])[0])
                found[key] = min(found.get(key, 64), int(bits[one, other]))
    return found


def made(seed: int, count: int, copies: int) -> np.ndarray:
    """Random hashes, and copies of some in any orientation with up to six bits changed, at least one."""
    drawn = np.random.default_rng(seed)
    hashes = drawn.integers(0, 2**63, count, dtype=np.uint64)
    more = []
    for _ in range(copies):
        turned = hamming.oriented(hashes[drawn.integers(count)][None])[drawn.integers(8)][0]
        for bit in drawn.choice(64, drawn.integers(1, 7), replace=False):
            turned ^= np.uint64(1) << np.uint64(bit)
        more.append(turned)
    return np.concatenate([hashes, np.array(more, dtype=np.uint64)])


@given(seed=st.integers(0, 10**6), count=st.integers(1, 60), copies=st.integers(0, 40))
@settings(max_examples=12, deadline=None)
def test_it_equals_brute_force(seed: int, count: int, copies: int) -> None:
    hashes = made(seed, count, copies)
    owners = np.random.default_rng(seed).permutation(len(hashes)).astype(np.int32) + 1
    keys, bits = hamming.near(hashes, owners)
    assert np.all(keys[1:] > keys[:-1])
    assert dict(zip(keys.tolist(), bits.tolist(), strict=True)) == by_brute_force(hashes, owners)


def test_the_table_of_many_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = made(7, 150, 120)
    owners = np.arange(1, len(hashes) + 1, dtype=np.int32)
    keys, bits = hamming.near(hashes, owners)
    monkeypatch.setattr(hamming, "_LARGE", 0)
    again, again_bits = hamming.near(hashes, owners)
    assert len(keys) > 60
    assert np.array_equal(keys, again) and np.array_equal(bits, again_bits)


@given(seed=st.integers(0, 10**6), share=st.floats(0, 1))
@settings(max_examples=8, deadline=None)
def test_of_new_ones_only_theirs_are_found(seed: int, share: float) -> None:
    hashes = made(seed, 40, 30)
    owners = np.arange(1, len(hashes) + 1, dtype=np.int32)
    is_new = np.random.default_rng(seed).random(len(hashes)) < share
    keys, _ = hamming.near(hashes, owners, is_new=is_new)
    new = set(owners[is_new].tolist())
    wanted = {one for one in by_brute_force(hashes, owners) if new & {one >> 32, one & 0xFFFFFFFF}}
    assert set(keys.tolist()) == wanted


def test_an_owner_is_no_pair_with_itself_and_a_pair_comes_once() -> None:
    hashes = made(3, 10, 30)
    owners = (np.arange(len(hashes), dtype=np.int32) // 2) + 1
    keys, bits = hamming.near(hashes, owners)
    assert dict(zip(keys.tolist(), bits.tolist(), strict=True)) == by_brute_force(hashes, owners)


def test_a_crowd_gives_pairs_in_the_order_of_its_size_and_hangs_together_by_its_first() -> None:
    crowd = np.full(1000, 0x123456789ABCDEF0, dtype=np.uint64)
    keys, bits = hamming.near(crowd, np.arange(1, 1001, dtype=np.int32))
    assert len(keys) < 2 * 1000 and not bits.any()
    assert set((keys[keys >> 32 == 1] & 0xFFFFFFFF).tolist()) == set(range(2, 1001))


def test_a_crowd_of_different_hashes_is_bounded_and_nearly_all_meet() -> None:
    drawn = np.random.default_rng(0)
    crowd = np.uint64(1) << drawn.integers(0, 64, (4000, 2)).astype(np.uint64)
    hashes = np.uint64(0x0F1E2D3C4B5A6978) ^ crowd[:, 0] ^ crowd[:, 1]
    keys, _ = hamming.near(hashes, np.arange(1, 4001, dtype=np.int32))
    tables = hamming.PIECES * (hamming.PIECES - 1) // 2
    assert len(keys) <= 4000 * tables * hamming.CROWD
    assert len(np.unique(np.concatenate([keys >> 32, keys & 0xFFFFFFFF]))) > 0.97 * 4000


@pytest.mark.parametrize("turn", range(8))
def test_the_hash_of_a_turned_picture_is_the_turned_hash(turn: int) -> None:
    drawn = np.random.default_rng(5)
    coarse = drawn.integers(0, 255, (6, 9)).astype(np.float32)
    picture = np.kron(coarse, np.ones((24, 24))).astype(np.uint8)
    turned = np.rot90(picture, turn % 4)
    turned = np.ascontiguousarray(turned[:, ::-1] if turn >= 4 else turned)
    one = np.array([sign_hash(picture)], dtype=np.uint64)
    other = np.array([sign_hash(turned)], dtype=np.uint64)
    bits = [int(np.bitwise_count(each ^ other)[0]) for each in hamming.oriented(one)]
    assert min(bits) <= hamming.RADIUS


def test_blank_pictures_have_one_hash_and_borders_are_seen_through() -> None:
    assert (
        sign_hash(np.full((40, 60), 7, np.uint8)) == sign_hash(np.full((9, 9), 200, np.uint8)) == 0
    )
    drawn = np.random.default_rng(6)
    picture = np.kron(drawn.integers(30, 225, (5, 7)), np.ones((20, 20))).astype(np.uint8)
    framed = np.pad(picture, 12, constant_values=255)
    assert np.array_equal(inner(framed), picture)
    mounted = np.pad(framed, ((9, 4), (3, 20)), constant_values=0)
    assert inner_box(mounted) == (3, 9, 164, 124)
    assert np.array_equal(inner(mounted), framed)
    # One pixel of each seam is left out on every side.
    boxes = [(0, 0, 187, 137), (4, 10, 162, 122), (16, 22, 138, 98)]
    assert Look(np.repeat(mounted[:, :, None], 3, axis=2)).boxes == boxes
    assert inner(picture).shape == picture.shape
