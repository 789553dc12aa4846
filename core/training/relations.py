"""Which relation a training goes by: classes, pairs, or pairs and what follows from them."""

import torch

from core.training.implied_relation import ImpliedRelation
from core.training.material import Material
from core.training.relation import ClassRelation, PairRelation, Relation
from core.training.settings import Settings


def of(material: Material, settings: Settings) -> Relation:
    """Who is alike to whom in ``material``."""
    if material.different is None:
        return ClassRelation()
    highest = int(max(material.labels.max(initial=-1), material.different.max(initial=-1))) + 1
    strengths = settings.implied, settings.implied_classes
    if strengths == (1.0, 0.0) or material.pairs is None:
        return PairRelation(torch.from_numpy(material.different), highest)
    return ImpliedRelation(material.pairs, highest, *strengths)
