"""What the page Insight is fed with: pictures by their ids, bars, and a long list of which little is drawn."""

from collections.abc import Callable
from pathlib import Path

import misfiled
import numpy as np
from PySide6.QtWidgets import QWidget

from app.models.insight import Doubt, Doubts, Picture
from app.models.thumbnails import Thumbnails
from app.presenters import insight_facts
from app.style.theme import Theme
from app.views.insight.labels import LabelsTab
from core.jobs import Job
from core.operations import images, projects, sources

Settled = Callable[[], None]


def test_a_long_list_fetches_what_is_on_screen(
    theme: Theme, show: Callable[[QWidget], None], settled: Settled
) -> None:
    asked: list[int] = []
    thumbnails = Thumbnails(96)
    thumbnails.cache._fetch = lambda keys, receive: (asked.extend(keys), receive({}))[1]
    tab = LabelsTab(theme, thumbnails)
    show(tab)
    picture = [Picture(n, n, f"/images/{n}.png") for n in range(6001)]
    rows = tuple(
        Doubt(picture[n], "a", "b", 0.9, tuple(picture[n + 1 : n + 6])) for n in range(1, 5001, 5)
    )
    tab.show_doubts(Doubts(rows, 40_000, 50_000, ""))
    settled()
    assert tab.line.text().endswith("The 1,000 surest are listed.")
    tab.grab()
    settled()
    assert 10 < len(set(asked)) < 120
    tab.list.selectAll()
    given: list[Doubt] = []
    tab.given.connect(given.extend)
    tab.give_chosen()
    assert len(given) == 1_000
    tab.drop({one.picture.image_id for one in given[10:]})
    assert tab.model.rowCount() == 10


def test_bars_count_every_image_once() -> None:
    counts = np.array([0, 0, 1, 2, 3, 7, 40, 250, 1_000])
    bars = insight_facts.occurrences(counts, 200)
    assert sum(count for _, count, _ in bars) == 9
    assert [name for name, count, is_hub in bars if is_hub] == ["> 200"]
    assert bars[0] == ("0", 2, False) and bars[1] == ("1–2", 2, False)
    fewer = insight_facts.occurrences(np.array([0, 3]), 30)
    assert [one[1] for one in fewer] == [1, 0, 1]  # no empty bars beyond the last


def test_what_is_loaded_has_the_contents_of_its_images(tmp_path: Path) -> None:
    with projects.create(tmp_path / "shelf.lookalike") as project:
        sources.import_folders(project, [misfiled.make(tmp_path / "shelf")])
        found = insight_facts.load_doubts(project, "classes", None, Job())
        assert found.total == 2
        pictures = [one for row in found.rows for one in (row.picture, *row.support)]
        described = images.describe(project, sorted({one.image_id for one in pictures}))
        known = {one.id: (one.content_id, one.path) for one in described}
        assert all(known[one.image_id] == (one.content_id, one.path) for one in pictures)
