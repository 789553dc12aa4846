"""The inside of a run: the network and what it sees by depth, its trainer, its file, and its measured result."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.encoders import names, registry, run_files, runs
from core.encoders.precision import devices
from core.encoders.towers import Towers
from core.errors import UsageError
from core.jobs import Job
from core.operations import encoders, training_feeds
from core.project import Project
from core.training import checkpoint, verdict
from core.training.fast_bf16 import is_bf16_fast
from core.training.feeds import Feed, PictureFeed, VectorFeed
from core.training.models import MOST_FITTED, fit_head, is_convolutional, on_pictures, on_vectors
from core.training.observer import pairs_among
from core.training.siamese import Siamese, embed_all
from core.training.trainer import Material, Trainer
from core.training.watch import Watch

if TYPE_CHECKING:
    from core.operations.training import _Prepared as Prepared


@dataclass(frozen=True, slots=True)
class Subject:
    """What is trained and what it sees. ``start`` are the vectors [n, d] that "before" is measured with
    (rows are examples), ``start_name`` whose they are; ``base_key`` and ``feature_dim`` go to the file."""

    model: Siamese
    feed: Feed
    material: Material
    device: str
    precision: str
    start: NDArray[np.float32]
    start_name: str
    base_key: str
    feature_dim: int
    size_px: int
    is_from_scratch: bool


def head_subject(project: Project, prepared: "Prepared", job: Job) -> Subject:
    """A head over stored vectors and those of varied copies."""
    settings, examples = prepared.settings, prepared.gathered.examples
    job.start("Preparing")
    base = training_feeds.base_vectors(project, settings.encoder, examples.content_ids, job)
    encoder = encoders.load(project, base.encoder)
    learned = np.flatnonzero(prepared.gathered.parts.learned)
    varied = np.zeros((len(learned), 0, base.vectors.shape[1]), dtype=np.float16)
    if settings.copies:
        varied = training_feeds.copies(
            project,
            encoder,
            examples.content_ids[learned],
            base.vectors[learned],
            settings.copies,
            settings.augmentation,
            settings.seed,
            prepared.folder,
            job,
        )
    return Subject(
        model=on_vectors(base.vectors.shape[1], settings),
        feed=VectorFeed(base.vectors, varied, learned),
        material=_material(prepared),
        device="cpu",
        precision="fp32",
        start=_unit(base.vectors.astype(np.float32)),
        start_name=base.encoder,
        base_key=encoder.key,
        feature_dim=base.vectors.shape[1],
        size_px=encoder.preprocessing.size_px,
        is_from_scratch=False,
    )


def picture_subject(project: Project, prepared: "Prepared", job: Job) -> Subject:
    """Adapters in a network, or all of it, over the pictures themselves."""
    settings, examples = prepared.settings, prepared.gathered.examples
    job.start("Preparing")
    parsed = names.parse(settings.encoder)
    encoder = encoders.load(project, settings.encoder)
    towers = registry.towers(parsed)
    squares, is_read = training_feeds.pixels(
        project, encoder, examples.content_ids, prepared.folder, job
    )
    if not is_read.all():
        lost = int((~is_read).sum())
        if not is_read.any():
            raise UsageError(
                f"None of the {len(is_read):,} labelled images can be read now.",
                "Connect their drive, or import again.",
            )
        job.note(f"{lost:,} labelled images could not be read now and are left out.")
    device = devices()[0] if torch.cuda.is_available() else "cpu"
    is_scratch = parsed.is_random
    model = on_pictures(
        towers, encoder.dim, settings, is_from_scratch=is_scratch, device=device
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
    # From scratch there is no start to speak of: what the catalogue is looked at with now is the measure.
    start_name = encoders.name_of(project, None) if is_scratch else settings.encoder
    base = training_feeds.base_vectors(project, start_name, examples.content_ids, job)
    return Subject(
        model=model,
        feed=feed,
        material=_material(prepared, is_read),
        device=device,
        precision=_precision(prepared, device),
        start=_unit(base.vectors.astype(np.float32)),
        start_name=start_name,
        base_key=encoder.key,
        feature_dim=encoder.dim,
        size_px=encoder.preprocessing.size_px,
        is_from_scratch=is_scratch,
    )


def _precision(prepared: "Prepared", device: str) -> str:
    wanted = prepared.settings.precision
    if wanted != "auto":
        return wanted
    if device == "cuda":
        return "bf16"
    return "bf16" if not prepared.facts.is_small_network and is_bf16_fast() else "fp32"


def _material(prepared: "Prepared", is_read: NDArray[np.bool_] | None = None) -> Material:
    examples, parts = prepared.gathered.examples, prepared.gathered.parts
    usable = np.ones(len(examples), dtype=bool) if is_read is None else is_read
    return Material(
        labels=examples.labels,
        ids=examples.content_ids,
        learned=np.flatnonzero(parts.learned & usable),
        watched=np.flatnonzero(parts.watched & usable),
        is_pairs=examples.is_pairs,
        different=examples.different if examples.is_pairs else None,
    )


def make_trainer(
    prepared: "Prepared",
    subject: Subject,
    watch: Watch,
    kept: tuple[dict[str, Tensor], dict[str, Any]],
) -> Trainer:
    """The trainer of a run: begun anew, or gone on with from its checkpoint."""
    learned = subject.material.learned
    fitted = np.random.default_rng(10).permutation(learned)[:MOST_FITTED]
    is_resumed = prepared.checkpoint.is_file()
    if not is_resumed:
        labels = torch.from_numpy(subject.material.labels[fitted])
        fit_head(subject.model, subject.feed.plain(fitted), labels)
    trainer = Trainer(
        subject.model,
        subject.feed,
        subject.material,
        prepared.settings,
        device=subject.device,
        precision=subject.precision,
        is_from_scratch=subject.is_from_scratch,
        watch=watch,
        folder=prepared.folder,
        kept=kept,
        start=subject.start,
    )
    if is_resumed:
        trainer.restore(*checkpoint.load(prepared.checkpoint))
    return trainer


def keep_encoder(project: Project, prepared: "Prepared", subject: Subject) -> None:
    """Write the trained encoder: its weights, then what it is made of. Raises DiskFull."""
    settings = prepared.settings
    weights = subject.model.snapshot()
    shape = subject.model.head.shape
    facts = f"{settings.encoder} {settings.depth} {settings.rank} {shape}"
    key = runs.key_of(subject.base_key, facts, weights)
    checkpoint.save(prepared.folder / run_files.WEIGHTS, weights, {"run": prepared.name})
    run_files.write(
        encoders.models_folder(project),
        run_files.RunCard(
            name=prepared.name,
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
        ),
    )
    project.let_go(f"encoder:run:{prepared.name}")


def measure(
    project: Project, prepared: "Prepared", subject: Subject, job: Job
) -> dict[str, Any]:
    """Before and after on the held-out images, and the verdict."""
    examples, gathered = prepared.gathered.examples, prepared.gathered
    rows = np.unique(gathered.measured)
    after = np.zeros((len(examples), prepared.settings.dim), dtype=np.float32)
    after[rows] = embed_all(subject.model, subject.feed.plain(rows)).numpy()
    # As they would be stored.
    after = _unit(after.astype(np.float16).astype(np.float32))
    if examples.is_pairs:
        judged, is_same = pairs_among(examples.labels, rows, examples.different)
        states = [
            verdict.measure_pairs(vectors, judged, is_same, examples.labels, job)
            for vectors in (subject.start, after)
        ]
    else:
        images = gathered.measured
        every = np.arange(len(images))
        states = [
            verdict.measure(vectors[images], examples.labels[images], every, every, job)
            for vectors in (subject.start, after)
        ]
    found = verdict.compare(states[0], states[1], list(examples.names))
    return {**found, "before_encoder": subject.start_name}


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: NDArray[np.float32] = rows / np.maximum(lengths, 1e-12)
    return found
