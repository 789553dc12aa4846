"""Numbers as people read them."""

import time
from pathlib import Path

from core.sizes import size as size


def number(value: int) -> str:
    """12,345."""
    return f"{value:,}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """1 image, 2 images."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def span(seconds: float) -> str:
    """Time left: 8 s, 2 min, 1 h 5 min."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def date(mtime_ns: int) -> str:
    """Local date and time of a file."""
    return time.strftime("%d %b %Y, %H:%M", time.localtime(mtime_ns / 1e9))


def readable_name(path: str) -> str:
    """A catalogue's name without the digest that keeps namesakes apart."""
    name = Path(path).stem
    stem, dash, digest = name.rpartition("-")
    is_digest = len(digest) == 10 and all(letter in "0123456789abcdef" for letter in digest)
    return stem if dash and is_digest and stem else name
