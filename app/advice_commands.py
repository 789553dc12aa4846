"""What the call of advice does: how to train with what there is, and the call that does it. No Qt here."""

import argparse
import shlex
from pathlib import Path
from typing import Any

from core.jobs import Job
from core.operations import advice, projects
from core.training.advice import differences
from core.training.settings import Settings


def advise(given: argparse.Namespace, job: Job) -> tuple[Any, list[str]]:
    """What suits the labels, the encoder and the machine."""
    with projects.open(given.catalogue, write=False) as project:
        found = advice.advise(project, given.labels)
    line = command(given.catalogue, found.settings)
    document = {
        "settings": differences(found.settings),
        "headline": found.headline,
        "reasons": list(found.reasons),
        "command": line,
    }
    return document, [found.headline, *(f"- {one}" for one in found.reasons), line]


def command(catalogue: Path, settings: Settings) -> str:
    """The call that trains with these settings."""
    words = ["lookalike", "train", "--catalogue", str(catalogue.absolute())]
    for name, value in {"labels": settings.labels, **differences(settings)}.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}", str(value)]
    return shlex.join(words)
