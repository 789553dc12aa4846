"""Training as a user has it: from labels in a catalogue to a measured run, what becomes of it, and bad input."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

from core.catalogue import embeddings as stored
from core.catalogue import labels as catalogue_labels
from core.catalogue import queries
from core.changes import Changes
from core.encoders import names, run_files, small
from core.errors import EncoderError, UsageError
from core.jobs import Cancelled, Job
from core.operations import (
    check,
    embeddings,
    encoders,
    evaluate,
    images,
    marks,
    projects,
    runs,
    training,
    training_feeds,
)
from core.operations import sources as folders
from core.project import Project
from core.training import holdout
from core.training.settings import Settings
from core.training.watch import Watch

CLASSES, EACH = 4, 14
QUICK = Settings(preset="quick", steps=40, copies=1, dim=32)


def paint(seed: int, kind: int, side: int = 32) -> Image.Image:
    """A faint ramp in one of four directions over a strong colour: what an untaught encoder sees is the colour."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side] / (side - 1) - 0.5
    ramp = (x, -x, y, -y)[kind][..., None] * 40
    pixels = random.integers(50, 200, 3) + ramp + random.normal(0, 12, (side, side, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders by the direction of the ramp."""
    root = tmp_path_factory.mktemp("patterns")
    for kind in range(CLASSES):
        folder = root / f"kind{kind}"
        folder.mkdir()
        for number in range(EACH):
            paint(100 * kind + number, kind).save(folder / f"{kind}-{number}.png")
    return root


@pytest.fixture
def taught(tmp_path: Path, patterns: Path, fake_encoder: type[Any]) -> Iterator[Project]:
    """A catalogue of the patterns, by the mean colours of sixteen cells."""
    with projects.create(tmp_path / "c.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        folders.import_folders(project, [patterns])
        yield project


def test_a_run_from_labels_to_the_default_and_back(taught: Project) -> None:
    watch = Watch()
    found = training.train(taught, QUICK, name="first", watch=watch)
    document = found.document
    assert document["run"] == "first" and document["steps"] == 40 and document["device"] == "cpu"
    assert 2 * CLASSES <= document["held_out"] <= CLASSES * EACH // 2
    for state in ("before", "after"):
        assert {"recall@1", "recall@5", "recall@10", "map@r", "pair_ap", "roc_auc"} <= set(
            document[state]
        )
    assert document["after"]["map@r"] > document["before"]["map@r"] + 0.2
    assert document["is_better"] and document["stopped_because"]
    snapshot = watch.snapshot
    assert snapshot.step == 40 and len(snapshot.loss) == 40 and len(snapshot.pinned) == CLASSES
    # What the trainer held is what the stored encoder gives.
    run = runs.find(taught, "first")
    assert run.status == "candidate" and run.curves["loss"] and not run.is_default
    assert Changes.RUNS in runs.promote(taught, "first")
    assert runs.find(taught, "first").is_default
    embedding = embeddings.require(taught, None)
    assert embedding.encoder == "run:first" and embedding.dim == 32
    assert not len(embeddings.lacking(taught, "run:first"))
    assert runs.can_roll_back(taught) == "builtin"
    with pytest.raises(UsageError, match="default encoder"):
        runs.discard(taught, "first")
    runs.rollback(taught)
    assert embeddings.require(taught, None).encoder == "builtin"
    assert not runs.can_roll_back(taught)
    half = taught.path / "cache" / f"graph-{embedding.id}-20"  # of a graph that was being made
    half.mkdir()
    runs.discard(taught, "first")
    assert not runs.list_runs(taught) and not half.exists()
    assert not (taught.path / "models" / "first").exists()
    (taught.path / "models" / "cut off").mkdir()  # as a kill in the middle of discarding leaves it
    assert [one.kind for one in check.check(taught).problems] == ["leftovers"]
    check.check(taught, repair=True)
    assert not list((taught.path / "models").iterdir())
    with taught.read() as session:
        assert [one.encoder for one in stored.every(session)] == ["builtin"]
    with pytest.raises(EncoderError, match="no trained encoder"):
        encoders.load(taught, "run:first")


def test_vectors_from_stored_ones_are_those_of_the_pictures(
    taught: Project, patterns: Path
) -> None:
    training.train(taught, QUICK, name="one")
    runs.promote(taught, "one", anyway=True)
    encoder = encoders.load(taught, "run:one")
    ids = images.list_ids(taught)[:8]
    embedding = embeddings.require(taught, "run:one")
    with taught.read() as session:
        content_ids = queries.content_ids(taught.index(session), ids)
        owners = stored.owners(session, embedding.id)
    squares = np.stack(
        [
            square
            for _, square in embeddings.squares(
                taught, encoder.preprocessing, content_ids.tolist(), ahead=4
            )
            if square is not None
        ]
    )
    fresh = encoder.encode_images(squares)
    rows = np.array([int(np.flatnonzero(owners == one)[0]) for one in content_ids])
    vectors = taught.vectors(embedding).read(0, len(owners))[rows]
    assert np.allclose((fresh * vectors.astype(np.float32)).sum(1), 1, atol=2e-3)
    # A picture that comes later is embedded by base and head.
    paint(999, 2).save(patterns / "kind2" / "later.png")
    try:
        folders.import_folders(taught, [patterns])
    finally:
        (patterns / "kind2" / "later.png").unlink()
    assert not len(embeddings.lacking(taught, "run:one"))
    assert not len(embeddings.lacking(taught, "builtin"))


def test_the_same_seed_gives_the_same_result(taught: Project) -> None:
    first = training.train(taught, QUICK, name="a").document
    again = training.train(taught, QUICK, name="b").document
    other = training.train(taught, Settings.from_dict({**vars_of(QUICK), "seed": 1}), name="c")
    for key in ("before", "after", "steps", "held_out"):
        assert first[key] == again[key]
    curves = [runs.find(taught, name).curves["loss"] for name in ("a", "b", "c")]
    assert curves[0] == curves[1] != curves[2]
    assert other.document["run"] == "c"


def vars_of(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__slots__}


def test_before_and_after_are_what_evaluate_says_of_the_held_out_part(taught: Project) -> None:
    part = {}
    for number, image in enumerate(images.describe(taught, images.list_ids(taught).tolist())):
        part[image.id] = "test" if number % 3 == 0 else "train"
    with taught.write() as session:
        catalogue_labels.put_split(session, "mine", part)
    document = training.train(
        taught, Settings.from_dict({**vars_of(QUICK), "split": "mine"}), name="s"
    ).document
    runs.promote(taught, "s", anyway=True)
    for encoder, state in (("builtin", "before"), ("run:s", "after")):
        said = evaluate.evaluate(taught, "folders", encoder=encoder, split="test")
        for key in ("recall@1", "map@r"):
            assert said[key] == pytest.approx(document[state][key], abs=0.02)
    assert document["held_out"] == sum(one == "test" for one in part.values())


def test_pairs_teach_too(taught: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # By their mean colours all of them are near-duplicates over some chain.
    monkeypatch.setattr(holdout, "LEAK_COSINE", 1.1)
    by_class: dict[str, list[int]] = {}
    for image in images.describe(taught, images.list_ids(taught).tolist()):
        by_class.setdefault(image.class_name, []).append(image.id)
    for members in by_class.values():
        for a, b in zip(members[::2], members[1::2], strict=False):
            marks.mark(taught, [a, b], "similar")
    lists = list(by_class.values())
    for first, second in itertools.pairwise(lists):
        for a, b in zip(first, second, strict=True):
            marks.mark(taught, [a, b], "different")
    settings = Settings.from_dict({**vars_of(QUICK), "labels": "pairs"})
    survey = training.survey(taught, settings)
    assert survey.same == CLASSES * EACH // 2 and survey.different and not survey.problem
    document = training.train(taught, settings).document
    assert document["after"]["pair_ap"] is not None and document["run"] == "pairs head 1"


def test_a_whole_network_from_scratch_and_adapters_in_weights_of_ones_own(
    taught: Project, tmp_path: Path
) -> None:
    whole = Settings(depth="whole", encoder="small:conv4", steps=12, batch=16)
    found = training.train(taught, whole, name="net")
    assert found.document["steps"] == 12
    card = run_files.read(taught.path / "models", "net")
    assert card is not None and card.is_from_scratch and card.dim == 128
    embeddings.embed(taught, "run:net")
    assert embeddings.require(taught, "run:net").dim == 128
    file = tmp_path / "own.safetensors"
    save_file(small.make(names.parse("small:conv4"), None).module.state_dict(), file)
    adapters = Settings(
        depth="adapters", encoder=f"small:conv4@{file}", steps=6, batch=16, augmentation="light"
    )
    training.train(taught, adapters, name="thin")
    folder = taught.path / "models" / "thin"
    assert (folder / run_files.WEIGHTS).stat().st_size < 3 << 20
    assert not (folder / "checkpoint.safetensors").exists()
    embeddings.embed(taught, "run:thin")
    assert encoders.load(taught, "run:thin").has_patches


def test_without_weights_there_is_nothing_but_a_head_to_train(taught: Project) -> None:
    with pytest.raises(UsageError, match="no weights that adapters"):
        training.plan(taught, Settings(depth="adapters"))
    plan = training.plan(taught, Settings(depth="whole"))
    assert plan.settings.encoder == training.FROM_SCRATCH and "from scratch" in plan.notes[-1]
    with pytest.raises(UsageError, match="random"):
        training.plan(taught, Settings(encoder="small:conv4"))


def test_a_plan_says_what_it_would_take(taught: Project) -> None:
    plan = training.plan(taught, Settings())
    assert plan.survey.learned_from + plan.survey.held_out <= CLASSES * EACH
    assert plan.seconds > 0 and plan.memory_bytes > 0 and plan.disk_bytes > 0
    resolved = vars_of(plan.settings)
    # What balances itself, and what is measured when the network is there, stays open.
    assert {name for name, value in resolved.items() if value in (-1, "auto")} == {
        "memory_weight",
        "precision",
    }


def test_a_preview_shows_the_users_own_pictures(taught: Project) -> None:
    found = training.preview(taught, Settings(augmentation="strong"), count=2, variants=3)
    assert len(found) == 2 and all(len(one.pictures) == 4 for one in found)
    assert any(not np.array_equal(found[0].pictures[0], one) for one in found[0].pictures[1:])


def test_a_cancelled_run_is_resumed_to_the_same_end(taught: Project) -> None:
    whole = training.train(taught, QUICK, name="undisturbed")

    class Stopping(Job):
        def advance(self, count: int = 1) -> None:
            super().advance(count)
            if self.progress.stage == "Training" and self.progress.done == 17:
                self.cancel()

    with pytest.raises(Cancelled):
        training.train(taught, QUICK, name="cut", job=Stopping())
    assert runs.find(taught, "cut").can_resume
    resumed = training.train(taught, QUICK, name="cut", resume=True)
    assert resumed.document["after"] == whole.document["after"]
    assert (
        runs.find(taught, "cut").curves["loss"] == runs.find(taught, "undisturbed").curves["loss"]
    )
    with pytest.raises(UsageError, match="not stopped"):
        training.train(taught, QUICK, name="cut", resume=True)


def test_a_run_cancelled_while_copies_are_made_goes_on_there(
    taught: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_feeds, "_PART", 8)
    whole = training.train(taught, QUICK, name="undisturbed")

    class Stopping(Job):
        def advance(self, count: int = 1) -> None:
            super().advance(count)
            if self.progress.stage == "Varied copies" and self.progress.done >= 16:
                self.cancel()

    with pytest.raises(Cancelled):
        training.train(taught, QUICK, name="cut", job=Stopping())
    assert runs.find(taught, "cut").can_resume
    made = taught.path / "models" / "cut" / "copies.f16"
    made.write_bytes(made.read_bytes() + b"torn")
    seen: list[int] = []

    class Watching(Job):
        def start(self, stage: str, total: int | None = None, **more: Any) -> None:
            super().start(stage, total, **more)
            if stage == "Varied copies":
                seen.append(more["done"])

    resumed = training.train(taught, QUICK, name="cut", resume=True, job=Watching())
    assert seen == [16] and resumed.document["after"] == whole.document["after"]
    left = sorted(path.name for path in made.parent.iterdir())
    assert left == [run_files.CARD, run_files.WEIGHTS]


def test_what_another_run_was_trained_on_stays(taught: Project) -> None:
    training.train(taught, QUICK, name="first")
    runs.promote(taught, "first", anyway=True)
    on_it = Settings.from_dict({**vars_of(QUICK), "encoder": "run:first", "dim": 16})
    training.train(taught, on_it, name="second")
    runs.promote(taught, "second", anyway=True)
    with pytest.raises(UsageError, match="'second' was trained on 'first'"):
        runs.discard(taught, "first")
    assert encoders.load(taught, None).dim == 16
    with pytest.raises(UsageError, match="named 'first' already"):
        training.train(taught, on_it, name="FIRST")
    runs.rollback(taught)
    runs.rollback(taught)
    runs.discard(taught, "second")
    runs.discard(taught, "first")


def test_a_run_that_is_not_better_is_not_promoted_unless_one_insists(taught: Project) -> None:
    found = training.train(taught, QUICK, name="meh")
    with taught.write() as session:
        from core.catalogue import runs as rows

        rows.put(session, "meh", result={**found.run.result, "is_better": False})
    with pytest.raises(UsageError, match="not measured to be better"):
        runs.promote(taught, "meh")
    runs.promote(taught, "meh", anyway=True)
    assert runs.find(taught, "meh").is_default


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden", "x" * 80, "bad\nname"])
def test_names_that_would_leave_their_folder_are_refused(taught: Project, name: str) -> None:
    if not name:
        assert training.new_name(taught, QUICK) == "folders head 1"
        return
    with pytest.raises(UsageError, match="cannot be the name"):
        training.train(taught, QUICK, name=name)
    assert not runs.list_runs(taught)
