"""The command line of `layout`: what may be typed. Imports nothing heavy."""

import argparse

from core.layout import methods


def add(parser: argparse.ArgumentParser) -> None:
    """What may be typed beside the catalogue and the encoder."""
    names = ", ".join(one.name for one in methods.METHODS)
    parser.add_argument(
        "--method",
        metavar="NAME",
        help=f"{names} (that which is stored, or {methods.DEFAULT_METHOD})",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="OPTION=VALUE",
        help="a setting of the method, more than once; `--list` names them",
    )
    parser.add_argument(
        "--align-with",
        metavar="ENCODER",
        help="lay it over that encoder's map; 'none' over none (where there is one, over its old self or another's)",
    )
    parser.add_argument(
        "--extend", action="store_true", help="only place what is new; the rest stays"
    )
    parser.add_argument(
        "--list", action="store_true", help="the methods, and the maps that are stored"
    )
