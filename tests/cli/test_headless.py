"""Without a display: the main job on the demo images, in words, with a picture of the real window."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from core.operations import projects, self_test

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_the_demo_is_explored_and_the_self_test_agrees(tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "LOOKALIKE_WORKERS")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment["LOOKALIKE_DATA_DIR"] = str(tmp_path)
    answer = subprocess.run(
        [sys.executable, "-m", "app"], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    lines = dict(line.split(maxsplit=1) for line in answer.stdout.splitlines()[1:])
    assert answer.stdout.startswith("There is no display")
    assert lines["images"] == "480 in 26 folders, 3 unreadable"
    assert lines["duplicates"].startswith("12 exact pairs")
    with Image.open(lines["screenshot"]) as picture:
        assert picture.width >= 1280 and len(picture.convert("RGB").getcolors(1 << 24) or []) > 5000
    catalogue = Path(lines["catalogue"])
    with projects.open(catalogue, write=False) as project:
        found = self_test.check(project, catalogue.parent / "images", 0.0)
    assert found["exact_duplicates"] == 12
