"""The built wheel, not only the editable install: what is in it, and that it works from elsewhere."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree without a network."""
    root = Path(__file__).parents[2]
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(root)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    (path,) = folder.glob("lookalike-*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_holds_the_three_packages_only(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"app", "core", "resources"}


def test_wheel_holds_every_file_of_the_tree(names: set[str], root: Path) -> None:
    rooms = ("app", "core", "resources")
    paths = [path for room in rooms for path in (root / room).rglob("*") if path.is_file()]
    files = {path.relative_to(root).as_posix() for path in paths if path.suffix != ".pyc"}
    assert files <= names
    assert any(name.startswith("core/catalogue/migrations/versions/") for name in names)
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)


def test_wheel_has_script_and_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert b"lookalike = app.__main__:main" in archive.read(entry_points)
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def test_wheel_imports_from_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """From an unpacked copy, ahead of the editable install and of everything that it may hide behind."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import packaging.version, app.__main__, core.operations, core.catalogue.schema, resources\n"
        "import importlib.resources as r\n"
        "assert r.files('resources').is_dir()\n"
        "print(app.__file__, core.operations.__file__, packaging.version.__file__, sep='\\n')\n"
    )
    command = [sys.executable, "-I", "-c", script, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    ours, engine, library = map(Path, result.stdout.splitlines())
    assert ours.is_relative_to(tmp_path)
    assert engine.is_relative_to(tmp_path)
    assert "site-packages" in library.parts


def test_pins_cover_the_dependencies_and_the_hooks(root: Path) -> None:
    text = (root / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", text))
    pinned = {re.sub(r"[-_.]+", "-", name).lower() for name in pins}
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    plain = {re.split(r"[<>=!~;\[ ]", line)[0].lower().replace("_", "-") for line in wanted}
    assert plain <= pinned
    assert pins["PySide6_Essentials"] != "6.12.0"
    assert not [name for name in pinned if name.startswith(("nvidia", "cuda", "triton"))]
    hooks = (root / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    for name, version in re.findall(r'"([\w-]+)==([\d.]+)"', hooks):
        assert pins[name] == version
