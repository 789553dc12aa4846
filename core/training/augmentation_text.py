"""What each way of varying pictures means, in a line. Imports nothing heavy: the window reads it."""

from core.errors import UsageError

MEANINGS: dict[str, str] = {
    "auto": "What was measured to suit what is trained",
    "none": "Each picture as it is",
    "light": "Moved, scaled and brightened a little: product shots, screenshots, scans",
    "photos": "A part of the picture, mirrored or not, in other light and turned a little",
    "drawings": "Turned up to 15 degrees, moved, scaled and sheared, never mirrored; colours stay",
    "strong": "Small parts, mirrored, other or no colours, a patch missing: many photos, long training",
}


def about(preset: str) -> str:
    """One line on a way of varying pictures. Raises UsageError where there is no such way."""
    if preset not in MEANINGS:
        raise UsageError(f"There is no augmentation {preset!r}.", f"Use {', '.join(MEANINGS)}.")
    return MEANINGS[preset]
