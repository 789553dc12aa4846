"""Bytes as people read them."""

import pytest

from core.sizes import size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_000, "1 kB"), (12_345, "12 kB"), (999_400, "999 kB"),
        (999_999, "1.0 MB"), (999_949_000, "999.9 MB"), (999_950_000, "1.0 GB"), (1_234_500_000_000_000, "1,234.5 TB"),
    ],
)  # fmt: skip
def test_sizes_are_rounded_before_their_unit_is_chosen(count: int, text: str) -> None:
    assert size(count) == text
