"""What each call of the command line does: a thin layer over core.operations. No Qt here."""

import argparse
import errno
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np

from app import (
    advice_commands,
    benchmarks,
    cluster_commands,
    encoder_commands,
    export_commands,
    given_commands,
    house_commands,
    insight_commands,
    label_commands,
    layout_commands,
    query_commands,
    removal_commands,
    run_commands,
    window_test,
)
from app.progress import ProgressPrinter
from app.table_lines import tell_left_out
from core.errors import CatalogueError, KnownError, UsageError
from core.images.scan import printable
from core.jobs import Cancelled, Job
from core.operations import (
    duplicates,
    embeddings,
    encoders,
    evaluate,
    images,
    indexes,
    info,
    neighbours,
    pairs,
    projects,
    self_test,
    sources,
    tags,
    updates,
)
from core.project import Project

# What a call returns: the JSON document, and its lines for people.
Answer = tuple[Any, list[str]]
_INTERRUPTED = 130
# What the system may say of a path that somebody typed; any other OSError is a bug.
_ABOUT_PLACES = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.EMFILE, errno.ENFILE)


def run(given: argparse.Namespace) -> int:
    """Carry out one parsed call; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="lookalike: %(message)s")
    job = Job()
    try:
        with _interruptible(job), ProgressPrinter(job):
            document, lines = _CALLS[given.call](given, job)
    except (Cancelled, KeyboardInterrupt):
        sys.stderr.write("lookalike: Interrupted; what was done is kept.\n")
        return _INTERRUPTED
    except house_commands.ProblemsLeft as error:
        _print_answer(given, *error.answer)
        sys.stderr.write(f"lookalike: {error}\n")
        return 1
    except KnownError as error:
        sys.stderr.write(f"lookalike: {error}\n")
        return 1
    except OSError as error:
        if error.errno not in _ABOUT_PLACES:
            raise
        place = f" {printable(str(error.filename))}" if error.filename else ""
        sys.stderr.write(f"lookalike: The system refused{place}: {error.strerror}.\n")
        return 1
    return _print_answer(given, document, lines)


def _print_answer(given: argparse.Namespace, document: Any, lines: list[str]) -> int:
    return _print(
        json.dumps(document, ensure_ascii=False, indent=1) if given.json else "\n".join(lines)
    )


def _print(text: str) -> int:
    try:
        print(text)
        sys.stdout.flush()
    except BrokenPipeError:  # `lookalike info | head`
        _discard_output()
    except OSError as error:
        _discard_output()
        sys.stderr.write(f"lookalike: The answer could not be written: {error.strerror}.\n")
        return 1
    return 0


def _discard_output() -> None:
    """Keep Python from trying to flush the same output again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _interruptible(job: Job) -> Iterator[None]:
    """Ctrl+C asks the job to stop at its next step; a second one does not wait for it."""

    def stop(number: int, frame: object) -> None:
        job.cancel()
        signal.signal(number, signal.default_int_handler)

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _import(given: argparse.Namespace, job: Job) -> Answer:
    if not projects.is_catalogue(given.catalogue):  # else a folder may be a source that is away
        sources.check_folders(given.folders, given.catalogue)
    if given.encoder is not None:
        encoders.check_name(given.encoder)
    with projects.open_or_create(given.catalogue) as project:
        report = sources.import_folders(
            project, given.folders, encoder=given.encoder, embed=not given.no_embed, job=job
        )
    document = {key: value for key, value in asdict(report).items() if key != "changes"}
    lines = [
        f"{report.added} added, {report.moved} moved, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.missing} missing, {report.unreadable} unreadable, {report.ignored} ignored "
        f"in {report.seconds:.1f} s."
    ]
    if report.unreadable:
        lines.append("lookalike info lists what could not be read, and why.")
    return document, lines


def _info(given: argparse.Namespace, job: Job) -> Answer:
    with _reading(given) as project:
        document = info.info(project)
    lines = [
        f"{document['images']} images, {document['contents']} distinct, {document['missing']} missing, "
        f"{document['removed']} taken out, {document['ignored']} other files"
    ]
    lines += [f"source     {one['path']} ({one['images']})" for one in document["sources"]]
    lines += [
        f"embedding  {one['encoder']}, {one['dim']} dimensions, {one['contents']} contents"
        for one in document["embeddings"]
    ]
    lines += [
        f"update     to {one['encoder']}: {old['contents']} contents are found by the vectors of {old['encoder']}"
        for one in document["embeddings"]
        if (old := one["represented_by"]) is not None
    ]
    lines += [f"pairs      {count} {verdict}" for verdict, count in document["pairs"].items()]
    lines += [f"unreadable {one['path']}: {one['reason']}" for one in document["unreadable"]]
    return document, lines


def _embed(given: argparse.Namespace, job: Job) -> Answer:
    with projects.open(given.catalogue) as project:
        update = updates.state(project)
        if update is not None and update.encoder == encoders.usual_name(project, given.encoder):
            updates.go_on(project, job)
        else:
            embeddings.embed(project, given.encoder, job)
        embedding = embeddings.require(project, given.encoder)
    document = {"encoder": embedding.encoder, "dim": embedding.dim, "contents": embedding.rows}
    return document, [f"{embedding.rows} contents have vectors of {embedding.encoder}."]


