"""How often links of a score were duplicates where the truth is known: what calibration starts from.

Made by ``tests/benchmarks/calibration.py``.
"""

from dataclasses import dataclass

from core.catalogue.links import Kind


@dataclass(frozen=True, slots=True)
class Measured:
    """``chances`` that a link is a duplicate at ``scores``, both ascending."""

    scores: tuple[float, ...]
    chances: tuple[float, ...]


# A guess until the benchmark's truth has been measured.
MEASURED: dict[Kind, Measured] = {
    "near": Measured((0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), (0.01, 0.1, 0.3, 0.6, 0.9, 0.99, 0.999)),
    "part-of": Measured(
        (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), (0.01, 0.1, 0.3, 0.6, 0.9, 0.99, 0.999)
    ),
}
