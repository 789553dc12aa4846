"""Rows of an imported file that were left out, written where the person wants them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.document import Document
from app.widgets import text


def save(
    document: Document,
    parent: QWidget | None,
    export: Callable[[Path], int],
    say: Callable[..., None],
) -> None:
    """Ask for a place, let ``export`` write them there in a lane, and say how many there were."""
    name, _ = QFileDialog.getSaveFileName(parent, "Rows left out", "left out.csv", "CSV (*.csv)")
    if not name:
        return
    target = Path(name)
    document.query(
        "Writing",
        lambda _: export(target),
        on_done=lambda count: say(f"{text.plural(count, 'row')} written to {target.name}."),
    )
