"""Neural collapse against the plain d x d formulas and on known geometries; when it is called over-training."""

import numpy as np
import pytest

from core.training import collapse
from core.training.collapse import Collapse, judge, measure, sample

ROUNDS = range(0, 400, 20)


def plain(vectors: np.ndarray, labels: np.ndarray) -> Collapse:
    """The formulas as they are printed, with matrices of d x d and loops."""
    rows = vectors.astype(np.float64)
    names = [one for one in np.unique(labels) if (labels == one).sum() > 1]
    means = np.stack([rows[labels == one].mean(axis=0) for one in names])
    apart = means - means.mean(axis=0)
    within = np.concatenate(
        [rows[labels == one] - mean for one, mean in zip(names, means, strict=True)]
    )
    s_w, s_b = within.T @ within / len(within), apart.T @ apart / len(names)
    norms = np.linalg.norm(apart, axis=1)
    unit = apart / norms[:, None]
    off = ~np.eye(len(names), dtype=bool)
    hits = []
    for place, name in enumerate(names):
        members = np.flatnonzero(labels == name)
        for one in members:
            left = means.copy()
            left[place] = rows[members[members != one]].mean(axis=0)
            hits.append(np.linalg.norm(left - rows[one], axis=1).argmin() == place)
    return Collapse(
        float(np.trace(s_w @ np.linalg.pinv(s_b, rcond=1e-10)) / len(names)),
        float(norms.std() / norms.mean()),
        float(np.abs((unit @ unit.T) + 1 / (len(names) - 1))[off].mean()),
        float(np.mean(hits)),
    )


def clusters(classes: int, each: int, dim: int, noise: float, seed: int = 0) -> tuple:
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), random.integers(1, 2 * each, classes))
    rows = random.normal(size=(classes, dim))[labels] + noise * random.normal(
        size=(len(labels), dim)
    )
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    mixed = random.permutation(len(labels))
    return rows[mixed].astype(np.float32), labels[mixed]


@pytest.mark.parametrize(
    ("classes", "each", "dim"), [(2, 4, 6), (7, 5, 40), (12, 3, 5), (40, 2, 64)]
)
def test_it_is_what_the_plain_formulas_say(classes: int, each: int, dim: int) -> None:
    vectors, labels = clusters(classes, each, dim, noise=0.7)
    found, wanted = measure(vectors, labels), plain(vectors, labels)
    for name, value in wanted.values().items():
        assert found.values()[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name


def test_a_simplex_has_collapsed() -> None:
    corners = np.eye(5, 8, dtype=np.float32)
    labels = np.repeat(np.arange(5), 3)
    found = measure(corners[labels], labels)
    assert found.variability == pytest.approx(0, abs=1e-12)
    assert found.uneven_norms == pytest.approx(0, abs=1e-12)
    assert found.uneven_angles == pytest.approx(0, abs=1e-12)
    assert found.centred == 1
    # Wherever it lies and however it is turned.
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0]
    moved = measure((corners[labels] @ turned + 3).astype(np.float32), labels)
    assert max(moved.variability, moved.uneven_norms, moved.uneven_angles) < 1e-6


def test_an_image_is_not_its_own_witness() -> None:
    # Two of each class on the two sides of everything: with itself each would be nearest to its own mean.
    random = np.random.default_rng(1)
    vectors = random.normal(size=(60, 400)).astype(np.float32)
    assert measure(vectors, np.repeat(np.arange(30), 2)).centred < 0.2


def test_what_cannot_be_told_is_no_number() -> None:
    random = np.random.default_rng(2)
    rows = random.normal(size=(6, 4)).astype(np.float32)
    alone = [np.arange(6), np.array([0, 0, 0, 1, 2, 3]), np.zeros(6, dtype=np.int64)]
    for labels in alone:
        assert all(np.isnan(one) for one in measure(rows, labels).values().values())
    one_place = np.repeat(rows[:1], 6, axis=0)
    assert np.isnan(measure(one_place, np.repeat([0, 1], 3)).variability)
    nothing = measure(rows[:0], np.zeros(0, dtype=np.int64))
    assert np.isnan(nothing.centred)


