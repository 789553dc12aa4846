"""Memory that is free inside the process, given back to the system."""

import ctypes
import sys


def give_back() -> None:
    """Return what the C library keeps of freed arrays; takes some 20 ms a gigabyte.

    A million images are listed through arrays of a few megabytes, which glibc keeps for the next ones:
    measured, half of a window's 1.3 GB. Elsewhere than on Linux with glibc nothing is done.
    """
    if sys.platform != "linux":
        return
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return
    trim(0)
