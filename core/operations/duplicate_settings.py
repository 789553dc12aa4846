"""What a person set for duplicates: kept as JSON in the catalogue, and set undoably."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from core import history
from core.catalogue import facts
from core.catalogue.links import KINDS, Kind
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import UndoRefused
from core.project import Project

VERSION = 1
# Scores from which links of a kind count until a person says otherwise. Same bytes and same pixels are certain. On the
# set of core/duplicates/measured.py precision is 0.99 from 0.60 (near) and 0.55 (parts) on. At 0.75 it is 0.999, so it
# stays 0.99 with ten times as many candidates to each duplicate, and of 700 duplicates one fewer is found.
DEFAULTS: dict[Kind, float] = {"exact": 0.0, "pixels": 0.0, "near": 0.75, "part-of": 0.75}
THRESHOLDS, RULES, PROTECTED = "duplicate thresholds", "keeper rules", "protected folders"


@dataclass(frozen=True, slots=True)
class SetDuplicateSetting:
    """Make the setting ``key`` the text ``after``, where it is ``before`` now; "" is the default."""

    key: str
    before: str
    after: str
    text: str
    name: ClassVar[str] = "set_duplicate_setting"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.SETTINGS | Changes.LINKS

    def apply(self, session: Session) -> "SetDuplicateSetting":
        if facts.get(session, self.key) != self.before:
            raise UndoRefused(f"“{self.text}” is not possible: this has been set anew since.")
        facts.put(session, self.key, self.after)
        return replace(self, before=self.after, after=self.before)

    def store(self) -> Stored:
        arguments = {"key": self.key, "before": self.before, "after": self.after, "text": self.text}
        return Stored(self.name, self.version, arguments, np.zeros(0, dtype=np.int64))

    @classmethod
    def load(cls, stored: Stored) -> "SetDuplicateSetting":
        return cls(**stored.arguments)


def read(session: Session, key: str) -> Any:
    """What is kept under ``key``, None where nothing is or where a later version wrote it."""
    text = facts.get(session, key)
    if not text:
        return None
    stored = json.loads(text)
    return stored["value"] if stored.get("version") == VERSION else None


def thresholds(session: Session) -> dict[Kind, float]:
    """From which score on links of each kind count."""
    stored: Mapping[str, Any] = read(session, THRESHOLDS) or {}
    return {kind: float(stored.get(kind, DEFAULTS[kind])) for kind in KINDS}


def stamp(session: Session) -> tuple[str, ...]:
    """Something that is another once any of the settings is."""
    return tuple(facts.get(session, key) for key in (THRESHOLDS, RULES, PROTECTED))


def change(project: Project, key: str, make: Callable[[Session], Any], text: str) -> Changes:
    """Keep what ``make`` gives under ``key``; None puts the default back. One step of the undo history."""
    with project.write(durable=True) as session:
        value = make(session)
        after = "" if value is None else json.dumps({"version": VERSION, "value": value})
        before = facts.get(session, key)
        if before == after:
            return Changes.NONE
        return history.do(session, SetDuplicateSetting(key, before, after, text))
