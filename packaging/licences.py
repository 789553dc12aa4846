"""What the bundle is made of and under which licences: the closure of our dependencies, judged by an allow-list.

Licences are stated as SPDX expressions (https://spdx.org/licenses/). Read from installed metadata; nothing is imported.
"""

import csv
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from slimming import BUNDLED_EXTRAS

ROOT = Path(__file__).resolve().parents[1]

# What a program under Apache-2.0 may be given away with, in one folder, as separate files that a person can replace.
ALLOWED = frozenset(
    (
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT"),
        *("MIT-CMU", "PSF-2.0", "Unlicense", "Zlib", "CNRI-Python", "HPND", "Unicode-3.0"),
        *("libpng-2.0", "libtiff", "IJG", "FTL", "OpenSSL", "blessing", "bzip2-1.0.6", "X11"),
        # Free at the level of their files, which ship unchanged.
        *("MPL-2.0", "CDDL-1.0"),
        # Obligations that a folder of shared libraries meets: see OBLIGATIONS in notices.py.
        *("LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"),
        # Exceptions made for exactly this: what is combined with it may have its own licence.
        *("Apache-2.0 WITH LLVM-exception", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        *("GPL-2.0-or-later WITH Bootloader-exception", "JasPer-2.0"),
    )
)
# What metadata state in words of their own (field License, else classifiers), and what the licence texts in the
# packages say, read 2026-11-28. Other words than these are not known, and fail the check until somebody reads again.
STATED = {
    "colorama": ("BSD License", "BSD-3-Clause"),
    "jinja2": ("BSD License", "BSD-3-Clause"),
    "markdown-it-py": ("MIT License", "MIT"),
    "mdurl": ("MIT License", "MIT"),
    "mpmath": ("BSD", "BSD-3-Clause"),
    "opencv-python-headless": ("Apache 2.0", "Apache-2.0"),
    "pi-heif": ("BSD-3-Clause", "BSD-3-Clause AND LGPL-3.0-only"),  # its wheels hold libheif
    "safetensors": ("Apache Software License", "Apache-2.0"),
    "shellingham": ("ISC License", "ISC"),
    "sympy": ("BSD", "BSD-3-Clause"),
    "tokenizers": ("Apache Software License", "Apache-2.0"),
    "torchvision": ("BSD", "BSD-3-Clause"),
    "transformers": ("Apache 2.0 License", "Apache-2.0"),
    "wcwidth": ("MIT License", "MIT"),
}


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution. ``stated`` is what its metadata say, ``licence`` the SPDX expression of it or "" ."""

    name: str
    version: str
    stated: str
    licence: str


def normal(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def our_requirements(
    root: Path = ROOT, extras: Iterable[str] = BUNDLED_EXTRAS
) -> list[Requirement]:
    """What pyproject.toml asks for, with these extras: no tool of development."""
    with open(root / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def files(distribution: metadata.Distribution) -> list[str]:
    """Its files as POSIX paths from site-packages. Far quicker than ``Distribution.files``: there are 60,000."""
    record = distribution.read_text("RECORD") or ""
    return [row[0] for row in csv.reader(record.splitlines()) if row]


def closure(requirements: Iterable[Requirement]) -> tuple[list[metadata.Distribution], list[str]]:
    """All that these bring along on this system, by name; and the names of what is wanted but not installed."""
    found: dict[str, metadata.Distribution] = {}
    done: set[tuple[str, str]] = set()
    missing: set[str] = set()
    waiting = [one for one in requirements if one.marker is None or one.marker.evaluate()]
    while waiting:
        wanted = waiting.pop()
        name = normal(wanted.name)
        asked = {"", *wanted.extras} - {extra for known, extra in done if known == name}
        if not asked:
            continue
        done |= {(name, extra) for extra in asked}
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            missing.add(name)
            continue
        found[name] = distribution
        for line in distribution.requires or []:
            further = Requirement(line)
            marker = further.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in asked):
                waiting.append(further)
    return [found[name] for name in sorted(found)], sorted(missing)


def package(distribution: metadata.Distribution) -> Package:
    """What the metadata of a distribution say of its licence."""
    facts = distribution.metadata
    name = normal(facts["Name"])
    # A local version says how a wheel was built ("+cpu"), not what it is.
    number = distribution.version.partition("+")[0]
    if expression := facts.get("License-Expression"):
        return Package(name, number, expression, expression)
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in facts.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    words = (facts.get("License") or "").strip()
    stated = words if words and "\n" not in words else " / ".join(classifiers)
    known_words, licence = STATED.get(name, ("", ""))
    if not licence and _is_expression(stated):
        licence = stated
    return Package(name, number, stated, licence if known_words in ("", stated) else "")


def problem(one: Package) -> str:
    """Why a package may not be in the bundle, in one sentence; "" where it may."""
    if not one.licence:
        return (
            f"{one.name} {one.version} states its licence as {one.stated!r}, which nobody has read: "
            "look at its licence text, and add what it is to STATED in packaging/licences.py."
        )
    if not permits(one.licence):
        return (
            f"{one.name} {one.version} is under {one.licence}, which is not on the list of what may be "
            "in the bundle (ALLOWED in packaging/licences.py)."
        )
    return ""


def permits(expression: str, allowed: frozenset[str] = ALLOWED) -> bool:
    """Whether an SPDX expression leaves a choice in which every licence is allowed."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression)
    try:
        value, rest = _either(tokens, allowed)
    except IndexError:  # it ends where something should follow
        return False
    return value and not rest


def _either(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    value, rest = _both(tokens, allowed)
    while rest[:1] == ["OR"]:
        other, rest = _both(rest[1:], allowed)
        value = value or other
    return value, rest


def _both(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    value, rest = _one(tokens, allowed)
    while rest[:1] == ["AND"]:
        other, rest = _one(rest[1:], allowed)
        value = value and other
    return value, rest


def _one(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    name, rest = tokens[0], tokens[1:]
    if name == "(":
        value, rest = _either(rest, allowed)
        return value and rest[0] == ")", rest[1:]
    if rest[:1] == ["WITH"]:
        name, rest = f"{name} WITH {rest[1]}", rest[2:]
    return name in allowed, rest


def _is_expression(words: str) -> bool:
    """Whether words are SPDX already, as many older fields License are."""
    names = re.findall(r"[^\s()]+", words)
    return (
        bool(names)
        and all(re.fullmatch(r"[A-Za-z0-9.+-]*[0-9A-Za-z]", name) for name in names)
        and (len(names) == 1 or any(name in ("AND", "OR", "WITH") for name in names))
    )
