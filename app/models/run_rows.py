"""The runs as a list: what each row says."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from app.models import training_words as words
from app.models.ordered import Index
from core.training.records import Run

RUN = Qt.ItemDataRole.UserRole


class RunsModel(QAbstractListModel):
    """Newest first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runs: list[Run] = []

    def set_runs(self, runs: list[Run]) -> None:
        """Other runs, or other things known of them."""
        if [one.name for one in runs] == [one.name for one in self.runs]:
            self.runs = runs
            if runs:
                self.dataChanged.emit(self.index(0), self.index(len(runs) - 1))
            return
        self.beginResetModel()
        self.runs = runs
        self.endResetModel()

    def row_of(self, name: str) -> int:
        """The row of a run, or -1."""
        return next((n for n, one in enumerate(self.runs) if one.name == name), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self.runs[index.row()]
        if role == RUN:
            return run
        if role == Qt.ItemDataRole.DisplayRole:
            return run.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            found = words.headline(run)
            parts = [run.name, words.when(run.made_at), words.STATUS[run.status]]
            if found is not None:
                name, before, after = found
                parts.append(f"{name} {words.share(before)} before, {words.share(after)} after")
                parts.append(words.MARKS[words.mark(run)].lower())
            if run.is_default:
                parts.append("the catalogue's default encoder")
            return ", ".join(parts)
        return None
