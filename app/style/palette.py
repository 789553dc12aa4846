"""Colours of classes on the map: told apart by colour-blind eyes, on light and on dark."""

import json
from importlib.resources import files

# Paul Tol's "muted" and "bright" schemes, ordered so that the first ones differ most, and
# lightened or darkened a little so that each holds 3:1 on the map's ground.
_CLASSES = json.loads((files("resources") / "themes" / "colours.json").read_bytes())["classes"]
ON_DARK: tuple[str, ...] = tuple(_CLASSES["dark"])
ON_LIGHT: tuple[str, ...] = tuple(_CLASSES["light"])


def class_colours(theme: str) -> tuple[str, ...]:
    """The palette for the theme called ``light`` or ``dark``."""
    return ON_DARK if theme == "dark" else ON_LIGHT


# Steps of a number, from low to high: lightness goes one way, so that eyes that confuse hues read it too
# (after viridis, with ends that hold 3:1 on the map's ground).
RAMP_ON_DARK = ("#6f62c8", "#4f86d2", "#35aac4", "#4cc9a0", "#9adf6f", "#f4ea6b")
RAMP_ON_LIGHT = ("#a98600", "#66923a", "#1f866c", "#21759b", "#36549b", "#43266f")


def ramp(theme: str, count: int) -> tuple[str, ...]:
    """``count`` colours from low to high for the theme called ``light`` or ``dark``."""
    stops = RAMP_ON_DARK if theme == "dark" else RAMP_ON_LIGHT
    return tuple(_between(stops, place / max(1, count - 1)) for place in range(count))


def _between(stops: tuple[str, ...], share: float) -> str:
    place = share * (len(stops) - 1)
    left = min(int(place), len(stops) - 2)
    part = place - left
    pairs = [
        (int(stops[left][i : i + 2], 16), int(stops[left + 1][i : i + 2], 16)) for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{round(low + (high - low) * part):02x}" for low, high in pairs)
