"""Without a display: the main job on the demo images, in words, with a picture of the real window."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import demo
from core.operations import projects, self_test

ROOT = Path(__file__).parents[2]


TRULY_DRAWN = 24  # a family and a half: the rest are stand-ins, since drawing all takes a minute


def _put_stand_ins(folder: Path) -> None:
    """Pictures of the families' own colours in place of most of the demo images, copies of the same bytes."""
    items = {item.path: item for item in demo.items()}
    made: dict[str, bytes] = {}
    for item in list(items.values())[TRULY_DRAWN:]:
        if item.kind == "unreadable":
            continue
        source = item.of if item.kind == "exact" and item.of is not None else item.path
        if source not in made:
            made[source] = _stand_in(items[source])
        target = folder / item.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(made[source])


def _stand_in(item: demo.DemoItem) -> bytes:
    families = list(demo.truth().families)
    drawn = np.random.default_rng(families.index(item.family) if item.family in families else 99)
    coarse = drawn.integers(0, 255, (6, 8, 3)).astype(np.float32)
    grain = np.random.default_rng(item.seed).normal(0, 25, (6, 8, 3))
    picture = Image.fromarray(np.clip(coarse + grain, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    picture.resize((320, 240), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_the_demo_is_explored_and_the_self_test_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "LOOKALIKE_WORKERS")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment["LOOKALIKE_DATA_DIR"] = str(tmp_path)
    monkeypatch.setenv("LOOKALIKE_DATA_DIR", str(tmp_path))
    _put_stand_ins(projects.demo_home()[0])
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
