"""Grid: no two in one cell, look-alikes side by side, and a grid that is extended stays where it was."""

import numpy as np
import pytest
from layouts import blobs, material, run

from core.errors import UsageError
from core.layout.grid import Grid
from core.layout.making import make
from core.layout.packing import Lattice, packed
from core.layout.pca import leading


def cells_of(layout: Grid, at: np.ndarray) -> np.ndarray:
    """(column, row) of each point, whole numbers; the corner is (0, 0)."""
    places = (at.astype(np.float64) - at.min(axis=0)) * layout.scale
    whole = np.rint(places)
    assert np.abs(places - whole).max(initial=0) < 1e-2
    return whole.astype(np.int64)


def side_by_side(cells: np.ndarray, rows: np.ndarray) -> float:
    """The mean cosine distance of images in cells that touch."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    gap = np.abs(cells[:, None] - cells[None]).sum(-1)
    first, second = np.nonzero(gap == 1)
    return float(1 - (rows[first] * rows[second]).sum(1).mean())


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("aspect", [0.25, 1.0, 4.0])
def test_few_images(count: int, aspect: float) -> None:
    layout = Grid(material(np.eye(8)[:count], settings={"aspect": aspect}))
    at = run(layout)
    assert at.shape == (count, 2)
    assert np.abs(at).max(initial=0) <= 1
    assert not count or len(np.unique(cells_of(layout, at), axis=0)) == count


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_every_image_has_a_cell_of_its_own_and_likes_lie_together(aspect: float) -> None:
    rows, _ = blobs(9, 30)
    given = material(rows, settings={"aspect": aspect})
    layout = make("grid", given)
    at = run(layout)
    assert isinstance(layout, Grid)
    cells = cells_of(layout, at)
    assert len(np.unique(cells, axis=0)) == len(rows)
    assert np.abs(at).max() <= 1 - 1 / layout.scale / 2 + 1e-6
    width, height = cells.max(axis=0) + 1
    assert abs(width / height / aspect - 1) < 0.25
    assert np.array_equal(at, run(Grid(given)))

    lattice = Lattice.of(len(rows), aspect)
    split = packed(leading(given, 2), lattice)
    by_split = np.stack([split % lattice.columns, split // lattice.columns], axis=1)
    shuffled = np.random.default_rng(0).permutation(by_split)
    assert side_by_side(cells, rows) < 0.85 * side_by_side(by_split, rows)
    assert side_by_side(by_split, rows) < 0.9 * side_by_side(shuffled, rows)


def test_packing_keeps_the_order_of_a_plane() -> None:
    random = np.random.default_rng(4)
    lattice = Lattice(9, 7)
    # Points that lie on the grid already, moved by less than half a cell, get their own cells back.
    cells = random.permutation(60)
    points = lattice.centres(cells) + random.uniform(-0.1, 0.1, (60, 2)).astype(np.float32) / 4.5
    assert np.array_equal(packed(points, lattice), cells)


def test_another_layout_is_what_it_begins_from() -> None:
    rows, group = blobs(4, 25)
    corners = np.array([[-1, 1], [1, 1], [-1, -1], [1, -1]])[group]
    start = (corners + np.random.default_rng(0).normal(0, 0.1, (100, 2))).astype(np.float32)
    start[7] = np.nan
    at = run(Grid(material(rows, start=start)))
    for one in range(4):
        middle = np.median(at[group == one], axis=0)
        assert (np.sign(middle) == np.array([[-1, 1], [1, 1], [-1, -1], [1, -1]])[one]).all()


def test_identical_vectors_and_points_without_neighbours() -> None:
    layout = Grid(material(np.ones((30, 8))))
    assert len(np.unique(cells_of(layout, run(layout)), axis=0)) == 30
    alone = material(np.eye(12), 3)
    alone.neighbours[:] = -1
    layout = Grid(alone)
    assert len(np.unique(cells_of(layout, run(layout)), axis=0)) == 12


@pytest.mark.parametrize("new", [1, 12, 60])
def test_new_images_get_free_cells_and_the_rest_stays(new: int) -> None:
    rows, _ = blobs(5, 26)
    old = 130 - new
    first = Grid(material(rows[:old]))
    before = run(first)
    start = np.concatenate([before, np.full((new, 2), np.nan, dtype=np.float32)])
    fixed = ~np.isnan(start[:, 0])
    given = material(rows, start=start, fixed=fixed, start_scale=first.scale)
    layout = Grid(given)
    at = run(layout)
    assert np.array_equal(at[:old], before)
    assert layout.scale == first.scale
    cells = cells_of(layout, at)
    assert len(np.unique(cells, axis=0)) == 130
    assert np.array_equal(at, run(Grid(given)))
    # Nothing flies away: the rim is as wide as need be.
    assert np.abs(at).max() < 1 + 3 * (1 + new / old) / layout.scale
    assert np.isfinite(at).all()


def test_one_new_image_gets_the_nearest_free_cell() -> None:
    rows, _ = blobs(4, 16)
    first = Grid(material(rows[:63]))
    before = run(first)
    start = np.concatenate([before, np.full((1, 2), np.nan, dtype=np.float32)])
    fixed = np.arange(64) < 63
    rows[63] = rows[5] + 0.01  # a copy of the sixth, more or less
    given = material(rows, 1, start=start, fixed=fixed, start_scale=first.scale)
    assert given.neighbours[63, 0] == 5
    layout = Grid(given)
    cells = cells_of(layout, run(layout))
    gap = ((cells[63] - cells[5]) ** 2).sum()
    free = [
        (x, y) for x in range(-3, 12) for y in range(-3, 12)
        if not (cells[:63] == (x, y)).all(axis=1).any()
    ]  # fmt: skip
    assert gap == min(((np.array(one) - cells[5]) ** 2).sum() for one in free)


def test_values_that_are_no_numbers_are_refused() -> None:
    given = material(np.eye(6), 2)
    given.scores[2, 1] = np.nan
    with pytest.raises(UsageError, match="not numbers"):
        make("grid", given).start()