def test_single_images_are_left_out() -> None:
    vectors, labels = clusters(6, 4, 10, noise=0.5)
    kept = np.isin(labels, np.flatnonzero(np.bincount(labels) > 1))
    assert measure(vectors, labels) == measure(vectors[kept], labels[kept])


def test_a_sample_is_balanced() -> None:
    labels = np.repeat(np.arange(120), [1] * 10 + [2] * 10 + [50] * 100)
    rows = np.flatnonzero(np.arange(len(labels)) % 7 != 0)
    found = sample(labels, rows, 256, np.random.default_rng(0))
    counts = np.bincount(labels[found])
    assert len(found) <= 256 and len(np.unique(found)) == len(found) and np.isin(found, rows).all()
    assert counts[counts > 0].min() >= 2 and counts.max() <= 9
    assert (counts > 0).sum() <= 32
    few = sample(labels, rows[labels[rows] == 50], 256, np.random.default_rng(0))
    assert not len(few)


def spoken(recall: np.ndarray, variability: np.ndarray, **more: int) -> str:
    given = {"queries": 300, "steps": 400, "best_step": 240} | more
    return judge(ROUNDS, variability, recall, recall * 0.5, **given)


def noisy(curve: np.ndarray, seed: int, size: float) -> np.ndarray:
    found: np.ndarray = curve + np.random.default_rng(seed).normal(size=len(curve)) * size
    return found


RISE = np.interp(ROUNDS, [0, 200, 400], [0.7, 0.9, 0.9])
FALL = np.interp(ROUNDS, [0, 200, 260, 400], [0.7, 0.9, 0.9, 0.8])
CROWDING, RESTLESS = np.geomspace(1.0, 0.05, 20), np.full(20, 0.6)


def test_it_says_when_it_over_trains() -> None:
    for seed in range(20):
        said = spoken(noisy(FALL, seed, 0.004), noisy(CROWDING, seed + 50, 0.005))
        assert said.startswith("The images it learns from crowd together while held-out images")
        assert "since step 2" in said or "since step 3" in said, said
        assert "The best state, at step 240, is what is kept" in said
    assert "since step 280." in spoken(FALL, CROWDING, best_step=260)


def test_it_is_silent_when_all_is_well() -> None:
    dips = RISE.copy()
    dips[[5, 11, 19]] -= 0.1  # single bad measurements
    early = np.interp(ROUNDS, [0, 120, 260, 400], [0.82, 0.7, 0.82, 0.84])  # worse at first
    for seed in range(20):
        for curve in (RISE, dips, early, np.full(20, 0.8)):
            assert not spoken(noisy(curve, seed, 0.006), CROWDING)
        assert not spoken(noisy(FALL, seed, 0.004), RESTLESS)
        assert not spoken(noisy(FALL, seed, 0.004), CROWDING[::-1])


def test_few_images_need_a_deeper_fall() -> None:
    small = np.interp(ROUNDS, [0, 200, 400], [0.7, 0.9, 0.86])
    assert not spoken(small, CROWDING, queries=30)
    assert spoken(small, CROWDING, queries=3000)
    assert not spoken(FALL, CROWDING, queries=0)


def test_it_waits_while_the_steps_are_large() -> None:
    assert not spoken(FALL, CROWDING, steps=4000)
    assert not spoken(FALL, CROWDING, best_step=380)
    assert not judge([], [], [], [], queries=5, steps=10, best_step=0)
    nothing = np.full(20, np.nan)
    assert not spoken(FALL, nothing) and not spoken(nothing, CROWDING)


def test_values_have_the_names_of_the_curves() -> None:
    from core.training.recorder import BY_MEASUREMENT

    assert set(collapse.Collapse().values()) < set(BY_MEASUREMENT)
