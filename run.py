#!/usr/bin/env python3
"""The one command of a fresh clone: set up where needed, then start. Standard library only.

python3 run.py [ARGUMENTS]           start the window, or pass ARGUMENTS to `lookalike`
python3 run.py setup [--peers]       make .venv only (--peers: also what the benchmarks compare with)
python3 run.py test [PYTEST OPTIONS] the tests
python3 run.py check                 format, lint, types, import rules, tests
python3 run.py screenshots [FOLDER [HOME]]  every view, light and dark, as pictures
python3 run.py package [--help]      the bundle, and from it what this system can build, into dist/
"""

import os
import sys

# Plain old syntax in this file, so that an old Python can still say what is wrong.
OLDEST = (3, 11)


def main():  # type: ignore[no-untyped-def]
    """Hand over to packaging/launch.py, where the Python is new enough for it."""
    if sys.version_info < OLDEST:
        sys.stderr.write(
            "Lookalike needs Python %d.%d or newer; this is %d.%d (%s).\n"  # noqa: UP031
            % (OLDEST + sys.version_info[:2] + (sys.executable,))
        )
        return 1
    root = os.path.dirname(os.path.abspath(__file__))
    # By path: the folder is no package, lest it hide the library of the same name.
    sys.path.insert(0, os.path.join(root, "packaging"))
    import launch

    return launch.main(root, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
