"""A run with FLoRA adapters, from pictures to an encoder that gives the vectors it was measured with."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from core.encoders import names, run_files, small
from core.encoders.base import Encoder
from core.operations import embeddings, encoders, projects, training
from core.operations import sources as folders
from core.training import subjects
from core.training.settings import Settings
from core.training.siamese import embed_all


def test_a_run_loads_as_the_encoder_that_was_trained(
    tmp_path: Path, fake_encoder: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    photos = tmp_path / "photos"
    for kind in range(3):
        (photos / f"kind{kind}").mkdir(parents=True)
        for number in range(8):
            pixels = random.integers(0, 80, (28, 28, 3), dtype=np.uint8)
            pixels[:, :, kind] += 120
            Image.fromarray(pixels).save(photos / f"kind{kind}" / f"{number}.png")
    squares = random.integers(0, 256, (5, 28, 28, 3), dtype=np.uint8)
    file = tmp_path / "own.safetensors"
    save_file(small.make(names.parse("small:conv4"), None).module.state_dict(), file)
    trained: dict[str, Any] = {}
    keep = subjects.keep_encoder

    def keeping(models: Path, brief: Any, subject: subjects.Subject) -> None:
        feed = subjects.PictureFeed(
            squares, small.small_shapes.MEAN, small.small_shapes.STD, "none"
        )
        trained[brief.name] = embed_all(subject.model, feed.plain(np.arange(5))).numpy()
        keep(models, brief, subject)

    monkeypatch.setattr(subjects, "keep_encoder", keeping)
    keys, sizes = set(), {}
    with projects.create(tmp_path / "c.lookalike") as project:
        project.keep("encoder:builtin", fake_encoder)
        folders.import_folders(project, [photos])
        for kind in ("lora", "flora"):
            settings = Settings(
                depth="adapters",
                adapter=kind,
                encoder=f"small:conv4@{file}",
                steps=6,
                batch=8,
                learning_rate=0.02,
                rank=8,
                precision="fp32",
            )
            training.train(project, settings, name=kind)
            card = run_files.read(project.path / "models", kind)
            assert card is not None and card.adapter == kind and card.rank == 8
            loaded: Encoder = encoders.load(project, f"run:{kind}")
            np.testing.assert_allclose(loaded.encode_images(squares), trained[kind], atol=2e-5)
            weights = run_files.folder(project.path / "models", kind) / run_files.WEIGHTS
            with safe_open(weights, framework="pt") as kept:
                held = [name for name in kept.keys() if name.startswith("adapters.")]  # noqa: SIM118
                sizes[kind] = sum(kept.get_tensor(name).numel() for name in held)
            assert all(kind == name.rpartition(".")[2].partition("_")[0] for name in held)
            keys.add(card.key)
            embeddings.embed(project, f"run:{kind}")
    assert len(keys) == 2 and sizes["flora"] < 0.6 * sizes["lora"]
    assert np.abs(trained["lora"] - trained["flora"]).max() > 1e-4
