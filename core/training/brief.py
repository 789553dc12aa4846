"""What a run works from: its examples and their parts, its settings with nothing open, where its files go.

Imports nothing heavy.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.training.examples import Examples, Ints
from core.training.holdout import Parts
from core.training.presets import Facts
from core.training.records import Survey
from core.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Gathered:
    """Examples, their parts, their leak groups int64 [n], and what is to be said of them.

    ``measured`` int64 [images]: of each held-out image the number of its example, so that images with
    the same bytes are measured as the images that they are.
    """

    examples: Examples
    parts: Parts
    groups: Ints
    measured: Ints
    survey: Survey


@dataclass(frozen=True, slots=True)
class Brief:
    """One run before it begins, or before it goes on: then there is a ``checkpoint``."""

    EXAMPLES: ClassVar[str] = "examples.safetensors"
    CHECKPOINT: ClassVar[str] = "checkpoint.safetensors"

    name: str
    settings: Settings
    gathered: Gathered
    facts: Facts
    folder: Path

    @property
    def examples(self) -> Path:
        """What it learns from, as it was at the beginning."""
        return self.folder / self.EXAMPLES

    @property
    def checkpoint(self) -> Path:
        """Where it stands."""
        return self.folder / self.CHECKPOINT
