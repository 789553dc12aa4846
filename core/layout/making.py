"""The one place that knows which class carries out which layout."""

from collections.abc import Callable

from core.layout.base import Layout, Material
from core.layout.grid import Grid
from core.layout.methods import method
from core.layout.pca import Pca
from core.layout.poincare import Poincare
from core.layout.supervised import Supervised
from core.layout.umap import Umap

_MADE_BY: dict[str, Callable[[Material], Layout]] = {
    "umap": Umap,
    "pca": Pca,
    "supervised": Supervised,
    "poincare": Poincare,
    "grid": Grid,
}


def make(name: str, material: Material) -> Layout:
    """The layout of this name over the material, not begun. Raises UsageError."""
    return _MADE_BY[method(name).name](material)
