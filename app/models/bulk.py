"""What is to be answered at once: pairs above a score, of a group, of a pair of folders."""

from dataclasses import dataclass

from core.catalogue.links import Kind


@dataclass(frozen=True, slots=True)
class BulkWanted:
    """``group``: contents among which the pairs lie; ``folders``: one side in each; empty or None: anywhere."""

    lowest: float = 0.0
    kinds: tuple[Kind, ...] | None = None
    folders: tuple[str, str] | None = None
    group: tuple[int, ...] = ()
