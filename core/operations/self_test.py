"""The main job on generated images, checked against what is known of them."""

import tempfile
import time
from collections.abc import Callable
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
    self_test_parts,
    sources,
)
from core.project import Project


class SelfTestFailed(KnownError):
    """Something that must work does not."""


def run(
    job: Job | None = None, *, look: Callable[[Path], dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Make the demo, import it and check every answer against the truth; then all that a bundle may lack.

    ``look`` is asked about the finished catalogue, closed, and returns what it saw: the window. Raises
    SelfTestFailed, or what ``look`` raises.
    """
    job = job or Job()
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lookalike-", ignore_cleanup_errors=True) as place:
        folder = Path(place).resolve()
        with self_test_parts.nobodys_places(folder):
            found = _run(folder, job)
            if look is not None:
                job.start("Drawing the window")
                found["window"] = look(folder / "demo.lookalike")
    return found | {"seconds": round(time.monotonic() - began_s, 1)}


def _run(folder: Path, job: Job) -> dict[str, Any]:
    photos, away, towers = folder / "demo", folder / "exports", folder / "towers"
    self_test_parts.migrate(folder, _expect)
    demo.make_images(photos, job)
    away.mkdir()
    towers.mkdir()
    with projects.create(folder / "demo.lookalike") as project:
        report = sources.import_folders(project, [photos], job=job)
        found = check(project, photos, report.seconds)
        self_test_parts.index(_expect)
        found["encoded"] = self_test_parts.encode(project, towers, _expect, job)
        found["trained"] = self_test_parts.learn(project, _expect, job)
        found["exports"] = self_test_parts.take_away(project, away, _expect, job)
    return found


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
