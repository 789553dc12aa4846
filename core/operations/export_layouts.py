"""Material of the export of a layout: where each image lies on the map."""

import json

import numpy as np

from core.catalogue.listing import Listing
from core.errors import ExportError, UsageError
from core.export.material import Column, Material, Part, Table
from core.jobs import Job
from core.operations import layout_facts, layouts
from core.operations.export_listing import image_ids
from core.operations.export_request import Request
from core.project import Project


def material(project: Project, request: Request, job: Job) -> Material:
    """Path, content (SHA-256), x and y of each image, in path order.

    Positions lie in [-1, 1] or not far outside; those of a Poincaré disk within the unit circle. ``facts`` say what
    they were made with, and how true they are. Raises ExportError where there is no layout, UsageError for a method
    that there is none of.
    """
    wanted = request.chosen.get("layout") or None
    known = layouts.available(project, request.encoder)
    if wanted is not None and known and wanted not in known:
        raise UsageError(f"There is no layout {wanted!r}.", f"Use {', '.join(known)}.")
    found = layouts.load(project, request.encoder, wanted)
    if found is None:
        raise ExportError("There is no layout yet.", "Make one first: lookalike layout.")
    ids = image_ids(project, request)
    order = np.argsort(found.image_ids)
    places = np.searchsorted(found.image_ids[order], ids).clip(max=max(0, len(order) - 1))
    if len(order):
        rows = order[places]
        there = found.image_ids[rows] == ids
    else:
        rows, there = places, np.zeros(len(ids), dtype=bool)
    if not there.any():
        raise ExportError("None of these images is on the map.", "Make the layout anew.")
    positions = found.positions[rows[there]]
    with project.read() as session:
        of = Listing(session, project.index(session), ids[there], None)

    def read(start: int, stop: int) -> Part:
        with project.read() as session:
            return {
                "path": of.paths(session, start, stop),
                "content": [one.hex() for one in of.hashes(session, start, stop)],
                "x": positions[start:stop, 0],
                "y": positions[start:stop, 1],
            }

    out = int(np.count_nonzero(~there))
    notes = [f"Layout {found.method} of {found.encoder}.", *layout_facts.in_words(found.facts)]
    if out:
        notes.append(f"Images without a place in it, which are left out: {out:,}.")
    return Table(
        (Column("path"), Column("content"), Column("x", "float"), Column("y", "float")),
        len(of),
        read,
        facts={
            "method": found.method,
            "encoder": found.encoder,
            "settings": json.dumps(found.facts.options, sort_keys=True),
            "seed": str(found.facts.seed),
            **_measures(found.facts),
        },
        notes=tuple(notes),
    )


def _measures(facts: layout_facts.Facts) -> dict[str, str]:
    """What was measured of it, as far as it was."""
    named = {
        "trustworthiness": facts.trustworthiness,
        "continuity": facts.continuity,
        "near_share": facts.near_share,
        "measured_images": facts.sampled or None,
        "aligned_with": facts.aligned_with,
    }
    return {name: str(value) for name, value in named.items() if value is not None}
