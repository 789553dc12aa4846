"""Sections of a report: duplicates, the thresholds that decide, and what was removed."""

from functools import partial

from core.export import charts
from core.export.report import Duplicates, GroupFact, Report, ThresholdFact
from core.export.report_blocks import (
    Block,
    Chart,
    Figures,
    Heading,
    Section,
    Shot,
    Shots,
    Table,
    Text,
)
from core.export.report_words import day, interval, joined, noun, number, plural, size

_KINDS = {
    "exact": "the same bytes",
    "pixels": "the same pixels",
    "near": "near duplicates",
    "part-of": "a part of the other",
}
_STATES = {
    "gone": "removed", "restored": "put back", "refused": "could not be moved", "going": "under way", "lost": "lost",
}  # fmt: skip
_HOW = {"trash": "to the trash", "links": "as hard links", "folder": "into a folder"}
_CURVES = {"near": "Near duplicates", "part-of": "Parts of pictures"}


def duplicates(report: Report) -> Section:
    """What is there more than once."""
    of = report.duplicates
    summary = (
        f"{plural(of.groups, 'group')} of {plural(of.grouped_files, 'file')}; without all but the best of each "
        f"{size(of.bytes_to_win)} would be freed."
        if of.groups
        else "No duplicates are known."
    )
    blocks: list[Block] = []
    if not of.is_searched:
        blocks.append(Text(
            "Only files of the same bytes are told here: nobody has looked for duplicates yet. Open the page "
            "Duplicates, or run lookalike duplicates.", "note",
        ))  # fmt: skip
    elif of.waiting:
        blocks.append(Text(
            f"{plural(of.waiting, 'distinct file was', 'distinct files were')} not compared with the others yet; "
            "run lookalike duplicates to bring this up to date.", "note",
        ))  # fmt: skip
    blocks += [
        Figures(
            (
                (number(of.groups), noun(of.groups, "group")),
                (number(of.grouped_files), noun(of.grouped_files, "file in them", "files in them")),
                (size(of.bytes_to_win), "that could be freed"),
                (
                    number(of.extra_copies),
                    f"further {noun(of.extra_copies, 'copy', 'copies')} of the same bytes",
                ),
            )
        ),
        _kinds(of),
        Text(_said(of)),
    ]
    if of.largest:
        blocks += [Heading("The largest groups"), *map(_group, of.largest)]
        if of.groups > len(of.largest):
            blocks.append(Text(f"and {plural(of.groups - len(of.largest), 'group')} more", "muted"))
    return Section("duplicates", "Duplicates", summary, tuple(blocks))


def _kinds(of: Duplicates) -> Table:
    found = {one.name: one.count for one in of.links}
    every = {one.name: one.count for one in of.candidates}
    rows = [
        ("The same bytes", number(of.extra_copies), number(of.extra_copies), size(of.extra_bytes))
    ]
    rows += [
        (_KINDS[kind].capitalize(), number(found[kind]), number(every[kind]), "") for kind in found
    ]
    return Table(
        ("Pairs of", "Count as duplicates", "Compared as candidates", "Bytes"),
        tuple(rows),
        frozenset({1, 2, 3}),
    )  # fmt: skip


def _said(of: Duplicates) -> str:
    told = [f"{one.count:,} {one.name}" for one in of.verdicts if one.count]
    left = plural(of.open_pairs, "pair that counts was", "pairs that count were")
    said = (
        f"A person judged pairs: {joined(told)}." if told else "No pair was judged by a person yet."
    )
    said += f" {left} judged by nobody." if told else ""
    if of.contradictions:
        said += (
            f" {plural(of.contradictions, 'verdict contradicts', 'verdicts contradict')} what follows from others: "
            "the page Duplicates shows how."
        )
    return said  # fmt: skip


