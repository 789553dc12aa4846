"""Taking images out of the catalogue and bringing them back. No file is touched; both can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core import history
from core.catalogue import removed
from core.catalogue.session import Session
from core.catalogue.steps import Stored
from core.changes import Changes
from core.errors import UndoRefused
from core.project import Project


@dataclass(frozen=True, slots=True)
class SetRemoved:
    """Take images out, none of which is, or (``is_out`` false) bring images back, all of which are."""

    ids: NDArray[np.int64]
    is_out: bool
    name: ClassVar[str] = "set_removed"
    version: ClassVar[int] = 1
    changes: ClassVar[Changes] = Changes.SOURCES | Changes.IMAGES | Changes.CLASSES | Changes.TAGS

    @property
    def text(self) -> str:
        amount = "1 image" if len(self.ids) == 1 else f"{len(self.ids)} images"
        if self.is_out:
            return f"Take {amount} out of the catalogue"
        return f"Bring {amount} back into the catalogue"

    def apply(self, session: Session) -> "SetRemoved":
        fitting = removed.select_by_state(session, self.ids, removed=not self.is_out)
        if len(fitting) != len(self.ids):
            raise UndoRefused(
                f"“{self.text}” is not possible: some of these images have changed since."
            )
        removed.put(session, self.ids.tolist(), removed=self.is_out)
        return replace(self, is_out=not self.is_out)

    def store(self) -> Stored:
        return Stored(self.name, self.version, {"is_out": self.is_out}, self.ids)

    @classmethod
    def load(cls, stored: Stored) -> "SetRemoved":
        return cls(stored.ids, stored.arguments["is_out"])


def take_out(project: Project, image_ids: Sequence[int] | NDArray[np.int64]) -> Changes:
    """Leave these images out of everything from now on, imports included; their files, tags and
    verdicts stay. Images that are out already are passed over. Undoable."""
    return _set(project, image_ids, is_out=True)


def bring_back(project: Project, image_ids: Sequence[int] | NDArray[np.int64]) -> Changes:
    """Put images that were taken out back where they were, with all that was said of them. Undoable."""
    return _set(project, image_ids, is_out=False)


def list_taken_out(project: Project) -> NDArray[np.int64]:
    """Ids of the images that were taken out, ascending. int64 [n]."""
    with project.read() as session:
        return removed.every(session)


def _set(
    project: Project, image_ids: Sequence[int] | NDArray[np.int64], *, is_out: bool
) -> Changes:
    wanted = np.asarray(image_ids, dtype=np.int64)
    with project.write(durable=True) as session:
        fitting = removed.select_by_state(session, wanted, removed=not is_out)
        if not len(fitting):
            return Changes.NONE
        return history.do(session, SetRemoved(fitting, is_out))
