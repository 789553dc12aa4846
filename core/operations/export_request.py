"""What somebody wants to take away, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalogue.filters import Filter, Sort, parse_filter
from core.export.kinds import what as what_of
from core.operations import images
from core.project import Project


@dataclass(frozen=True, eq=False)
class Request:
    """``what`` and ``format`` by name (core.export.kinds), ``out`` where to (None: not known yet), of one
    ``encoder`` (None: the catalogue's), of the images that a filter lets through or of those with ``image_ids``
    (int64 [n]; None: all present ones), with ``options`` by name."""

    what: str
    format: str
    out: Path | None = None
    encoder: str | None = None
    filter_text: str = ""
    image_ids: NDArray[np.int64] | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> dict[str, str]:
        """Every option that there is for it, with what is meant where nothing was chosen."""
        kind = what_of(self.what)
        usual = {one.name: one.usual for one in kind.options_of(kind.format(self.format))}
        return {**usual, **self.options}


def image_ids(project: Project, request: Request) -> NDArray[np.int64]:
    """Ids of the present images that a request is of, in path order. int64 [n]."""
    wanted = parse_filter(request.filter_text) if request.filter_text else Filter()
    found = images.list_ids(project, wanted, Sort("path"))
    if request.image_ids is None:
        return found
    return found[np.isin(found, request.image_ids)]


def left_out(project: Project, request: Request) -> tuple[str, ...]:
    """A note where more images would be chosen, had their files not gone."""
    wanted = parse_filter(request.filter_text) if request.filter_text else Filter()
    is_all = not request.filter_text and request.image_ids is None
    if not what_of(request.what).has_images or wanted.state != "present":
        return ()
    if request.what == "pairs" and is_all:
        return ()  # verdicts outlast files
    gone = images.list_ids(project, replace(wanted, state="missing"))
    if request.image_ids is not None:
        removed = images.list_ids(project, replace(wanted, state="removed"))
        gone = np.intersect1d(np.concatenate([gone, removed]), request.image_ids)
    if not len(gone):
        return ()
    return (f"Images that were gone at the last look, which are left out: {len(gone):,}.",)
