"""What the command line says about rows of a table that were left out."""

import sys
from collections.abc import Sequence

_SHOWN = 10


def tell_left_out(rows: Sequence[tuple[int, str]]) -> None:
    """The first (line, why) on standard error, and how many more there are."""
    for line, why in rows[:_SHOWN]:
        sys.stderr.write(f"Line {line}: {why}.\n")
    if len(rows) > _SHOWN:
        sys.stderr.write(f"... and {len(rows) - _SHOWN} more lines.\n")
