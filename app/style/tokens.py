"""Colours and measures of the window, light and dark, in one place."""

from dataclasses import asdict, dataclass

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


LIGHT = Tokens(
    name="light",
    canvas="#f1f2f4",
    panel="#f9f9fa",
    raised="#ffffff",
    hover="#e8eaed",
    pressed="#dee1e6",
    border="#dddfe3",
    outline="#d3d6db",
    border_strong="#8b919b",
    text="#1a1c20",
    muted="#575d67",
    accent="#1f5fcc",
    on_accent="#ffffff",
    accent_soft="#dfe9fb",
    warning="#7a4d00",
    warning_soft="#fdf0d5",
    danger="#b3261e",
    danger_soft="#fce8e6",
    success="#1d7040",
    point="#c3c7cd",
)

DARK = Tokens(
    name="dark",
    canvas="#121316",
    panel="#191a1e",
    raised="#222429",
    hover="#2a2c32",
    pressed="#33363d",
    border="#2b2d33",
    outline="#464a53",
    border_strong="#6d737d",
    text="#e7e8ea",
    muted="#a2a7af",
    accent="#79aefc",
    on_accent="#0b1220",
    accent_soft="#22324f",
    warning="#f3c26b",
    warning_soft="#3a2e17",
    danger="#ff9b92",
    danger_soft="#43211f",
    success="#74cf9a",
    point="#454950",
)


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
