"""A file with weights is told by its content, and a pickle is opened only where the user trusts it."""

import hashlib
import io
import json
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_server import Hub

from core import settings
from core.encoders import names
from core.encoders.weights import checkpoints, fetching, installed
from core.encoders.weights.checkpoints import UntrustedCheckpoint
from core.errors import EncoderError
from core.jobs import Job
from core.operations import weights

BODY = np.arange(6, dtype=np.float32).tobytes()
HEADER = json.dumps({"w": {"dtype": "F32", "shape": [6], "data_offsets": [0, 24]}}).encode()
SAFE = struct.pack("<Q", len(HEADER)) + HEADER + BODY


def archive(*members: str) -> bytes:
    """A zip, as torch.save makes one."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writer:
        for one in members:
            writer.writestr(one, b"\x80\x02}.")
    return made.getvalue()


def install(name: str, *, allow_pickle: bool = False) -> None:
    """As core.operations.weights does, but for the trial at the end: these weights are of no network."""
    fetching.install(names.parse(name), allow_pickle, Job())


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.safetensors", SAFE, "safetensors"),
        ("A.SAFETENSORS", SAFE, "safetensors"),
        ("a.pt", archive("archive/data.pkl", "archive/version"), "pickle"),
        ("a.bin", b"\x80\x02}q\x00.", "pickle"),
        ("a.npz", archive("w.npy"), "numpy"),
    ],
)
def test_files_are_told_by_what_is_in_them(
    tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = checkpoints.inspect(path)
    assert (found.kind, found.bytes) == (kind, len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.safetensors", b""),
        ("cut.safetensors", SAFE[:-1]),
        ("longer.safetensors", SAFE + b"x"),
        ("head.safetensors", SAFE[:30]),
        ("vast.safetensors", struct.pack("<Q", 1 << 60) + b"{}"),
        ("list.safetensors", struct.pack("<Q", 2) + b"[]"),
        ("text.safetensors", b"version https://git-lfs.github.com/spec/v1\n"),
        ("page.pt", b"<html>404</html>"),
        ("empty.pt", b""),
        ("cut.pt", archive("archive/data.pkl")[:-30]),
        ("other.pt", archive("word/document.xml")),
        ("page.npz", b"<html>"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(EncoderError, match="is no file with weights, or was cut short"):
        checkpoints.inspect(path)


def test_what_is_no_file_at_all(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="There is no file"):
        checkpoints.inspect(tmp_path / "missing.pt")
    (tmp_path / "folder.pt").mkdir()
    with pytest.raises(EncoderError, match="cannot be read"):
        checkpoints.inspect(tmp_path / "folder.pt")


def test_a_program_of_torchscript_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(archive("archive/data.pkl", "archive/constants.pkl"))
    with pytest.raises(EncoderError, match="a program of TorchScript"):
        checkpoints.inspect(path)


def test_a_pickle_needs_consent_once_for_its_very_content(tmp_path: Path, hub: Hub) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(archive("archive/data.pkl"))
    name = f"timm:resnet18@{path}"
    with pytest.raises(UntrustedCheckpoint) as caught:
        install(name)
    assert f"{path} is a pickle" in caught.value.sentence
    assert f"install {name} --allow-pickle" in caught.value.remedy
    assert names.parse(name) not in installed.every()
    install(name, allow_pickle=True)
    install(name)
    assert names.parse(name) in installed.every()
    assert hub.asked == []
    path.write_bytes(archive("archive/data.pkl", "archive/more"))
    with pytest.raises(UntrustedCheckpoint):
        install(name)
    assert weights.trust(path).kind == "pickle"
    install(name)
    assert weights.remove(name) == 0 and path.is_file()
    assert names.parse(name) not in installed.every()


def test_safetensors_need_no_consent(tmp_path: Path, hub: Hub) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(SAFE)
    name = f"openclip:ViT-B-32@{path}"
    assert weights.plan(name).missing_bytes == 0 and not weights.plan(name).is_pickle
    install(name)
    files = installed.find(names.parse(name))
    assert files is not None and files.weights == path and not installed.is_ours(files)
    with pytest.raises(EncoderError, match="There is no file"):
        install(f"openclip:ViT-B-32@{tmp_path}/missing.safetensors")


def test_a_folder_with_a_pickle_needs_consent_too(tmp_path: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text("{}")
    (tmp_path / "model.pth").write_bytes(b"\x80\x02}.")
    name = f"openclip:local-dir:{tmp_path}"
    with pytest.raises(UntrustedCheckpoint):
        install(name)
    (tmp_path / "open_clip_model.safetensors").write_bytes(SAFE)
    install(name)
    files = installed.find(names.parse(name))
    assert files is not None and files.weights.name == "open_clip_model.safetensors"


def test_a_hash_is_computed_again_only_for_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(SAFE)
    first = checkpoints.sha256_of(path)
    about = path.stat()
    path.write_bytes(SAFE[:-1] + b"?")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert checkpoints.sha256_of(path) == first  # nothing tells that it changed
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 1_000_000))
    assert checkpoints.sha256_of(path) == hashlib.sha256(SAFE[:-1] + b"?").hexdigest()


def test_lists_that_were_torn_are_begun_anew(tmp_path: Path) -> None:
    folder = settings.data_folder() / "encoders"
    folder.mkdir(parents=True)
    for name in ("trusted.json", "hashes.json"):
        (folder / name).write_text('{"half')
    assert not checkpoints.is_trusted("0" * 64)
    checkpoints.trust("0" * 64)
    checkpoints.trust("1" * 64)
    assert checkpoints.is_trusted("0" * 64) and checkpoints.is_trusted("1" * 64)


def test_real_files_of_torch_are_known(tmp_path: Path) -> None:
    torch: Any = pytest.importorskip("torch")
    state = {"w": torch.zeros(3)}
    torch.save(state, tmp_path / "new.pt")
    torch.save(state, tmp_path / "old.bin", _use_new_zipfile_serialization=False)
    assert checkpoints.inspect(tmp_path / "new.pt").kind == "pickle"
    assert checkpoints.inspect(tmp_path / "old.bin").kind == "pickle"
