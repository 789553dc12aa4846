"""The edit by which a person gives some images another class, or says that the class they have is right."""

from dataclasses import dataclass
from typing import ClassVar

from core.labelling.edit import PutLabels


@dataclass(frozen=True, slots=True)
class SetClasses(PutLabels):
    """As an import of labels, without a file: ``file`` holds what it does, in the words of a menu."""

    name: ClassVar[str] = "set_classes"
    version: ClassVar[int] = 1

    @property
    def text(self) -> str:
        return self.file
