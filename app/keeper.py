"""What the window remembers between two starts, written when something changed."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QWidget

from core import settings
from core.settings import RECENT_KEPT, Settings


class Keeper:
    """Holds the settings; ``change`` writes them."""

    def __init__(self) -> None:
        self.settings: Settings = settings.load()

    def change(self, **values: Any) -> None:
        """Set some, and write all where that made a difference."""
        changed = replace(self.settings, **values)
        if changed != self.settings:
            self.settings = changed
            settings.save(changed)

    def add_recent(self, path: str) -> None:
        """This catalogue was opened now."""
        others = [one for one in self.settings.recent if one != path]
        self.change(recent=(path, *others)[:RECENT_KEPT], last_catalogue=path)

    def keep_place(self, path: str, place: str) -> None:
        """The images of this catalogue lie there; namesakes are told apart by it."""
        known = self.settings.recent_places
        kept = {one: known[one] for one in self.settings.recent if one in known}
        self.change(recent_places={**kept, path: place})

    def place_of(self, path: str) -> str:
        """Where the images of a catalogue lie, or else the catalogue itself."""
        return self.settings.recent_places.get(path) or str(Path(path).parent)

    def drop_recent(self, path: str) -> None:
        """This catalogue is no more."""
        self.change(recent=tuple(one for one in self.settings.recent if one != path))

    def restore_window(self, window: QWidget) -> bool:
        """Give the window the place it had. False where it had none."""
        kept = self.settings.window_geometry
        return bool(kept) and window.restoreGeometry(_bytes(kept))

    def keep_window(self, window: QWidget) -> None:
        """Remember the window's place."""
        self.change(window_geometry=_text(window.saveGeometry()))

    def restore_splitter(self, name: str, splitter: QSplitter) -> None:
        """Give a splitter the sizes it had."""
        if kept := self.settings.splitters.get(name):
            splitter.restoreState(_bytes(kept))
            splitter.setHandleWidth(1)

    def keep_splitter(self, name: str, splitter: QSplitter) -> None:
        """Remember a splitter's sizes."""
        self.change(splitters={**self.settings.splitters, name: _text(splitter.saveState())})


def _bytes(text: str) -> QByteArray:
    return QByteArray(base64.b64decode(text.encode("ascii", "replace")))


def _text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode("ascii")