def _group(of: GroupFact) -> Shots:
    how = joined([_KINDS[one.name] for one in of.kinds])
    if of.is_judged:
        how = f"{how}, judged by a person" if how else "judged by a person"
    if of.weakest is not None:
        how += f"; weakest link {of.weakest:.3f}"
    shots = tuple(
        Shot(one, one.name, "stays" if place == 0 else "", place == 0)
        for place, one in enumerate(of.pictures)
    )
    left = of.files - len(shots)
    told = f"{size(of.bytes_to_win)} could be freed. {how.capitalize()}." + (
        f" {left:,} not shown." if left else ""
    )
    return Shots(plural(of.files, "file"), told, shots)


def thresholds(report: Report) -> Section:
    """From which score on links count, and what is expected there."""
    of = report.thresholds
    title = "Thresholds"
    if not of and report.duplicates.is_searched:
        told = "Duplicates were looked for, and no pair came near a threshold."
        return Section("thresholds", title, told, ())
    if not of:
        told = "There is nothing to tell of thresholds before duplicates were looked for."
        return Section(
            "thresholds",
            title,
            told,
            (Text("Open the page Duplicates, or run lookalike duplicates.", "note"),),
        )
    blocks: list[Block] = [
        Text(
            "A pair counts as a duplicate from a threshold on. What is expected there comes from what was measured in "
            "advance on photos with known copies, and from the person's own answers on this dataset; in brackets the "
            "95 % interval. Precision: how many of the pairs that count are duplicates. Recall: how many of the "
            "duplicates among the candidates count."
        ),
        Table(
            ("Kind", "Threshold", "Precision", "Recall", "Pairs that count", "Candidates", "Answers"),
            tuple(
                (
                    _CURVES[one.kind], _threshold(one), interval(one.precision), interval(one.recall),
                    number(one.shown), number(one.candidates), number(one.answers),
                )
                for one in of
            ),
            frozenset({4, 5, 6}),
        ),
        *(_curve(one) for one in of if one.candidates),
    ]  # fmt: skip
    near = of[0]
    summary = (
        f"Near duplicates count from {near.threshold:.2f} on, where precision is expected to be "
        f"{interval(near.precision)}, from {_answers(near.answers)}."
    )
    return Section("thresholds", title, summary, tuple(blocks))


def _answers(count: int) -> str:
    return plural(count, "answer") if count else "what was measured in advance"


def _threshold(one: ThresholdFact) -> str:
    is_usual = abs(one.threshold - one.usual) < 1e-9
    return f"{one.threshold:.3f}" + (" (usual)" if is_usual else " (set by a person)")


def _curve(one: ThresholdFact) -> Chart:
    series = [
        charts.Series(
            name,
            tuple((row[0], row[middle]) for row in one.curve),
            tuple((row[0], row[middle - 1], row[middle + 1]) for row in one.curve),
        )
        for name, middle in (("Precision", 2), ("Recall", 5))
    ]
    told = (
        f"{_CURVES[one.kind]}: at {one.threshold:.3f} precision {interval(one.precision)}, recall "
        f"{interval(one.recall)}."
    )
    draw = partial(
        charts.lines, series=series, words=told, x_title="threshold", x_range=(0.0, 1.0), y_range=(0.0, 1.0),
        mark=(one.threshold, f"{one.threshold:.2f}"), height=220.0,
    )  # fmt: skip
    return Chart(_CURVES[one.kind], draw)


def removals(report: Report) -> Section:
    """What was removed."""
    of = report.removals
    if not of.total:
        told = "No file was removed through this catalogue."
        return Section("removals", "Removals", told, ())
    summary = "No file is removed now."
    if of.gone:
        summary = f"{plural(of.gone, 'file is', 'files are')} removed now, {size(of.gone_bytes)}."
    left = of.total - len(of.last)
    return Section(
        "removals",
        "Removals",
        summary,
        (
            Text("A removal can be taken back as long as its files are where they went."),
            Table(
                ("When", "How", "Files", "Gone now"),
                tuple(
                    (
                        day(one.begun_at),
                        _HOW.get(one.how, one.how),
                        ", ".join(f"{each.count:,} {_STATES[each.name]}" for each in one.counts),
                        size(one.size_bytes),
                    )
                    for one in of.last
                ),
                frozenset({3}),
                more=f"and {plural(left, 'removal')} before" if left else "",
            ),
        ),
    )
