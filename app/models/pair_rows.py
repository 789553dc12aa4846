"""One row of the queue of the review: the question, and the two images that it is about."""

from dataclasses import dataclass

from core.catalogue.records import Image
from core.duplicates.records import Card


@dataclass(frozen=True, slots=True)
class PairRow:
    """A card with what is known of an image of each side."""

    card: Card
    a: Image
    b: Image
