"""Numbers as text read back to the same numbers, and as the shortest text that does."""

import numpy as np
import pytest

from core.export.number_text import lines


@pytest.mark.parametrize("kind", ["float32", "float16"])
def test_every_number_that_float16_holds(kind: str) -> None:
    every = np.arange(65_536, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)][:63_488].reshape(-1, 128)
    rows = list(lines(finite.astype(kind), b","))
    assert len(rows) == len(finite) and all(row.count(b",") == 128 for row in rows)
    read = np.array([row[1:].split(b",") for row in rows]).astype(str).astype(kind)
    assert np.array_equal(read, finite.astype(kind))
    assert np.array_equal(np.signbit(read), np.signbit(finite))
    some = finite.reshape(-1)[::997]
    texts = b"".join(rows).decode().split(",")[1::997]
    assert texts == [str(one) for one in some.astype(kind)]


def test_no_rows_and_one() -> None:
    assert list(lines(np.zeros((0, 3), np.float32), b",")) == []
    assert list(lines(np.array([[0.5, -0.0, 1]], np.float32), b"\t")) == [b"\t0.5\t-0.0\t1.0"]
    assert list(lines(np.array([[0.1]], np.float16), b",")) == [b",0.1"]
    assert list(lines(np.array([[0.1]], np.float16).astype(np.float32), b",")) == [b",0.099975586"]
