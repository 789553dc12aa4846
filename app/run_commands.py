"""What the calls of training do: train and runs. No Qt here."""

import argparse
from dataclasses import fields, replace
from typing import Any

from app import places
from core.jobs import Job
from core.operations import model_files, projects, runs, training, trials, updates
from core.project import Project
from core.training.records import Run
from core.training.settings import Settings

Answer = tuple[Any, list[str]]
_TOLD = ("recall@1", "recall@5", "recall@10", "map@r", "pair_ap", "roc_auc")


def train(given: argparse.Namespace, job: Job) -> Answer:
    """One run, the rest of a stopped one, or the best of three; ends with its measured result."""
    said = {
        one.name: getattr(given, one.name)
        for one in fields(Settings)
        if getattr(given, one.name, None) is not None
    }
    settings, name = replace(Settings(), **said), given.name or ""
    with projects.open(given.catalogue) as project:
        if given.trial_s:
            found = trials.compare(
                project, wanted=settings, seconds_each=given.trial_s, name=name, job=job
            )
        else:
            found = training.train(project, settings, name=name, resume=given.resume, job=job)
    document = found.document
    lines = [f"run        {document['run']}", f"{'':10} {'before':>8} {'after':>8}"]
    for key in _TOLD:
        before, after = document["before"][key], document["after"][key]
        if before is not None and after is not None:
            lines.append(f"{key:10} {before:8.4f} {after:8.4f}")
    lines += [
        f"held out   {document['held_out']:,} images; learnt from {document['learned_from']:,}",
        f"{document['steps']:,} steps in {document['seconds']:.0f} s on {document['device']}: "
        f"{document['stopped_because']}.",
        document["verdict"],
        *([document["health"]] if document["health"] else []),
        *(_trial(one) for one in document.get("trials", [])),
        *document["notes"],
        *document["conflicts"],
    ]
    return document, lines


def _trial(one: dict[str, Any]) -> str:
    """One line of what was tried, the best first."""
    settings = ", ".join(f"{name} {value}" for name, value in one["settings"].items())
    figures = " ".join(f"{key} {one[key]:.4f}" for key in ("recall@1", "map@r") if one[key])
    return f"tried      {figures} in {one['steps']:,} steps: {settings or 'as it comes'}"


def act(given: argparse.Namespace, job: Job) -> Answer:
    """List the runs, or promote, roll back, discard or bring in one."""
    is_writing = given.action is not None
    with projects.open(given.catalogue, write=is_writing) as project:
        if given.action == "promote":
            _promote(project, given, job)
        elif given.action == "rollback":
            runs.rollback(project, given.run or "", job=job)
        elif given.action == "discard":
            runs.discard(project, given.run)
        elif given.action == "import":
            file = places.expanded(given.run).absolute()
            model_files.import_run(project, file, name=given.name or "", job=job)
        found = runs.list_runs(project)
    return [_plain(one) for one in found], [_line(one) for one in found] or ["No runs."]


def _promote(project: Project, given: argparse.Namespace, job: Job) -> None:
    """At once, the rest is embedded afterwards: what was done is kept when that is interrupted."""
    runs.promote(project, given.run, anyway=given.anyway, at_once=given.at_once, job=job)
    state = updates.state(project) if given.at_once else None
    if state is None or state.encoder != f"run:{given.run}":
        return
    if given.no_embed:
        updates.stop(project)
    else:
        updates.go_on(project, job)


def _plain(run: Run) -> dict[str, Any]:
    result = run.result
    return {
        "run": run.name,
        "status": run.status,
        "default": run.is_default,
        "labels": run.settings.labels,
        "depth": run.settings.depth,
        "encoder": run.settings.encoder,
        "before": result.get("before"),
        "after": result.get("after"),
        "better": result.get("is_better"),
        "verdict": result.get("verdict", ""),
        "comparable": updates.figures(run),
    }


def _line(run: Run) -> str:
    verdict = run.result.get("verdict", "not finished")
    mark = "*" if run.is_default else " "
    return f"{mark} {run.status:10} {run.name:24} {verdict}"