def _neighbours(given: argparse.Namespace, job: Job) -> Answer:
    with projects.open(given.catalogue) as project:
        embedding = embeddings.require(project, given.encoder)
        neighbours.build(project, encoder=given.encoder, k=given.k, job=job)
        indexes.build(project, encoder=given.encoder, job=job, only_if_stale=True)
        measured = indexes.measured(project, given.encoder)
    document = {"encoder": embedding.encoder, "k": given.k, "contents": embedding.rows}
    document["index"] = None if measured is None or not measured.modes else asdict(measured)
    lines = [f"The {given.k} nearest neighbours of {embedding.rows} contents are stored."]
    if measured is not None and measured.exact_ms is not None:
        lines.append(f"exact     finds all of the ten nearest in {measured.exact_ms:.1f} ms")
        lines += [
            f"{one.mode:9} finds {100 * one.recall:.1f} % of the ten nearest in {one.p50_ms:.1f} ms"
            for one in measured.modes
        ]
    return document, lines


def _duplicates(given: argparse.Namespace, job: Job) -> Answer:
    with _writing_where_possible(given) as project:
        found = duplicates.find(project, threshold=given.threshold, job=job)
    document = [
        {"a": one.a, "b": one.b, "score": one.score, "kind": one.kind, "differs": [*one.differs]}
        for one in found
    ]
    lines = [
        f"{one.kind:7}  {one.score:6.4f}  {one.a}  {one.b}"
        + (f"  ({', '.join(one.differs)})" if one.differs else "")
        for one in found
    ]
    return document, lines or ["No duplicates found."]


def _evaluate(given: argparse.Namespace, job: Job) -> Answer:
    with _reading(given) as project:
        document = evaluate.evaluate(
            project, given.labels, encoder=given.encoder, split=given.split, job=job
        )
    intervals = document["intervals"]
    lines = []
    for key, value in document.items():
        if isinstance(value, float):
            ends = intervals.get(key)
            sure = f"  ({ends[0]:.4f} to {ends[1]:.4f}, 95 %)" if ends is not None else ""
            lines.append(f"{key:10} {value:.4f}{sure}")
        elif key != "intervals":
            lines.append(f"{key:10} {value}")
    return document, lines


def _pairs(given: argparse.Namespace, job: Job) -> Answer:
    if given.target is not None:
        with _reading(given) as project:
            count = pairs.export_csv(project, given.target)
        return {"rows": count, "file": printable(str(given.target.absolute()))}, [
            f"{count} verdicts written."
        ]
    with projects.open(given.catalogue) as project:
        report = pairs.import_csv(project, given.source)
    tell_left_out(report.unmatched)
    unmatched, contradictions = (
        [{"line": line, "why": why} for line, why in told]
        for told in (report.unmatched, report.contradictions)
    )
    document = {
        "rows": report.rows,
        "kept": report.kept,
        "unmatched": unmatched,
        "contradictions": contradictions,
        "contradicting": report.contradicting,
        "unsaid": report.unsaid,
    }
    lines = [f"{report.kept} of {report.rows - report.unsaid} verdicts kept."]
    if report.unsaid:
        lines.append(f"{report.unsaid} pairs without a verdict were passed over.")
    lines += [f"Line {line} contradicts: {why}." for line, why in report.contradictions]
    return document, lines


def _tag(given: argparse.Namespace, job: Job) -> Answer:
    with projects.open(given.catalogue) as project:
        ids = []
        for path in given.paths:
            image_id = images.id_of_path(project, path)
            if image_id is None:
                raise UsageError(f"{printable(str(path))} is not in the catalogue.")
            ids.append(image_id)
        change = tags.add if given.add is not None else tags.remove
        change(project, np.array(ids, dtype=np.int64), given.add or given.remove or "")
        every = tags.list_tags(project)
    document = [{"tag": one.name, "images": one.count} for one in every]
    return document, [f"{one.count:6}  {one.name}" for one in every] or ["No tags."]


def _bench(given: argparse.Namespace, job: Job) -> Answer:
    document = benchmarks.run(
        given.name,
        size=given.size,
        with_peers=given.with_peers,
        encoder=given.encoder,
        source=given.source,
    )
    return document, [f"{key:28} {value}" for key, value in document.items()]


def _self_test(given: argparse.Namespace, job: Job) -> Answer:
    document = self_test.run(job, look=window_test.look if given.window else None)
    return document, ["Everything works."]


@contextmanager
def _reading(given: argparse.Namespace) -> Iterator[Project]:
    with projects.open(given.catalogue, write=False) as project:
        yield project


@contextmanager
def _writing_where_possible(given: argparse.Namespace) -> Iterator[Project]:
    """So that what is found is kept; beside a writer and on a read-only medium it is found all the same."""
    try:
        project = projects.open(given.catalogue)
    except CatalogueError:
        project = projects.open(given.catalogue, write=False)
    with project:
        yield project


_CALLS: dict[str, Callable[[argparse.Namespace, Job], Answer]] = {
    "import": _import,
    "info": _info,
    "encoders": encoder_commands.run,
    "embeddings": given_commands.run,
    "embed": _embed,
    "neighbours": _neighbours,
    "layout": layout_commands.run,
    "similar": query_commands.similar,
    "searches": query_commands.saved,
    "regions": query_commands.look_at_parts,
    "duplicates": _duplicates,
    "remove": removal_commands.remove,
    "export": export_commands.export,
    "clusters": cluster_commands.list_clusters,
    "outliers": insight_commands.list_outliers,
    "hints": insight_commands.give_hints,
    "diagnose": insight_commands.diagnose,
    "evaluate": _evaluate,
    "pairs": _pairs,
    "labels": label_commands.run,
    "tag": _tag,
    "source": house_commands.source,
    "check": house_commands.check_catalogue,
    "merge": house_commands.merge_catalogues,
    "unreadable": house_commands.unreadable_files,
    "advice": advice_commands.advise,
    "train": run_commands.train,
    "runs": run_commands.act,
    "bench": _bench,
    "self-test": _self_test,
}
