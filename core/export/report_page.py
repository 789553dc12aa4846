"""A report as sections of words, figures and pictures, in the order in which a person reads them."""

from core.export.report import Report
from core.export.report_blocks import Figures, Section
from core.export.report_page_dataset import dataset, made_of, unreadable
from core.export.report_page_duplicates import duplicates, removals, thresholds
from core.export.report_page_findings import hints, leaks, outliers
from core.export.report_page_training import maps, training
from core.export.report_words import day, number, size

_PARTS = (
    dataset, unreadable, duplicates, thresholds, removals, outliers, hints, leaks, maps, training, made_of
)  # fmt: skip


def sections(report: Report) -> tuple[Section, ...]:
    """All parts; one of which there is nothing to tell says so, and what to do."""
    return tuple(part(report) for part in _PARTS)


def subtitle(report: Report) -> str:
    """The line under the name."""
    return f"Report of the dataset as it was on {day(report.changed_at)}, by Lookalike {report.made_of.program}"


def at_a_glance(report: Report) -> Figures:
    """What a person wants to know first."""
    found = report.duplicates
    items = [
        (number(report.dataset.images), "images"),
        (number(report.dataset.classes_total), "classes"),
        (number(found.groups), "groups of duplicates"),
        (size(found.bytes_to_win), "to be won"),
        (number(report.unreadable.total), "unreadable files"),
    ]
    if not report.hints.why_not:
        items.append((number(report.hints.total), "doubtful labels"))
    if report.leaks.splits:
        items.append((number(sum(one.total for one in report.leaks.splits)), "leaks"))
    return Figures(tuple(items))
