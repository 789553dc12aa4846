"""What `lookalike` does where there is no display: the main job, in words, and a picture of the window."""

import sys
from pathlib import Path

from app.progress import ProgressPrinter
from core.errors import KnownError
from core.jobs import Cancelled, Job
from core.operations import demo, duplicates, images, layouts, neighbours, projects, sources
from core.project import Project


def main(path: Path | None) -> int:
    """Explore ``path`` (a folder or catalogue; None: the demo images) and print what was found."""
    subject = "the demo images" if path is None else str(path)
    print(f"There is no display, so Lookalike looks through {subject} and leaves a screenshot.")
    job = Job()
    try:
        with ProgressPrinter(job):
            catalogue = _explore(path, job)
        screenshot = _screenshot(catalogue)
    except KnownError as error:
        sys.stderr.write(f"lookalike: {error}\n")
        return 1
    except (Cancelled, KeyboardInterrupt):
        sys.stderr.write("lookalike: Interrupted; what was done is kept.\n")
        return 130
    print(f"catalogue    {catalogue}")
    print(f"screenshot   {screenshot}")
    return 0


def _explore(path: Path | None, job: Job) -> Path:
    """Import, embed, neighbours, layout, duplicates; prints each; returns the catalogue."""
    if path is not None and projects.is_catalogue(path):
        with projects.open(path, write=False) as project:
            _report(project, job)
        return path
    folder, catalogue = projects.demo_home()
    if path is None:
        demo.make_images(folder, job)
    else:
        folder, catalogue = path, projects.home_for_folder(path)
    sources.check_folders([folder])
    with projects.open_or_create(catalogue) as project:
        report = sources.import_folders(project, [folder], job=job)
        print(
            f"import       {report.added} new, {report.unchanged} as before, {report.seconds:.1f} s"
        )
        _report(project, job)
    return catalogue


def _report(project: Project, job: Job) -> None:
    counts = images.counts(project)
    classes = images.facets(project).classes
    print(f"images       {counts.images} in {len(classes)} folders, {counts.unreadable} unreadable")
    ids = images.list_ids(project)
    if not len(ids):
        return
    first = images.describe(project, [int(ids[0])])[0]
    near = neighbours.of_image(project, first.id, 3)
    if near:
        names = ", ".join(f"{Path(one.path).name} ({one.score:.2f})" for one in near)
        print(f"neighbours   {first.name} is most like {names}")
    layout = layouts.load(project)
    if layout is not None:
        print(f"layout       {layout.method}, {len(layout.image_ids)} points")
    found = duplicates.find(project, job=job)
    exact = sum(one.kind == "exact" for one in found)
    print(f"duplicates   {exact} exact pairs, {len(found) - exact} near pairs")


def _screenshot(catalogue: Path) -> Path:
    # Qt must hear of the platform before it is imported.
    from app import screenshots

    return screenshots.take_main(catalogue, catalogue.parent / "lookalike.png")
