"""The parts of the self-test that need no network: they pass here, and fail where what they look at is wrong."""

import os
import zipfile
from importlib import resources
from io import BytesIO
from pathlib import Path

import pytest

from core.operations import self_test_parts
from core.operations.self_test import SelfTestFailed, _expect


def test_an_old_catalogue_is_brought_up_to_date(tmp_path: Path) -> None:
    self_test_parts.migrate(tmp_path, _expect)
    with pytest.raises(SelfTestFailed, match="lost its tags"):
        # What was taken back before is missing now, as it would be had the migration lost it.
        self_test_parts.look_at_old(tmp_path / "v1.lookalike", _expect)


def test_the_catalogue_that_ships_is_the_first_one_kept(tmp_path: Path) -> None:
    kept = Path(__file__).parents[1] / "catalogue" / "old_catalogues"
    packed = (resources.files("resources") / "self_test" / "v1.zip").read_bytes()
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        names = archive.namelist()
        assert "v1.lookalike/catalogue.sqlite" in names
        for name in names:
            assert archive.read(name) == (kept / name).read_bytes()


def test_the_index_is_looked_at() -> None:
    said: list[str] = []
    self_test_parts.index(lambda holds, what: None if holds else said.append(what))
    assert said == []


def test_nothing_is_left_in_the_users_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", "/before")
    monkeypatch.delenv("LOOKALIKE_CONFIG_DIR", raising=False)
    with self_test_parts.nobodys_places(tmp_path):
        assert os.environ["LOOKALIKE_DATA_DIR"] == str(tmp_path / "data")
    assert os.environ["LOOKALIKE_DATA_DIR"] == "/before"
    assert "LOOKALIKE_CONFIG_DIR" not in os.environ


@pytest.mark.parametrize("form", ["npy", "parquet", "safetensors", "npz", "csv", "coco", "html"])
def test_a_truncated_export_does_not_read_back(tmp_path: Path, form: str) -> None:
    import numpy as np
    import pyarrow as arrow
    import pyarrow.parquet as parquet
    from safetensors.numpy import save_file

    out = tmp_path / "out"
    match form:
        case "npy":
            with out.open("wb") as file:
                np.save(file, np.zeros((3, 2)))
        case "npz":
            with out.open("wb") as file:
                np.savez(file, shape=np.array([3, 3]))
        case "parquet":
            parquet.write_table(arrow.table({"a": [1, 2, 3]}), out)
        case "safetensors":
            save_file({"embeddings": np.zeros((3, 2), np.float32)}, out)
        case "csv":
            out.write_text("path\na\nb\nc\n")
        case "coco":
            out.write_text('{"images": [1, 2, 3]}')
        case "html":
            out.write_text(f"<html>{'x' * 10_000}</html>\n")
    assert self_test_parts.reads_back(out, form, 3)
    if form == "html":
        out.write_text("<html>cut off")
    assert not self_test_parts.reads_back(out, form, 4 if form != "html" else 3)
