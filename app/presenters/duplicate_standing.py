"""What the review says where it has no pair to show, and what it says of images that were not compared yet."""

from typing import TYPE_CHECKING

from app.document import Document
from app.presenters.duplicate_finding import Finding
from app.views.duplicates.review import ReviewPanel
from app.views.duplicates.review_bar import ASKED
from app.widgets import text
from core.duplicates.records import Remaining

if TYPE_CHECKING:
    from app.presenters.duplicate_panel import DuplicatePanel

COMPARE = "Compare them"


class ReviewStanding:
    """Turns how far everything is into a sentence with what can be done next."""

    def __init__(self, document: Document, panel: ReviewPanel, asks: "DuplicatePanel") -> None:
        self._document, self._panel, self._asks = document, panel, asks
        self._told_waiting = 0

    def tell(self, finding: Finding, remaining: Remaining | None, *, has_pair: bool) -> None:
        """Say it; where there is a pair only a banner tells of what was not compared."""
        self._tell_waiting(finding)
        if has_pair or finding.standing is None:
            return
        if remaining is None and finding.standing.state.links:
            return  # the queue is being made
        panel, standing = self._panel, finding.standing
        if finding.is_under_way:
            panel.say(
                "Looking for duplicates",
                "Pairs come as they are found. What was found stays when you stop.",
                ("Stop", finding.stop),
            )
        elif not standing.state.links and not standing.is_current:
            self._tell_unlooked(finding)
        elif not standing.state.links:
            panel.say(
                "No duplicates",
                f"{text.plural(standing.state.compared, 'image')} were compared, and no two show the same "
                "picture. Files of the very same bytes are under Groups.",
                ("Groups", lambda: self._asks.panel_wanted.emit("groups")),
            )
        elif remaining is None:
            return
        elif len(panel.bar.chosen_kinds) < len(ASKED) and not remaining.pairs:
            panel.say(
                "No pairs of these kinds are left",
                "There may be others.",
                ("Show all kinds", self._show_all_kinds),
            )
        else:
            self._tell_done(remaining)

    def _tell_unlooked(self, finding: Finding) -> None:
        if not self._document.is_writable:
            self._panel.say(
                "Duplicates were not looked for yet",
                "This catalogue can only be read now, so what is found could not be kept.",
            )
            return
        self._panel.say(
            "Find duplicates",
            "Images are compared with those like them, pixel by pixel: copies, crops, turned and mirrored ones. "
            "Nothing is changed; you say what is a duplicate.",
            ("Find duplicates", finding.find),
        )

    def _tell_done(self, remaining: Remaining) -> None:
        followed = (
            f", and {text.number(remaining.followed)} followed from that"
            if remaining.followed
            else ""
        )
        self._panel.say(
            "All pairs are settled",
            f"You judged {text.plural(remaining.judged, 'pair')}{followed}. Look at the groups, sharpen the "
            "threshold, or remove what is there twice.",
            *(
                (words, lambda key=key: self._asks.panel_wanted.emit(key))
                for key, words in (
                    ("groups", "Groups"), ("threshold", "Threshold"), ("removal", "Removal")
                )
            ),
        )  # fmt: skip

    def _tell_waiting(self, finding: Finding) -> None:
        standing, news = finding.standing, self._panel.news
        if standing is None:
            return
        waiting = 0 if finding.is_under_way else standing.state.waiting
        if not waiting or not standing.state.compared or not self._document.is_writable:
            news.withdraw(COMPARE)
            self._told_waiting = 0
        elif waiting != self._told_waiting:
            self._told_waiting = waiting
            have = "image has" if waiting == 1 else "images have"
            news.show_message(
                f"{text.number(waiting)} {have} not been compared yet.",
                "info",
                (COMPARE, finding.find),
            )

    def _show_all_kinds(self) -> None:
        self._panel.bar.show_kinds(ASKED)
        self._panel.bar.kinds_chosen.emit(ASKED)
