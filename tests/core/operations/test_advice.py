"""What a catalogue is like, as advice sees it: its labels, its classes, drawings and photos."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageError
from core.operations import advice, images, labels, projects, sources
from core.operations.examples import gather
from core.project import Project
from core.training.settings import Settings


@pytest.fixture
def catalogue(tmp_path: Path, fake_encoder: type[Any]) -> Iterator[Project]:
    """Three classes of noise, one of them with three images."""
    with projects.create(tmp_path / "c.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        for place, count in enumerate((12, 12, 3)):
            fill(tmp_path / "photos" / f"kind{place}", place, count)
        sources.import_folders(project, [tmp_path / "photos"])
        yield project


def fill(folder: Path, seed: int, count: int, *, is_drawn: bool = False) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        random = np.random.default_rng([seed, number])
        pixels = random.integers(0, 255, (32, 32, 3)).astype(np.uint8)
        if is_drawn:
            pixels[:] = 255
            pixels[random.integers(4, 28) :][:2, 4:28] = 0
        Image.fromarray(pixels).save(folder / f"{number}.png")


def test_what_there_is(catalogue: Project) -> None:
    found = advice.advise(catalogue)
    assert found.settings == Settings() and found.headline.startswith("Train a head on builtin")
    assert "of 3 classes" in found.reasons[0] and "no weights" in found.reasons[1]
    assert found == advice.advise(catalogue, "folders")
    now = advice._situation(catalogue, gather(catalogue, Settings()))
    assert (now.images, now.few, now.classes, now.is_pairs) == (27, 1, 3, False)
    assert now.gini > 0.1 and not now.is_drawings and not now.has_weights


def test_labels_from_a_table_are_trusted_first(catalogue: Project, tmp_path: Path) -> None:
    listed = images.describe(catalogue, images.list_ids(catalogue).tolist())
    lines = [f"{one.path},{'ab'[number % 2]}" for number, one in enumerate(listed)]
    (tmp_path / "table.csv").write_text("path,label\n" + "\n".join(lines) + "\n")
    labels.apply_labels(catalogue, tmp_path / "table.csv")
    assert advice.advise(catalogue).settings.labels == "labels"
    assert advice.advise(catalogue, "folders").settings.labels == "folders"


def test_where_nothing_can_be_learnt(catalogue: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No pair has been judged"):
        advice.advise(catalogue, "pairs")
    with pytest.raises(UsageError, match="No pair has been judged"):
        advice.candidates(catalogue, Settings(labels="pairs"))
    with (
        projects.create(tmp_path / "empty.lookalike") as empty,
        pytest.raises(UsageError, match="nothing to learn from yet"),
    ):
        advice.advise(empty)


def test_small_drawings_are_told_from_photos(catalogue: Project, tmp_path: Path) -> None:
    with projects.create(tmp_path / "drawn.lookalike") as project:
        for place in range(2):
            fill(tmp_path / "drawn" / f"kind{place}", place, 8, is_drawn=True)
        sources.import_folders(project, [tmp_path / "drawn"], embed=False)
        assert advice._situation(project, gather(project, Settings())).is_drawings


def test_candidates_keep_what_is_wanted(catalogue: Project) -> None:
    found = advice.candidates(catalogue, Settings())
    assert found[0] == advice.advise(catalogue, "folders").settings
    assert len(set(found)) == len(found) >= 3
    wanted = Settings(memory=0, copies=0, steps=70, seed=4)
    kept = advice.candidates(catalogue, wanted)
    assert len(set(kept)) == len(kept) >= 3
    for one in kept:
        assert (one.memory, one.copies, one.steps, one.seed) == (0, 0, 70, 4)
