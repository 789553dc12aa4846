"""A report as sections of words, figures and pictures, in the order in which a person reads them."""

from core.export.report import Report
from core.export.report_blocks import Figures, Section
from core.export.report_page_dataset import dataset, made_of, unreadable
from core.export.report_page_duplicates import duplicates, removals, thresholds
from core.export.report_page_findings import hints, leaks, outliers
from core.export.report_page_training import maps, training
from core.export.report_words import day, noun, number, size

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
        _counted(report.dataset.images, "image"),
        _counted(report.dataset.classes_total, "class", "classes"),
        _counted(found.groups, "group of duplicates", "groups of duplicates"),
        (size(found.bytes_to_win), "that could be freed"),
        _counted(report.unreadable.total, "unreadable file"),
    ]
    if not report.hints.why_not:
        items.append(_counted(report.hints.total, "doubtful label"))
    if splits := report.leaks.splits:
        where = f" in {len(splits)} splits" if report.leaks.left_out else ""
        total = sum(one.total for one in splits)
        items.append((number(total), noun(total, "leak") + where))
    return Figures(tuple(items))


def _counted(count: int, one: str, many: str = "") -> tuple[str, str]:
    return number(count), noun(count, one, many)
