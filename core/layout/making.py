"""The one place that knows which class carries out which layout."""

from core.layout.base import Layout, Material
from core.layout.methods import method
from core.layout.pca import Pca

_MADE_BY = {"pca": Pca}


def make(name: str, material: Material) -> Layout:
    """The layout of this name over the material, not begun. Raises UsageError."""
    return _MADE_BY[method(name).name](material)
