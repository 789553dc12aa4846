"""Answers typed in a window that is ended by kill -9: what was told as kept is kept, and can be taken back."""

import importlib.util
import shutil
import signal
import sys
from pathlib import Path
from types import ModuleType

import pytest

from core.operations import history, pairs, projects

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "review_window.py"


def benchmark() -> ModuleType:
    """The benchmark's own way of answering and killing, which does it twenty times."""
    spec = importlib.util.spec_from_file_location("review_window", BENCHMARK)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(made)
    sys.path[:] = before
    return made


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
def test_no_answer_that_was_told_as_kept_is_lost_to_a_kill(catalogue: Path, tmp_path: Path) -> None:
    made = benchmark()
    with projects.open(catalogue) as project:
        made.make_pairs(project)
    count = 3
    copy = tmp_path / f"killed-{count}.lookalike"
    shutil.copytree(catalogue, copy)
    told = made.kill_after(copy, tmp_path, count, seed=count)
    assert len(told) == count
    with projects.open(copy) as project:
        there = {(one.a, one.b): one.verdict for one in pairs.list_pairs(project)}
        assert {key: there.get(key) for key, _ in told} == dict(told)
        history.undo(project)
        assert len(pairs.list_pairs(project)) == len(there) - 1
        history.redo(project)
        again = {(one.a, one.b): one.verdict for one in pairs.list_pairs(project)}
        assert again == there
