"""The report as what exports show beforehand and writers are given: above the page that it becomes."""

from core.export import report_html
from core.export.material import Preview
from core.export.report import Report
from core.export.report_page import sections


class ReportMaterial(Report):
    """A report that can be shown beforehand."""

    __slots__ = ()

    def preview(self) -> Preview:
        """One line a part, and about what it takes in bytes: that of the HTML file."""
        rows = tuple((one.title, one.summary) for one in sections(self))
        lacking = (self.outliers.why_not, self.hints.why_not, self.leaks.why_not, self.maps.why_not)
        notes = tuple(dict.fromkeys(one for one in lacking if one))
        size_bytes = len(report_html.text(self).encode())
        return Preview(("part", "says"), rows, self.count, notes, size_bytes)
