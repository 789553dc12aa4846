"""Scenes of the search by words, with a very small encoder that learned the demo's own words by heart."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.photographer import Photographer
from core.operations import embeddings, layouts, neighbours

TEACHER = Path(__file__).parents[1] / "packaging" / "demo_words.py"
SEARCH = "flowers -tulips"


def take(camera: Photographer, photos: Path, model: Path) -> None:
    """A field that takes names only, words as they are typed, and what they found. The encoder is
    taught where ``model`` is not there yet, which takes some minutes."""
    if not (model / "open_clip_model.safetensors").exists():
        subprocess.run([sys.executable, str(TEACHER), str(photos), str(model)], check=True)
    explore = camera.explore
    field = explore.search.field
    name = f"openclip:local-dir:{model}"
    explore.document.selection.clear()
    explore.search.focus_field()
    QTest.keyClicks(field, "flowers in a field")
    camera.wait()
    camera.both("words-unknown")
    field.clear()
    camera.wait()
    document = explore.document
    changed = document.changed.emit
    document.compute("Embedding", embeddings.embed, name, on_done=changed)
    document.compute("Neighbours", neighbours.build, encoder=name, on_done=changed)
    document.compute("Layout", layouts.build, encoder=name, on_done=changed)
    camera.wait()
    explore.switching.switch_to(name)
    camera.wait()
    explore.search.focus_field()
    QTest.keyClicks(field, SEARCH)
    camera.wait()
    camera.both("words-typed")
    QTest.keyClick(field, Qt.Key.Key_Return)
    camera.wait()
    camera.both("search-by-words")
    explore.browse.clear()
    document.switch_to(None)
    camera.wait()
