"""What is told of the program itself: what runs, and whether there is a newer one. Frozen."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class About:
    """Facts for the dialog and for reports."""

    version: str
    system: str
    libraries: tuple[tuple[str, str], ...]  # name and version of those that are installed
    data_folder: Path
    config_folder: Path

    def lines(self) -> list[str]:
        """The same as text, without names of folders."""
        return [
            f"Lookalike {self.version}",
            self.system,
            ", ".join(f"{name} {number}" for name, number in self.libraries),
        ]


@dataclass(frozen=True, slots=True)
class Release:
    """The newest version that is published. ``page`` is an https address or empty, ``date`` YYYY-MM-DD or empty."""

    version: str
    is_newer: bool  # than the one that runs
    date: str
    page: str
    changes: tuple[str, ...]
