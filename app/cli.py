"""The command line: what may be typed. What the calls do is in app/commands.py. No Qt here."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app import (
    cluster_arguments,
    export_arguments,
    given_arguments,
    insight_arguments,
    layout_arguments,
    places,
    query_arguments,
    removal_arguments,
)
from app.argument_values import megapixels, path, positive, region, share
from core import version

if TYPE_CHECKING:
    from argparse import _SubParsersAction

LABEL_SOURCES = ("folders", "labels", "tags")


def main(arguments: Sequence[str]) -> int:
    """Run one call, or open the window; returns the exit code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller (`>&-`), or no console: write to nowhere
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-")):
        return _open_window(arguments)
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.call == "runs" and given.action in ("promote", "discard", "import") and not given.run:
        parser.error(
            f"{given.action} what? Name a {'file' if given.action == 'import' else 'run'}."
        )
    if given.call == "runs" and given.name and given.action != "import":
        parser.error("--name belongs to import.")
    if given.call == "train" and given.resume and given.trial_s:
        parser.error("--try begins anew: it does not go with --resume.")
    if given.call == "runs" and given.at_once and given.action != "promote":
        parser.error("--at-once belongs to promote.")
    if given.call == "runs" and given.no_embed and not given.at_once:
        parser.error("--no-embed belongs to promote --at-once.")
    if given.call == "export":
        export_arguments.check(parser, given)
    if given.call == "remove":
        removal_arguments.check(parser, given)
    # The calls import core.operations, which the window must not wait for.
    from app import commands

    return commands.run(given)


def _open_window(arguments: Sequence[str]) -> int:
    if len(arguments) > 1:
        make_parser().error(f"unknown call {arguments[0]!r}")
    place, problem = places.from_argument(arguments[0]) if arguments else (None, "")
    if problem:
        sys.stderr.write(f"lookalike: {problem}\n")
        return 1
    has_display = (
        sys.platform != "linux"
        or os.environ.get("DISPLAY")
        or os.environ.get("WAYLAND_DISPLAY")
        or os.environ.get("QT_QPA_PLATFORM")
    )
    if place is not None and not os.path.exists(place):
        sys.stderr.write(f"lookalike: There is no folder or catalogue at {place}.\n")
        return 1
    if not has_display:
        from app import headless

        return headless.main(place)
    from app import window_app

    return window_app.open_window(place)


def make_parser() -> argparse.ArgumentParser:
    """The parser of every call."""
    parser = argparse.ArgumentParser(
        prog="lookalike",
        description="See which images are alike. Without a call it opens the window.",
        epilog="lookalike [PATH] opens the window, on a folder or catalogue if given.",
    )
    parser.add_argument("--version", action="version", version=f"lookalike {version.current()}")
    calls = parser.add_subparsers(dest="call", metavar="CALL", required=True)
    _add_reading(calls)
    _add_searching(calls)
    _add_tables(calls)
    _add_training(calls)
    _add_house(calls)
    return parser


def _call(
    calls: "_SubParsersAction[argparse.ArgumentParser]", name: str, meaning: str
) -> argparse.ArgumentParser:
    parser = calls.add_parser(name, help=meaning, description=meaning)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return parser


def _catalogue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--catalogue", required=True, type=path, metavar="C", help="NAME.lookalike")


def _encoder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--encoder", metavar="NAME", help="default: the catalogue's")


