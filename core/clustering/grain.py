"""How fine clusters are: one number from few and large to many and small, and what it means for the tree."""

from dataclasses import dataclass

from core.errors import UsageError

COARSEST, FINEST, DEFAULT = 1, 9, 5
_LARGEST = {1: 0.5, 2: 0.35, 3: 0.25, 4: 0.15}
_USUALLY_LARGEST = 0.1
_LEAVES_FROM = 8


@dataclass(frozen=True, slots=True)
class Scale:
    """A cluster has at least ``least`` contents; of one with more than ``largest`` the parts are taken where it has
    some. ``leaves``: clusters that are parted no further, instead of the most stable ones."""

    least: int
    largest: int
    leaves: bool


def scale(grain: int, count: int) -> Scale:
    """What ``grain`` (1, few and large, to 9, many and small) means for ``count`` contents.

    In the middle the least size grows with the cube root of their number, 10 for 5,000, 26 for 100,000, 57 for a
    million. Raises UsageError for another grain.
    """
    if not COARSEST <= grain <= FINEST:
        raise UsageError(
            f"The grain of clusters is a whole number from {COARSEST}, few and large, to {FINEST}, many and small."
        )
    usual = max(4.0, 0.57 * count ** (1 / 3))
    if grain <= DEFAULT:
        least = usual * 2 ** (0.75 * (DEFAULT - grain))
    else:
        least = usual * (2 / usual) ** ((grain - DEFAULT) / (FINEST - DEFAULT))
    largest = int(_LARGEST.get(grain, _USUALLY_LARGEST) * count)
    return Scale(max(2, round(least)), largest, grain >= _LEAVES_FROM)
