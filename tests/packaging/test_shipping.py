"""What systems are told of the program, installers, the release, and the one place of the version."""

import configparser
import json
import os
import plistlib
import re
import shutil
import stat
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging_modules import ROOT, load

from app import cli
from core import version as running
from core.operations import releases

PACKAGING = ROOT / "packaging"
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="a script for sh")


@pytest.fixture(scope="module")
def version() -> ModuleType:
    return load("version")


def stated() -> str:
    with open(ROOT / "pyproject.toml", "rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def test_the_version_stands_in_one_place(version: ModuleType) -> None:
    assert version.read() == stated()
    places = [
        path
        for pattern in ("packaging/**/*", "app/**/*.py", "core/*.py", "resources/*", ".github/**/*")
        for path in ROOT.glob(pattern)
        if path.is_file() and path.suffix in (".py", ".sh", ".ps1", ".iss", ".xml", ".yml", ".json",
                                              ".desktop", ".plist", ".spec", ".txt", "")
        and path.name not in ("constraints.txt", "Apache-2.0.txt")
    ]  # fmt: skip
    assert len(places) > 100
    word = re.compile(rf"(?<![\w.]){re.escape(stated())}(?![\w.])")
    told = [path for path in places if word.search(path.read_text("utf-8", errors="replace"))]
    assert told == []


def test_the_program_says_the_version_that_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"lookalike {running.current()}\n"
    # Where this fails, the installation is of an older tree: `python3 run.py setup`.
    assert running.current() == stated()


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("0.1.0", "0.1.0.0"),
        ("1.2.3rc1", "1.2.3.0"),
        ("1.2", "1.2.0.0"),
        ("2.0.dev4", "2.0.0.0"),
        ("10.20.30.40.50", "10.20.30.40"),
    ],
)
def test_windows_gets_four_numbers(version: ModuleType, written: str, numbers: str) -> None:
    assert version.in_numbers(written) == numbers


