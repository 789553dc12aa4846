"""The first rows of a file of vectors, each with the image that it names, as a table of Qt."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.models.label_rows import SampleModel
from app.models.thumbnails import Thumbnails
from app.style.theme import Theme
from core.given.previews import FirstRow
from core.operations.labels import Column, SampleRow


class FirstRowsModel(SampleModel):
    """As the first rows of labels are shown: the image, then what the file calls it."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(theme, thumbnails, parent)
        self._column = Column("Named in the file", "path", "text", False, ())

    def show_first(self, rows: Sequence[FirstRow]) -> None:
        """Show the rows of another file."""
        self.show_rows(
            [self._column],
            [
                SampleRow(
                    one.row, (one.text,), one.image_name, one.content_id, sentence(one.problem)
                )
                for one in rows
            ],
        )


def sentence(reason: str) -> str:
    """A reason as it begins a line."""
    return reason[:1].upper() + reason[1:]
