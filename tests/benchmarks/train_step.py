"""A step of a whole network, and what the memory adds to it.

`lookalike bench train-step [--encoder E] [--size MEMORIES] --json`: E defaults to openclip:ViT-B-32 (random weights),
on the GPU where there is one; batch 32 on a processor, 128 on a GPU, 512 dimensions, 55,000 memories of 2,000
classes.
In turns: steps of the program's own trainer without memory and with it, in fp32 and in bf16; medians.

`step_ms` and `with_memory_ms` per precision, `overhead` of the memory as a share of the step, `images_per_s`;
`loss_fp32` and `loss_bf16` are the losses of the same first steps, to compare their curves.
"""

import time
from statistics import median
from typing import Any

import numpy as np

MEMORIES, CLASSES, DIM = 55_000, 2_000, 512
IMAGES, WARM = 512, 2


def run(*, size: int | None, with_peers: bool, encoder: str | None = None) -> dict[str, Any]:
    """Medians over the steps of each arm."""
    import torch

    name = encoder or "openclip:ViT-B-32"
    device = "cuda" if torch.cuda.is_available() else "cpu"
    steps = 20 if device == "cuda" else 5
    found: dict[str, Any] = {
        "encoder": name,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "memory": size or MEMORIES,
    }
    for precision in ("fp32", "bf16"):
        plain = _steps(name, device, precision, 0, steps)
        remembering = _steps(name, device, precision, size or MEMORIES, steps)
        batch = plain["batch"]
        found[precision] = {
            "batch": batch,
            "step_ms": round(1000 * plain["s"], 2),
            "with_memory_ms": round(1000 * remembering["s"], 2),
            "overhead": round(remembering["s"] / plain["s"] - 1, 4),
            "images_per_s": round(batch / plain["s"], 1),
        }
        found[f"loss_{precision}"] = plain["loss"]
    return found


def _steps(name: str, device: str, precision: str, memory: int, steps: int) -> dict[str, Any]:
    import torch

    from core.encoders import names, registry
    from core.training.feeds import PictureFeed
    from core.training.material import Material
    from core.training.models import is_convolutional, on_pictures
    from core.training.settings import Settings
    from core.training.trainer import Trainer

    towers = registry.towers(names.parse(name))
    with torch.inference_mode():
        features = towers.pictures(torch.zeros(1, 3, *towers.input_px))
    features = features[0] if isinstance(features, tuple) else features
    random = np.random.default_rng(0)
    side = towers.preprocessing.size_px
    pictures = random.integers(0, 256, (IMAGES, side, side, 3), dtype=np.uint8)
    labels = random.integers(0, 64, IMAGES)
    batch = 128 if device == "cuda" else 32
    settings = Settings(
        depth="whole",
        loss="contrastive",
        memory=memory,
        batch=batch,
        per_class=4,
        steps=steps + WARM,
        learning_rate=1e-4,
        weight_decay=1e-4,
        dim=DIM,
        augmentation="light",
        patience=0,
        clip=10.0,
    )
    model = on_pictures(
        towers,
        int(features.flatten(1).shape[1]),
        settings,
        is_from_scratch=True,
        device=device,
    )
    feed = PictureFeed(
        pictures,
        towers.mean,
        towers.std,
        "light",
        device,
        is_channels_last=is_convolutional(towers.pictures),
        input_px=towers.input_px,
    )
    rows = np.arange(IMAGES)
    nobody = np.zeros(0, dtype=np.int64)
    trainer = Trainer(
        model,
        feed,
        Material(labels, rows, rows, nobody),
        settings,
        device=device,
        precision=precision,
        is_from_scratch=True,
    )
    if memory:
        filled = trainer.remember()
        drawn = torch.nn.functional.normalize(torch.randn(memory, DIM), dim=1)
        filled.put(
            drawn.to(device),
            torch.from_numpy(random.integers(100, 100 + CLASSES, memory)).to(device),
            torch.arange(10**6, 10**6 + memory, device=device),
        )
    times = []
    for step in range(WARM + steps):
        begun = time.perf_counter()
        if not trainer.take_step(step):
            raise SystemExit("lookalike: the loss was no number.")
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    losses = [round(float(one), 4) for one in trainer.curves()["loss"][:steps]]
    return {"s": median(times[WARM:]), "batch": batch, "loss": losses}
