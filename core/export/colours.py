"""The colours of the window as what is written by the program uses them: read from resources, never from app."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _read() -> Any:
    return json.loads((files("resources") / "themes" / "colours.json").read_bytes())


def tokens(theme: str) -> dict[str, str]:
    """Colours ``#rrggbb`` by name for the theme called ``light`` or ``dark``: see app/style/tokens.py."""
    found: dict[str, str] = dict(_read()[theme])
    return found


def class_colours(theme: str) -> tuple[str, ...]:
    """The colours of classes, which colour-blind eyes tell apart, 3:1 on the canvas of the theme."""
    return tuple(_read()["classes"][theme])


def rgb(colour: str) -> tuple[int, int, int]:
    """(red, green, blue), 0 to 255, of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
