"""The inside of a run: the network and what it sees by depth, its trainer, and its file."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoders import names, registry, run_files, runs
from core.encoders.base import Encoder
from core.encoders.precision import devices
from core.errors import UsageError
from core.training import checkpoint
from core.training.brief import Brief
from core.training.fast_bf16 import is_bf16_fast
from core.training.feeds import Feed, PictureFeed, VectorFeed
from core.training.material import Material
from core.training.models import MOST_FITTED, fit_head, is_convolutional, on_pictures, on_vectors
from core.training.objective import prefixes
from core.training.siamese import Siamese
from core.training.trainer import Trainer
from core.training.watch import Watch


@dataclass(frozen=True, slots=True)
class Subject:
    """What is trained and what it sees.

    ``start`` are the vectors [n, d] that "before" is measured with (rows are examples), ``start_name``
    whose they are, ``is_read`` [n] which examples can be seen now; ``base_key`` and ``feature_dim`` go to the file.
    """

    model: Siamese
    feed: Feed
    material: Material
    device: str
    precision: str
    start: NDArray[np.float16]
    start_name: str
    base_key: str
    feature_dim: int
    size_px: int
    is_from_scratch: bool
    is_read: NDArray[np.bool_]


def on_head(
    brief: Brief, encoder: Encoder, vectors: NDArray[np.float16], copies: NDArray[np.float16]
) -> Subject:
    """A head over the vectors [n, d] of ``encoder``, and those of varied copies [learned, copies, d]."""
    learned = np.flatnonzero(brief.gathered.parts.learned)
    return Subject(
        model=on_vectors(vectors.shape[1], brief.settings),
        feed=VectorFeed(vectors, copies, learned),
        material=_material(brief),
        device="cpu",
        precision="fp32",
        start=vectors,
        start_name=encoder.name,
        base_key=encoder.key,
        feature_dim=vectors.shape[1],
        size_px=encoder.preprocessing.size_px,
        is_from_scratch=False,
        is_read=np.ones(len(vectors), dtype=bool),
    )


def on_network(
    brief: Brief,
    encoder: Encoder,
    squares: NDArray[np.uint8],
    is_read: NDArray[np.bool_],
    start: NDArray[np.float16],
    start_name: str,
) -> Subject:
    """Adapters in a network, or all of it, over ``squares`` [n, side, side, 3], as far as they could be read.

    ``start`` [n, d] are the vectors of the encoder ``start_name`` that the result is compared with.
    """
    settings = brief.settings
    parsed = names.parse(settings.encoder)
    towers = registry.towers(parsed)
    device = "cuda" if "cuda" in devices() else "cpu"
    model = on_pictures(
        towers, encoder.dim, settings, is_from_scratch=parsed.is_random, device=device
    )
    feed = PictureFeed(
        squares,
        towers.mean,
        towers.std,
        settings.augmentation,
        device,
        is_channels_last=is_convolutional(towers.pictures),
        input_px=towers.input_px,
    )
    return Subject(
        model=model,
        feed=feed,
        material=_material(brief, is_read),
        device=device,
        precision=_precision(brief, device),
        start=start,
        start_name=start_name,
        base_key=encoder.key,
        feature_dim=encoder.dim,
        size_px=encoder.preprocessing.size_px,
        is_from_scratch=parsed.is_random,
        is_read=is_read,
    )


def _precision(brief: Brief, device: str) -> str:
    wanted = brief.settings.precision
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16"
    return "bf16" if not brief.facts.is_small_network and is_bf16_fast() else "fp32"


def _material(brief: Brief, is_read: NDArray[np.bool_] | None = None) -> Material:
    examples, parts = brief.gathered.examples, brief.gathered.parts
    usable = np.ones(len(examples), dtype=bool) if is_read is None else is_read
    learned = np.flatnonzero(parts.learned & usable)
    counts = np.bincount(examples.labels[learned])
    if (counts > 0).sum() < 2 or not (counts > 1).any():
        raise UsageError("Too few of the labelled images can be read now to learn from them.")
    return Material(
        labels=examples.labels,
        ids=examples.content_ids,
        learned=learned,
        watched=np.flatnonzero(parts.watched & usable),
        different=examples.different if examples.is_pairs else None,
        names=examples.names,
        pairs=examples if examples.is_pairs else None,
    )


def make_trainer(brief: Brief, subject: Subject, watch: Watch) -> Trainer:
    """The trainer of a run: begun anew, or gone on with from its checkpoint."""
    learned = subject.material.learned
    fitted = np.random.default_rng(10).permutation(learned)[:MOST_FITTED]
    is_resumed = brief.checkpoint.is_file()
    # Vectors that are to stay comparable begin as what they were.
    if not is_resumed and not brief.settings.comparable:
        labels = torch.from_numpy(subject.material.labels[fitted])
        is_pairs = subject.material.is_pairs
        fit_head(subject.model, subject.feed.plain(fitted), labels, is_pairs=is_pairs)
    trainer = Trainer(
        subject.model,
        subject.feed,
        subject.material,
        brief.settings,
        device=subject.device,
        precision=subject.precision,
        is_from_scratch=subject.is_from_scratch,
        watch=watch,
        folder=brief.folder,
        start=subject.start,
    )
    if is_resumed:
        trainer.restore(*checkpoint.load(brief.checkpoint))
    return trainer


def keep_encoder(models: Path, brief: Brief, subject: Subject) -> None:
    """Write the trained encoder into the folder ``models`` of its catalogue: its weights, then what it is
    made of. Raises DiskFull."""
    settings = brief.settings
    weights = subject.model.weights()
    shape = subject.model.head.shape
    # The name too: two runs with the same numbers in them are two encoders.
    what = f"{settings.depth} {settings.adapter} {settings.rank}"
    facts = f"{brief.name} {settings.encoder} {what} {shape}"
    key = runs.key_of(subject.base_key, facts, weights)
    checkpoint.save(brief.folder / run_files.WEIGHTS, weights, {"run": brief.name})
    run_files.write(
        models,
        run_files.RunCard(
            name=brief.name,
            base=settings.encoder,
            base_key=subject.base_key,
            depth=settings.depth,
            dim=settings.dim,
            feature_dim=subject.feature_dim,
            size_px=subject.size_px,
            rank=settings.rank,
            head=shape,
            key=key,
            is_from_scratch=subject.is_from_scratch,
            adapter=settings.adapter,
            nested=prefixes(settings.dim) if settings.nested else (),
        ),
    )


def call_comparable(models: Path, brief: Brief, subject: Subject) -> None:
    """Write into the card of a trained encoder that its vectors go with those that it started from, as was
    measured. Raises DiskFull."""
    card = run_files.read(models, brief.name)
    assert card is not None
    base = brief.settings.encoder
    run_files.write(models, replace(card, comparable_with=base, comparable_key=subject.base_key))
