"""Check, repair and compact: whether a catalogue is sound, and how much space it takes."""

from dataclasses import dataclass, field

from core.jobs import Job
from core.project import Project


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of fault: a sentence for people, and how many things it concerns."""

    kind: str
    sentence: str
    count: int = 1
    examples: tuple[str, ...] = ()
    is_repairable: bool = True


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes on the disk that a catalogue takes, and ``free`` ones beside it.

    ``vectors`` by the name of their encoder; ``other`` are backups and what is left of old versions.
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


@dataclass(slots=True)
class CheckReport:
    """What a check found. ``problems`` are those that are left, ``repaired`` counts those that were
    mended; ``notes`` are sentences on what is no fault."""

    problems: list[Problem] = field(default_factory=list)
    repaired: int = 0
    space: Space = field(default_factory=Space)
    freed_bytes: int = 0
    notes: list[str] = field(default_factory=list)


def check(
    project: Project, *, repair: bool = False, compact: bool = False, job: Job | None = None
) -> CheckReport:
    """Look at everything the catalogue keeps; ``repair`` drops what is derived and faulty, to be made
    again; ``compact`` gives the space of what is gone back to the disk."""
    raise NotImplementedError
