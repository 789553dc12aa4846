"""What a trainer learns from, as numbers: rows, labels, and which rows are for what. Only numpy."""

from dataclasses import dataclass

from core.training.examples import Examples, Ints


@dataclass(frozen=True, slots=True)
class Material:
    """``labels`` and content ``ids`` int64 [n] of all rows, the row numbers that are ``learned`` and ``watched``
    (ascending), and for pairs the labels that ``different`` int64 [p, 2] tells apart; None: classes. ``names`` of
    the classes by label, for what is shown; ``pairs``: the verdicts themselves, where pairs teach."""

    labels: Ints
    ids: Ints
    learned: Ints
    watched: Ints
    different: Ints | None = None
    names: tuple[str, ...] = ()
    pairs: Examples | None = None

    @property
    def is_pairs(self) -> bool:
        """Whether pairs teach, so that what nobody judged is unknown."""
        return self.different is not None
