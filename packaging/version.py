"""The version of the program, of which pyproject.toml is the one place: `python packaging/version.py` prints it.

Everything that states it (installers, packages, AppStream metadata, the release) takes it from here; the
running program reads the same from its installed metadata (core/version.py).
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def read(root: Path = ROOT) -> str:
    """The version as pyproject.toml below ``root`` states it."""
    with open(root / "pyproject.toml", "rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def in_numbers(version: str) -> str:
    """Four numbers, as the properties of a Windows program want it: 1.2.3rc1 is 1.2.3.0."""
    numbers = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(str(int(digits)))
        if digits != part:
            break
    return ".".join([*numbers, "0", "0", "0", "0"][:4])


if __name__ == "__main__":
    print(in_numbers(read()) if sys.argv[1:] == ["--numbers"] else read())
