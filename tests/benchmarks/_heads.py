"""Heads on photos for the benchmarks of training: vectors and those of varied copies are made once, then trained on
again and again, by the program's own trainer and measured as a run is."""

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from core.catalogue import labels, queries
from core.encoders.base import Encoder
from core.jobs import Job
from core.operations import encoders, images, sources, training, training_feeds
from core.project import Project
from core.training import combinations, presets
from core.training.brief import Brief
from core.training.settings import Settings
from core.training.watch import Watch

SPLIT = "folders"


@dataclass(frozen=True, slots=True)
class Photos:
    """``brief`` with the examples and parts; ``vectors`` [n, d] of all, ``copies`` [learned, c, d]."""

    brief: Brief
    encoder: Encoder
    vectors: NDArray[np.float16]
    copies: NDArray[np.float16]


def divided(project: Project, source: Path) -> None:
    """Import a folder that holds `train`, `test` and perhaps `val`, with these as a split."""
    sources.import_folders(project, [source])
    with project.read() as session:
        names = queries.class_names(session, project.index(session), "folders")
    parts = {}
    for image in images.describe(project, sorted(names)):
        part = Path(image.path).relative_to(source).parts[0]
        if part in ("train", "val", "test"):
            parts[image.id] = part
    with project.write() as session:
        labels.put_split(session, SPLIT, parts)


def photos(project: Project, source: Path) -> Photos:
    """Import, embed, and make varied copies as a balanced training of a head does."""
    divided(project, source)
    brief = training.prepare(project, Settings(split=SPLIT), "features", Job())
    base = training_feeds.base_vectors(
        project, brief.settings.encoder, brief.gathered.examples.content_ids, Job()
    )
    encoder = encoders.load(project, base.encoder)
    learned = brief.gathered.parts.learned
    copies = training_feeds.copies(project, encoder, brief, base.vectors[learned], Job())
    return Photos(brief, encoder, base.vectors, copies)


_FITTED: dict[tuple[int, bytes], dict[str, Any]] = {}


def learn(data: Photos, learned: NDArray[np.bool_] | None = None, **given: Any) -> dict[str, Any]:
    """One head with these settings: its measured result, with "seconds" of processor time of the steps, "steps"
    and "best_step". ``learned`` [n]: only these of what is learnt from. The start of a head, which is the same
    whatever the loss, is made once for each length and choice of images."""
    from core.training import outcome, subjects

    parts = data.brief.gathered.parts
    kept = parts.learned if learned is None else parts.learned & learned
    gathered = replace(data.brief.gathered, parts=replace(parts, learned=kept))
    sizes = np.bincount(gathered.examples.labels[kept])
    facts = replace(
        data.brief.facts,
        learned=int(kept.sum()),
        watched=int(parts.watched.sum()),
        few=int(np.isin(sizes, (2, 3)).sum()),
    )
    settings = replace(Settings(split=SPLIT, encoder=data.brief.settings.encoder), **given)
    settings = presets.resolve(settings.checked(), facts)
    combinations.check(settings, facts)
    folder = data.brief.folder.with_name("one head")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    brief = replace(data.brief, gathered=gathered, facts=facts, settings=settings, folder=folder)
    copies = data.copies[kept[parts.learned]]
    subject = subjects.on_head(brief, data.encoder, data.vectors, copies)
    key = settings.dim, kept.tobytes()
    if not settings.comparable and key in _FITTED:
        subject.model.head.load_state_dict(subject.model.head.state_dict() | _FITTED[key])
        with patch.object(subjects, "fit_head", lambda *given, **named: None):
            trainer = subjects.make_trainer(brief, subject, Watch())
    else:
        trainer = subjects.make_trainer(brief, subject, Watch())
        if not settings.comparable:
            state = subject.model.head.state_dict()
            _FITTED[key] = {name: state[name].clone() for name in ("mean", "axes")}
    begun = time.process_time()
    ending = trainer.run(Job())
    seconds = time.process_time() - begun
    found = outcome.measure(brief, subject, Job())
    shutil.rmtree(folder)
    return {
        **found,
        "subject": subject,
        "brief": brief,
        "seconds": round(seconds, 1),
        "steps": ending.step,
        "best_step": ending.best_step,
        "failure": ending.failure,
    }
