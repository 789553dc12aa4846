"""The space that a catalogue takes on the disk."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from core.catalogue import embeddings, tiles
from core.catalogue.files import DATABASE_NAME
from core.project import Project


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes on the disk that a catalogue takes, and ``free`` ones beside it.

    ``vectors`` by the name of their encoder, those of parts of pictures included; ``other`` are backups
    and what is left of old versions.
    """

    database: int = 0
    vectors: dict[str, int] = field(default_factory=dict)
    thumbnails: int = 0
    models: int = 0
    cache: int = 0
    other: int = 0
    free: int = 0

    @property
    def total(self) -> int:
        """All that the catalogue takes."""
        every = (self.database, self.thumbnails, self.models, self.cache, self.other)
        return sum(every) + sum(self.vectors.values())


def measure(project: Project) -> Space:
    """The space used now. Counts what files hold, not what the disk rounds them to."""
    root = project.path
    with project.read() as session:
        known = embeddings.every(session)
        parts = {one.embedding_id: one for one in tiles.every(session)}
    vectors: dict[str, int] = {}
    for one in known:
        size = _bytes_below(project.vectors(one).folder)
        if one.id in parts:
            size += _bytes_below(project.tile_vectors(parts[one.id]).folder)
        vectors[one.encoder] = vectors.get(one.encoder, 0) + size
    logs = ("", "-wal", "-shm")
    database = sum(_bytes_of(root / f"{DATABASE_NAME}{suffix}") for suffix in logs)
    thumbnails = sum(_bytes_of(root / "cache" / f"thumbnails.sqlite{suffix}") for suffix in logs)
    cache = _bytes_below(root / "cache") - thumbnails
    models = _bytes_below(root / "models")
    rest = _bytes_below(root) - database - thumbnails - cache - models - sum(vectors.values())
    free = shutil.disk_usage(root).free
    return Space(database, vectors, thumbnails, models, cache, max(0, rest), free)


def _bytes_of(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _bytes_below(folder: Path) -> int:
    return sum(_bytes_of(Path(root, name)) for root, _, names in os.walk(folder) for name in names)


def words(count: int) -> str:
    """Bytes as people write them: "3.2 GB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} bytes"
