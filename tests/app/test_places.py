"""What an argument of the command line names: a path, or an address that a launcher made of one."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.file_manager import uri
from app.places import expanded, from_argument


def test_paths_are_taken_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert from_argument("photos") == (tmp_path / "photos", "")
    assert from_argument(str(tmp_path / "100%20")) == (tmp_path / "100%20", "")
    (tmp_path / "file:").mkdir()
    (tmp_path / "file:" / "x").mkdir()
    assert from_argument("file://x") == (tmp_path / "file:" / "x", "")


@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
@settings(max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3))
def test_every_address_of_a_file_is_its_path(names: list[str]) -> None:
    names = [name.replace("/", "-").replace("\0", "-") for name in names]
    names = [name if name not in (".", "..") else "x" for name in names]
    try:
        path = Path("/", *names)
        os.fsencode(path)
    except UnicodeEncodeError:
        return
    assert from_argument(uri(path)) == (path, "")


@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
def test_names_need_not_be_utf8() -> None:
    path, problem = from_argument("file://localhost/srv/caf%E9")
    assert problem == ""
    assert path is not None
    assert os.fsencode(path) == b"/srv/caf\xe9"


@pytest.mark.parametrize(
    "address", ["smb://nas/photos", "https://example.org/", "file://nas/photos"]
)
def test_other_machines_are_one_sentence(address: str) -> None:
    path, problem = from_argument(address)
    assert path is None
    assert problem.startswith(address)


def test_a_home_that_nobody_has_is_taken_as_it_is_typed() -> None:
    assert expanded("~/x.npy") == Path.home() / "x.npy"
    assert expanded("~no-such-person/x.npy") == Path("~no-such-person/x.npy")