def _add_reading(calls: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _call(calls, "import", "add folders, read what is new or changed, embed")
    parser.add_argument("folders", nargs="+", type=path, metavar="FOLDER")
    _catalogue(parser)
    _encoder(parser)
    parser.add_argument("--no-embed", action="store_true", help="read the files only")
    parser = _call(calls, "info", "what the catalogue holds")
    _catalogue(parser)
    _add_encoders(calls)
    given_arguments.add(calls, _call, path)
    parser = _call(calls, "embed", "make the vectors that are missing")
    _catalogue(parser)
    parser.add_argument("--encoder", required=True, metavar="NAME")
    parser = _call(calls, "neighbours", "build or refresh the stored neighbour graph")
    _catalogue(parser)
    _encoder(parser)
    parser.add_argument("-k", type=positive, default=20, help="neighbours of each image (20)")
    parser = _call(calls, "layout", "make a stored 2-D layout")
    _catalogue(parser)
    _encoder(parser)
    layout_arguments.add(parser)


def _add_encoders(calls: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _call(
        calls, "encoders", "the encoders that there are; install, remove, set as default"
    )
    parser.add_argument("--search", metavar="WORDS", help="only those whose names hold these")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, meaning in (
        ("install", "fetch its weights, or look through a checkpoint of your own"),
        ("remove", "delete what was fetched for it"),
        ("default", "let a catalogue use it unless another is named"),
    ):
        action = actions.add_parser(name, help=meaning, description=meaning)
        action.add_argument("name", metavar="NAME", help="openclip:MODEL@TAG, timm:MODEL@TAG, …")
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        if name == "install":
            action.add_argument(
                "--allow-pickle",
                action="store_true",
                help="also a kind of file that can carry code: only if you trust where it comes from",
            )
        if name == "default":
            _catalogue(action)


def _add_searching(calls: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _call(calls, "similar", "the images most like the ones given")
    _catalogue(parser)
    _encoder(parser)
    query_arguments.add_similar(parser, path=path, region=region, positive=positive)
    parser = _call(calls, "searches", "saved searches: list, ask again, turn round, tag, export")
    _catalogue(parser)
    query_arguments.add_searches(parser, path=path, positive=positive)
    parser = _call(calls, "regions", "look at parts of images, so that a part can be searched for")
    _catalogue(parser)
    _encoder(parser)
    parser.add_argument("--anew", action="store_true", help="make all of them again")
    parser = _call(calls, "duplicates", "pairs of images that are the same picture")
    _catalogue(parser)
    parser.add_argument(
        "--threshold",
        type=share,
        metavar="T",
        help="least score of near pairs and parts, 0 to 1 (default: the catalogue's, aiming at precision 0.99)",
    )
    removal_arguments.add(calls, _call, path, share)
    insight_arguments.add(calls, _call, _catalogue, _encoder, positive)
    cluster_arguments.add(calls, _call, _catalogue, _encoder)
    export_arguments.add(calls, _call, path)
    parser = _call(calls, "evaluate", "how well an encoder finds the other images of a class")
    _catalogue(parser)
    _encoder(parser)
    parser.add_argument("--labels", required=True, choices=LABEL_SOURCES)
    parser.add_argument(
        "--split", metavar="NAME", help="queries and gallery; default leave-one-out"
    )


def _add_tables(calls: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _call(calls, "pairs", "verdicts on pairs: CSV with a, b, verdict")
    _table(parser, "FILE.csv")
    parser = _call(calls, "labels", "classes, tags and splits: CSV, Parquet, COCO or a folder")
    _table(parser, "FILE")
    parser.add_argument(
        "--preview", action="store_true", help="say what it would do, change nothing"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=ROLE",
        help="what a column is for: path, label, tags, split, field or ignore",
    )
    parser.add_argument(
        "--unmatched", type=path, metavar="FILE.csv", help="write the rows that were left out"
    )
    parser = _call(calls, "tag", "put a tag on images, or take it off")
    _catalogue(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--add", metavar="TAG")
    which.add_argument("--remove", metavar="TAG")
    parser.add_argument("paths", nargs="+", type=path, metavar="PATH")


def _add_training(calls: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _call(calls, "train", "teach an encoder from labels, and measure what it learnt")
    _catalogue(parser)
    # Imports nothing heavy; the words are those that the window shows.
    from core.training import settings

    parser.add_argument("--labels", choices=settings.LABEL_SOURCES, default="folders")
    parser.add_argument("--name", metavar="RUN", help="what to call it")
    parser.add_argument("--resume", action="store_true", help="go on with a stopped run")
    parser.add_argument(
        "--try",
        dest="trial_s",
        type=positive,
        metavar="SECONDS",
        help="try three settings for so long each and keep the one that is best on watched images",
    )
    for name, kind in (
        *(("split", str), ("encoder", str), ("depth", settings.DEPTHS)),
        *(("preset", settings.PRESETS), ("loss", settings.LOSSES), ("memory", int)),
        *(("memory_weight", float), ("batch", int), ("per_class", int), ("steps", int)),
        *(("learning_rate", float), ("weight_decay", float), ("dim", int)),
        *(("augmentation", settings.AUGMENTATIONS), ("copies", int)),
        *(("hold_out", settings.HOLD_OUTS), ("held_out_share", float), ("patience", int)),
        *(("rank", int), ("adapter", settings.ADAPTERS), ("nested", bool), ("difficulty", float)),
        *(("mix", bool), ("hallucinate", bool), ("comparable", bool), ("implied", float)),
        *(("implied_classes", float), ("chunk", int), ("optimiser", settings.OPTIMISERS)),
        *(("gradient_noise", float), ("precision", settings.PRECISIONS), ("clip", float)),
        ("seed", int),
    ):
        kinds: dict[str, Any] = (
            {"choices": kind} if isinstance(kind, tuple) else {"type": kind, "metavar": "N"}
        )
        if kind is str:
            kinds["metavar"] = "NAME"
        if kind is bool:
            kinds = {"action": argparse.BooleanOptionalAction, "default": None}
        parser.add_argument(
            f"--{name.replace('_', '-')}", help=settings.meaning(name).lower(), **kinds
        )
    parser = _call(calls, "advice", "how to train with what there is, and why")
    _catalogue(parser)
    parser.add_argument(
        "--labels", choices=settings.LABEL_SOURCES, help="default: the most trusted there are"
    )
    parser = _call(
        calls, "runs", "trainings: list, promote, roll back, discard, bring in from a file"
    )
    _catalogue(parser)
    parser.add_argument("action", nargs="?", choices=("promote", "rollback", "discard", "import"))
    parser.add_argument(
        "run", nargs="?", metavar="RUN", help="for import: a file of export --what model"
    )
    parser.add_argument("--name", metavar="RUN", help="for import: under another name")
    parser.add_argument(
        "--anyway", action="store_true", help="promote a run that was not measured to be better"
    )
    parser.add_argument(
        "--at-once",
        action="store_true",
        help="promote a comparable run before the catalogue is embedded with it",
    )
    parser.add_argument(
        "--no-embed", action="store_true", help="with --at-once: leave the embedding for later"
    )


def _table(parser: argparse.ArgumentParser, source: str) -> None:
    _catalogue(parser)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--import", dest="source", type=path, metavar=source)
    way.add_argument("--export", dest="target", type=path, metavar="FILE.csv")


def _add_house(calls: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _call(calls, "source", "move, forget or watch a source folder")
    _catalogue(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    rebind = actions.add_parser("rebind", help="the folder OLD lies at NEW from now on")
    rebind.add_argument("paths", nargs=2, type=path, metavar="FOLDER")
    forget = actions.add_parser("remove", help="forget a folder; no file is touched")
    forget.add_argument("paths", nargs=1, type=path, metavar="PATH")
    for name, meaning in (
        ("watch", "the window reads new files of this folder as they appear"),
        ("unwatch", "it does so no more"),
    ):
        actions.add_parser(name, help=meaning).add_argument(
            "paths", nargs=1, type=path, metavar="PATH"
        )
    _add_care(calls)
    parser = _call(calls, "bench", "a benchmark of the source tree")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--size", type=positive, metavar="N")
    parser.add_argument("--with-peers", action="store_true")
    parser.add_argument("--encoder", metavar="NAME", help="for embed: which encoder")
    parser.add_argument("--source", type=path, metavar="FOLDER", help="take the photos from here")
    parser = _call(calls, "self-test", "the main job on generated images, and all that it needs")
    parser.add_argument("--window", action="store_true", help="draw the window as well, unseen")


def _add_care(calls: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _call(calls, "check", "is the catalogue sound, and how much space does it take")
    _catalogue(parser)
    parser.add_argument("--repair", action="store_true", help="mend what can be mended")
    parser.add_argument("--compact", action="store_true", help="give unused space back")
    parser = _call(calls, "merge", "bring another catalogue into this one")
    _catalogue(parser)
    parser.add_argument("other", type=path, metavar="OTHER", help="stays as it is")
    parser = _call(calls, "unreadable", "files that no decoder opens: list, export, try again")
    _catalogue(parser)
    parser.add_argument("--export", dest="target", type=path, metavar="FILE.csv")
    parser.add_argument("--retry", action="store_true", help="read them again, whatever it was")
    parser.add_argument("--limit-megapixels", type=megapixels, metavar="N")
    parser.add_argument("paths", nargs="*", type=path, metavar="PATH", help="only these")


COMMANDS = frozenset(
    (
        *("import", "info", "encoders", "embed", "neighbours", "layout", "similar", "duplicates"),
        *("remove", "export", "embeddings"),
        *("clusters", "outliers", "hints", "diagnose"),
        *("evaluate", "pairs", "labels", "tag", "source", "check", "merge", "unreadable"),
        *("advice", "train", "runs", "searches", "regions"),
        *("bench", "self-test"),
    )
)
