"""A training's state on the disk: whole or not there at all, exact to the bit."""

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.errors import DiskFull, UsageError


def save(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write tensors (by name) and facts (JSON) beside ``path``, sync, and rename.

    Raises DiskFull and OSError with what was there before untouched.
    """
    try:
        write(path, tensors, facts)
    except OSError as error:
        if not is_full(error):
            raise
        raise DiskFull(
            f"There is no room left for the checkpoint in {path.parent}; the training stopped, and what "
            "it had kept before is still there.",
            "Make room, and resume the run.",
        ) from error


def write(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """The same for weights of whatever else. Raises OSError with what was there before untouched."""
    beside = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ready = {name: one.detach().cpu().contiguous() for name, one in tensors.items()}
        with system_errors():
            save_file(ready, beside, metadata={"facts": json.dumps(facts)})
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except (OSError, SafetensorError):
        beside.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def system_errors() -> Iterator[None]:
    """Raises as OSError what the system said, which safetensors wraps in an error of its own."""
    try:
        yield
    except SafetensorError as error:
        told = re.search(r"os error (\d+)", str(error))
        if told is None:
            raise
        number = int(told[1])  # on Windows its own, which the fourth argument translates
        raise OSError(number, os.strerror(number), None, number) from error


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(tensors, facts) as they were saved. Raises UsageError where the file is damaged or gone."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            facts: dict[str, Any] = json.loads(file.metadata()["facts"])
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise UsageError(f"The checkpoint {path} cannot be read: {error}.") from error
    return tensors, facts


def part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix``, by the rest of their names."""
    return {
        name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)
    }


def is_full(error: OSError) -> bool:
    """Whether this says that no room is left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
