"""The main job on generated images, checked against what is known of them."""

import tempfile
from pathlib import Path
from typing import Any

from core.errors import KnownError
from core.jobs import Job
from core.operations import (
    demo,
    duplicates,
    evaluate,
    images,
    layouts,
    neighbours,
    projects,
    search,
    sources,
)
from core.project import Project


class SelfTestFailed(KnownError):
    """Something that must work does not."""


def run(job: Job | None = None) -> dict[str, Any]:
    """Make the demo, import it and check every answer against the truth. Raises SelfTestFailed."""
    job = job or Job()
    with tempfile.TemporaryDirectory(prefix="lookalike-", ignore_cleanup_errors=True) as folder:
        photos = Path(folder).resolve() / "demo"
        demo.make_images(photos, job)
        with projects.create(Path(folder) / "demo.lookalike") as project:
            report = sources.import_folders(project, [photos], job=job)
            return check(project, photos, report.seconds)


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise SelfTestFailed(f"The self-test failed: {what}.")


def check(project: Project, photos: Path, import_s: float) -> dict[str, Any]:
    """Hold a catalogue of the demo images in ``photos`` against the truth; returns what was found.

    Raises SelfTestFailed at the first answer that is wrong.
    """
    known = demo.known()
    counts = images.counts(project)
    _expect(counts.images == known.images, f"{counts.images} of {known.images} images were read")
    _expect(counts.unreadable == len(known.unreadable), "a broken file was not noticed")
    found = duplicates.find(project)
    exact = {frozenset((one.a, one.b)) for one in found if one.kind == "exact"}
    wanted = {frozenset((str(photos / a), str(photos / b))) for a, b in known.exact_pairs}
    _expect(wanted <= exact, f"{len(wanted - exact)} exact duplicates were not found")
    stored = layouts.load(project)
    _expect(
        stored is not None and len(stored.image_ids) == known.images, "the layout is incomplete"
    )
    first = int(images.list_ids(project)[0])
    walked = neighbours.of_image(project, first, 5)
    _expect(len(walked) == 5, "the neighbour graph is incomplete")
    asked = search.similar_to_images(project, [first], k=5)
    _expect(asked[0].image_id == walked[0].image_id, "search and stored neighbours differ")
    measured = evaluate.evaluate(project, "folders")
    _expect(measured["recall@1"] > 0.8, f"recall@1 is only {measured['recall@1']:.2f}")
    return {
        "images": counts.images,
        "families": len(known.families),
        "unreadable": counts.unreadable,
        "exact_duplicates": len(exact),
        "near_duplicates": len(found) - len(exact),
        "recall@1": measured["recall@1"],
        "import_s": import_s,
    }
