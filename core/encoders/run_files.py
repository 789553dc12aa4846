"""Files of trained encoders: what each is made of, as JSON, beside its weights. Imports nothing heavy."""

import errno
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import DiskFull, UsageError

WEIGHTS, CARD = "encoder.safetensors", "encoder.json"
_VERSION = 1
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class RunCard:
    """One trained encoder. ``base`` is the encoder it started from, with the ``base_key`` that it had;
    ``head`` is the shape of its head (``core.training.heads``). ``key`` hashes base, shape and weights.
    ``adapter``: the kind of its adapters; ``nested``: the prefixes of its vectors that were trained too, ascending;
    ``comparable_with``: the encoder whose vectors its own were measured to be comparable with, and its key.
    ``heads``: of a run that was brought in from a file, the shapes of all its heads; its weights are then those of
    the whole network, so that those of ``base`` need not be here (``core.encoders.complete``)."""

    name: str
    base: str
    base_key: str
    depth: str
    dim: int
    feature_dim: int
    size_px: int
    rank: int
    head: dict[str, Any]
    key: str
    is_from_scratch: bool = False
    adapter: str = "lora"
    nested: tuple[int, ...] = ()
    comparable_with: str = ""
    comparable_key: str = ""
    heads: tuple[dict[str, Any], ...] = ()


def folder(models: Path, run: str) -> Path:
    """Where the files of a run lie, in the ``models`` folder of its catalogue. Raises UsageError for what
    cannot be a run's name."""
    return models / check_name(run)


def check_name(run: str) -> str:
    """The name, if a run can have it. Raises UsageError."""
    is_plain = re.fullmatch(r"\w[\w .+-]*", run) is not None and not run.endswith((" ", "."))
    if not is_plain or len(run) > _LONGEST:
        raise UsageError(
            f"{run!r} cannot be the name of a run.",
            f"Use letters, digits, spaces and . + - _, at most {_LONGEST} of them.",
        )
    return run


def read(models: Path, run: str) -> RunCard | None:
    """What the trained encoder of this name is made of, or None where there is none."""
    try:
        place = folder(models, run)
        kept: dict[str, Any] = json.loads((place / CARD).read_text(encoding="utf-8"))
        if kept.pop("version") != _VERSION or not (place / WEIGHTS).is_file():
            return None
        kept["nested"] = tuple(kept.get("nested", ()))
        kept["heads"] = tuple(kept.get("heads", ()))
        return RunCard(**kept)
    except (OSError, ValueError, KeyError, TypeError, UsageError):
        return None


def write(models: Path, card: RunCard) -> None:
    """Keep a card, whole or not at all; its weights are there already. Raises DiskFull."""
    place = folder(models, card.name) / CARD
    beside = place.with_suffix(".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"version": _VERSION, **asdict(card)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            f"There is no room left for the trained encoder in {place.parent}."
        ) from error
