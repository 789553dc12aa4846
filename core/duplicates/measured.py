"""How often links of a score were duplicates where the truth is known: what calibration starts from.

Taken on 2026-11-28 from 700 true and 950 false candidates, drawn by chance from the 12,711 that a truth set of 5,100
files had (400 grocery photos with edits, made and natural bursts, others of the same shelves; ``_duplicate_truth`` in
``tests/benchmarks``) and weighted to their numbers. Few links lie between 0.65 and 0.9 (near: 13, parts: none): there
the table is a line between what was counted. ``tests/benchmarks/_measure_chances.py`` counts on a whole catalogue.
"""

from dataclasses import dataclass

from core.catalogue.links import Kind


@dataclass(frozen=True, slots=True)
class Measured:
    """``chances`` that a link is a duplicate at ``scores``, both ascending."""

    scores: tuple[float, ...]
    chances: tuple[float, ...]


MEASURED: dict[Kind, Measured] = {
    "near": Measured(
        (0.0, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0),
        (0.01, 0.02, 0.03, 0.05, 0.08, 0.2, 0.45, 0.71, 0.95, 0.98, 0.995, 0.998, 0.999),
    ),
    "part-of": Measured(
        (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0),
        (0.01, 0.01, 0.015, 0.02, 0.05, 0.3, 0.8, 0.985, 0.997, 0.999),
    ),
}
