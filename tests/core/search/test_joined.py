"""Two embeddings as one: each content exactly once, and always the row that belongs to it."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from core.search import joined
from core.search.joined import Joined, still_old
from core.search.vectors import Rows, Vectors

DIM = 3
owners = some.lists(some.integers(0, 40), max_size=60).map(
    lambda found: np.array(
        [one if one and found.index(one) == place else 0 for place, one in enumerate(found)],
        dtype=np.int32,
    )
)


class InMemory(Rows):
    """Rows that say whose they are: (content, encoder, row)."""

    def __init__(self, contents: NDArray[np.int32], encoder: int) -> None:
        self.dim = DIM
        self.rows = np.array(
            [(content, encoder, row) for row, content in enumerate(contents)], dtype=np.float16
        ).reshape(-1, DIM)
        self.most = 0

    def read(self, start: int, stop: int) -> NDArray[np.float16]:
        assert 0 <= start <= stop <= len(self.rows)
        self.most = max(self.most, stop - start)
        return self.rows[start:stop]


@settings(max_examples=200, deadline=None)
@given(owners, owners, some.data())
def test_each_content_has_exactly_one_row_and_it_is_its_own(
    new: NDArray[np.int32], old: NDArray[np.int32], data: some.DataObject
) -> None:
    chosen = still_old(new, old)
    both = np.concatenate([new, old[chosen]])
    here = both[both != 0].tolist()
    assert sorted(here) == sorted(set(new.tolist() + old.tolist()) - {0})
    span, joined._SPAN_ROWS = joined._SPAN_ROWS, data.draw(some.integers(1, 8))
    try:
        older = InMemory(old, 2)
        view = Joined(InMemory(new, 1), len(new), older, chosen)
        start = data.draw(some.integers(0, len(both)))
        stop = data.draw(some.integers(start, len(both)))
        found = view.read(start, stop)
        assert found[:, 0].tolist() == both[start:stop].tolist()
        assert older.most <= joined._SPAN_ROWS
    finally:
        joined._SPAN_ROWS = span
    assert found[:, 1].tolist() == [1 if row < len(new) else 2 for row in range(start, stop)]
    blocks = [block for _, block in view.blocks(len(both), 7)]
    assert sum(map(len, blocks)) == len(both)
    if len(both):
        assert np.concatenate(blocks)[:, 0].tolist() == both.tolist()
        numbers = np.array(data.draw(some.lists(some.integers(0, len(both) - 1), max_size=9)))
        wanted = view.gather(numbers.astype(np.int64))
        assert wanted[:, 0].tolist() == both[numbers.astype(np.int64)].tolist()


def test_rows_on_the_disk(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    made = random.normal(size=(20, 8)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    new, old = Vectors(tmp_path / "1-0", 8), Vectors(tmp_path / "2-0", 8)
    new.write(0, made[:5])
    old.write(0, made)
    chosen = still_old(np.arange(1, 6, dtype=np.int32), np.arange(1, 21, dtype=np.int32))
    assert np.array_equal(Joined(new, 5, old, chosen).read(0, 20), made.astype(np.float16))
