"""The calls of exporting as they are typed: what is needed, and what is meant where nothing is said."""

import os
from pathlib import Path
from typing import Any

import pytest

from core.operations import projects

TYPED = ("--what", "tags", "--format", "csv")


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    with projects.create(tmp_path / "empty.lookalike") as project:
        return project.path


def test_a_preview_needs_no_place_and_an_export_does(call: Any, catalogue: Path) -> None:
    wrong = call("export", "--catalogue", catalogue, *TYPED)
    assert wrong.code == 2 and "--out" in wrong.err
    assert "None" not in call("export", "--catalogue", catalogue, *TYPED, "--preview").err


def test_a_format_that_there_is_not_is_wrong_usage(call: Any, catalogue: Path) -> None:
    typed = ("--what", "tags", "--format", "npy", "--out", "x")
    wrong = call("export", "--catalogue", catalogue, *typed)
    assert wrong.code == 2 and "csv, json, parquet" in wrong.err


def test_help_tells_what_is_meant(call: Any) -> None:
    told = " ".join(call("export", "--help").out.split())
    for usual in ("float32", "all", "copy", "class"):
        assert f"; default: {usual}" in told


@pytest.mark.skipif(os.name == "nt", reason="no home folders by name")
def test_a_home_that_nobody_has_is_no_file(call: Any, catalogue: Path) -> None:
    file = "~no-such-person/x.safetensors"
    answer = call("runs", "--catalogue", catalogue, "import", file)
    assert answer.code == 1 and file in answer.err.splitlines()[-1]
