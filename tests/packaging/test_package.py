"""The bundle's rules and packages: what stays out, what is asked of the system, the .deb and the archive themselves."""

import importlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from core.operations import about, export_report_versions

NAMES = (
    *("slimming", "debian", "elf", "archive", "launcher", "package", "sizes", "try_package"),
    "trial_images",
    *("bootstrap", "installers", "launch", "pip_progress", "system_libraries"),
)
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="packages of Linux")


@pytest.fixture
def tools(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The modules of packaging/ by name, as run.py sees them."""
    monkeypatch.syspath_prepend(str(root / "packaging"))
    yield {name: importlib.import_module(name) for name in NAMES}
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """What stands in for a bundle: a program that says its arguments, and a library with a link to it."""
    folder = tmp_path / "bundle"
    (folder / "_internal").mkdir(parents=True)
    program = folder / "lookalike"
    program.write_text('#!/bin/sh\necho "started $@"\n')
    program.chmod(0o700)
    (folder / "_internal" / "liba.so.1").write_bytes(b"library")
    (folder / "_internal" / "liba.so").symlink_to("liba.so.1")
    return folder


@pytest.fixture
def share(tmp_path: Path, root: Path) -> Path:
    folder = tmp_path / "share"
    (folder / "applications").mkdir(parents=True)
    shutil.copy(root / "packaging" / "linux" / "lookalike.desktop", folder / "applications")
    return folder


@pytest.mark.parametrize(
    "place",
    [
        "torch/test/x.cpp", "torch/include/ATen/ATen.h", "torch/bin/protoc", "torch/lib/libc10.a",
        "pyarrow/libarrow_flight.so.2600", "pyarrow/_s3fs.cpython-311-x86_64-linux-gnu.so",
        "pyarrow/include/arrow/api.h",
        "PySide6/Qt/plugins/platforms/libqeglfs.so", "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/translations/qt_de.qm", "numpy/tests/data/x.csv", "torch/nn/x.pyi", "torchvision/image.so",
    ],
)  # fmt: skip
def test_what_stays_out(tools: dict[str, ModuleType], place: str) -> None:
    rule = tools["slimming"].rule_of(place)
    assert rule is not None
    assert rule.why


@pytest.mark.parametrize(
    "place",
    [
        "torch/bin/torch_shm_manager", "torch/lib/libtorch_cpu.so", "torch/testing/_internal/__init__.py",
        "torchvision/io/image.py", "torchvision/_C.so", "pyarrow/libarrow.so.2600", "pyarrow/libarrow_dataset.so.2600",
        "pyarrow/_parquet.cpython-311-x86_64-linux-gnu.so", "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so", "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/lib/libicudata.so.73", "core/catalogue/migrations/versions/0001_first.py",
        "resources/self_test/v1.zip", "cv2/cv2.abi3.so", "open_clip/model_configs/ViT-B-32.json",
    ],
)  # fmt: skip
def test_what_goes_in(tools: dict[str, ModuleType], place: str) -> None:
    assert tools["slimming"].rule_of(place) is None


def test_a_torchvision_for_cuda_leaves_its_operators_out_only_beside_another_torch(
    tools: dict[str, ModuleType],
) -> None:
    rule_of = tools["slimming"].rule_of
    assert rule_of("torchvision/_C.so", is_mixed=True) is not None
    assert rule_of("libcudart.so.13", is_mixed=True) is not None
    assert rule_of("libcudart.so.13") is None


def test_the_system_keeps_its_libraries_and_python_brings_its_own(
    tools: dict[str, ModuleType],
) -> None:
    rule_of, folder = tools["slimming"].rule_of, "/usr/lib/x86_64-linux-gnu/"
    for name in ("libglib-2.0.so.0", "libstdc++.so.6", "libGL.so.1", "libreadline.so.8"):
        assert rule_of(name, folder + name) is tools["slimming"].SYSTEM_RULE
    for name in ("libssl.so.3", "libsqlite3.so.0", "libxcb-cursor.so.0", "libpython3.11.so.1.0"):
        assert rule_of(name, folder + name) is None


def test_families_come_with_what_they_import(tools: dict[str, ModuleType], tmp_path: Path) -> None:
    for name, text in {
        "mt5": "from ..t5.modeling_t5 import T5Stack\n",
        "t5": "    from ...models.bert import BertConfig\n",
        "bert": "",
        "llama": "",
        "auto": "from ..llama import LlamaConfig\n",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "modeling.py").write_text(text)
    assert tools["slimming"].families(str(tmp_path), ["mt5", "auto"]) == [
        "auto",
        "bert",
        "mt5",
        "t5",
    ]


def test_the_families_are_those_that_open_clip_needs(tools: dict[str, ModuleType]) -> None:
    import importlib.util

    spec = importlib.util.find_spec("transformers")
    assert spec is not None and spec.origin is not None
    models = Path(spec.origin).parent / "models"
    kept = tools["slimming"].families(str(models))
    assert set(tools["slimming"].TEXT_FAMILIES) <= set(kept)
    assert len(kept) < 60  # of some 550


def test_recipe_and_launcher_are_python(root: Path, tools: dict[str, ModuleType]) -> None:
    for name in ("lookalike.spec", "launcher.py"):
        text = (root / "packaging" / name).read_text(encoding="utf-8")
        compile(text, name, "exec")
    main = text.partition("def main")[2]
    assert main.index("freeze_support") < main.index("app.__main__")


def test_the_recipe_names_the_version_and_the_libraries_that_are_told(root: Path) -> None:
    text = (root / "packaging" / "lookalike.spec").read_text(encoding="utf-8")
    assert "version=version.read()" in text
    named = {one.lower().replace("-", "_") for one in re.findall(r'"([\w-]+)"', text)}
    told = {*about.LIBRARIES, *export_report_versions.LIBRARIES}
    assert {one.lower().replace("-", "_") for one in told} <= named


def test_programs_that_it_starts_get_the_systems_libraries(
    tools: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    tools["launcher"].give_back_environment()
    assert os.environ["LD_LIBRARY_PATH"] == "/before"
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    tools["launcher"].give_back_environment()
    assert "LD_LIBRARY_PATH" not in os.environ


def test_versions_sort_as_debian_sorts(tools: dict[str, ModuleType]) -> None:
    version = tools["debian"].debian_version
    assert [version(one) for one in ("1.2.0", "1.0rc1", "1.0.dev3")] == [
        "1.2.0",
        "1.0~rc1",
        "1.0~dev3",
    ]


@LINUX_ONLY
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb")
def test_the_deb(
    tools: dict[str, ModuleType], bundle: Path, share: Path, root: Path, tmp_path: Path
) -> None:
    tree, target = tmp_path / "tree", tmp_path / "x.deb"
    shutil.copytree(share, tree / "usr" / "share")
    facts = {"version": "1.0~rc1", "architecture": "amd64", "description": "Sees what is alike."}
    texts = {"LICENSE": str(root / "LICENSE"), "CHANGELOG.md": str(root / "CHANGELOG.md")}
    depends = ["libc6 (>= 2.35)", "libglib2.0-0t64 | libglib2.0-0"]
    tools["debian"].lay_out(str(tree), str(bundle), depends, facts, texts)
    tools["debian"].build(str(tree), str(target), 1)
    form = "--showformat=${Version}|${Depends}|${Installed-Size}|${Description}"
    shown = subprocess.check_output(["dpkg-deb", "--show", form, str(target)], text=True)
    version, rest = shown.split("|", 1)
    wanted, size, said = rest.rsplit("|", 2)
    assert (version, wanted) == ("1.0~rc1", ", ".join(depends))
    assert int(size) > 0 and said.startswith("Sees what is alike\n")
    listed = subprocess.check_output(
        ["dpkg-deb", "--contents", str(target)], text=True
    ).splitlines()
    files = {line.split(maxsplit=5)[5]: line.split()[:2] for line in listed}
    assert files["./usr/bin/lookalike -> ../lib/lookalike/lookalike"][1] == "root/root"
    assert files["./usr/lib/lookalike/lookalike"] == ["-rwxr-xr-x", "root/root"]
    assert files["./usr/lib/lookalike/_internal/liba.so.1"][0] == "-rw-r--r--"
    assert "./usr/lib/lookalike/_internal/liba.so -> liba.so.1" in files
    for name in (
        "applications/lookalike.desktop",
        "doc/lookalike/copyright",
        "doc/lookalike/changelog.gz",
    ):
        assert f"./usr/share/{name}" in files


@LINUX_ONLY
@pytest.mark.skipif(shutil.which("xz") is None, reason="no xz")
def test_the_archive_runs_where_it_lies_and_its_script_cleans_up(
    tools: dict[str, ModuleType], bundle: Path, share: Path, root: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.tar.xz"
    texts = {"LICENSE": str(root / "LICENSE")}
    tools["archive"].build(str(target), "lookalike-1", str(bundle), str(share), texts, "2.35", 0)
    place = tmp_path / 'so%fe $place" & `more`'
    with tarfile.open(target) as tar:
        assert {entry.uname for entry in tar} == {"root"}
        tar.extractall(place, filter="data")
    top = place / "lookalike-1"
    assert "2.35" in (top / "README.txt").read_text()
    home = tmp_path / "home"
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run(
        [str(top / "install.sh")], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    entry = home / ".local/share/applications/lookalike.desktop"
    (line,) = (one for one in entry.read_text().splitlines() if one.startswith("Exec="))
    assert line == f'Exec="{home}/.local/bin/lookalike" %f'
    started = subprocess.check_output([str(home / ".local/bin/lookalike"), "a"], text=True)
    assert started == "started a\n"
    removal = [str(top / "install.sh"), "--remove"]
    subprocess.run(removal, env=environment, check=True, stdout=subprocess.DEVNULL)
    assert not entry.exists() and not (home / ".local/bin/lookalike").is_symlink()
    assert (top / "lookalike").exists()


@LINUX_ONLY
@pytest.mark.skipif(shutil.which("objdump") is None, reason="no binutils")
def test_what_libraries_ask_for(tools: dict[str, ModuleType], tmp_path: Path) -> None:
    import _ctypes

    elf, library = tools["elf"], _ctypes.__file__
    shutil.copy(library, tmp_path / "one.so")
    (tmp_path / "text.so").write_text("no library")
    (tmp_path / "link.so").symlink_to("one.so")
    paths = list(elf.files(str(tmp_path)))
    assert paths == [str(tmp_path / "one.so")]
    found = elf.wants(paths)
    assert "libc.so.6" in found.by and found.glibc > (2, 0)
    inside = set(found.by) - {"libc.so.6"}
    assert elf.depends(found, inside) == [f"libc6 (>= 2.{found.glibc[1]})"]
    found.by["libnobody.so.1"] = ["one.so"]
    found.by["libcuda.so.1"] = ["one.so"]  # the driver's
    with pytest.raises(LookupError, match=r"libnobody\.so\.1 \(asked for by one\.so\)"):
        elf.depends(found, inside)


@LINUX_ONLY
@pytest.mark.skipif(shutil.which("strip") is None, reason="no binutils")
def test_strip_keeps_what_the_loader_would_refuse(
    tools: dict[str, ModuleType], tmp_path: Path
) -> None:
    import _ctypes

    elf = tools["elf"]
    sound, cut = tmp_path / "sound.so", tmp_path / "cut.so"
    shutil.copy(_ctypes.__file__, sound)
    cut.write_bytes(sound.read_bytes()[:4096])
    assert elf.is_loadable(str(sound)) and not elf.is_loadable(str(cut))
    before = cut.read_bytes()
    elf.strip([str(cut), str(sound)])
    assert cut.read_bytes() == before
    assert elf.is_loadable(str(sound))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.so", "sound.so"]


def test_packing_without_a_bundle_says_so(
    tools: dict[str, ModuleType], tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    shutil.copy(root / "pyproject.toml", tmp_path)
    monkeypatch.setattr(tools["system_libraries"], "provide", lambda parts, say: "")
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert tools["package"].main(str(tmp_path), ["--keep"]) == 1
    assert "There is no bundle" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "said"), [("deb", "dpkg-deb is needed"), ("installer", "appimagetool is needed")]
)
@LINUX_ONLY
def test_what_is_named_and_cannot_be_built_is_refused_at_once(
    tools: dict[str, ModuleType], tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, kind: str, said: str,
) -> None:  # fmt: skip
    shutil.copy(root / "pyproject.toml", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert tools["package"].main(str(tmp_path), ["--keep", "--only", kind]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("lookalike", "Python modules in the archive"),
        ("_internal/torch/lib/libtorch_cpu.so", "torch"),
        ("_internal/opencv_python_headless.libs/libavcodec.so", "opencv"),
        ("_internal/libpython3.11.so.1.0", "Python"),
        ("_internal/libxcb-cursor.so.0", "others"),
    ],
)
def test_every_file_is_weighed_with_its_part(
    tools: dict[str, ModuleType], place: str, part: str
) -> None:
    assert tools["sizes"].part_of(place) == part


def test_the_trials_pictures_are_pictures(tools: dict[str, ModuleType], tmp_path: Path) -> None:
    trial = tools["trial_images"]
    (tmp_path / "x.png").write_bytes(trial.png(8, 5, lambda x, y: (x, y, 7)))
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size == (8, 5)
        assert picture.getpixel((3, 4)) == (3, 4, 7)


def test_what_is_built_stays_out_of_repository_and_checks(root: Path) -> None:
    ignored = (root / ".gitignore").read_text().splitlines()
    assert {"build/", "dist/"} <= set(ignored)
    assert 'extend-exclude = ["build", "dist"]' in (root / "pyproject.toml").read_text()
