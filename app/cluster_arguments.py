"""The command line of `clusters`: what may be typed. Imports nothing."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Parser = argparse.ArgumentParser


def add(
    calls: "_SubParsersAction[argparse.ArgumentParser]",
    call: "Callable[[_SubParsersAction[argparse.ArgumentParser], str, str], Parser]",
    catalogue: Callable[[Parser], None],
    encoder: Callable[[Parser], None],
) -> None:
    """Add the call; ``call``, ``catalogue`` and ``encoder`` make what every call has."""
    parser = call(calls, "clusters", "images that are like each other, in clusters with names")
    catalogue(parser)
    encoder(parser)
    parser.add_argument(
        "--grain", type=int, metavar="G", help="1, few and large, to 9, many and small (5)"
    )
    parser.add_argument(
        "--by",
        choices=("shared", "distance"),
        default="shared",
        help="alike are images with the same neighbours (shared), or with near vectors (distance)",
    )
    parser.add_argument(
        "--nearest",
        action="store_true",
        help="give images that are on their own to the nearest cluster",
    )
    parser.add_argument(
        "--tag", metavar="PREFIX", help="put PREFIX and its name as a tag on the images of each"
    )
