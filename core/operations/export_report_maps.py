"""Part of a report: the stored layouts, drawn. Lays nothing out."""

import numpy as np
from numpy.typing import NDArray

from core.catalogue import queries
from core.catalogue.queries import ClassSource
from core.export.colours import class_colours, tokens
from core.export.map_picture import SIDE_PX, draw
from core.export.report import Count, MapFact, Maps
from core.jobs import Job
from core.layout import methods
from core.operations import layout_facts, layouts
from core.project import Project

MOST_MAPS = 2
THEMES = ("light", "dark")
_NONE_YET = "No layout by this encoder is stored yet. Open the map, or run lookalike layout."


def maps(project: Project, source: ClassSource, encoder: str | None, job: Job) -> Maps:
    """The newest layouts of an encoder, coloured by class."""
    names = list(layouts.available(project, encoder))
    if not names:
        return Maps(_NONE_YET)
    shown = []
    for name in job.track(names[:MOST_MAPS], "Maps"):
        found = layouts.load(project, encoder, name)
        if found is not None and len(found.image_ids):
            shown.append(_drawn(project, found, source))
    return Maps("" if shown else _NONE_YET, tuple(shown), max(0, len(names) - MOST_MAPS))


def _drawn(project: Project, found: layouts.StoredLayout, source: ClassSource) -> MapFact:
    codes, legend, others = _ranked(project, found.image_ids, source)
    palettes = [(*class_colours(one)[: len(legend)], tokens(one)["point"]) for one in THEMES]
    light, dark = draw(found.positions, codes, palettes)
    facts, method = found.facts, methods.method(found.method)
    return MapFact(
        found.encoder, found.method, method.title, method.words, len(found.image_ids), source, legend, others,
        facts.trustworthiness, facts.continuity, facts.near_share, tuple(layout_facts.in_words(facts)),
        SIDE_PX, light, dark,
    )  # fmt: skip


def _ranked(
    project: Project, image_ids: NDArray[np.int64], source: ClassSource
) -> tuple[NDArray[np.int32], tuple[Count, ...], int]:
    """(rank of each image's class, those that have a colour, images of the rest, which have the rank after them)."""
    with project.read() as session:
        index = project.index(session)
        codes, names = queries.class_codes(session, index, source)
        rows = index.columns.rows_of(image_ids)
    mine = np.where(rows >= 0, codes[rows], -1)
    counts = np.bincount(mine[mine >= 0], minlength=len(names))
    coloured = np.argsort(-counts, kind="stable")[: len(class_colours("light"))]
    coloured = coloured[counts[coloured] > 0]
    rank = np.full(
        len(names) + 1, len(coloured), dtype=np.int32
    )  # the last for images without a class
    rank[coloured] = np.arange(len(coloured))
    ranks = rank[mine]
    legend = tuple(Count(names[one], int(counts[one])) for one in coloured.tolist())
    return ranks, legend, int(np.count_nonzero(ranks == len(coloured)))
