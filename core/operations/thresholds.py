"""Thresholds: from which score on a link counts, per kind."""

from core.catalogue.links import Kind

# Scores from which links of a kind are shown as duplicates until a person says otherwise.
DEFAULTS: dict[Kind, float] = {"exact": 1.0, "pixels": 0.999, "near": 0.80, "part-of": 0.80}
