"""Made plans, snapshots and runs of trainings, for tests of what shows them."""

from dataclasses import replace

import numpy as np

from core.training.records import Plan, Run, Survey
from core.training.settings import Settings
from core.training.watch import BINS, Pinned, Snapshot

SURVEY = Survey("folders", 120, 6, 1, 1, 40, learned_from=84, held_out=36)


def resolved(**given: object) -> Settings:
    settings = Settings(
        encoder="builtin", loss="circle", memory=84, batch=64, per_class=4, steps=600,
        learning_rate=1e-3, weight_decay=1e-2, dim=512, augmentation="photos", copies=4,
        patience=15, clip=10.0,
    )  # fmt: skip
    return replace(settings, **given)  # type: ignore[arg-type]


def plan(**given: object) -> Plan:
    values = {"seconds": 38.0, "memory_bytes": 214_000_000, "disk_bytes": 3_200_000}
    return Plan(resolved(), SURVEY, **values, device="cpu", is_measured=True, **given)  # type: ignore[arg-type]


def result(change: float, *, is_better: bool) -> dict[str, object]:
    before = {
        "recall@1": 0.8, "recall@5": 0.9, "map@r": 0.4, "roc_auc": 0.85, "queries": 36,
        "intervals": {"recall@1": [0.77, 0.83]},
    }  # fmt: skip
    after = {**before, "recall@1": 0.8 + change, "intervals": {"recall@1": [0.79, 0.86]}}
    return {
        "before": before,
        "after": after,
        "difference": {"recall@1": {"value": change, "low": change - 0.02, "high": change + 0.02}},
        "held_out": 36, "steps": 600, "seconds": 38.0, "device": "cpu",
        "verdict": "Better." if is_better else "Worse." if change else "No clear difference.",
        "is_better": is_better,
        "by_class": [
            {"class": "discs", "queries": 12, "before": 0.5, "after": 0.75},
            {"class": "squares", "queries": 4, "before": 1.0, "after": 0.5},
        ],
        "confusions": {"before": [{"class": "discs", "taken_for": "squares", "count": 4}],
                       "after": [{"class": "squares", "taken_for": "discs", "count": 2}]},
        "roc": {"before": [[0, 0], [1, 1]], "after": [[0, 0], [0.2, 0.8], [1, 1]]},
        "notes": [],
    }  # fmt: skip


def run(status: str = "candidate", change: float = 0.05, **given: object) -> Run:
    found = result(change, is_better=change > 0) if status not in ("stopped", "failed") else {}
    values: dict[str, object] = {"made_at": 1_780_000_000.0, "result": found, **given}
    return Run("first", status, resolved(), **values)  # type: ignore[arg-type]


def snapshot(step: int, steps: int) -> Snapshot:
    noise = np.random.default_rng(step)
    memory = noise.random(step, dtype=np.float32)
    memory[: step // 4] = np.nan
    at = np.arange(0, step + 1, max(1, step // 20))
    recall = tuple(np.linspace(0.5, top, len(at), dtype=np.float32) for top in (0.7, 0.8, 0.9))
    hill = np.arange(BINS, dtype=np.int64)
    neighbours = tuple(range(2, 10))
    pinned = Pinned(1, neighbours, (0.5,) * 8, (True,) * 4 + (False,) * 4)
    drift = noise.random(len(at), dtype=np.float32)
    return Snapshot(
        "learning", step, steps, loss=noise.random(step, dtype=np.float32), memory_loss=memory,
        hard_batch=noise.random(step, dtype=np.float32), hard_memory=memory,
        learning_rate=np.full(step, 1e-3, np.float32), measured_at=at, recall=recall,
        map_at_r=recall[0], drift=drift, variability=drift, uneven_norms=drift,
        uneven_angles=drift, centred=recall[1], best_step=int(at[-1]),
        positives=hill[::-1].copy(), negatives=hill, positives_before=hill,
        negatives_before=hill[::-1].copy(), pinned=(pinned,),
        pinned_before=(replace(pinned, is_same=(False,) * 8),), memory_filled=step,
        memory_size=84, batch=64, images_per_s=2140.0, seconds=12.0, device="cpu",
    )  # fmt: skip


def healthy(step: int, steps: int) -> Snapshot:
    """One in which classes are weighed, and which over-trains."""
    return replace(
        snapshot(step, steps),
        attention=(("squares", 2.4), ("discs", 1.3), ("triangles", 0.4)),
        health="Held-out images are found less often: it is over-training since step 40.",
    )


def by_prefix() -> list[dict[str, object]]:
    """As a result has them where vectors are nested."""
    return [
        {"dim": dim, "before": {"recall@1": low - 0.2, "map@r": low / 2},
         "after": {"recall@1": low, "map@r": low - 0.1}}
        for dim, low in ((8, 0.5), (16, 0.7), (32, 0.79), (64, 0.8))
    ]  # fmt: skip


def trials() -> list[dict[str, object]]:
    """As a result has them where settings were tried; the second is the best."""
    figures = {"steps": 200, "seconds": 30.0}
    return [
        {"settings": {"loss": "circle"}, "score": 0.61, "recall@1": 0.7, "map@r": 0.4, **figures},
        {"settings": {"loss": "triplet"}, "score": 0.66, "recall@1": 0.75, "map@r": 0.5, **figures},
        {"settings": {"loss": "contrastive"}, "score": 0.5, "recall@1": None, "map@r": None,
         **figures},
    ]  # fmt: skip
