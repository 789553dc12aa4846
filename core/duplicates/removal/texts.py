"""Paths as JSON: readable where they are UTF-8; else shown escaped, with their bytes beside."""

from typing import Any

from core.errors import UsageError
from core.images.scan import display


def put(entry: dict[str, Any], key: str, raw: bytes | None) -> None:
    """Note a path in ``entry``: as text, and as hexadecimal bytes where the text is not the whole truth."""
    if raw is None:
        entry[key] = None
        return
    try:
        entry[key] = raw.decode("utf-8")
    except UnicodeDecodeError:
        entry[key] = display(raw)
        entry[f"{key}_bytes"] = raw.hex()


def get(entry: dict[str, Any], key: str) -> bytes | None:
    """The path that ``put`` noted. Raises UsageError where it is none."""
    text, raw = entry.get(key), entry.get(f"{key}_bytes")
    try:
        if raw is not None:
            return bytes.fromhex(raw)
        return text.encode("utf-8") if text is not None else None
    except (AttributeError, TypeError, ValueError) as error:
        raise UsageError(f"“{key}” is no path: {text!r}.") from error


def need(entry: dict[str, Any], key: str) -> bytes:
    """The same, where there must be one."""
    raw = get(entry, key)
    if not raw or b"\0" in raw:
        raise UsageError(f"“{key}” is missing, or is no path.")
    return raw
