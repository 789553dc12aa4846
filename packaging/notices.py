"""Tells of the work of others: `python packaging/notices.py` writes the table, with FILE every licence text.

The table (THIRD_PARTY_NOTICES.md, in the repository) is of the pinned versions on Linux. The long text is made by each
build for its own system, since wheels hold other libraries there, and ships in the bundle as
resources/THIRD_PARTY_NOTICES.txt, where the window's About shows it.
"""

import hashlib
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath

import bundled_libraries
import licences
import slimming
from bundled_libraries import Library
from licences import Package

TABLE = licences.ROOT / "THIRD_PARTY_NOTICES.md"
TEXTS = Path(__file__).resolve().parent / "licence_texts"
IN_BUNDLE = "THIRD_PARTY_NOTICES.txt"  # in resources/
_IS_TEXT = re.compile(r"(licen[cs]e|copying|notice|copyright|third.?party)", re.IGNORECASE)
_IS_CODE = re.compile(r"\.(py|pyc|pyi|so|json|h|hpp|dll|dylib)$")
# Wheels that hold no licence text, and the standard text of theirs.
_TEXT_OF = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "pi-heif": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "opencv-python-headless": ("LGPL-2.1.txt",),
    "tokenizers": ("Apache-2.0.txt",),
    "tqdm": ("MPL-2.0.txt",),
}


def write_table(place: Path = TABLE) -> None:
    """Write the short form."""
    place.write_text(table(), encoding="utf-8", newline="\n")


def table() -> str:
    """The short form as Markdown: packages, libraries inside them, obligations."""
    found = distributions()
    packages = [
        (one.name, one.version, one.licence or one.stated, home_page(distribution))
        for distribution, one in found
    ]
    inside = [
        (library.name, library.licence, ", ".join(holders), library.page)
        for library, holders in libraries(found)
    ]
    page = (TEXTS / "notices.md").read_text(encoding="utf-8")
    for place, head, rows in (
        ("@PACKAGES@", ("package", "version", "licence", "page"), packages),
        ("@LIBRARIES@", ("library", "licence", "inside", "page"), inside),
    ):
        page = page.replace(place, _rows(head, rows))
    return page


def full_text() -> str:
    """The long form: the table, then every licence text that the packages hold, each once."""
    found = distributions()
    system = f"For the bundle on {platform.system()} {platform.machine()}."
    parts = [table().replace("# Third-party notices", f"# Third-party notices\n\n{system}", 1)]
    seen: dict[str, str] = {}
    for distribution, one in found:
        parts.append(
            f"{'=' * 100}\n{one.name} {one.version}\n{one.licence or one.stated}\n{'=' * 100}"
        )
        for title, text in licence_texts(distribution, one.name):
            key = hashlib.sha256("".join(text.split()).encode()).hexdigest()
            if key in seen:
                parts.append(f"--- {title}: the same text as {seen[key]}")
                continue
            seen[key] = f"{one.name}, {title}"
            parts.append(f"--- {title}\n\n{text.strip()}")
    for title, place in around():
        parts.append(f"{'=' * 100}\n{title}\n{'=' * 100}")
        parts.append(place.read_text(encoding="utf-8", errors="replace").strip())
    return "\n\n".join(parts) + "\n"


def around() -> list[tuple[str, Path]]:
    """(title, licence text) of what else comes with a build: Python, the bootloader, libraries of the system."""
    result = []
    python = Path(sys.base_prefix)
    own = [*python.glob("LICENSE*"), *python.glob("lib/python3*/LICENSE*")]
    result += [(f"Python {platform.python_version()}", place) for place in own[:1]]
    with suppress(metadata.PackageNotFoundError):  # where nothing is built
        builder = metadata.distribution("pyinstaller")
        result += [
            (f"Bootloader of PyInstaller {builder.version}", Path(str(builder.locate_file(file))))
            for file in licences.files(builder)
            if file.endswith("COPYING.txt")
        ]
    # Where Debian's packages say it; other systems have their libraries from Python's own installer.
    for pattern in sorted({*slimming.CARRIED.values()} - {""}):
        result += [
            (f"{place.parent.name}, of the system it was built on", place)
            for place in sorted(Path("/usr/share/doc").glob(f"{pattern}/copyright"))
        ]
    return result


@cache
def distributions() -> list[tuple[metadata.Distribution, Package]]:
    """What the bundle holds of others, by name; of extras those that are installed.

    Raises SystemExit where something that Lookalike needs is not installed.
    """
    _, missing = licences.closure(licences.our_requirements(extras=()))
    if missing:
        raise SystemExit(f"Not installed, so that nothing can be told of it: {', '.join(missing)}.")
    found, _ = licences.closure(licences.our_requirements())
    return [(one, licences.package(one)) for one in found]


def libraries(
    found: Iterable[tuple[metadata.Distribution, Package]],
) -> list[tuple[Library, list[str]]]:
    """The libraries of others that these packages hold, each with the names of the packages."""
    holders: dict[str, set[str]] = {}
    known = {library.name: library for library in bundled_libraries.LIBRARIES}
    for distribution, one in found:
        for name in bundled_libraries.borrowed(licences.files(distribution)):
            library = bundled_libraries.library_of(name.rpartition("/")[2])
            if library is not None and slimming.rule_of(name, is_mixed=True) is None:
                holders.setdefault(library.name, set()).add(one.name)
    return [(known[name], sorted(holders[name])) for name in sorted(holders, key=str.lower)]


def licence_texts(distribution: metadata.Distribution, name: str) -> list[tuple[str, str]]:
    """(title, text) of each licence and notice that a package holds, and the standard ones it lacks."""
    result = []
    for posix in sorted(licences.files(distribution)):
        if _IS_CODE.search(posix) or not (_IS_TEXT.search(posix) or "/licenses/" in posix):
            continue
        path = PurePosixPath(posix)
        has_name = _IS_TEXT.search(path.name) is not None
        is_own = ".dist-info/" in posix and ("/licenses/" in posix or has_name)
        if is_own or (has_name and path.suffix.lower() in ("", ".txt", ".md")):
            title = posix.partition(".dist-info/")[2].removeprefix("licenses/") or posix
            text = Path(str(distribution.locate_file(posix))).read_text("utf-8", errors="replace")
            result.append((title, text))
    for file in _TEXT_OF.get(name, ()):
        result.append((file, (TEXTS / file).read_text(encoding="utf-8")))
    return result


def home_page(distribution: metadata.Distribution) -> str:
    """Where the project shows itself, as its metadata tell; "" where they do not."""
    facts = distribution.metadata
    pages = {
        label.strip().lower(): page.strip()
        for label, _, page in (one.partition(",") for one in facts.get_all("Project-URL") or [])
    }
    for label in (
        "homepage",
        "home",
        "source",
        "source code",
        "repository",
        "github",
        "documentation",
    ):
        if label in pages:
            return pages[label]
    return (facts.get("Home-page") or "").strip() or next(iter(pages.values()), "")


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str]) -> int:
    """Write the table, or the long form into the file that is named; returns the exit code."""
    if len(arguments) > 1:
        sys.stderr.write("Usage: python packaging/notices.py [FILE]\n")
        return 2
    if arguments:
        Path(arguments[0]).write_text(full_text(), encoding="utf-8", newline="\n")
    else:
        write_table()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
