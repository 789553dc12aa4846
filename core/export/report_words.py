"""Numbers, sizes and counts as a report writes them."""

from core.sizes import size as size


def number(value: int) -> str:
    """12,345."""
    return f"{value:,}"


def noun(count: int, one: str, many: str = "") -> str:
    """image, images."""
    return one if count == 1 else many or one + "s"


def plural(count: int, one: str, many: str = "") -> str:
    """1 image, 2 images."""
    return f"{count:,} {noun(count, one, many)}"


def percent(share: float) -> str:
    """12.3 %, of a share; nearly all is not 100 %."""
    return f"{100 * (share if share >= 1 else min(share, 0.999)):.1f} %"


def interval(found: tuple[float, float, float]) -> str:
    """A share with its interval: 99.1 % (98.2–99.6 %)."""
    low, middle, high = (100 * one for one in found)
    return f"{middle:.1f} % ({low:.1f}–{high:.1f} %)"


def joined(words: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def sides(of: tuple[int, int]) -> str:
    """Width by height in pixels."""
    return f"{of[0]:,} × {of[1]:,}"


def day(moment: str) -> str:
    """The date and time of an ISO 8601 text, as people read it: 2026-11-28 19:03 UTC."""
    return f"{moment[:10]} {moment[11:16]} UTC" if moment else "not known"
