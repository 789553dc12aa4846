"""The small file that says what the newest version is: made for a release, and named to the program that is built.

python packaging/feed.py point REPOSITORY_URL   resources/release.json names that repository's releases
python packaging/feed.py write FILE PAGE_URL    the file itself, of this version and its lines in CHANGELOG.md
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import linux_desktop
import version

ORIGIN = version.ROOT / "resources" / "release.json"
CHANGELOG = version.ROOT / "CHANGELOG.md"
MOST_CHANGES, LONGEST = 12, 160


def point(repository: str, place: Path = ORIGIN) -> None:
    """Let what is built from here ask ``repository`` (an https address, as GitHub has) for its newest release."""
    page = repository.rstrip("/") + "/releases"
    told = {"feed": f"{page}/latest/download/release.json", "page": f"{page}/latest"}
    place.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def write(place: Path, page: str) -> None:
    """Write what core/operations/releases.py reads."""
    number = version.read()
    told = {
        "version": number,
        "date": linux_desktop.build_date(),
        "page": page,
        "changes": changes(CHANGELOG.read_text(encoding="utf-8"), number),
    }
    place.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def changes(text: str, number: str) -> list[str]:
    """The first points of a version in the changelog, one short line each."""
    found = re.search(
        rf"^## [^\n]*(?<![\w.]){re.escape(number)}(?![\w.])[^\n]*\n(.*?)(?=^## |\Z)",
        text,
        re.M | re.S,
    )
    if found is None:
        return []
    points = re.findall(r"^- (.*?)(?=^- |^#|^\s*$|\Z)", found[1], re.M | re.S)
    return [_short(" ".join(one.split())) for one in points[:MOST_CHANGES]]


def _short(line: str) -> str:
    """Without marks of Markdown, cut at a word."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line).replace("`", "").replace("**", "")
    return (
        plain if len(plain) <= LONGEST else plain[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:") + " …"
    )


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; returns the exit code."""
    if len(arguments) == 2 and arguments[0] == "point":
        point(arguments[1])
    elif len(arguments) == 3 and arguments[0] == "write":
        write(Path(arguments[1]), arguments[2])
    else:
        sys.stderr.write((__doc__ or "") + "\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
