"""What a run learns from, kept beside it from its first moment: a catalogue may change before it is resumed."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from core.training import checkpoint
from core.training.brief import Brief, Gathered
from core.training.examples import Examples, Ints
from core.training.holdout import Parts
from core.training.presets import Facts
from core.training.records import Survey
from core.training.settings import Settings


def save(brief: Brief) -> None:
    """Write it into the run's folder. Raises DiskFull."""
    examples, parts = brief.gathered.examples, brief.gathered.parts
    part = parts.learned * 1 + parts.watched * 2 + parts.held_out * 3
    arrays = {
        "content_ids": examples.content_ids,
        "labels": examples.labels,
        "different": examples.different,
        "judged_same": examples.judged_same,
        "judged_different": examples.judged_different,
        "classes": examples.classes,
        "part": part.astype(np.int64),
        "groups": brief.gathered.groups,
        "measured": brief.gathered.measured,
    }
    survey = brief.gathered.survey
    facts = {
        "names": list(examples.names),
        "is_pairs": examples.is_pairs,
        "facts": asdict(brief.facts),
        "notes": list(survey.notes),
        "conflicts": list(survey.conflicts),
    }
    tensors = {name: torch.from_numpy(one.copy()) for name, one in arrays.items()}
    checkpoint.save(brief.examples, tensors, facts)


def load(name: str, settings: Settings, folder: Path) -> Brief:
    """The brief of a run that was begun in ``folder``. Raises UsageError where its file is damaged or gone."""
    tensors, facts = checkpoint.load(folder / Brief.EXAMPLES)
    arrays = {key: one.numpy() for key, one in tensors.items()}
    examples = Examples(
        arrays["content_ids"],
        arrays["labels"],
        tuple(facts["names"]),
        bool(facts["is_pairs"]),
        arrays["different"].reshape(-1, 2),
        judged_same=_pairs(arrays, "judged_same"),
        judged_different=_pairs(arrays, "judged_different"),
        classes=arrays.get("classes", np.zeros(0, dtype=np.int64)),
    )
    part = arrays["part"]
    survey = Survey(
        settings.labels, notes=tuple(facts["notes"]), conflicts=tuple(facts["conflicts"])
    )
    gathered = Gathered(
        examples,
        Parts(part == 1, part == 2, part == 3),
        arrays["groups"],
        arrays["measured"],
        survey,
    )
    return Brief(name, settings, gathered, Facts(**facts["facts"]), folder)


def _pairs(arrays: dict[str, Ints], name: str) -> Ints:
    """Runs that were begun before these were kept have none."""
    return arrays.get(name, np.zeros(0, dtype=np.int64)).reshape(-1, 2)
