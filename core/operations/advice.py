"""Advice on a training: what suits the labels, the encoder and the machine that there are, and why."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from core.catalogue import contents
from core.encoders import names
from core.errors import UsageError
from core.operations import encoders, hints
from core.operations.examples import gather
from core.project import Project
from core.training import advice as rules
from core.training.advice import Advice, Situation
from core.training.brief import Gathered
from core.training.examples import Ints
from core.training.settings import LabelSource, Settings

# Where nobody says what to learn from: labels that somebody imported before folders that may mean anything.
_BY_TRUST: tuple[LabelSource, ...] = ("labels", "folders", "tags", "pairs")
_LOOKED_AT = 48
# Drawings: no larger than this, and nearly all of it in two colours of 64.
_DRAWING_PX, _DRAWING_SHARE = 128, 0.95


def advise(project: Project, labels: LabelSource | None = None) -> Advice:
    """What to train with from these labels (None: the most trusted that there are), with a sentence for each
    reason. Raises UsageError where nothing can be learnt. It reads and changes nothing; up to a second."""
    found = rules.advise(_situation(project, _gathered(project, labels)))
    if names.is_given(encoders.name_of(project, None)) and not found.settings.encoder:
        return replace(found, settings=replace(found.settings, encoder=encoders.BUILTIN))
    return found


def candidates(project: Project, wanted: Settings) -> tuple[Settings, ...]:
    """Settings worth a trial against each other, all different: what is advised, a bolder way and a plainer
    one, and some more in case those cannot be; ``wanted`` goes for all of them where it is not as it comes.

    Raises UsageError where nothing can be learnt.
    """
    gathered = gather(project, wanted)
    if gathered.survey.problem:
        raise UsageError(gathered.survey.problem)
    now = _situation(project, gathered)
    if wanted.encoder:
        now = replace(now, encoder=wanted.encoder, has_weights=_has_weights(wanted.encoder))
    advised = replace(rules.advise(now).settings, **_kept(wanted))
    found = (replace(one, **_kept(wanted)) for one in rules.variants(now, advised))
    return tuple(dict.fromkeys(found))


def _kept(wanted: Settings) -> dict[str, Any]:
    return {"labels": wanted.labels, **rules.differences(wanted)}


def _gathered(project: Project, labels: LabelSource | None) -> Gathered:
    trusted = _BY_TRUST
    if labels is None and hints.usual_source(project) == "classes":
        # A few labels correct what folders say, and are no classes to learn from by themselves.
        trusted = tuple(sorted(_BY_TRUST, key=lambda one: one == "labels"))
    for source in trusted if labels is None else (labels,):
        found = gather(project, Settings(labels=source))
        if not found.survey.problem:
            return found
    if labels is not None:
        raise UsageError(found.survey.problem)
    raise UsageError(
        "There is nothing to learn from yet.",
        "Sort images into a folder for each class, import labels, tag images, or mark pairs.",
    )


def _situation(project: Project, gathered: Gathered) -> Situation:
    survey, parts = gathered.survey, gathered.parts
    learned = gathered.examples.labels[parts.learned]
    sizes = np.bincount(learned)
    sizes = sizes[sizes > 0]
    encoder = encoders.name_of(project, None)
    if names.is_given(encoder):  # there is nothing behind it to begin with
        encoder = encoders.BUILTIN
    with project.read() as session:
        images = len(contents.in_use(session))
    return Situation(
        labels=next(one for one in _BY_TRUST if one == survey.labels),
        learned=len(learned),
        watched=int(parts.watched.sum()),
        classes=len(sizes),
        few=int(((sizes == 2) | (sizes == 3)).sum()),
        gini=rules.gini(sizes.tolist()),
        pairs=survey.same + survey.different,
        images=images,
        encoder=encoder,
        has_weights=_has_weights(encoder),
        is_drawings=_are_drawings(project, gathered.examples.content_ids),
        has_gpu=_has_gpu(),
    )


def _has_weights(encoder: str) -> bool:
    """Whether there is a trained network in it that a training could bend further."""
    name = names.parse(encoder)
    return name.family in ("openclip", "timm", "small") and not name.is_random


def _has_gpu() -> bool:
    from core.encoders.precision import devices

    return "cuda" in devices()


def _are_drawings(project: Project, content_ids: Ints) -> bool:
    """Whether some of the images, evenly chosen, are small and nearly all in two colours."""
    chosen = content_ids[np.linspace(0, len(content_ids) - 1, _LOOKED_AT).astype(int)]
    with project.read() as session:
        sides = contents.sides(session, chosen.tolist())
        hashes = contents.hashes(session, chosen.tolist())
    if np.median([max(one) for one in sides.values()]) > _DRAWING_PX:
        return False
    pictures = project.thumbnails.get(list(hashes.values()))
    shares = [_share_of_two_colours(one) for one in pictures.values()]
    return bool(shares) and float(np.median(shares)) >= _DRAWING_SHARE


def _share_of_two_colours(picture: bytes) -> float:
    with Image.open(io.BytesIO(picture)) as opened:
        pixels = np.asarray(opened.convert("RGB"), dtype=np.int64) // 64
    counts = np.bincount((pixels @ np.array([16, 4, 1])).ravel(), minlength=64)
    return float(np.sort(counts)[-2:].sum() / counts.sum())
