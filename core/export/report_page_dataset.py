"""Sections of a report: what is in the dataset, what could not be read, and what the report rests on."""

from functools import partial

from core.export import charts
from core.export.report import Count, Dataset, Report
from core.export.report_blocks import (
    Bars,
    Block,
    Chart,
    Chart2,
    Figures,
    Heading,
    Section,
    Table,
    Text,
)
from core.export.report_words import noun, number, percent, plural, sides, size

_CLASSES_FROM = {
    "labels": "labels that came with tables",
    "classes": "the names of folders, and labels where there are some",
}
_FAULTS = {
    "format": "without a decoder", "limit": "over a limit", "memory": "for want of memory",
    "changed": "changed meanwhile", "permission": "without permission", "disk": "that the disk does not give",
    "loop": "linked to itself",
}  # fmt: skip
_SHOWN_BARS, _SHOWN_FAULTS, _SHOWN_SOURCES = 30, 50, 30


def dataset(report: Report) -> Section:
    """What is in it."""
    of = report.dataset
    summary = (
        f"{plural(of.images, 'image')} of {plural(of.contents, 'distinct file')}, {size(of.files_bytes)}, "
        f"in {plural(of.classes_total, 'class', 'classes')}."
    )
    blocks: list[Block] = [
        Figures(
            (
                (number(of.contents), noun(of.contents, "distinct file")),
                (size(of.files_bytes), "in all"),
                (number(of.missing), "missing"),
                (number(of.taken_out), "taken out"),
                (
                    number(of.ignored),
                    noun(of.ignored, "other file, passed over", "other files, passed over"),
                ),
            )
        ),
        Table(
            ("Source", "Images", "Missing", "Unreadable"),
            tuple(
                (one.path, number(one.images), number(one.missing), number(one.unreadable))
                for one in of.sources[:_SHOWN_SOURCES]
            ),
            frozenset({1, 2, 3}),
            frozenset({0}),
        ),
        *_classes(of),
        *_files(of),
    ]
    if of.splits:
        parts = sorted({part.name for one in of.splits for part in one.parts})
        counts = [{part.name: part.count for part in one.parts} for one in of.splits]
        blocks += [
            Heading("Splits"),
            Table(
                ("Split", *parts),
                tuple(
                    (one.name, *(number(count.get(part, 0)) for part in parts))
                    for one, count in zip(of.splits, counts, strict=True)
                ),
                frozenset(range(1, len(parts) + 1)),
            ),
        ]
    if of.tags:
        rows = tuple((one.name, one.count) for one in of.tags[:_SHOWN_BARS])
        blocks += [
            Heading("Tags"),
            Bars("Images by tag", rows, _more(of.tags_total, "tag", "tags")),
        ]
    return Section("dataset", "The dataset", summary, tuple(blocks))


def _more(total: int, one: str, many: str) -> str:
    left = total - _SHOWN_BARS
    return f"and {plural(left, one, many)} more" if left > 0 else ""


def _classes(of: Dataset) -> list[Block]:
    told = f"Classes are taken from {_CLASSES_FROM[of.classes_from]}. "
    if not of.classes_total:
        return [Heading("Classes"), Text(f"{told}There are none.", "note")]
    told += (
        f"The smallest has {plural(of.smallest_class, 'image')}, the middle one {of.median_class:g}, "
        f"the largest {number(of.classes[0].count)}."
    )
    if of.without_class:
        told += f" {plural(of.without_class, 'image has', 'images have')} no class."
    rows = tuple((one.name, one.count) for one in of.classes[:_SHOWN_BARS])
    return [
        Heading("Classes"),
        Text(told),
        Bars("Images by class", rows, _more(of.classes_total, "class", "classes")),
    ]


def _files(of: Dataset) -> list[Block]:
    if not of.images:
        return []
    formats = ", ".join(f"{one.name} {percent(one.count / of.images)}" for one in of.formats)
    shapes = ", ".join(f"{one.name} {percent(one.count / of.images)}" for one in of.shapes)
    return [
        Heading("Files"),
        Text(f"Formats: {formats}. Shapes: {shapes}."),
        Text(
            f"The smallest picture has {sides(of.smallest)} pixels, the middle one {sides(of.median_sides)}, the "
            f"largest {sides(of.largest)}."
            + (f" All files were last changed in {of.years[0].name}." if len(of.years) == 1 else "")
        ),
        *_counted(of),
    ]  # fmt: skip


def _counted(of: Dataset) -> list[Block]:
    """Charts of what differs; one bar alone shows nothing."""
    charted = [
        _bars(title, counts)
        for title, counts in (
            ("Images by megapixels", of.megapixels),
            ("Images by the year of their file", of.years),
        )
        if len(counts) > 1
    ]
    return [Chart2(*charted)] if len(charted) == 2 else [*charted]


def _bars(title: str, counts: tuple[Count, ...]) -> Chart:
    rows = [(one.name, one.count) for one in counts]
    words = f"{title}: " + ", ".join(f"{name} {count:,}" for name, count in rows[:40])
    return Chart(title, partial(charts.columns, bars=rows, words=words))


def unreadable(report: Report) -> Section:
    """What could not be read."""
    of = report.unreadable
    if not of.total:
        told = "Every file that looks like an image could be read."
        return Section("unreadable", "Unreadable files", told, ())
    kinds = ", ".join(f"{one.count:,} {_FAULTS.get(one.name, one.name)}" for one in of.kinds)
    shown = of.first[:_SHOWN_FAULTS]
    left = of.total - len(shown)
    return Section(
        "unreadable",
        "Unreadable files",
        f"{plural(of.total, 'file')} could not be read: {kinds}.",
        (
            Text(
                f"{plural(of.total, 'file looks like an image, and', 'files look like images, and')} no decoder opens "
                f"{'it' if of.total == 1 else 'them'}."
            ),
            Table(
                ("File", "Why", "Size"),
                tuple((one.path, one.reason, size(one.size_bytes)) for one in shown),
                frozenset({2}),
                frozenset({0}),
                f"and {plural(left, 'file')} more; lookalike info lists them all" if left else "",
            ),
        ),
    )


def made_of(report: Report) -> Section:
    """Versions and hashes."""
    of = report.made_of
    facts = (
        ("Dataset (SHA-256)", of.dataset_hash),
        ("Catalogue", of.catalogue_uuid),
        ("Catalogue last changed", report.changed_at),
        ("Catalogue format", str(of.schema)),
        ("Lookalike", of.program),
        *of.versions,
    )
    return Section(
        "versions",
        "Versions and hashes",
        f"Dataset {of.dataset_hash[:12]}…, Lookalike {of.program}.",
        (
            Text(
                "The hash of the dataset is the SHA-256 over the SHA-256 of each distinct file, in hexadecimal, "
                "sorted, one a line: “sha256sum FILES | cut -c1-64 | sort -u | sha256sum”. The same state of "
                "the catalogue gives the same figures again, by the same versions; pictures are shown where they "
                "can be read."
            ),
            Table(("What", "Value"), facts, codes=frozenset({1})),
            Heading("Encoders"),
            Table(
                ("Encoder", "Numbers", "Precision", "Vectors", "Neighbours", "Key"),
                tuple(
                    (
                        f"{one.encoder} (default)" if one.is_default else one.encoder, number(one.dim),
                        one.precision, number(one.rows), number(one.neighbours) if one.neighbours else "none",
                        one.key[:16],
                    )
                    for one in of.embeddings
                ),
                frozenset({1, 3, 4}),
                frozenset({5}),
            ),
            Heading("Settings"),
            Table(("Setting", "Value"), of.settings),
        ),
    )  # fmt: skip
