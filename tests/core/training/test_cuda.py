"""A training on a GPU: mixed precision, the memory beside the network, and what comes back to the processor."""

import numpy as np
import pytest

cuda = pytest.mark.cuda


@cuda
def test_a_whole_network_learns_on_a_gpu() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA")
    from core.encoders import names, registry
    from core.jobs import Job
    from core.training.feeds import PictureFeed
    from core.training.material import Material
    from core.training.models import on_pictures
    from core.training.settings import Settings
    from core.training.trainer import Trainer

    labels = np.repeat(np.arange(4), 16)
    random = np.random.default_rng(0)
    grounds = random.integers(0, 256, (4, 28, 28, 3))
    pictures = np.clip(grounds[labels] + random.normal(0, 20, (64, 28, 28, 3)), 0, 255)
    rows = np.arange(64)
    losses = {}
    for precision in ("fp32", "bf16"):
        towers = registry.towers(names.parse("small:conv4"))
        settings = Settings(
            depth="whole", loss="contrastive", memory=64, batch=16, per_class=4, steps=60,
            learning_rate=1e-3, weight_decay=1e-4, dim=64, augmentation="light", patience=0, clip=10.0,
        )  # fmt: skip
        model = on_pictures(towers, 128, settings, is_from_scratch=True, device="cuda")
        feed = PictureFeed(pictures.astype(np.uint8), towers.mean, towers.std, "light", "cuda")
        trainer = Trainer(
            model, feed, Material(labels, rows, rows, rows[:0]), settings,
            device="cuda", precision=precision, is_from_scratch=True,
        )  # fmt: skip
        assert not trainer.run(Job()).failure
        losses[precision] = np.array(trainer.curves()["loss"])
        assert losses[precision][-10:].mean() < losses[precision][:10].mean()
    assert abs(losses["fp32"][-10:].mean() - losses["bf16"][-10:].mean()) < 0.3


@cuda
@pytest.mark.parametrize(
    "more",
    [
        {"chunk": 8, "loss": "recall-at-k", "memory": 0, "mix": True},
        {"nested": True, "hallucinate": True, "optimiser": "lambc", "gradient_noise": 0.1},
    ],
    ids=["two passes", "nested"],
)
def test_options_compute_on_a_gpu(more: dict[str, object]) -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA")
    from core.encoders import names, registry
    from core.jobs import Job
    from core.training.feeds import PictureFeed
    from core.training.material import Material
    from core.training.models import on_pictures
    from core.training.settings import Settings
    from core.training.trainer import Trainer

    labels = np.repeat(np.arange(16), 3)
    pictures = np.random.default_rng(0).integers(0, 256, (48, 28, 28, 3)).astype(np.uint8)
    rows = np.arange(48)
    given = {
        "depth": "whole", "loss": "contrastive", "memory": 48, "batch": 24, "per_class": 3,
        "steps": 10, "learning_rate": 1e-3, "weight_decay": 1e-4, "dim": 64, "patience": 0,
        "clip": 10.0, **more,
    }  # fmt: skip
    settings = Settings(**given)  # type: ignore[arg-type]
    towers = registry.towers(names.parse("small:conv4"))
    model = on_pictures(towers, 128, settings, is_from_scratch=True, device="cuda")
    feed = PictureFeed(pictures, towers.mean, towers.std, "light", "cuda")
    material = Material(labels, rows, rows, rows[:0])
    trainer = Trainer(model, feed, material, settings, device="cuda", is_from_scratch=True)
    assert not trainer.run(Job()).failure
