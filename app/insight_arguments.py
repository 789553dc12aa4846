"""The command line of `outliers`, `hints` and `diagnose`: what may be typed. Imports nothing."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_SOURCES = ("folders", "labels", "tags")
Parser = argparse.ArgumentParser


def add(
    calls: "_SubParsersAction[argparse.ArgumentParser]",
    call: "Callable[[_SubParsersAction[argparse.ArgumentParser], str, str], Parser]",
    catalogue: Callable[[Parser], None],
    encoder: Callable[[Parser], None],
    positive: Callable[[str], int],
) -> None:
    """Add the three calls; ``call``, ``catalogue`` and ``encoder`` make what every call has."""
    parser = call(calls, "outliers", "the oddest images: those that are like no other")
    catalogue(parser)
    encoder(parser)
    parser.add_argument("-k", type=positive, default=50, help="how many (50)")
    parser.add_argument("--filter", metavar="EXPR", help="class:NAME tag:NAME format:NAME words")
    parser = call(calls, "hints", "labels that may be wrong, and leaks of a split")
    catalogue(parser)
    encoder(parser)
    _labels(parser)
    parser.add_argument("--split", metavar="NAME", help="default: the only one there is")
    parser.add_argument("-k", type=positive, default=100, help="how many of each (100)")
    parser.add_argument(
        "--apply-split", metavar="NAME", help="keep a split without leaks under this name"
    )
    parser = call(calls, "diagnose", "what an encoder's vectors are like")
    catalogue(parser)
    encoder(parser)
    _labels(parser)
    parser.add_argument(
        "--with", dest="other", metavar="ENCODER", help="compare the neighbours with this encoder's"
    )
    parser.add_argument("-k", type=positive, default=10, help="neighbours compared (10)")


def _labels(parser: Parser) -> None:
    parser.add_argument(
        "--labels",
        choices=_SOURCES,
        help="default: labels, and folders where there are few or none",
    )
