"""The command line of `embeddings`: what may be typed."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Parser = argparse.ArgumentParser
_EPILOG = """formats: .npy, .npz, Parquet, safetensors, CSV and JSON; what `export --what embeddings` writes comes back
bit for bit. A CSV of the file's name beside it, or the one of --paths, has a line for each vector, in the
same order, with a column path or sha256."""


def add(
    calls: "_SubParsersAction[argparse.ArgumentParser]",
    call: "Callable[[_SubParsersAction[argparse.ArgumentParser], str, str], Parser]",
    path: Callable[[str], Path],
) -> None:
    """Add the call; ``call`` makes what every call has, ``path`` reads one."""
    parser = call(
        calls, "embeddings", "vectors that are here; import some that were made elsewhere"
    )
    parser.add_argument("--catalogue", required=True, type=path, metavar="C", help="NAME.lookalike")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    _json(actions.add_parser("list", help="which there are, and how many images have one"))
    bring = actions.add_parser(
        "import",
        help="store vectors from a file; they are called given:NAME",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _json(bring)
    bring.add_argument("file", type=path, metavar="FILE")
    bring.add_argument(
        "--name", metavar="NAME", help="what to call them (default: the file's name)"
    )
    bring.add_argument(
        "--paths", dest="table", type=path, metavar="FILE.csv", help="whose the rows are"
    )
    bring.add_argument(
        "--by",
        choices=("path", "hash"),
        help="what to match by (default: hashes where there are any)",
    )
    bring.add_argument("--plan", action="store_true", help="say what it would do, change nothing")
    bring.add_argument("--replace", action="store_true", help="in place of others of this name")
    bring.add_argument(
        "--no-graph", action="store_true", help="leave neighbours and layout for later"
    )
    bring.add_argument(
        "--unmatched", type=path, metavar="FILE.csv", help="write the rows that were left out"
    )
    remove = actions.add_parser("remove", help="let go of vectors that were made elsewhere")
    _json(remove)
    remove.add_argument("name", metavar="NAME")


def _json(parser: Parser) -> None:
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="one JSON document on standard output",
    )
