"""The launcher: `lookalike` on the command line, and what a decode worker imports first."""

import multiprocessing
import sys

from app import cli


def main() -> int:
    """Run the command line; returns the exit code."""
    multiprocessing.freeze_support()
    try:
        return cli.main(sys.argv[1:])
    except KeyboardInterrupt:  # before a call has begun, so there is nothing to keep
        return 130


if __name__ == "__main__":
    sys.exit(main())
