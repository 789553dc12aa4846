"""How far the speeds that the list of encoders tells before anything is installed are from true.

`lookalike bench estimate [--encoder E] --json`: the trial of a second that the encoders' page makes, then networks of
several kinds with random weights on squares in memory, in every precision the trial found; all of it twice, one
after the other. `ratio` is the estimated speed divided by the measured one, median of the two; `best` compares what
the list tells (the fastest precision) with the fastest that was measured. `trial_s` is what the trial takes.
"""

import time
from statistics import median
from typing import Any

import numpy as np

ENCODERS = (
    "openclip:ViT-B-32",
    "openclip:ViT-B-16",
    "openclip:RN50",
    "timm:vit_small_patch16_224",
    "timm:resnet18",
    "timm:convnext_tiny",
    "timm:mobilenetv4_conv_small",
    "timm:efficientnet_b0",
)
ROUNDS = 2
_RUNS = 3
_PICTURES = 8


def run(*, size: int | None, with_peers: bool, encoder: str | None = None) -> dict[str, Any]:
    """Estimated against measured, of some encoders or of one."""
    from core.preload import preload_torch

    preload_torch()
    import torch

    from core.encoders import trial

    if not torch.cuda.is_available():
        torch.set_num_threads(1)
        trial.clock = time.process_time  # type: ignore[assignment]
    names = (encoder,) if encoder else ENCODERS
    rounds = [_round(names) for _ in range(ROUNDS)]
    figures: dict[str, Any] = {"trial_s": round(median(one[0] for one in rounds), 2)}
    found = []
    for number, name in enumerate(names):
        of_rounds = [one[1][number] for one in rounds]
        ratios: dict[str, float] = {}
        for key in of_rounds[0]:
            estimated, measured = zip(*(one[key] for one in of_rounds), strict=True)
            parts = [e / m for e, m in zip(estimated, measured, strict=True)]
            ratios[key] = round(median(parts), 2)
        best = [max(pair[1] for pair in one.values()) for one in of_rounds]
        told = [max(pair[0] for pair in one.values()) for one in of_rounds]
        found.append(
            {
                "encoder": name,
                "images_per_s": round(median(best), 1),
                "estimated_images_per_s": round(median(told), 1),
                "best": round(median(t / b for t, b in zip(told, best, strict=True)), 2),
                "ratio": ratios,
            }
        )
    return {**figures, "encoders": found}


def _round(names: tuple[str, ...]) -> tuple[float, list[dict[str, tuple[float, float]]]]:
    """Seconds of the trial, and for each encoder by device and precision: pictures a second, estimated
    and measured."""
    from core.encoders import known, registry, trial
    from core.encoders.names import parse
    from core.encoders.network import Network, Way

    started = trial.clock()
    rates = trial.measure()
    trial_s = trial.clock() - started
    found = []
    for name in names:
        listed = known.find(parse(name))
        loaded = registry.load(parse(name))
        assert listed is not None and isinstance(loaded, Network)
        side = loaded.preprocessing.size_px
        squares = np.random.default_rng(0).integers(
            0, 256, (_PICTURES, side, side, 3), dtype=np.uint8
        )
        speeds = {}
        for one in rates:
            way = Way(one.device, one.precision)
            pictures = loaded.candidate(way)
            loaded.encode_with(way, pictures, squares)
            best_s = min(_seconds(loaded, way, pictures, squares) for _ in range(_RUNS))
            estimated = one.images_per_s(listed.work)
            speeds[f"{one.device} {one.precision}"] = (estimated, _PICTURES / best_s)
        found.append(speeds)
    return trial_s, found


def _seconds(loaded: Any, way: Any, pictures: Any, squares: Any) -> float:
    from core.encoders import trial

    started = trial.clock()
    loaded.encode_with(way, pictures, squares)
    return trial.clock() - started
