"""Load torch's shared libraries before torch is imported, without holding up other threads.

An import keeps the interpreter's lock while the system maps and relocates some 400 MB: measured,
280 to 470 ms in which a window stands still. A foreign call gives the lock away meanwhile.
"""

import ctypes
import importlib.util
import os
from pathlib import Path

# Plain C++ without Python in it, so that it may be loaded without the lock.
_STEMS = ("libc10", "libtorch_cpu", "libtorch")
_SUFFIXES = (".so", ".dylib")


def preload_torch() -> None:
    """Does nothing where the libraries are not found: the import then takes the time it takes."""
    spec = importlib.util.find_spec("torch")
    if os.name != "posix" or spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    load = ctypes.CDLL(None).dlopen
    load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    for stem in _STEMS:
        for suffix in _SUFFIXES:
            library = folder / f"{stem}{suffix}"
            if library.is_file():
                load(os.fsencode(library), os.RTLD_NOW | os.RTLD_LOCAL)
