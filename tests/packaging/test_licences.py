"""No licence forbids the bundle, and what is told of the work of others is current."""

import platform
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging_modules import load


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    return load("licences")


@pytest.fixture(scope="module")
def libraries() -> ModuleType:
    return load("bundled_libraries")


@pytest.fixture(scope="module")
def slimming() -> ModuleType:
    return load("slimming")


@pytest.fixture(scope="module")
def notices() -> ModuleType:
    return load("notices")


@pytest.fixture(scope="module")
def shipped(notices: ModuleType) -> list[tuple[metadata.Distribution, object]]:
    """What the bundle holds of others."""
    return list(notices.distributions())


def test_no_licence_forbids_the_bundle(licences: ModuleType, shipped: list) -> None:
    names = {one.name for _, one in shipped}
    assert {"torch", "pyside6-essentials", "pi-heif", "sqlalchemy", "tokenizers"} <= names
    assert not names & {"pytest", "ruff", "mypy", "hypothesis", "pyinstaller", "lookalike"}
    assert [why for _, one in shipped if (why := licences.problem(one))] == []


def test_libraries_inside_wheels_may_ship(
    licences: ModuleType, libraries: ModuleType, slimming: ModuleType, shipped: list
) -> None:
    found: set[str] = set()
    for distribution, _ in shipped:
        names = libraries.borrowed(licences.files(distribution))
        found |= {
            name.rpartition("/")[2]
            for name in names
            if slimming.rule_of(name, is_mixed=True) is None
        }
    assert found or sys.platform == "win32"  # where wheels keep theirs differently
    assert libraries.problems(found) == []


def test_every_exception_is_still_needed(licences: ModuleType) -> None:
    for name, (words, _) in licences.STATED.items():
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        one = licences.package(distribution)
        assert (one.stated, not licences.problem(one)) == (words, True), name


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"License-Expression": "GPL-3.0-or-later"}, "under GPL-3.0-or-later, which is not on"),
        ({"License-Expression": "MIT AND AGPL-3.0-only"}, "not on the list"),
        ({"License": "Free for research"}, "states its licence as 'Free for research'"),
        ({}, "states its licence as ''"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "'BSD License', which nobody"),
        ({"License": "BSD-3-Clause"}, ""),
        ({"License-Expression": "LGPL-3.0-only OR GPL-2.0-only"}, ""),
    ],
)
def test_a_package_is_judged_by_its_metadata(
    licences: ModuleType, tmp_path: Path, facts: dict[str, str], said: str
) -> None:
    folder = tmp_path / "odd-1.0.dist-info"
    folder.mkdir()
    lines = ["Metadata-Version: 2.4", "Name: odd", "Version: 1.0"]
    lines += [f"{key}: {value}" for key, value in facts.items()]
    (folder / "METADATA").write_text("\n".join(lines) + "\n")
    why = licences.problem(licences.package(metadata.Distribution.at(folder)))
    assert said in why
    assert bool(why) is bool(said)


_NAMES = ("MIT", "GPL-3.0-only", "BSD-2-Clause", "AGPL-3.0-only")
_EXPRESSIONS = st.recursive(
    st.sampled_from(_NAMES).map(lambda name: (name, name in ("MIT", "BSD-2-Clause"))),
    lambda inner: st.tuples(st.sampled_from(("AND", "OR")), inner, inner).map(
        lambda one: (
            f"({one[1][0]}) {one[0]} ({one[2][0]})",
            (one[1][1] and one[2][1]) if one[0] == "AND" else (one[1][1] or one[2][1]),
        )
    ),
    max_leaves=6,
)


@settings(max_examples=50)
@given(_EXPRESSIONS)
def test_expressions_are_read_as_spdx_reads_them(one: tuple[str, bool]) -> None:
    text, is_allowed = one
    assert load("licences").permits(text, frozenset({"MIT", "BSD-2-Clause"})) is is_allowed


def test_expressions_bind_and_before_or(licences: ModuleType) -> None:
    allowed = frozenset({"MIT", "Apache-2.0 WITH LLVM-exception"})
    assert licences.permits("MIT OR GPL-3.0-only AND ISC", allowed)
    assert not licences.permits("(MIT OR GPL-3.0-only) AND ISC", allowed)
    assert licences.permits("Apache-2.0 WITH LLVM-exception", allowed)
    for broken in ("", "MIT MIT", "(MIT", "MIT OR", "AND MIT", "Apache-2.0 WITH"):
        assert not licences.permits(broken, allowed), broken


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("libQt6Core.so.6", "Qt"),
        ("Qt6Gui.dll", "Qt"),
        ("libX11-xcb.so.1", "X.Org libraries"),
        ("libglib-2.0.so.0", "GLib"),
        ("libstdc++.so.6", "GCC runtime (gfortran, quadmath, gomp, libstdc++)"),
        ("libopenblaso-r0-d77a1985.3.15.so", "OpenBLAS (with LAPACK)"),
        ("libcrypto-5409cd36.so.1.1.1k", "OpenSSL"),
        ("libheif-7a3e919c.so.1.23.0", "libheif (built without x265)"),
        ("libcurl.so.4", ""),
    ],
)
def test_libraries_are_known_by_their_file(libraries: ModuleType, file: str, name: str) -> None:
    found = libraries.library_of(file)
    assert (found.name if found else "") == name


def test_what_may_not_ship_is_said(libraries: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "numpy.libs").mkdir()
    for name in (
        "libz.so.1",
        "libreadline.so.8",
        "libx265.so.199",
        "_ssl.cpython-311-x86_64-linux-gnu.so",
    ):
        (tmp_path / name).touch()
    (tmp_path / "numpy.libs" / "libodd-1234abcd.so.2").touch()
    odd, readline, x265 = sorted(libraries.problems_of_bundle(tmp_path))
    assert "GNU Readline, under GPL-3.0-or-later: it may not" in readline
    assert "GPL-2.0-or-later" in x265
    assert odd.startswith("libodd-1234abcd.so.2 is not known")


def test_cuda_ships_in_a_cuda_build_only(libraries: ModuleType, tmp_path: Path) -> None:
    for name in ("libcudart.so.13", "libcublasLt.so.13"):
        (tmp_path / name).touch()
    assert libraries.problems_of_bundle(tmp_path, is_cuda=True) == []
    assert len(libraries.problems_of_bundle(tmp_path)) == 2


def test_no_library_is_told_of_that_stays_out(notices: ModuleType, shipped: list) -> None:
    holders = {name for _, names in notices.libraries(shipped) for name in names}
    assert "torchvision" not in holders and "pillow" in holders


@pytest.mark.skipif(
    (sys.platform, platform.machine(), sys.version_info[:2]) != ("linux", "x86_64", (3, 11)),
    reason="the table is of the pinned versions on one system",
)
def test_the_table_is_current(notices: ModuleType) -> None:
    told = notices.TABLE.read_text(encoding="utf-8")
    assert told == notices.table(), "Run `python packaging/notices.py`."


def test_the_texts_ship(notices: ModuleType) -> None:
    text = notices.full_text()
    for part in (
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "GNU GENERAL PUBLIC LICENSE",
        "Apache License",
        "GCC RUNTIME LIBRARY EXCEPTION",
        "Mozilla Public License",
        "Apache Arrow\n",
    ):
        assert part in text, part
    # Each text once: torch alone brings the same dozen over and over.
    assert text.count("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION") < 40
