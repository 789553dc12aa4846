"""What `layout` does on the command line: makes a map, or lists what there is. No Qt here."""

import argparse
from typing import Any

from core.errors import UsageError
from core.jobs import Job
from core.layout import methods
from core.operations import layouts, projects
from core.operations.layout_facts import Facts, in_words

Answer = tuple[Any, list[str]]


def run(given: argparse.Namespace, job: Job) -> Answer:
    """Make one, or list."""
    if given.list:
        return _listed(given)
    options = [_option(text) for text in given.set]
    align = layouts.NO_ENCODER if given.align_with == "none" else given.align_with
    with projects.open(given.catalogue) as project:
        layouts.build(
            project,
            method=given.method,
            encoder=given.encoder,
            options=dict(options) if options else None,
            align_with=align,
            job=job,
            only_if_stale=given.extend,
        )
        stored = layouts.load(project, given.encoder, given.method)
    if stored is None:
        return {"method": given.method, "images": 0}, ["There are no images to lay out."]
    count = len(stored.image_ids)
    title = methods.method(stored.method).title
    document = {
        "method": stored.method,
        "encoder": stored.encoder,
        "images": count,
        **_facts(stored.facts),
    }
    return document, [f"{count} images are laid out: {title}.", *in_words(stored.facts)]


def _listed(given: argparse.Namespace) -> Answer:
    with projects.open(given.catalogue, write=False) as project:
        found = layouts.available(project, given.encoder)
    document = {
        "methods": [
            {
                "name": one.name,
                "title": one.title,
                "words": one.words,
                "options": [
                    {
                        "name": option.name,
                        "default": option.choices[int(option.default)]
                        if option.choices
                        else option.default,
                        "bounds": list(option.choices or (option.low, option.high)),
                        "meaning": option.meaning,
                    }
                    for option in one.options
                ],
            }
            for one in methods.METHODS
        ],
        "stored": [{"method": name, **_facts(facts)} for name, facts in found.items()],
    }
    lines = []
    for one in methods.METHODS:
        lines.append(f"{one.name:11} {one.title}. {one.words}")
        for option in one.options:
            bounds = "|".join(option.choices) or f"{option.low:g} to {option.high:g}"
            lines.append(f"            {option.name} ({bounds}): {option.meaning}")
    for name, facts in found.items():
        lines += [f"Stored: {name}.", *in_words(facts)]
    return document, lines


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        "options": facts.options,
        "seed": facts.seed,
        "rounds": [*facts.rounds],
        "stopped_early": facts.is_stopped_early,
        "placed": facts.placed,
        "trustworthiness": facts.trustworthiness,
        "continuity": facts.continuity,
        "near_share": facts.near_share,
        "sampled": facts.sampled,
        "aligned_with": facts.aligned_with,
        "residual": facts.residual,
        "shared": facts.shared,
    }


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise UsageError(f"{text!r} is no setting.", "Write it as OPTION=VALUE.")
    try:
        number = float(value)
    except ValueError:
        return name, value
    return name, int(number) if number.is_integer() else number
