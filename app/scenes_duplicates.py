"""Scenes of the page Duplicates: a pair for each kind of badge, the difference, contradictions, and what is said."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.photographer import SIZE_PX, Photographer
from app.presenters.duplicate_review import DuplicateReview
from core.operations import links

SMALL_PX = (1280, 720)


def take(camera: Photographer) -> None:
    """All of them, on the catalogue that is open; some of its pairs are judged."""
    explore, window = camera.explore, camera.application.window
    explore.document.selection.clear()
    explore.show_duplicates()
    camera.wait()
    review = explore.deduplicating.review
    if not explore.duplicates.has_pair():
        camera.both("duplicates-not-looked")
        review.finding.find()
        camera.wait()
    if not explore.duplicates.has_pair():
        camera.both("duplicates-none")
        explore.show_browser()
        return
    camera.both("duplicates")
    _badges(camera, review)
    for size in (SMALL_PX, SIZE_PX):
        window.resize(*size)
        camera.wait()
        _looks(camera, "-small" if size == SMALL_PX else "")
    _contradiction(camera, review)
    _done(camera, review)
    explore.show_browser()
    camera.wait()


def _badges(camera: Photographer, review: DuplicateReview) -> None:
    """One pair for each word of what differs."""
    found = links.load(camera.explore.document.project)
    keys = [(int(a), int(b)) for a, b in zip(found.a[:2000], found.b[:2000], strict=True)]
    review.show_pairs(keys, "Pairs of each kind")
    camera.wait()
    seen: set[str] = set()
    for row in review.rows:
        words = {"part"} if row.card.kind == "part-of" else set(row.card.differs)
        fresh = sorted(words - seen)
        if not fresh:
            continue
        seen |= words
        review.show_row(row)
        camera.wait()
        camera.save(f"duplicates-badge-{fresh[0]}")


def _looks(camera: Photographer, suffix: str) -> None:
    """Other ways to look at the pair on show."""
    panel = camera.explore.duplicates.review
    view = panel.pair
    view.setFocus()
    view.zoom_by(3.0)
    camera.wait()
    camera.both(f"duplicates-zoomed{suffix}")
    view.fit()
    QTest.keyPress(view, Qt.Key.Key_Tab)
    camera.both(f"duplicates-swapped{suffix}")
    QTest.keyRelease(view, Qt.Key.Key_Tab)
    panel.difference.setChecked(True)
    camera.wait()
    camera.both(f"duplicates-difference{suffix}")
    panel.difference.setChecked(False)
    panel.align.setChecked(False)
    camera.both(f"duplicates-as-they-are{suffix}")
    panel.align.setChecked(True)
    panel.acknowledge("duplicate")
    camera.both(f"duplicates-answered{suffix}")
    panel.acknowledge("")


def _contradiction(camera: Photographer, review: DuplicateReview) -> None:
    """Two that are duplicates of one, said to be different from each other."""
    found = links.load(camera.explore.document.project)
    ends: dict[int, list[int]] = {}
    for a, b in zip(found.a.tolist(), found.b.tolist(), strict=True):
        ends.setdefault(a, []).append(b)
        ends.setdefault(b, []).append(a)
    middle = next((one for one, others in ends.items() if len(others) > 1), None)
    if middle is None:
        return
    one, other = sorted(ends[middle])[:2]
    pairs = ((one, middle), (middle, other), (one, other))
    for (a, b), verdict in zip(pairs, ("duplicate", "duplicate", "different"), strict=True):
        review.show_pairs([(min(a, b), max(a, b))], "A pair")
        camera.wait(lambda: review.is_seen)
        camera.wait()
        review.mark(verdict)  # type: ignore[arg-type]
        camera.wait()
    camera.explore.duplicates.review.news.hide()
    camera.both("duplicates-contradiction")
    camera.explore.duplicates.review.contradiction.strip.choose(0)
    camera.wait()
    camera.both("duplicates-contradiction-link")
    camera.explore.duplicates.review.contradiction.leave()
    camera.wait()


def _done(camera: Photographer, review: DuplicateReview) -> None:
    """Nothing left to ask."""
    page = camera.explore.duplicates
    for _ in range(40):
        if not page.has_pair():
            break
        camera.wait(lambda: review.is_seen or not page.has_pair())
        review.mark("duplicate")
        camera.wait()
        if page.review.contradiction.found is not None:
            page.review.contradiction.leave()
            camera.wait()
    camera.both("duplicates-done")
