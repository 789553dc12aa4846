"""Colours and measures of the window, light and dark, in one place."""

import json
from dataclasses import asdict, dataclass
from importlib.resources import files

STEP_PX = 8  # the rhythm: every gap is a multiple of half of it


@dataclass(frozen=True)
class Tokens:
    """Colours as ``#rrggbb``; text colours hold 4.5:1 on canvas, panel and raised."""

    name: str
    canvas: str  # behind pictures
    panel: str  # rail, bars, inspector
    raised: str  # fields, menus, chips
    hover: str
    pressed: str
    border: str
    outline: str  # round buttons and fields, on cards too
    border_strong: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str
    success: str
    point: str  # map points without a class, or out of the filter


def _read(name: str) -> Tokens:
    """The colours that ship, which reports are written in too."""
    text = (files("resources") / "themes" / "colours.json").read_text(encoding="utf-8")
    return Tokens(name=name, **json.loads(text)[name])


LIGHT, DARK = _read("light"), _read("dark")


def as_mapping(tokens: Tokens) -> dict[str, str]:
    """Tokens by name, for the style sheet."""
    return {key: str(value) for key, value in asdict(tokens).items()}


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
