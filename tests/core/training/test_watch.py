"""What is kept of a training comes back as it was, also through JSON."""

import json

import numpy as np

from core.training.watch import Pinned, Snapshot, as_curves, from_curves


def test_curves_come_back_as_they_were() -> None:
    def line(*values: float) -> np.ndarray:
        return np.array(values, dtype=np.float32)

    counts = np.arange(50)
    now = Snapshot(
        phase="over",
        step=2,
        steps=2,
        loss=line(1.0, 0.5),
        memory_loss=line(np.nan, 0.25),
        hard_batch=line(3, 2),
        hard_memory=line(np.nan, 9),
        learning_rate=line(0.5, 1),
        measured_at=np.array([0, 2]),
        recall=(line(0.5, 0.75), line(0.5, 1), line(1, 1)),
        map_at_r=line(0.25, 0.5),
        drift=line(np.nan, 0.125),
        best_step=2,
        positives=counts,
        negatives=counts + 1,
        positives_before=counts + 2,
        negatives_before=counts + 3,
        pinned=(Pinned(7, (8, 9), (0.5, 0.25), (True, None)),),
        pinned_before=(Pinned(7, (9,), (0.75,), (False,)),),
    )
    found = from_curves(json.loads(json.dumps(as_curves(now))))
    for name in Snapshot.__slots__:
        one, other = getattr(now, name), getattr(found, name)
        if name == "recall":
            assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
        elif isinstance(one, np.ndarray):
            assert np.array_equal(one, other, equal_nan=True), name
        else:
            assert one == other, name


def test_a_run_without_curves_is_empty() -> None:
    found = from_curves({})
    assert found.step == 0 and not len(found.measured_at) and not found.pinned
