"""Labels that teach nothing, files that are gone, a process that is killed: one sentence, and nothing lost."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import DiskFull, KnownError, UsageError
from core.operations import images, marks, projects, runs, sources, training
from core.project import Project
from core.training import checkpoint
from core.training.brief import Brief
from core.training.settings import Settings

QUICK = Settings(preset="quick", steps=30, copies=0, augmentation="none", dim=32)


def fill(root: Path, classes: dict[str, int]) -> Path:
    """Folders of so many pictures of noise with a mean of their own."""
    for place, (name, count) in enumerate(classes.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            random = np.random.default_rng([place, number])
            pixels = random.integers(0, 120, (24, 24, 3)) + 30 * place
            Image.fromarray(pixels.astype(np.uint8)).save(root / name / f"{number}.png")
    return root


def open_with(tmp_path: Path, classes: dict[str, int]) -> Project:
    project = projects.create(tmp_path / "c.lookalike")
    sources.import_folders(project, [fill(tmp_path / "photos", classes)])
    return project


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Project]:
    """Three classes of ten."""
    with open_with(tmp_path, {"a": 10, "b": 10, "c": 10}) as project:
        yield project


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        ({"only": 8}, "All labelled images are of one class \\(only\\)"),
        ({f"single{n}": 1 for n in range(6)}, "Every class has a single image"),
    ],
)
def test_classes_that_teach_nothing(tmp_path: Path, classes: dict[str, int], sentence: str) -> None:
    with open_with(tmp_path, classes) as project:
        assert training.survey(project, QUICK).problem
        with pytest.raises(UsageError, match=sentence) as caught:
            training.train(project, QUICK)
        assert str(caught.value).count("\n") == 0
        assert not runs.list_runs(project)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("labels", "No image has a label from a table"),
        ("tags", "No image has exactly one tag"),
        ("pairs", "No pair has been judged yet"),
    ],
)
def test_no_labels(three: Project, labels: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        training.train(three, Settings.from_dict({"labels": labels}))


def test_pairs_that_all_contradict_each_other(three: Project) -> None:
    ids = images.list_ids(three)[:3].tolist()
    marks.mark(three, ids[:2], "duplicate")
    marks.mark(three, ids[1:], "similar")
    marks.mark(three, [ids[0], ids[2]], "different")
    settings = Settings(labels="pairs")
    survey = training.survey(three, settings)
    assert len(survey.conflicts) == 1 and " = " in survey.conflicts[0]
    with pytest.raises(UsageError, match="contradict each other"):
        training.train(three, settings)


def test_pairs_of_one_kind_only(three: Project) -> None:
    ids = images.list_ids(three)[:4].tolist()
    marks.mark(three, ids[:2], "similar")
    with pytest.raises(UsageError, match="No two images were said to be different"):
        training.train(three, Settings(labels="pairs"))
    marks.clear_marks(three, ids[:2])
    marks.mark(three, ids[2:], "different")
    with pytest.raises(UsageError, match="No two images were said to be alike"):
        training.train(three, Settings(labels="pairs"))


def test_labelled_files_that_are_gone(three: Project, tmp_path: Path) -> None:
    shutil.move(tmp_path / "photos", tmp_path / "away")
    found = training.train(three, Settings.from_dict({"steps": 10, "copies": 1, "dim": 16}))
    assert found.document["steps"] == 10  # stored vectors suffice for a head
    with pytest.raises(UsageError, match="None of the 30 labelled images can be read"):
        training.train(three, Settings(depth="whole", encoder="small:conv4", steps=5))
    assert len(runs.list_runs(three)) == 1


def test_a_split_that_there_is_not(three: Project) -> None:
    with pytest.raises(UsageError, match="no split or part of a split named 'nope'"):
        training.train(three, Settings(split="nope"))


@pytest.mark.parametrize(
    "wrong",
    [{"loss": "magic"}, {"batch": 1}, {"steps": 0}, {"memory": -5}, {"held_out_share": 1.5}],
)
def test_settings_that_make_no_sense(three: Project, wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        training.train(three, Settings.from_dict(wrong))
    assert not runs.list_runs(three)


def test_a_full_disk_at_a_checkpoint(three: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(DiskFull, match="no room left for the checkpoint"):
        training.train(three, QUICK, name="never begun")
    assert not runs.list_runs(three)
    monkeypatch.undo()
    saved = checkpoint.save

    def full_later(path: Path, *args: object) -> None:
        if path.name == Brief.CHECKPOINT:
            monkeypatch.setattr(checkpoint, "save_file", full)
        saved(path, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(checkpoint, "save", full_later)
    with pytest.raises(DiskFull, match="no room left for the checkpoint"):
        training.train(three, QUICK, name="full")
    assert runs.find(three, "full").can_resume
    monkeypatch.undo()
    assert training.train(three, QUICK, name="full", resume=True).document["steps"] == 30


SCRIPT = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from core.operations import projects, training
from core.training import trainer
from core.training.settings import Settings
trainer._CHECKPOINT_S, trainer._SAVING_RATIO = 0.05, 0.0
with projects.open(Path(sys.argv[1])) as project:
    settings = Settings(steps=int(sys.argv[2]), copies=0, augmentation="none", dim=32, memory=20,
                        patience=0)
    training.train(project, settings, name="killed")
"""


def test_killed_and_resumed_it_draws_the_very_same_curves(three: Project, tmp_path: Path) -> None:
    import torch

    steps, place = 250, three.path
    settings = Settings(steps=steps, copies=0, augmentation="none", dim=32, memory=20, patience=0)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        whole = training.train(three, settings, name="undisturbed")
        three.close()
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(place), str(steps)],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        path = place / "models" / "killed" / Brief.CHECKPOINT
        deadline = time.monotonic() + 60
        seen = 0
        # Until it has written some checkpoints, each in place of the one before.
        while seen < 3 and process.poll() is None and time.monotonic() < deadline:
            now = path.stat().st_mtime_ns if path.exists() else 0
            last = locals().get("last", 0)
            seen += now not in (0, last)
            last = now
            time.sleep(0.005)
        assert process.poll() is None, "it was over before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        with projects.open(place) as again:
            assert runs.find(again, "killed").status == "stopped"
            resumed = training.train(again, Settings(), resume=True)
            assert resumed.run.name == "killed"
            one, other = (runs.find(again, name).curves for name in ("undisturbed", "killed"))
            for name in ("loss", "memory_loss", "hard_memory", "recall", "drift", "measured_at"):
                assert one[name] == other[name], name
            assert resumed.document["after"] == whole.document["after"]
    finally:
        torch.set_num_threads(before)


def test_killed_before_its_first_checkpoint_it_has_failed(three: Project) -> None:
    from core.catalogue import runs as rows

    with three.write() as session:
        rows.add(session, "early", status="running", settings=QUICK.as_json())
    assert runs.find(three, "early").status == "failed"
    with pytest.raises(KnownError):
        training.train(three, QUICK, name="early", resume=True)
    runs.discard(three, "early")
    assert training.train(three, QUICK, name="early").document["steps"] == 30
