"""Times as a report tells them: in UTC, so that it does not matter where it is made."""

from datetime import UTC, datetime


def when(seconds: float) -> str:
    """ISO 8601 to the second; empty for a time that no calendar reaches, or that is not known."""
    if not seconds:
        return ""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return ""
