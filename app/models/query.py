"""A search as the window holds it: what is asked, under which name it is saved, and what it found."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.models.listing import Boxes, Listing, listing_of
from core.catalogue.filters import Filter
from core.jobs import Job
from core.operations import search
from core.search import question as asking
from core.search.question import Question

if TYPE_CHECKING:
    from core.operations.neighbours import Hit
    from core.project import Project

KINDS = {  # what an answer is, by kind and whether it is negated
    ("like", False): "most alike",
    ("like", True): "least alike",
    ("between", False): "in between",
    ("oddest", False): "oddest",
    ("oddest", True): "most ordinary",
}


@dataclass(frozen=True, eq=False)
class Found:
    """Images by their rank: ids int64 [n], scores float32 [n], and the part of some that answers."""

    ids: NDArray[np.int64]
    scores: NDArray[np.float32]
    boxes: Boxes


@dataclass(frozen=True, eq=False)
class Query:
    """A question with the filter and the encoder that it was last asked with. ``found`` is None while it
    is being asked."""

    question: Question
    saved: str = ""
    found: Found | None = None

    @property
    def words(self) -> str:
        """What was typed for it, if anything was."""
        return next((one.words for one in self.question.wanted if one.words), "")

    @property
    def title(self) -> str:
        """What is looked for, without the filter."""
        shown = asking.describe(replace(self.question, filter=Filter()))
        return shown[:1].upper() + shown[1:]

    @property
    def name(self) -> str:
        """The same inside a sentence; words in quotes."""
        is_words = self.question.kind == "like" and not self.question.unwanted
        if is_words and len(self.question.wanted) == 1 and self.words:
            return f"“{self.words}”"
        return asking.describe(replace(self.question, filter=Filter()))

    @property
    def kind(self) -> str:
        """What the images that it finds are."""
        question = self.question
        only_words = question.kind == "like" and all(one.words for one in question.wanted)
        if only_words and not question.is_negated:
            return "best matches"
        return KINDS[question.kind, question.is_negated]


def found_of(hits: "list[Hit]") -> Found:
    """Hits as arrays."""
    count = len(hits)
    return Found(
        np.fromiter((hit.image_id for hit in hits), dtype=np.int64, count=count),
        np.fromiter((hit.score for hit in hits), dtype=np.float32, count=count),
        {hit.image_id: hit.box for hit in hits if hit.box is not None},
    )


def answer(project: "Project", question: Question, *, job: Job) -> tuple[Found, Listing]:
    """Ask, and list what was found; runs in a lane. Raises as ``search.ask`` does."""
    hits = search.ask(project, question, job=job)
    found = found_of(hits)
    contents = np.fromiter((hit.content_id for hit in hits), dtype=np.int32, count=len(hits))
    return found, listing_of(found.ids, contents, found.scores, found.boxes)
