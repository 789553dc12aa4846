"""Folders that are costly to fill: filled once, and put back for each test where they were, since paths are kept."""

import shutil
from collections.abc import Callable
from pathlib import Path


def put_back(kept: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """The folder ``name`` inside ``kept``, as ``fill`` leaves it, whatever an earlier test did there."""
    work, whole = kept / name, kept / f"{name} whole"
    if work.exists():
        shutil.rmtree(work)
    if whole.exists():
        shutil.copytree(whole, work)
    else:
        work.mkdir()
        fill(work)
        shutil.copytree(work, whole)
    return work
