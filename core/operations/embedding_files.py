"""What lies on the disk and in memory of an embedding, and goes with it: ids may be given again."""

import re
import shutil
from pathlib import Path

from core.catalogue import embeddings
from core.catalogue.records import Embedding
from core.operations import region_care
from core.project import Project

# What lies in the cache of an embedding whose id may be given again.
_CACHED = ("graph-{}-*", "search-{}.npz", "search-{}-*", "clusters-{}-*")
_CACHED_NAME = re.compile(r"(?:graph|search|clusters)-(\d+)[-.]")
_VECTORS = re.compile(r"(\d+)-\d+$")
_KEPT = ("graph", "search", "clusters", "oddness", "tiles")


def clear(project: Project, gone: list[Embedding]) -> None:
    """Remove the files of embeddings that the catalogue knows no more: their ids may be given again."""
    for one in gone:
        for kept in _KEPT:
            project.let_go(f"{kept}:{one.id}")
        for pattern in _CACHED:
            for path in (project.path / "cache").glob(pattern.format(one.id)):
                _drop(path)
        shutil.rmtree(project.vectors(one).folder, ignore_errors=True)
        region_care.forget_files(project, one.id)


def sweep(project: Project) -> None:
    """Remove what lies on the disk of embeddings that the catalogue knows no more: a kill left it."""
    with project.read() as session:
        known = {one.id for one in embeddings.every(session)}
    for folder, names_of in (("vectors", _VECTORS), ("cache", _CACHED_NAME)):
        place = project.path / folder
        for path in list(place.iterdir()) if place.is_dir() else []:
            found = names_of.match(path.name)
            if found is not None and int(found[1]) not in known:
                _drop(path)


def _drop(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
