"""What may be typed after the calls of searching. No Qt here."""

import argparse
from collections.abc import Callable
from pathlib import Path


def add_similar(
    parser: argparse.ArgumentParser,
    *,
    path: Callable[[str], Path],
    region: Callable[[str], tuple[float, float, float, float]],
    positive: Callable[[str], int],
) -> None:
    """The arguments of ``similar``, beside catalogue and encoder."""
    query = parser.add_mutually_exclusive_group(required=True)
    query.add_argument("--image", nargs="+", type=path, metavar="PATH", action="extend")
    query.add_argument(
        "--text", metavar="WORDS", help="such as 'street at night, rain^2 -car -\"parked bus\"'"
    )
    query.add_argument(
        "--between", nargs=2, type=path, metavar="PATH", help="what lies between two images"
    )
    parser.add_argument(
        "--not",
        dest="minus",
        nargs="+",
        default=[],
        metavar="PATH|WORDS",
        action="extend",
        help="less like these images or words",
    )
    parser.add_argument("--least", action="store_true", help="the least like first")
    parser.add_argument("--plain", action="store_true", help="the words alone, in no wording")
    parser.add_argument("-k", type=positive, default=10, help="how many (10)")
    parser.add_argument("--region", type=region, metavar="X,Y,W,H", help="a part, in shares of 1")
    parser.add_argument(
        "--box", action="store_true", help="look for it in parts of images, and say in which part"
    )
    parser.add_argument("--filter", metavar="EXPR", help="class:NAME tag:NAME format:NAME words")
    parser.add_argument(
        "--mode",
        choices=("exact", "balanced", "fast"),
        help="how sure the nearest are found in a large catalogue; default: the catalogue's",
    )
    parser.add_argument("--save", metavar="NAME", help="keep this search under a name")


def add_searches(
    parser: argparse.ArgumentParser,
    *,
    path: Callable[[str], Path],
    positive: Callable[[str], int],
) -> None:
    """The actions of ``searches``, beside the catalogue."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, meaning in (
        ("list", "all of them (what it does without an action)"),
        ("run", "ask again"),
        ("remove", "forget one"),
        ("rename", "give one another name"),
        ("negate", "let one answer from the other end"),
        ("tag", "put a tag on what it finds"),
        ("export", "write what it finds as CSV"),
    ):
        action = actions.add_parser(name, help=meaning, description=meaning)
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        if name != "list":
            action.add_argument("name", metavar="NAME")
        if name == "rename":
            action.add_argument("to", metavar="NEW")
        if name == "tag":
            action.add_argument("tag", metavar="TAG")
        if name == "export":
            action.add_argument("target", type=path, metavar="FILE.csv")
        if name in ("run", "tag", "export"):
            action.add_argument("-k", type=positive, help="how many (as it was saved)")
