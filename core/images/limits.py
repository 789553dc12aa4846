"""How large a picture may be, and how much memory a decoding process may take for it."""

import multiprocessing
import os
import sys

from core.images.faults import Undecodable

# Above this a picture is refused unless its decoder can reduce while it reads. The user can raise it.
LIMIT_PX = 250_000_000
# A file is read whole before it is decoded.
LIMIT_BYTES = 1 << 30
# Pillow keeps colours in four bytes; a second copy is needed where transparency or a palette is resolved.
BYTES_PER_PX = 8
_BESIDES_BYTES = 2 * LIMIT_BYTES + (512 << 20)
# The share of the machine's memory that one decoding process may take: two at their largest fit.
_SHARE = 0.4

_bounded_to = 0


def check_size(width: int, height: int, limit_px: int, what: str = "") -> None:
    """Raises Undecodable where a picture of that size is over the limit."""
    if width < 1 or height < 1:
        raise Undecodable("damaged (it has no size)")
    if width * height > limit_px:
        megapixels = round(width * height / 1_000_000)
        raise Undecodable(
            f"{what}{megapixels:,} megapixels ({width:,} × {height:,}), over the limit of"
            f" {limit_px / 1_000_000:,.0f}, which can be raised",
            "limit",
        )


def check_bytes(wanted: int, limit_px: int) -> None:
    """Raises Undecodable where unpacking takes more memory than pictures at the limit do."""
    if wanted > limit_px * BYTES_PER_PX:
        raise Undecodable(
            f"it unpacks to {wanted / 2**30:,.1f} GB, over the limit of"
            f" {limit_px * BYTES_PER_PX / 2**30:,.1f} GB, which can be raised",
            "limit",
        )


def bound_memory(limit_px: int) -> None:
    """In a worker process: let the system refuse memory beyond what a picture at the limit needs.

    So a file that lies about its size costs itself and not the machine. Costs nothing when nothing
    changed; does nothing in the main process and where the system has no such limit (Windows, macOS).
    Before the first task it also takes standard error away from the C libraries.
    """
    global _bounded_to
    if not _bounded_to and multiprocessing.parent_process() is not None:
        _hush()
    if limit_px == _bounded_to or multiprocessing.parent_process() is None:
        return
    _bounded_to = limit_px
    try:
        import resource  # there is none on Windows

        with open("/proc/self/statm", "rb") as file:
            taken = int(file.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        return
    room = limit_px * BYTES_PER_PX + _BESIDES_BYTES
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = taken + min(room, int(whole * _SHARE))
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _hush() -> None:
    """Let C libraries talk to nobody: they write about damaged files to standard error; Python's stays."""
    if sys.stderr is None or sys.platform == "win32":
        return
    try:
        number = os.dup(sys.stderr.fileno())
        sys.stderr = os.fdopen(number, "w", buffering=1, errors="backslashreplace")
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
    except (OSError, ValueError):  # there is no standard error to speak of
        return
