"""Supervised: classes come together by as much as the weight says, and there must be some."""

import numpy as np
import pytest
from layouts import blobs, material, run

from core.errors import UsageError
from core.layout.base import Material
from core.layout.making import make


def mixed(weight: float | None, **known: object) -> tuple[np.ndarray, np.ndarray]:
    """(positions, classes) of two groups of look-alikes, each half of one class and half of another."""
    rows, _ = blobs(2, 60)
    classes = np.random.default_rng(3).integers(0, 2, 120).astype(np.int32)
    classes[::10] = -1
    settings = {} if weight is None else {"class_weight": weight}
    given = material(rows, 15, classes=classes, settings=settings, **known)
    return run(make("supervised", given)), classes


def purity(at: np.ndarray, classes: np.ndarray) -> float:
    """How many of the eight nearest labelled images have the class of an image."""
    at, classes = at[classes >= 0], classes[classes >= 0]
    gaps = ((at[:, None] - at[None]) ** 2).sum(-1)
    np.fill_diagonal(gaps, np.inf)
    near = np.argsort(gaps, axis=1)[:, :8]
    return float((classes[near] == classes[:, None]).mean())


def test_the_weight_draws_classes_together() -> None:
    none, half, full = (purity(*mixed(weight)) for weight in (0.0, 0.5, 1.0))
    assert none < 0.62
    assert half > none + 0.1
    assert full > 0.95
    assert np.array_equal(mixed(None)[0], mixed(0.5)[0])


def test_without_a_weight_it_is_the_plain_layout() -> None:
    rows, _ = blobs(2, 20)
    classes = np.zeros(40, dtype=np.int32)
    plain = run(make("umap", material(rows)))
    weightless = material(rows, classes=classes, settings={"class_weight": 0.0})
    assert np.array_equal(run(make("supervised", weightless)), plain)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_images(count: int) -> None:
    given = material(np.eye(8)[:count], classes=np.zeros(count, dtype=np.int32))
    at = run(make("supervised", given))
    assert at.shape == (count, 2)


def test_identical_vectors_and_parts_without_a_way_between_them() -> None:
    classes = (np.arange(30) % 3).astype(np.int32)
    at = run(make("supervised", material(np.ones((30, 8)), classes=classes)))
    assert np.abs(at).max() <= 1
    # With the full weight no link leads from class to class.
    at = run(
        make(
            "supervised",
            material(np.ones((30, 8)), classes=classes, settings={"class_weight": 1.0}),
        )
    )
    assert np.isfinite(at).all()


def test_fixed_points_stay() -> None:
    before, classes = mixed(0.5)
    start = before.copy()
    start[100:] = np.nan
    fixed = ~np.isnan(start[:, 0])
    at, _ = mixed(0.5, start=start, fixed=fixed)
    assert np.array_equal(at[:100], before[:100])
    assert np.isfinite(at).all()
    assert len(classes) == len(at)


@pytest.mark.parametrize("classes", [None, np.full(6, -1, dtype=np.int32)])
def test_classes_are_needed(classes: np.ndarray | None) -> None:
    given: Material = material(np.eye(6), 2, classes=classes)
    with pytest.raises(UsageError, match="No image has a class"):
        make("supervised", given)


def test_values_that_are_no_numbers_are_refused() -> None:
    given = material(np.eye(6), 2, classes=np.zeros(6, dtype=np.int32))
    given.scores[2, 1] = np.nan
    with pytest.raises(UsageError, match="not numbers"):
        make("supervised", given).start()


def test_new_points_are_placed_where_no_class_is_left() -> None:
    rows, _ = blobs(3, 20)
    start = np.random.default_rng(0).uniform(-1, 1, (60, 2)).astype(np.float32)
    start[-4:] = np.nan
    fixed = ~np.isnan(start[:, 0])
    nobody = np.full(60, -1, dtype=np.int32)
    found = run(make("supervised", material(rows, start=start, fixed=fixed, classes=nobody)))
    assert np.array_equal(found[fixed], start[fixed]) and np.isfinite(found).all()
