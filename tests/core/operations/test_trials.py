"""Settings tried for a short time each: the best on watched images is kept, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.encoders import run_files
from core.errors import EncoderError, UsageError
from core.jobs import Cancelled, Job
from core.operations import (
    check,
    examples,
    projects,
    runs,
    sources,
    training,
    training_feeds,
    trials,
)
from core.project import Project
from core.training import holdout
from core.training.settings import Settings
from core.training.time_limit import TimeLimit
from core.training.watch import Watch

EACH, SECONDS = 20, 0.3
HEAD = Settings(copies=0, augmentation="none", dim=24, patience=0, steps=40)
WORSE = replace(HEAD, dim=2, memory=0)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One thread, few images; by their colours all are near-duplicates over some chain, which does not count."""
    monkeypatch.setattr(holdout, "LEAK_COSINE", 1.1)
    monkeypatch.setattr(examples, "_LEAST_WATCHED", 6)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def fill(root: Path, each: int = EACH) -> Path:
    """A faint ramp in one of four directions over a strong colour."""
    y, x = np.mgrid[0:32, 0:32] / 31 - 0.5
    for kind, ramp in enumerate((x, -x, y, -y)):
        (root / f"kind{kind}").mkdir(parents=True)
        for number in range(each):
            random = np.random.default_rng([kind, number])
            pixels = random.integers(50, 200, 3) + ramp[..., None] * 4
            pixels = np.clip(pixels + random.normal(0, 12, (32, 32, 3)), 0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(root / f"kind{kind}" / f"{number}.png")
    return root


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("patterns"))


