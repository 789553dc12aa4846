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
