"""`lookalike encoders`: the list, and installing, removing and choosing one."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from core.jobs import Job
from core.operations import encoders, projects, weights
from core.operations.encoders import EncoderEntry
from core.sizes import size

Answer = tuple[Any, list[str]]


def run(given: argparse.Namespace, job: Job) -> Answer:
    """The action that was named; without one, the list."""
    return _ACTIONS[given.action](given, job)


def _list(given: argparse.Namespace, job: Job) -> Answer:
    entries = encoders.list_encoders()
    if given.search is not None:
        wanted = given.search.lower().split()
        entries = [one for one in entries if all(word in _searched(one) for word in wanted)]
    document = [asdict(one) for one in entries]
    if given.search is not None:
        return document, [_line(one) for one in entries] or ["No encoder has such a name."]
    few = [one for one in entries if one.is_installed or one.group or one.name == "builtin"]
    lines = [_line(one) for one in few]
    if len(entries) > len(few):
        lines.append(
            f"{len(entries) - len(few):,} more: lookalike encoders --search WORDS; those of a repository"
            " as openclip:hf-hub:ORG/REPO or timm:hf-hub:ORG/REPO."
        )
    return document, lines


def _install(given: argparse.Namespace, job: Job) -> Answer:
    planned = weights.plan(given.name, job)
    if planned.missing_bytes and (given.allow_pickle or not planned.is_pickle):
        licence = f", licence {planned.licence}" if planned.licence else ""
        sys.stderr.write(
            f"{size(planned.missing_bytes)} to fetch into {planned.folder}{licence}.\n"
        )
        sys.stderr.flush()
    weights.install(given.name, allow_pickle=given.allow_pickle, job=job)
    document = {
        "name": planned.name,
        "bytes": planned.bytes,
        "fetched_bytes": planned.missing_bytes,
        "licence": planned.licence,
        "folder": str(planned.folder),
    }
    return document, [f"{planned.name} is installed, {size(planned.bytes)}."]


def _remove(given: argparse.Namespace, job: Job) -> Answer:
    freed = weights.remove(given.name)
    return {"name": given.name, "freed_bytes": freed}, [
        f"{given.name} is removed, {size(freed)} are free again."
    ]


def _default(given: argparse.Namespace, job: Job) -> Answer:
    with projects.open(given.catalogue) as project:
        encoders.set_default(project, given.name)
        name = encoders.name_of(project, None)
    document = {"catalogue": str(given.catalogue.absolute()), "encoder": name}
    return document, [f"{name} is the default of {given.catalogue} now."]


def _searched(one: EncoderEntry) -> str:
    return f"{one.name} {one.title} {one.licence}".lower()


def _line(one: EncoderEntry) -> str:
    facts = [f"{one.dim} dimensions" if one.dim else "", "words" if one.words else ""]
    if one.is_random:
        facts.append("random weights: a start for training")
    elif one.is_installed:
        facts.append("part of the program" if one.family == "builtin" else "installed")
    elif one.download_bytes:
        facts += [one.group, f"about {size(one.download_bytes)} to fetch"]
    facts.append(one.licence)
    return f"{one.name}  {', '.join(fact for fact in facts if fact)}"


_ACTIONS: dict[str | None, Callable[[argparse.Namespace, Job], Answer]] = {
    None: _list,
    "install": _install,
    "remove": _remove,
    "default": _default,
}
