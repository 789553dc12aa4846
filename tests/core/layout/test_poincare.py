"""Poincare: depth comes out as radius, siblings lie nearer than cousins, nothing leaves the disk."""

import numpy as np
import pytest
import torch
from layouts import blobs, material, run, tree

from core.errors import UsageError
from core.layout.hyperbolic import MOST, moved, on_hyperboloid, to_disk_frame, towards
from core.layout.making import make
from core.layout.poincare import Poincare


def distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """In the hyperbolic plane, by the formula of the disk (Nickel and Kiela 2017)."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    gap = ((a - b) ** 2).sum(-1)
    room = (1 - (a**2).sum(-1)) * (1 - (b**2).sum(-1))
    return np.arccosh(1 + 2 * gap / room)


def test_a_tree_comes_out() -> None:
    rows, node, parents = tree()
    at = run(make("poincare", material(rows, 12)))
    far = np.bincount(node, distance(at, np.zeros(2))) / np.bincount(node)
    inner = parents >= 0
    assert (far[inner] > far[parents[inner]]).mean() > 0.8

    random = np.random.default_rng(2)
    firsts = np.flatnonzero((parents[node] >= 0) & (parents[parents[node]] >= 0))
    one = random.choice(firsts, 2000)
    other = random.integers(0, len(rows), (2000, 60))
    mother, grandmother = parents[node[one]], parents[parents[node[one]]]
    is_sibling = (parents[node[other]] == mother[:, None]) & (node[other] != node[one][:, None])
    is_cousin = (parents[parents[node[other]]] == grandmother[:, None]) & (
        parents[node[other]] != mother[:, None]
    )
    both = is_sibling.any(axis=1) & is_cousin.any(axis=1)
    assert np.count_nonzero(both) > 200
    sibling = other[both, is_sibling[both].argmax(axis=1)]
    cousin = other[both, is_cousin[both].argmax(axis=1)]
    nearer = distance(at[one[both]], at[sibling]) < distance(at[one[both]], at[cousin])
    assert nearer.mean() > 0.85


def test_groups_lie_apart_in_the_disk_and_the_same_each_time() -> None:
    rows, group = blobs(6, 30)
    # No two groups are linked: six parts of a graph without a way between them.
    given = material(rows, 8)
    assert (group[given.neighbours] == group[:, None]).all()
    at = run(Poincare(given))
    assert np.array_equal(at, run(Poincare(given)))
    assert not np.array_equal(at, run(Poincare(material(rows, 8, seed=4))))
    assert np.linalg.norm(at, axis=1).max() <= MOST + 1e-6
    gaps = distance(at[:, None], at[None])
    np.fill_diagonal(gaps, np.inf)
    assert (group[gaps.argmin(axis=1)] == group).mean() > 0.98
    # Without depth, look-alikes alone decide; the tree of the vectors counts for nothing.
    flat = run(Poincare(material(rows, 8, settings={"depth": 0.0})))
    assert np.isfinite(flat).all() and not np.array_equal(flat, at)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_images(count: int) -> None:
    at = run(Poincare(material(np.eye(8)[:count])))
    assert at.shape == (count, 2)
    assert np.linalg.norm(at, axis=1).max(initial=0) <= MOST + 1e-6
    assert len(np.unique(at, axis=0)) == count


def test_identical_vectors_and_points_without_neighbours() -> None:
    at = run(Poincare(material(np.ones((40, 8)))))
    assert np.linalg.norm(at, axis=1).max() <= MOST + 1e-6
    alone = material(np.eye(12), 3)
    alone.neighbours[:] = -1
    at = run(Poincare(alone))
    assert np.isfinite(at).all()


def test_new_points_come_beside_their_likes_and_the_rest_stays() -> None:
    rows, group = blobs(5, 30)
    before = run(Poincare(material(rows[:120], 8)))
    start = np.concatenate([before, np.full((30, 2), np.nan, dtype=np.float32)])
    fixed = ~np.isnan(start[:, 0])
    at = run(Poincare(material(rows, 8, start=start, fixed=fixed)))
    assert np.array_equal(at[:120], before)
    assert np.linalg.norm(at, axis=1).max() <= MOST + 1e-6
    nearest = distance(at[120:, None], at[None, :120]).argmin(axis=1)
    assert (group[nearest] == group[120:]).mean() > 0.9
    # Going on from there without holding them moves them, though not far.
    again = run(Poincare(material(rows[:120], 8, start=before)))
    assert not np.array_equal(again, before)
    assert np.median(np.linalg.norm(again - before, axis=1)) < 0.3


def test_values_that_are_no_numbers_are_refused() -> None:
    given = material(np.eye(6), 2)
    given.scores[2, 1] = np.nan
    with pytest.raises(UsageError, match="not numbers"):
        make("poincare", given).start()


def test_moves_and_directions_fit_the_distance_of_the_disk() -> None:
    random = np.random.default_rng(3)
    ends = random.standard_normal((2, 50, 2))
    ends *= (random.uniform(0, 0.995, (2, 50)) / np.linalg.norm(ends, axis=2))[:, :, None]
    here, there = (torch.from_numpy(end) for end in ends)
    far, direction = towards(here, there)
    assert np.allclose(far.numpy(), distance(ends[0], ends[1]), rtol=1e-6)
    assert np.allclose(moved(here, direction * far[:, None], 20).numpy(), ends[1], atol=1e-7)
    a, b = on_hyperboloid(here), on_hyperboloid(there)
    cosh = (a[:, 0] * b[:, 0] - (a[:, 1:] * b[:, 1:]).sum(1))[:, None]
    along = (b - cosh * a) / (cosh * cosh - 1).sqrt()
    assert np.allclose(to_disk_frame(a, along).numpy(), direction.numpy(), atol=1e-7)
    out = moved(here, direction * 100, 100)
    assert np.linalg.norm(out.numpy(), axis=1).max() <= MOST + 1e-9
