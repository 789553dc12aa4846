"""Where the bundle begins: the window and the command line are one program. Workers begin here as well."""

import multiprocessing
import os
import sys


def main() -> int:
    """Become a worker where this process was started as one; else run the program. Returns the exit code."""
    multiprocessing.freeze_support()
    give_back_environment()
    from app.__main__ import main as run  # only now: a worker must not wait for it

    return run()


def give_back_environment() -> None:
    """The bundle's libraries are for this process: what it starts (a file manager, a browser) has its own."""
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        before = os.environ.pop(f"{name}_ORIG", None)
        if before is not None:
            os.environ[name] = before
        elif getattr(sys, "frozen", False):
            os.environ.pop(name, None)


if __name__ == "__main__":
    sys.exit(main())
