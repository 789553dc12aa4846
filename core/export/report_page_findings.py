"""Sections of a report: outliers, label hints and leaks, with their pictures."""

from core.export.report import LeakFact, Report
from core.export.report_blocks import Block, Heading, Section, Shot, Shots, Text
from core.export.report_words import plural


def outliers(report: Report) -> Section:
    """The images that are like no other."""
    of = report.outliers
    title = "Outliers"
    if of.why_not:
        return Section("outliers", title, "Not known yet.", (Text(of.why_not, "note"),))
    if not of.found:
        told = "No image has a known oddness."
        return Section("outliers", title, told, ())
    shots = tuple(
        Shot(one.picture, one.picture.name, f"oddness {one.score:.3f}") for one in of.found
    )
    return Section(
        "outliers",
        title,
        f"The oddest of {plural(of.known, 'image')} is {of.found[0].picture.name}.",
        (
            Text(
                f"An image is odd where even those most like it, by {report.encoder}, are far from it, farther than "
                "its neighbours are from theirs. Odd is not wrong: it is where to look first for what does not belong."
            ),
            Shots("", "", shots),
        ),
    )  # fmt: skip


def hints(report: Report) -> Section:
    """Labels that may be wrong."""
    of = report.hints
    title = "Label hints"
    if of.why_not:
        return Section("hints", title, "Not known.", (Text(of.why_not, "note"),))
    summary = (
        f"{plural(of.total, 'label')} of {of.judged:,} may be wrong."
        if of.total
        else f"No label of {of.judged:,} looks wrong."
    )
    told = (
        f"Of {plural(of.judged, 'image')} it was asked whether those most like it, by {report.encoder}, have its "
        f"class. There is a hint where another class leads by more than {of.least:g} of the vote: the surest "
        "first, the image before those of the suggested class that are most like it."
    )
    if of.alone:
        told += (
            f" {plural(of.alone, 'image is the only one of its', 'images are the only ones of their')} class, of "
            "which nothing can be said."
        )
    if of.kept:
        told += (
            f" {plural(of.kept, 'hint was looked at, and its label', 'hints were looked at, and their labels')} left "
            "as before."
        )
    blocks: list[Block] = [Text(told)]
    blocks += [
        Shots(
            f"{one.class_name}, or {one.suggested}?",
            f"confidence {one.confidence:.2f}",
            (
                Shot(one.picture, one.picture.name, one.class_name, True),
                *(Shot(each, each.name, one.suggested) for each in one.support),
            ),
        )
        for one in of.found
    ]
    left = of.total - len(of.found)
    if left > 0 and of.found:
        blocks.append(
            Text(f"and {plural(left, 'hint')} more: the page Insight lists them", "muted")
        )
    return Section("hints", title, summary, tuple(blocks))  # fmt: skip


def leaks(report: Report) -> Section:
    """What lies in several parts of a split."""
    of = report.leaks
    title = "Leaks between splits"
    if of.why_not:
        note = "Import labels with a column for it, and this page tells what leaks."
        return Section("leaks", title, of.why_not, (Text(note, "note"),))
    total = sum(one.total for one in of.splits)
    images = sum(one.images for one in of.splits)
    where = f" of the first {plural(len(of.splits), 'split')}" if of.left_out else ""
    summary = (
        f"{plural(total, 'group')} of the same or nearly the same pictures in several parts{where}, "
        f"{plural(images, 'image')}."
        if total
        else f"No picture lies in several parts{where or ' of a split'}."
    )
    blocks: list[Block] = [
        Text(
            "What is learnt from must not be measured with. A leak is a group of the same or nearly the same pictures "
            "that lie in several parts of a split: then a measured result is better than the truth."
        )
    ]
    for one in of.splits:
        blocks.append(Heading(f"Split “{one.split}”"))
        blocks += [Text(note, "note") for note in one.notes]
        blocks.append(Text(
            f"{plural(one.total, 'leak')} of {plural(one.images, 'image')}, the closest first."
            if one.total
            else "Nothing leaks."
        ))  # fmt: skip
        blocks += map(_leak, one.found)
        if one.total > len(one.found):
            blocks.append(Text(f"and {plural(one.total - len(one.found), 'leak')} more", "muted"))
    if of.left_out:
        blocks.append(
            Text(
                f"{plural(of.left_out, 'further split is', 'further splits are')} not looked at here.",
                "muted",
            )
        )
    return Section("leaks", title, summary, tuple(blocks))


def _leak(of: LeakFact) -> Shots:
    left = of.files - len(of.members)
    told = "the same file" if of.score >= 1 else f"cosine {of.score:.3f}"
    return Shots(
        " · ".join(of.parts),
        told + (f", {left:,} not shown" if left else ""),
        tuple(Shot(one.picture, one.picture.name, one.part) for one in of.members),
    )
