"""What `clusters` does on the command line. No Qt here."""

import argparse
from typing import Any

from core.jobs import Job
from core.operations import clusters, images, projects

Answer = tuple[Any, list[str]]


def list_clusters(given: argparse.Namespace, job: Job) -> Answer:
    """The clusters at some grain, and tags for them where that was asked."""
    grain = clusters.DEFAULT if given.grain is None else given.grain
    tags: list[str | None]
    with projects.open(given.catalogue, write=given.tag is not None) as project:
        found = clusters.build(
            project,
            encoder=given.encoder,
            grain=grain,
            by=given.by,
            nearest=given.nearest,
            job=job,
        )
        tags = [None] * len(found.names)
        if given.tag is not None:
            tags = [clusters.tag_of(found, one, given.tag) for one in range(len(found.names))]
            clusters.tag(project, found, prefix=given.tag)
        shown = [one for some in found.typical for one in some]
        path = {one.id: one.path for one in images.describe(project, shown)}
    document = {
        "encoder": found.encoder,
        "grain": found.grain,
        "by": found.settings.by,
        "least": found.least,
        "clusters": [
            {
                "name": found.names[one],
                "images": found.sizes[one],
                "typical": [path[each] for each in found.typical[one] if each in path],
                "class": found.class_names[one],
                "share_of_class": found.class_shares[one],
                "tag": tags[one],
            }
            for one in range(len(found.names))
        ],
        "on_their_own": found.on_their_own,
        "images": len(found.image_ids),
    }
    return document, [*_lines(document), *job.notes]


def _lines(document: dict[str, Any]) -> list[str]:
    count = len(document["clusters"])
    amount = "1 cluster" if count == 1 else f"{count:,} clusters"
    inside = document["images"] - document["on_their_own"]
    lines = [
        f"{amount} of {inside:,} images by {document['encoder']} at grain {document['grain']} (1, few and large, to "
        f"9, many and small); {document['on_their_own']:,} on their own."
    ]
    for one in document["clusters"]:
        tag = f"  tag {one['tag']!r}" if one["tag"] is not None else ""
        typical = f"  {one['typical'][0]}" if one["typical"] else ""
        lines.append(f"{one['images']:6}  {one['name']}{tag}{typical}")
    return lines
