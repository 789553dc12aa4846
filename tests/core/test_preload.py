"""Loading torch's libraries early: harmless where they are not, and torch works after it."""

import subprocess
import sys
from pathlib import Path

import pytest

from core import preload


def test_torch_works_after_it() -> None:
    code = (
        "import sys; from core.preload import preload_torch; preload_torch()\n"
        "assert 'torch' not in sys.modules\n"
        "import torch; print(float((torch.ones(3) @ torch.ones(3))))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert answer.stdout.strip() == "3.0"


def test_nothing_happens_where_torch_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preload.importlib.util, "find_spec", lambda name: None)
    preload.preload_torch()
