"""The options of training as a user has them: each leaves a run that says what it did, and goes on after a stop."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.encoders import run_files
from core.errors import UsageError
from core.jobs import Cancelled, Job
from core.operations import embeddings, encoders, examples, marks, projects, runs, training
from core.operations import sources as folders
from core.project import Project
from core.training import holdout
from core.training.settings import Settings
from core.training.watch import Watch

EACH = 16
HEAD = Settings(copies=0, augmentation="none", dim=24, steps=20, patience=0)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One thread, few images; by their colours all are near-duplicates over some chain, which does not count."""
    monkeypatch.setattr(holdout, "LEAK_COSINE", 1.1)
    monkeypatch.setattr(examples, "_LEAST_WATCHED", 4)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders by the direction of a ramp, faint in the later ones; the last has only four images."""
    root = tmp_path_factory.mktemp("patterns")
    y, x = np.mgrid[0:32, 0:32] / 31 - 0.5
    for kind, ramp in enumerate((x, -x, y, -y, x * y)):
        (root / f"kind{kind}").mkdir()
        for number in range(EACH if kind < 4 else 4):
            random = np.random.default_rng([kind, number])
            pixels = random.integers(50, 200, 3) + ramp[..., None] * (40 if kind < 2 else 3)
            pixels = pixels + random.normal(0, 12, (32, 32, 3))
            picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
            picture.save(root / f"kind{kind}" / f"{number}.png")
    return root


@pytest.fixture
def taught(tmp_path: Path, patterns: Path, fake_encoder: type[Any]) -> Iterator[Project]:
    with projects.create(tmp_path / "c.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        folders.import_folders(project, [patterns])
        yield project


def test_nested_vectors_are_measured_by_length_and_named_in_the_file(taught: Project) -> None:
    document = training.train(taught, replace(HEAD, nested=True, dim=32), name="n").document
    rows = document["by_prefix"]
    assert [row["dim"] for row in rows] == [8, 16, 32]
    whole = document["after"]
    assert rows[-1]["after"]["map@r"] == pytest.approx(whole["map@r"], abs=1e-6)
    assert 0 < rows[0]["after"]["map@r"] <= 1 and rows[0]["before"] is not None
    card = run_files.read(encoders.models_folder(taught), "n")
    assert card is not None and card.nested == (8, 16, 32)


def test_a_comparable_run_begins_as_what_it_stays_comparable_with(
    tmp_path: Path, patterns: Path
) -> None:
    with projects.create(tmp_path / "c.lookalike") as project:
        folders.import_folders(project, [patterns])
        _stays_comparable(project)


def _stays_comparable(taught: Project) -> None:
    base = embeddings.require(taught, None)
    settings = replace(HEAD, comparable=True, dim=base.dim, steps=6)
    document = training.train(taught, settings, name="c").document
    found = document["comparable"]
    assert found["old"] == pytest.approx(document["before"]["recall@1"])
    assert found["new"] == pytest.approx(document["after"]["recall@1"])
    card = run_files.read(encoders.models_folder(taught), "c")
    assert card is not None
    assert found["is_comparable"] == (min(found["old_to_new"], found["new_to_old"]) >= found["old"])
    assert (card.comparable_with == "builtin") == found["is_comparable"]
    with pytest.raises(UsageError, match="as many numbers as before"):
        training.train(taught, replace(settings, dim=8), name="d")


def test_attention_to_hard_classes_is_shown_and_kept(taught: Project) -> None:
    watch = Watch()
    run = training.train(taught, replace(HEAD, difficulty=1.5), name="a", watch=watch).run
    shown = run.curves["attention"]
    assert shown and {name for name, _ in shown} <= {f"kind{one}" for one in range(5)}
    assert [weight for _, weight in shown] == sorted((w for _, w in shown), reverse=True)
    assert watch.snapshot.attention[0][0] == shown[0][0]


def test_recall_at_k_takes_a_large_batch_in_two_passes(taught: Project) -> None:
    settings = replace(HEAD, loss="recall-at-k", batch=48, chunk=16, mix=True, hallucinate=True)
    document = training.train(taught, settings, name="r").document
    assert document["steps"] == 20 and np.isfinite(document["after"]["map@r"])


@pytest.mark.parametrize(
    "more",
    [
        {"difficulty": 1.5, "hallucinate": True, "gradient_noise": 0.2},
        {"optimiser": "lambc", "nested": True, "mix": True, "dim": 32},
    ],
    ids=["attention", "lambc"],
)
def test_a_stopped_run_goes_on_to_the_bit(taught: Project, more: dict[str, Any]) -> None:
    settings = replace(HEAD, **more)
    whole = training.train(taught, settings, name="whole").run

    class Stopped(Job):
        def advance(self, count: int = 1) -> None:
            if self.progress.stage == "Training" and self.progress.done == 7:
                self.cancel()
            super().advance(count)

    with pytest.raises(Cancelled):
        training.train(taught, settings, name="parts", job=Stopped())
    again = training.train(taught, Settings(), name="parts", resume=True).run
    assert again.curves == whole.curves
    assert again.result["after"] == whole.result["after"]


def test_what_follows_from_verdicts_is_counted_and_may_count_less(taught: Project) -> None:
    with taught.read() as session:
        index = taught.index(session)
        names = examples.queries.class_names(session, index, "folders")
    by_kind: dict[str, list[int]] = {}
    for image_id, name in names.items():
        by_kind.setdefault(name, []).append(image_id)
    for own in by_kind.values():
        for a, b in itertools.pairwise(sorted(own)):
            marks.mark(taught, [a, b], "similar")
    for one, other in itertools.combinations(sorted(by_kind), 2):
        for place in range(3):
            marks.mark(taught, [by_kind[one][place], by_kind[other][place]], "different")
    settings = replace(HEAD, labels="pairs", steps=6, implied=0.5, implied_classes=0.2)
    plan = training.plan(taught, settings)
    assert any("more follow by their chains" in note for note in plan.notes)
    first = training.train(taught, settings, name="weak").run
    strong = training.train(taught, replace(settings, implied=1.0), name="strong").run
    assert first.curves["loss"] != strong.curves["loss"]
    again = training.train(taught, settings, name="again").run
    assert again.curves["loss"] == first.curves["loss"]
    assert {one.name for one in runs.list_runs(taught)} == {"weak", "strong", "again"}
