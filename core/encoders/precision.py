"""Where and in what precision an encoder is fastest here, by measurement, with the same neighbours."""

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoders.network import Network, Way
from core.errors import EncoderError
from core.jobs import Job

# Of reduced precision's neighbours so many must be fp32's.
LEAST_RECALL = 0.98
NEIGHBOURS = 10
# Pictures that recall is measured on: fewer tell too little, and more take too long in fp32.
SAMPLE = 256
LEAST_SAMPLE = 48
# Neighbours lie closer in a larger catalogue. With ViT-B-32 in two kinds of bf16 the share that is not found
# again grew about as the square root of the number of photos (256 to 2,048); beyond this it is not drawn out.
_MOST_DRAWN_OUT = 10_000
# Reduced precision must be worth it.
_LEAST_GAIN = 1.1
_TURNS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: the way chosen, its speed in pictures a second (from decoded squares), its
    recall@10 against fp32 on ``pictures`` of the catalogue, and the speed of fp32 on that device."""

    device: str
    precision: str
    images_per_s: float
    fp32_images_per_s: float
    recall: float
    pictures: int


def devices() -> list[str]:
    """Where torch can compute on this machine, the likely fastest first."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def machine(device: str) -> str:
    """What a measurement holds for: the device's name and torch's version."""
    if device == "cuda":
        return f"{torch.cuda.get_device_name()} torch {torch.__version__}"
    return f"{device} {torch.backends.cpu.get_cpu_capability()} torch {torch.__version__}"


def choose(encoder: Network, squares: NDArray[np.uint8], job: Job, among: int = 0) -> Measured:
    """Find the fastest way on real pictures [n, side, side, 3], a sample of ``among``, and let the encoder
    work that way.

    Needs ``LEAST_SAMPLE`` pictures and an encoder in fp32, else ValueError. A precision is refused where
    it finds other neighbours than fp32, gives numbers that are not finite, or cannot be computed by
    this build of torch.
    """
    if encoder.precision != "fp32":
        raise ValueError(f"{encoder.name} is lowered already: there is nothing to compare with")
    job.start("Measuring", len(squares))
    trials = _trials(encoder, [Way(name) for name in devices()])
    _race(encoder, trials, squares, job)
    device = max(trials, key=lambda one: one.per_s).way.device if trials else encoder.device
    exact_way = next((one for one in trials if one.way.device == device), None)
    if exact_way is not None and device != encoder.device:
        encoder.adopt(exact_way.way, exact_way.pictures)
    rivals = _trials(encoder, [Way(device, precision) for precision in _reduced(device)])
    exact_trial = _Trial(encoder.way, encoder.running_pictures)
    _race(encoder, [exact_trial, *rivals], squares, job)
    fp32_per_s = exact_trial.per_s
    worth = [one for one in rivals if one.per_s >= _LEAST_GAIN * fp32_per_s]
    best = Measured(device, "fp32", fp32_per_s, fp32_per_s, 1.0, len(squares))
    if not worth:
        return best
    exact = _vectors(encoder, exact_trial, squares, job)
    for one in sorted(worth, key=lambda one: -one.per_s):
        job.start("Comparing precisions", len(squares))
        try:
            recall = recall_at(exact, _vectors(encoder, one, squares, job))
        except EncoderError:
            continue
        if expected_recall(recall, len(squares), among) >= LEAST_RECALL:
            encoder.adopt(one.way, one.pictures)
            precision = one.way.precision
            return Measured(device, precision, one.per_s, fp32_per_s, recall, len(squares))
    return best


@dataclass(slots=True)
class _Trial:
    """One way, and the best speed it has shown so far: what else runs only ever slows it down."""

    way: Way
    pictures: torch.nn.Module
    per_s: float = 0.0


def _trials(encoder: Network, ways: list[Way]) -> list[_Trial]:
    return [
        _Trial(way, encoder.running_pictures if way == encoder.way else encoder.candidate(way))
        for way in ways
    ]


def _race(encoder: Network, trials: list[_Trial], squares: NDArray[np.uint8], job: Job) -> None:
    """Turns of a batch each, in turn, so that what else runs on the machine slows all alike; a way that
    cannot be computed here drops out of ``trials``."""
    if len(trials) < 2:
        return
    part = squares[: encoder.batch]
    for turn in range(1 + _TURNS):
        for one in list(trials):
            job.checkpoint()
            started = time.perf_counter()
            try:
                encoder.encode_with(one.way, one.pictures, part)
            except (RuntimeError, NotImplementedError, EncoderError):
                trials.remove(one)  # an operation that this device or precision lacks
                continue
            if turn:  # the first sets the kernels up
                one.per_s = max(one.per_s, len(part) / (time.perf_counter() - started))


def _vectors(
    encoder: Network, trial: _Trial, squares: NDArray[np.uint8], job: Job
) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(squares), encoder.batch):
        part = squares[start : start + encoder.batch]
        parts.append(encoder.encode_with(trial.way, trial.pictures, part))
        job.advance(len(part))
    return np.concatenate(parts)


def expected_recall(recall: float, pictures: int, among: int) -> float:
    """Recall@10 to be expected among so many, where it was ``recall`` among ``pictures`` of them."""
    times = max(1.0, min(among, _MOST_DRAWN_OUT) / pictures)
    return 1 - (1 - recall) * math.sqrt(times)


def recall_at(exact: NDArray[np.float32], other: NDArray[np.float32], k: int = NEIGHBOURS) -> float:
    """Share of each row's k nearest others by ``exact`` [n, d] that ``other`` [n, d] finds too."""
    k = min(k, len(exact) - 1)
    mine, theirs = _nearest(exact, k), _nearest(other, k)
    common = (mine[:, :, None] == theirs[:, None, :]).any(axis=2)
    return float(common.mean())


def _nearest(rows: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    scores = rows @ rows.T
    np.fill_diagonal(scores, -2.0)
    return np.argpartition(-scores, k - 1, axis=1)[:, :k]


def _reduced(device: str) -> tuple[str, ...]:
    """What is tried on a kind of device; the trial says whether it is used."""
    if device == "cuda":
        return ("bf16", "fp16") if torch.cuda.is_bf16_supported() else ("fp16",)
    return ("fp16",) if device == "mps" else ("bf16",)
