"""The window, tried without a display: it opens a catalogue, draws it, and nothing in it fails on the way."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from core.errors import KnownError

LEAST_COLOURS = 5_000  # thumbnails have many more; an empty window has a few hundred


class WindowFailed(KnownError):
    """The window does not do what it must."""


def look(catalogue: Path) -> dict[str, Any]:
    """Open the catalogue in a window that nobody sees, and draw it. Returns the size in pixels, the colours in the
    picture and the seconds it took. Raises WindowFailed."""
    failures: list[str] = []

    def note(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        # Qt goes on after an exception in a slot: only this tells of it.
        failures.append(f"{kind.__name__}: {error}")
        before(kind, error, where)

    before, sys.excepthook = sys.excepthook, note
    began_s = time.monotonic()
    try:
        # Qt must hear of the platform before it is imported.
        from app import screenshots

        file = screenshots.take_main(catalogue, catalogue.parent / "window.png")
    except TimeoutError as error:
        raise WindowFailed(f"The self-test failed: {error}") from error
    finally:
        sys.excepthook = before
    if failures:
        raise WindowFailed(f"The self-test failed: in the window, {failures[0]}.")
    return _seen(file) | {"seconds": round(time.monotonic() - began_s, 1)}


def _seen(file: Path) -> dict[str, Any]:
    from PIL import Image

    with Image.open(file) as picture:
        width, height = picture.size
        colours = len(picture.convert("RGB").getcolors(width * height) or [])
    if colours < LEAST_COLOURS:
        raise WindowFailed(
            f"The self-test failed: the window shows no pictures ({colours} colours)."
        )
    return {"size_px": [width, height], "colours": colours}
