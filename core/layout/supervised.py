"""The neighbour embedding with the classes that are known: images of a class drawn together."""

from dataclasses import replace

import numpy as np

from core.errors import UsageError
from core.layout.base import Material
from core.layout.umap import Umap

_WEIGHT = 0.5


class Supervised(Umap):
    """UMAP over links that know of classes (``class_links``); the setting ``class_weight``, 0 (as without
    classes) to 1 (links between two classes count for nothing), says how much. Images without a class go by
    their look-alikes alone.
    """

    def __init__(self, material: Material) -> None:
        """Raises UsageError where no image has a class, unless new points are placed among fixed ones."""
        classes = material.classes
        is_placing = material.fixed is not None  # which classes that are gone must not prevent
        if material.count and not is_placing and (classes is None or not np.any(classes >= 0)):
            raise UsageError(
                "No image has a class that could be drawn together.",
                "Give classes first, or use the layout umap.",
            )
        settings = {**material.settings}
        settings.setdefault("class_weight", _WEIGHT)
        super().__init__(replace(material, settings=settings))
