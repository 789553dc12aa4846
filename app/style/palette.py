"""Colours of classes on the map: told apart by colour-blind eyes, on light and on dark."""

# Paul Tol's "muted" and "bright" schemes, ordered so that the first ones differ most, and
# lightened or darkened a little so that each holds 3:1 on the map's ground.
ON_DARK = (
    "#5aa9e6",
    "#f0a441",
    "#4fc79a",
    "#f07ba8",
    "#e8dd6a",
    "#a98be8",
    "#8fdcf0",
    "#e0735c",
    "#b4c96a",
    "#d9a7d4",
)
ON_LIGHT = (
    "#1f6fc4",
    "#c26a00",
    "#0f8a5f",
    "#c2306f",
    "#8a7a00",
    "#6a45c2",
    "#1590a8",
    "#b23a22",
    "#5f7d12",
    "#99538f",
)


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
