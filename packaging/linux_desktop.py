"""What a Linux desktop knows of the program: menu entry, "open with" on folders, AppStream metadata, icons.

`python packaging/linux_desktop.py FOLDER` writes them below FOLDER as they belong below /usr/share.
"""

import datetime
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import icons
import version

HERE = Path(__file__).resolve().parent / "linux"
END = "</component>\n"


def metainfo(number: str, date: str) -> str:
    """The AppStream metadata with this version (released on ``date``, YYYY-MM-DD) as the newest release."""
    text = (HERE / "lookalike.metainfo.xml").read_text(encoding="utf-8")
    assert text.endswith(END)
    # What comes before a final version is told apart, so that software centres do not offer it as one.
    kind = "stable" if number.replace(".", "").isdigit() else "development"
    release = (
        f"<release version={quoteattr(number)} date={quoteattr(date)} type={quoteattr(kind)}/>"
    )
    return text.removesuffix(END) + f"  <releases>\n    {release}\n  </releases>\n{END}"


def build_date() -> str:
    """Today in UTC, or what SOURCE_DATE_EPOCH says (https://reproducible-builds.org/specs/source-date-epoch/)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.now(datetime.UTC)
    moment = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch else now
    return moment.date().isoformat()


def install(share: Path, number: str | None = None) -> list[Path]:
    """Write menu entry, metadata and icons below ``share``; returns the files.

    The pixel icons need PySide6 and Pillow; ``number`` is the version, pyproject's where none is given.
    """
    entry = share / "applications" / "lookalike.desktop"
    facts = share / "metainfo" / "lookalike.metainfo.xml"
    for place in (entry, facts):
        place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "lookalike.desktop", entry)
    facts.write_text(metainfo(number or version.read(), build_date()), encoding="utf-8")
    return [entry, facts, *icons.write_linux(share / "icons")]


def main(arguments: Sequence[str]) -> int:
    """Write into the folder that is named; returns the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python packaging/linux_desktop.py FOLDER\n")
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(*install(Path(arguments[0])), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