@pytest.fixture
def taught(tmp_path: Path, patterns: Path, fake_encoder: type[Any]) -> Iterator[Project]:
    with projects.create(tmp_path / "c.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [patterns])
        yield project


def assert_clean(project: Project) -> None:
    """No run and no file of one."""
    assert not runs.list_runs(project)
    models = project.path / "models"
    assert not models.exists() or not list(models.iterdir())
    assert not check.check(project).problems


def test_the_best_of_the_given_is_kept(taught: Project) -> None:
    told: list[tuple[int, int, Settings]] = []
    given = [WORSE, HEAD, replace(HEAD, memory=0)]
    watch = Watch()
    found = trials.compare(
        taught, given, seconds_each=5, watch=watch, on_trial=lambda *one: told.append(one)
    )
    assert told == [(place, 3, one) for place, one in enumerate(given, start=1)]
    assert [one.name for one in runs.list_runs(taught)] == ["folders tried 1"]
    run = runs.find(taught, "folders tried 1")
    assert run.status == "candidate" and run.curves["loss"] and run == found.run
    tried = run.result["trials"]
    assert found.document["trials"] == tried and len(tried) == 3
    for one in tried:
        assert set(one) == {"settings", "steps", "seconds", "score", "recall@1", "map@r"}
        assert one["score"] == pytest.approx((one["recall@1"] + one["map@r"]) / 2)
        assert one["steps"] == 40 and one["seconds"] > 0
    scores = [one["score"] for one in tried]
    assert scores == sorted(scores, reverse=True) and scores[0] > scores[-1]
    assert tried[-1]["settings"]["dim"] == 2
    assert tried[-1]["settings"]["memory"] == 0 and "labels" not in tried[-1]["settings"]
    assert run.settings.dim == 24 and run.settings.steps == 40
    assert watch.snapshot.phase and watch.snapshot.step == 40
    # What is kept is what training with these settings gives.
    again = training.train(taught, run.settings, name="alone")
    for key in ("before", "after", "held_out"):
        assert again.document[key] == found.document[key]
    left = sorted(path.name for path in (taught.path / "models" / run.name).iterdir())
    assert left == [run_files.CARD, run_files.WEIGHTS]
    runs.promote(taught, run.name, anyway=True)


def test_advised_ways_share_their_varied_copies(
    taught: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    whole = training_feeds.copies

    def counted(*given: Any) -> Any:
        brief = given[2]
        before = (brief.folder / training_feeds.COPIES_FILE).is_file()
        found = whole(*given)
        made.append(0 if before else len(found))
        return found

    monkeypatch.setattr(training_feeds, "copies", counted)
    wanted = Settings(preset="quick", dim=24)
    assert trials.estimate_s(taught, wanted=wanted, seconds_each=SECONDS) > 3 * SECONDS
    found = trials.compare(taught, wanted=wanted, seconds_each=SECONDS)
    tried = found.document["trials"]
    assert len(tried) == 3 and len({str(one["settings"]) for one in tried}) == 3
    assert all(one["settings"]["preset"] == "quick" for one in tried)
    assert sum(one["settings"].get("copies", 1) == 0 for one in tried) == 1  # the plainer way
    assert len(made) == 2 and made[0] > 0 and made[1] == 0
    for one in tried:
        assert one["steps"] >= 10


def test_a_trial_ends_by_its_time(taught: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.training.pace import Pace

    assert Pace(0.01, 0.1).steps_within(120) == int((120 - 4.2) / 0.01)
    assert Pace(0.1, 0.1).steps_within(3) == int(2.8 / 0.12)
    assert Pace(5.0, 1.0).steps_within(1) == 10
    monkeypatch.setattr(Pace, "steps_within", lambda *_: 100_000)
    found = trials.compare(
        taught, [replace(HEAD, steps=-1), replace(WORSE, steps=-1)], seconds_each=SECONDS
    )
    for one in found.document["trials"]:
        assert 0 < one["steps"] < 100_000 and one["seconds"] < 20
    assert "was stopped after" in found.document["stopped_because"]


def test_a_pause_does_not_count() -> None:
    job, whole = Job(), Watch((7,))
    limit = TimeLimit(whole, job, 0.05)
    assert limit.pinned == (7,) and not limit.is_stopped
    job._paused_s = 100.0
    time.sleep(0.06)
    assert not limit.is_stopped
    job._paused_s = 0.0
    assert limit.is_stopped and not whole.is_stopped
    other = TimeLimit(whole, job, 100)
    whole.stop()
    assert other.is_stopped


def test_where_nothing_can_be_watched(tmp_path: Path, fake_encoder: type[Any]) -> None:
    with projects.create(tmp_path / "few.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        sources.import_folders(project, [fill(tmp_path / "few", each=6)])
        with pytest.raises(UsageError, match="Too few images can be watched"):
            trials.compare(project, [HEAD, WORSE], seconds_each=SECONDS)
        assert_clean(project)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([HEAD], "no two different settings"),
        ([HEAD, HEAD], "no two different settings"),
        ([HEAD, replace(HEAD, seed=1)], "learn from the same images"),
        ([HEAD, replace(HEAD, labels="pairs")], "No pair has been judged"),
        ([HEAD, replace(HEAD, depth="adapters")], "no weights that adapters"),
    ],
)
def test_what_cannot_be_compared(taught: Project, given: list[Settings], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        trials.compare(taught, given, seconds_each=SECONDS)
    with pytest.raises(UsageError, match="more than no time"):
        trials.compare(taught, given, seconds_each=0)
    assert_clean(taught)


@pytest.mark.parametrize("at", [(1, 5), (2, 5)])
def test_cancelled_it_leaves_nothing(taught: Project, at: tuple[int, int]) -> None:
    begun = [0]

    class Stopping(Job):
        def advance(self, count: int = 1) -> None:
            super().advance(count)
            if self.progress.stage == "Training" and (begun[0], self.progress.done) == at:
                self.cancel()

    with pytest.raises(Cancelled):
        trials.compare(
            taught,
            [HEAD, WORSE],
            seconds_each=5,
            job=Stopping(),
            on_trial=lambda place, *_: begun.__setitem__(0, place),
        )
    assert begun[0] == at[0]
    assert_clean(taught)


def test_stopped_it_keeps_what_was_tried(taught: Project) -> None:
    watch = Watch()

    class Stopping(Job):
        def advance(self, count: int = 1) -> None:
            super().advance(count)
            if self.progress.stage == "Training" and self.progress.done == 7:
                watch.stop()

    found = trials.compare(
        taught, [HEAD, WORSE], seconds_each=5, watch=watch, job=Stopping(), name="mine"
    )
    assert [one["steps"] for one in found.document["trials"]] == [7]
    assert "It was stopped after 1 of 2 trials." in found.document["notes"]
    assert runs.find(taught, "mine").status == "candidate"


def test_a_trial_that_cannot_be_made_is_left_out(
    taught: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = training.make_subject

    def failing(project: Project, brief: Any, job: Job) -> Any:
        if brief.settings.dim == 2:
            raise EncoderError("Its file is gone.")
        return whole(project, brief, job)

    monkeypatch.setattr(training, "make_subject", failing)
    found = trials.compare(taught, [WORSE, HEAD], seconds_each=5)
    assert len(found.document["trials"]) == 1
    assert "Trial 1 could not be made: Its file is gone." in found.document["notes"]
    with pytest.raises(EncoderError, match="file is gone"):
        trials.compare(taught, [WORSE, replace(WORSE, memory=16)], seconds_each=5)
    assert len(runs.list_runs(taught)) == 1


SCRIPT = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from core.operations import examples, projects, trials
from core.training import holdout
from core.training.settings import Settings
holdout.LEAK_COSINE, examples._LEAST_WATCHED = 1.1, 6
with projects.open(Path(sys.argv[1])) as project:
    head = Settings(copies=0, augmentation="none", dim=24, patience=0)
    tell = lambda place, count, settings: print(place, flush=True)
    trials.compare(project, wanted=head, seconds_each=2, name="cut", on_trial=tell)
"""


def test_killed_it_leaves_one_stopped_run(tmp_path: Path, patterns: Path) -> None:
    with projects.create(tmp_path / "c.lookalike") as project:
        sources.import_folders(project, [patterns])
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "c.lookalike")],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # In the second trial, when the first has been measured.
    assert [process.stdout.readline().strip() for _ in range(2)] == ["1", "2"]
    place = tmp_path / "c.lookalike" / "models" / "cut" / "checkpoint.safetensors"
    deadline = time.monotonic() + 60
    while not place.is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with projects.open(tmp_path / "c.lookalike") as project:
        assert [(one.name, one.status) for one in runs.list_runs(project)] == [("cut", "stopped")]
        assert not check.check(project).problems
        resumed = training.train(project, Settings(), resume=True)
        assert resumed.run.name == "cut" and resumed.run.status == "candidate"
        runs.discard(project, "cut")
        assert_clean(project)
