"""The command line of `export`: what may be typed. Built from the table of what can be taken away."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.export import kinds

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Parser = argparse.ArgumentParser


def add(
    calls: "_SubParsersAction[argparse.ArgumentParser]",
    call: "Callable[[_SubParsersAction[argparse.ArgumentParser], str, str], Parser]",
    path: Callable[[str], Path],
) -> None:
    """Add the call; ``call`` makes what every call has, ``path`` reads one."""
    parser = call(calls, "export", "write embeddings, decisions, models and reports as files")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(
        ["what and formats:"]
        + [
            f"  {one.name:11} {', '.join(form.name for form in one.formats if not form.only_in_window)}"
            for one in kinds.WHATS
        ]
    )
    parser.add_argument("--catalogue", required=True, type=path, metavar="C", help="NAME.lookalike")
    parser.add_argument("--what", required=True, choices=[one.name for one in kinds.WHATS])
    parser.add_argument("--format", required=True, metavar="FMT", help="see below")
    parser.add_argument(
        "--out", type=path, metavar="PATH", help="the file or folder; not needed with --preview"
    )
    parser.add_argument("--filter", default="", metavar="EXPR", help="only these images")
    parser.add_argument(
        "--images", type=path, metavar="FILE", help="only the images whose paths it lists"
    )
    parser.add_argument("--encoder", metavar="NAME", help="default: the catalogue's")
    parser.add_argument("--preview", action="store_true", help="show the first rows, write nothing")
    for option in kinds.every_option().values():
        parser.add_argument(
            f"--{option.name}",
            choices=option.choices or None,
            metavar=None if option.choices else option.name.upper(),
            help=option.meaning + (f"; default: {option.usual}" if option.choices else ""),
        )


def check(parser: Parser, given: argparse.Namespace) -> None:
    """Ends the program where what was typed does not go together."""
    kind = kinds.what(given.what)
    known = [one.name for one in kind.formats]
    if given.format not in known:
        parser.error(f"{given.what} cannot be written as {given.format!r}: {', '.join(known)}.")
    if given.out is None and not given.preview:
        parser.error("export where to? Name it with --out, or look with --preview.")
