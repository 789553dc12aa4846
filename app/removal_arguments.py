"""The command line of `remove`: what may be typed. Imports nothing."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Parser = argparse.ArgumentParser
HOWS = ("trash", "links", "folder")


def add(
    calls: "_SubParsersAction[argparse.ArgumentParser]",
    call: "Callable[[_SubParsersAction[argparse.ArgumentParser], str, str], Parser]",
    path: Callable[[str], Path],
    share: Callable[[str], float],
) -> None:
    """Add the call; ``call`` makes what every call has, ``path`` and ``share`` read one."""
    parser = call(calls, "remove", "plan, carry out or take back the removal of surplus files")
    parser.add_argument(
        "--catalogue",
        type=path,
        metavar="C",
        help="NAME.lookalike; only a manifest can be restored without",
    )
    act = parser.add_mutually_exclusive_group(required=True)
    act.add_argument("--plan", type=path, metavar="FILE", help="write what would go; touch nothing")
    act.add_argument("--apply", type=path, metavar="FILE", help="carry out this plan")
    act.add_argument("--restore", type=path, metavar="FILE", help="a plan or its manifest")
    act.add_argument("--list", action="store_true", help="the removals so far")
    parser.add_argument("--how", choices=HOWS, help="with --plan: to where (trash)")
    parser.add_argument("--folder", type=path, metavar="DIR", help="with --how folder: move there")
    parser.add_argument(
        "--kinds",
        nargs="+",
        choices=("exact", "pixels"),
        help="with --plan: what goes without having been judged (both)",
    )
    parser.add_argument(
        "--no-judged",
        dest="judged",
        action="store_false",
        default=None,
        help="with --plan: leave what a person judged duplicates",
    )
    parser.add_argument(
        "--threshold",
        type=share,
        metavar="T",
        help="with --plan: what a machine holds alike above this score goes too, 0 to 1",
    )
    parser.add_argument(
        "--rules",
        nargs="+",
        metavar="RULE",
        help="with --plan: what stays, first rule first: whole,pixels,name,date,format,bytes,folder=A:B,path; "
        "-RULE for its reverse, as in --rules=-bytes,path",
    )
    parser.add_argument(
        "--protect",
        nargs="+",
        action="extend",
        type=path,
        metavar="FOLDER",
        help="with --plan: nothing goes from there",
    )
    parser.add_argument(
        "--manifest", type=path, metavar="FILE", help="with --apply: where to write it"
    )
    parser.add_argument(
        "--copies",
        action="store_true",
        help="with --restore: copy the survivor of the same bytes where a file is lost",
    )


def check(parser: Parser, given: argparse.Namespace) -> None:
    """Ends the program where options do not go together."""
    planning = ("how", "folder", "kinds", "judged", "threshold", "rules", "protect")
    if given.plan is None:
        for name in planning:
            if getattr(given, name) is not None:
                shown = "no-judged" if name == "judged" else name
                parser.error(f"--{shown} belongs to --plan.")
    if given.manifest is not None and given.apply is None:
        parser.error("--manifest belongs to --apply.")
    if given.copies and given.restore is None:
        parser.error("--copies belongs to --restore.")
    if given.catalogue is None and given.restore is None:
        parser.error("the following arguments are required: --catalogue")