def test_the_menu_entry_opens_folders() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(PACKAGING / "linux" / "lookalike.desktop", encoding="utf-8")
    facts = entry["Desktop Entry"]
    assert facts["Exec"] == "lookalike %f"
    assert "inode/directory" in facts["MimeType"].split(";")
    # As Qt names windows under X11: the application's name, which app/window_app.py sets.
    assert (facts["Icon"], facts["StartupWMClass"]) == ("lookalike", "Lookalike")
    if tool := shutil.which("desktop-file-validate"):
        done = subprocess.run(
            [tool, PACKAGING / "linux" / "lookalike.desktop"], capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (0, "")


def test_the_metadata_name_the_entry_and_the_version() -> None:
    text = load("linux_desktop").metainfo("1.2.3", "2026-11-28")
    root = ET.fromstring(text)
    assert root.findtext("launchable") == "lookalike.desktop"
    assert root.findtext("project_license") == "Apache-2.0"
    (release,) = root.findall("releases/release")
    assert release.attrib == {"version": "1.2.3", "date": "2026-11-28", "type": "stable"}
    assert 'type="development"' in load("linux_desktop").metainfo("1.2.3rc1", "2026-11-28")


def test_the_metadata_are_valid(tmp_path: Path) -> None:
    tool = shutil.which("appstreamcli")
    if tool is None:
        pytest.skip("appstreamcli is not installed")
    place = tmp_path / "lookalike.metainfo.xml"
    place.write_text(load("linux_desktop").metainfo("1.2.3", "2026-11-28"), encoding="utf-8")
    done = subprocess.run([tool, "validate", "--no-net", place], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_installer_for_windows() -> None:
    text = (PACKAGING / "windows" / "lookalike.iss").read_text(encoding="utf-8")
    script = (PACKAGING / "windows" / "make_installer.ps1").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\{#(\w+)\}", text))
    assert wanted == set(re.findall(r'"/D(\w+)=', script)) == {
        "Version", "Numbers", "Bundle", "Icon", "Notices", "Output",
    }  # fmt: skip
    assert "PrivilegesRequired=lowest" in text
    for key in (r"Directory\shell\Lookalike", r"Directory\Background\shell\Lookalike"):
        lines = [line for line in text.splitlines() if rf"Software\Classes\{key}" in line]
        assert len(lines) == 3
        assert any("uninsdeletekey" in line for line in lines)
        assert any(rf"{key}\command" in line and r"%V\." in line for line in lines)
    # Nothing but what it has put there is taken away.
    assert "[UninstallDelete]" not in text
    assert re.findall(r"^Type: .*", text, re.M) == [
        r'Type: filesandordirs; Name: "{app}\_internal"'
    ]


@POSIX_ONLY
@pytest.mark.parametrize("name", ["linux/appimage.sh", "macos/make_dmg.sh", "linux/install.sh"])
def test_scripts_are_scripts(name: str) -> None:
    subprocess.run(["sh", "-n", PACKAGING / name], check=True)
    assert (PACKAGING / name).stat().st_mode & stat.S_IXUSR


def put_tool(folder: Path, name: str, lines: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{lines}\n")
    (folder / name).chmod(0o755)


@POSIX_ONLY
@pytest.mark.parametrize("is_signed", [False, True])
def test_the_disk_image(tmp_path: Path, is_signed: bool) -> None:
    """With stand-ins for Apple's tools, which note how they were called."""
    tools, log = tmp_path / "tools", tmp_path / "log"
    for name in ("codesign", "xcrun"):
        put_tool(tools, name, f'echo "{name} $*" >> "{log}"')
    put_tool(
        tools, "hdiutil", f'for last; do :; done; ls "${{10}}" >> "{log}"; echo image > "$last"'
    )
    app = tmp_path / "Lookalike.app"
    (app / "Contents" / "MacOS").mkdir(parents=True)
    (app / "Contents" / "MacOS" / "library.dylib").touch()
    secrets = {
        "MACOS_SIGN_IDENTITY": "Developer ID Application: Somebody",
        "MACOS_NOTARY_APPLE_ID": "somebody@example.org",
        "MACOS_NOTARY_TEAM_ID": "TEAM",
        "MACOS_NOTARY_PASSWORD": "word",
    }
    environ = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", PACKAGING / "macos" / "make_dmg.sh", app, tmp_path / "out"],
        capture_output=True, text=True, check=True, env={**environ, **(secrets if is_signed else {})},
    )  # fmt: skip
    image = Path(done.stdout.splitlines()[-1])
    assert image.read_text() == "image\n"
    assert image.name.startswith(f"lookalike-{stated()}-macos-")
    calls = log.read_text()
    assert "Applications\nLICENSE.txt\nLookalike.app\n" in calls
    if is_signed:
        assert calls.count("--sign Developer ID Application: Somebody") == 3
        assert "notarytool submit" in calls and "stapler staple" in calls
    else:
        assert "codesign" not in calls and "xcrun" not in calls
        assert "Not signed" in done.stdout and "Not notarised" in done.stdout


def test_the_hardened_runtime_allows_what_python_needs() -> None:
    with open(PACKAGING / "macos" / "entitlements.plist", "rb") as file:
        assert set(plistlib.load(file).values()) == {True}


@pytest.mark.skipif(sys.platform != "linux", reason="AppImages are of Linux")
def test_the_appimage(tmp_path: Path) -> None:
    """With a stand-in for the tool, which starts the program as an AppImage would, and packs nothing."""
    put_tool(
        tmp_path / "tools",
        "appimagetool",
        'test "$1" = --no-appstream; test -L "$2/.DirIcon"; ls "$2"; "$2/AppRun" --version "a b" > "$3"',
    )
    work = tmp_path / "work"
    put_tool(work / "bundle" / "lookalike", "lookalike", 'printf "%s\\n" "$0" "$@"')
    (work / "THIRD_PARTY_NOTICES.txt").touch()
    share = work / "share"
    for place in ("applications/lookalike.desktop", "icons/hicolor/256x256/apps/lookalike.png"):
        (share / place).parent.mkdir(parents=True)
        (share / place).touch()
    done = subprocess.run(
        ["sh", PACKAGING / "linux" / "appimage.sh", work, tmp_path / "out"],
        capture_output=True, text=True, check=True,
        env={**os.environ, "APPIMAGETOOL": str(tmp_path / "tools" / "appimagetool")},
    )  # fmt: skip
    *listed, made = done.stdout.splitlines()
    assert {"AppRun", "lookalike.desktop", "lookalike.png", "usr"} <= set(listed)
    program, *arguments = Path(made).read_text().splitlines()
    assert program.endswith("/usr/lib/lookalike/lookalike")
    assert arguments == ["--version", "a b"]


def workflow() -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))


def test_the_release_builds_all_systems_and_what_it_names_exists() -> None:
    jobs = workflow()["jobs"]
    assert set(jobs["draft"]["needs"]) == {"linux", "windows", "macos"} == set(jobs) - {"draft"}
    for name, job in jobs.items():
        lines = "\n".join(step.get("run", "") for step in job["steps"])
        assert "timeout-minutes" in job or name == "draft"
        assert ("run.py package" in lines) is (name != "draft")
        for file in re.findall(r"packaging[/\\][\w/\\]+\.(?:py|sh|ps1)", lines):
            assert (ROOT / file.replace("\\", "/")).exists(), file
        for step in job["steps"]:
            # Secrets reach one step each, through its environment, and no line that is printed.
            assert "secrets." not in step.get("run", "")
            assert ("uses" in step) is not ("run" in step)
            if "uses" in step:
                assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
    assert "sha256sum --check" in str(jobs["draft"])
    assert jobs["linux"]["container"]["image"] == "debian:12"


def test_the_feed_is_what_the_program_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = load("feed")
    feed.write(tmp_path / "release.json", "https://example.org/releases/v9")
    found = releases._read((tmp_path / "release.json").read_bytes(), "0.0.1", "https://example.org")
    assert (found.version, found.is_newer) == (stated(), True)
    assert found.page == "https://example.org/releases/v9"
    assert found.date
    assert len(found.changes) == len(feed.changes(feed.CHANGELOG.read_text("utf-8"), stated()))
    feed.point("https://example.org/somebody/lookalike/", tmp_path / "origin.json")
    origin = releases.Origin(**json.loads((tmp_path / "origin.json").read_text()))
    assert origin.host == "example.org"
    assert origin.feed.startswith("https://") and origin.page.startswith("https://")


def test_changes_are_those_of_the_version() -> None:
    text = (
        "# Changelog\n\n## 1.2.3 (2027-01-31)\n\nWords.\n\n- One `thing`,\n  on two lines.\n"
        "- [Two](https://example.org)\n\n## 1.2.30\n\n- Of another\n\n## 1.2\n\n- Of a third\n"
    )
    changes = load("feed").changes
    assert changes(text, "1.2.3") == ["One thing, on two lines.", "Two"]
    assert changes(text, "1.2") == ["Of a third"]
    assert changes(text, "9") == []
    assert len(changes(f"## 1\n\n- {'word ' * 100}\n", "1")[0]) <= 162
