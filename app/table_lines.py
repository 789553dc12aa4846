"""What the command line says about rows of a table that were left out."""

import sys
from collections.abc import Sequence

_SHOWN = 10


def tell_left_out(
    rows: Sequence[tuple[int, str]], *, noun: str = "line", total: int | None = None
) -> None:
    """The first (line, why) on standard error, and how many more there are of ``total`` (None: of ``rows``)."""
    for line, why in rows[:_SHOWN]:
        sys.stderr.write(f"{noun.capitalize()} {line}: {why}.\n")
    more = (len(rows) if total is None else total) - min(_SHOWN, len(rows))
    if more:
        sys.stderr.write(f"... and {more:,} more {noun}s.\n")
