"""Links that know of classes: weaker between two classes, stronger within one."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.layout.links import Links

_FAR = 2.5  # exponent at a weight of one half


def with_classes(links: Links, classes: NDArray[np.int32], weight: float) -> Links:
    """The links with the classes int32 [n] (-1: none) taken into account by ``weight``, 0 (not at all) to 1.

    Between two classes a link's weight is multiplied by exp(-2.5 w / (1 - w)), as where the paper's implementation
    (McInnes et al. 2018) intersects the graph with labels, but from 1 on at w = 0; within a class v becomes
    v^(1 - w). What has no class is left as it is.
    """
    if weight <= 0:
        return links
    mine, theirs = classes[links.heads], classes[links.tails]
    is_known = (mine >= 0) & (theirs >= 0)
    is_same = is_known & (mine == theirs)
    factor = math.exp(-_FAR * weight / (1 - weight)) if weight < 1 else 0.0
    weights = links.weights.copy()
    weights[is_known & ~is_same] *= np.float32(factor)
    weights[is_same] **= np.float32(1 - weight)
    degrees = np.bincount(links.heads, weights=weights, minlength=len(classes))
    return replace(links, weights=weights, degrees=degrees.astype(np.float32))
