"""What the calls of searching do: similar, searches and regions. No Qt here."""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.catalogue.filters import Filter, parse_filter
from core.images.formats import has_image_extension
from core.images.scan import printable
from core.jobs import Job
from core.operations import embeddings, projects, regions, search, searches
from core.operations.neighbours import Hit
from core.project import Project
from core.search import question as asking
from core.search.question import Example, Question

Answer = tuple[Any, list[str]]
_WHOLE = (0.0, 0.0, 1.0, 1.0)


def similar(given: argparse.Namespace, job: Job) -> Answer:
    """The images that a question finds; with --save it is kept under a name."""
    question = _question(given)
    with projects.open(given.catalogue, write=given.save is not None) as project:
        found = search.ask(project, question, job=job, mode=given.mode)
        if given.save is not None:
            searches.save(project, given.save, question)
    return _hits(found, with_boxes=given.box)


def saved(given: argparse.Namespace, job: Job) -> Answer:
    """List the saved searches, or act on one."""
    action = given.action or "list"
    is_reading = action in ("list", "run", "export")
    with projects.open(given.catalogue, write=not is_reading) as project:
        match action:
            case "run":
                has_region = searches.find(project, given.name).has_region
                found = searches.run(project, given.name, k=given.k, job=job)
                return _hits(found, with_boxes=has_region)
            case "tag":
                return _tag(project, given, job)
            case "export":
                count = searches.export_csv(project, _asked(project, given), given.target, job)
                document = {"rows": count, "file": printable(str(given.target.absolute()))}
                return document, [f"{count} images written."]
            case "remove":
                searches.remove(project, given.name)
            case "rename":
                searches.rename(project, given.name, given.to)
            case "negate":
                searches.negate(project, given.name)
        return _listed(project)


def look_at_parts(given: argparse.Namespace, job: Job) -> Answer:
    """Make the vectors of parts of pictures."""
    with projects.open(given.catalogue) as project:
        embedding = embeddings.require(project, given.encoder)
        regions.build(project, given.encoder, job, is_anew=given.anew)
        state = regions.state(project, given.encoder)
    document = {"encoder": embedding.encoder, "contents": state.made, "of": state.of}
    return document, [
        f"{state.made} of {state.of} contents have vectors of their parts, by {embedding.encoder}.",
        *job.notes,
    ]


def _question(given: argparse.Namespace) -> Question:
    region = given.region if given.region is not None or not given.box else _WHOLE
    kind: asking.Kind = "like"
    if given.text is not None:
        typed = Example(words=given.text or " ", is_plain=given.plain, region=region)
        wanted: tuple[Example, ...] = (typed,)
    else:
        kind = "between" if given.between else "like"
        files = given.between or given.image
        wanted = tuple(asking.of_file(one, region=region) for one in files)
    return Question(
        wanted,
        tuple(
            asking.of_file(one) if _is_place(one) else Example(words=one or " ")
            for one in given.minus
        ),
        kind=kind,
        filter=parse_filter(given.filter) if given.filter else Filter(),
        encoder=given.encoder,
        k=given.k,
        is_negated=given.least,
    )


def _is_place(text: str) -> bool:
    """Whether this names a file, there or not, rather than words."""
    is_path = os.sep in text or bool(os.altsep and os.altsep in text)
    return is_path or Path(text).is_file() or has_image_extension(os.fsencode(text))


def _hits(found: list[Hit], *, with_boxes: bool) -> Answer:
    document: list[dict[str, Any]] = [{"path": one.path, "score": one.score} for one in found]
    lines = [f"{one.score:7.4f}  {one.path}" for one in found]
    if with_boxes:
        for row, one in zip(document, found, strict=True):
            row["box"] = None if one.box is None else list(one.box)
        lines = [f"{_box(one)}  {line}" for line, one in zip(lines, found, strict=True)]
    return document, lines


def _box(hit: Hit) -> str:
    return f"{'whole':>19}" if hit.box is None else ",".join(f"{one:.2f}" for one in hit.box)


def _asked(project: Project, given: argparse.Namespace) -> Question:
    question = searches.find(project, given.name)
    return question if given.k is None else replace(question, k=given.k)


def _tag(project: Project, given: argparse.Namespace, job: Job) -> Answer:
    question = _asked(project, given)
    found = search.ask(project, question, job=job)
    searches.tag_hits(project, found, given.tag)
    return {"tag": given.tag, "images": len(found)}, [
        f"{len(found)} images are tagged {given.tag}."
    ]


def _listed(project: Project) -> Answer:
    every = searches.list_searches(project)
    document = [
        {
            "name": one.name,
            "question": one.words,
            "k": one.question.k if one.question is not None else None,
            "encoder": one.question.encoder if one.question is not None else None,
            "made_at": one.made_at,
            "asked_at": one.asked_at,
        }
        for one in every
    ]
    return document, [f"{one.name}: {one.words}" for one in every] or ["No saved searches."]
