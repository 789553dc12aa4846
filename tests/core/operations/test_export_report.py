"""The report: its figures against counting by hand, the same bytes each time, hostile names, a bounded size."""

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reported
from kept_folders import put_back
from PIL import Image

from app import cli
from core.errors import EncoderError
from core.export import (
    map_picture,
    report_html,
    report_json,
    report_page,
    report_page_duplicates,
    report_page_findings,
    report_page_training,
)
from core.export.report import (
    Count,
    Leaks,
    Picture,
    RemovalFact,
    Removals,
    SplitLeaks,
    Training,
)
from core.export.report_material import ReportMaterial
from core.jobs import Cancelled, Job
from core.operations import (
    export_report,
    export_report_pictures,
    exports,
    images,
    projects,
    sources,
    tags,
)
from core.operations.export_request import Request
from core.project import Project
from tests.conftest import draw, draw_photos

HOSTILE = (
    "<script>alert(1)<",
    "a\" onerror='x' b&amp;",
    "gpj.\u202eevil",
    "bell\x07 and\nline",
    "</style></title><img src=x>",
)


@pytest.fixture
def told(kept: Path) -> Iterator[Project]:
    """A catalogue with something in every part, made once."""

    def fill(folder: Path) -> None:
        photos = draw_photos(folder / "photos")
        for number, name in enumerate(HOSTILE):
            draw(100 + number).save(photos / "discs" / f"{name.replace('/', '⁄')}.png")
        (photos / "squares" / "raw \udcff.png").write_bytes((photos / "discs" / "disc-1.png").read_bytes())  # fmt: skip
        with projects.create(folder / "told.lookalike") as new:
            sources.import_folders(new, [photos], embed=False)
            reported.fill(new, folder)

    folder = put_back(kept, "told", fill)
    with projects.open(folder / "told.lookalike") as opened:
        yield opened


def report_of(project: Project, **more: Any) -> ReportMaterial:
    return export_report.material(project, Request("report", "html", **more), Job())


def as_dict(counts: tuple[Count, ...]) -> dict[str, int]:
    return {one.name: one.count for one in counts}


def test_figures_of_the_dataset_are_those_of_counting_files(told: Project) -> None:
    root = told.path.parent / "photos"
    files = [one for one in root.rglob("*.png") if one.is_file()]
    digests = [hashlib.sha256(one.read_bytes()).hexdigest() for one in files]
    found = report_of(told)
    of = found.dataset
    assert (of.images, of.contents) == (len(files), len(set(digests)))
    assert of.files_bytes == sum(one.stat().st_size for one in files)
    assert as_dict(of.classes) == Counter(one.parent.name for one in files)
    assert of.classes_from == "labels" and of.without_class == 0
    assert as_dict(of.formats) == {"PNG": len(files)}
    sides = [Image.open(io.BytesIO(one.read_bytes())).size for one in files]
    assert of.smallest == min(sides) and of.largest == max(sides)
    assert sum(one.count for one in of.megapixels) == sum(one.count for one in of.years) == len(files)  # fmt: skip
    assert as_dict(of.tags) == {"kept": 5}
    (split,) = of.splits
    assert as_dict(split.parts) == {"test": 1, "train": len(files) - 1}
    (source,) = of.sources
    assert (source.path, source.images, source.unreadable) == (str(root), len(files), 1)
    lines = "".join(f"{one}\n" for one in sorted(set(digests)))
    assert found.made_of.dataset_hash == hashlib.sha256(lines.encode()).hexdigest()
    (fault,) = found.unreadable.first
    assert found.unreadable.total == 1 and fault.path == str(root / "discs" / "broken.jpg")

    copies = found.duplicates
    repeated = [count for count in Counter(digests).values() if count > 1]
    assert copies.repeated_contents == len(repeated)
    assert copies.extra_copies == sum(one - 1 for one in repeated)
    by_digest = {digest: one.stat().st_size for digest, one in zip(digests, files, strict=True)}
    extra = sum(by_digest[one] * (count - 1) for one, count in Counter(digests).items())
    assert copies.extra_bytes == extra


def test_figures_of_what_was_found_and_said(told: Project) -> None:
    found = report_of(told)
    copies = found.duplicates
    assert as_dict(copies.links) == {"pixels": 1, "near": 2, "part-of": 0}  # 0.6 lies below 0.75
    assert as_dict(copies.candidates) == {"pixels": 1, "near": 3, "part-of": 0}
    assert as_dict(copies.verdicts) == {"duplicate": 1, "similar": 0, "different": 1, "unsure": 0}
    assert copies.open_pairs == 2 and copies.contradictions == 0
    assert copies.grouped_files == sum(one.files for one in copies.largest)
    assert copies.bytes_to_win == sum(one.bytes_to_win for one in copies.largest)
    assert all(one.pictures and one.pictures[0].jpeg for one in copies.largest)
    near, parts = found.thresholds
    assert (near.kind, near.threshold, near.candidates, near.answers) == ("near", 0.75, 3, 1)
    assert (parts.kind, parts.candidates) == ("part-of", 0)
    assert near.shown == 2 and near.precision[0] <= near.precision[1] <= near.precision[2]
    assert (found.removals.total, found.removals.gone, found.removals.gone_bytes) == (1, 1, 1_234)
    assert found.removals.last[0].begun_at == "2023-11-14T22:13:20Z"
    assert found.outliers.known == found.dataset.images and found.outliers.found
    assert [one.score for one in found.outliers.found] == sorted(
        (one.score for one in found.outliers.found), reverse=True
    )
    assert found.hints.judged == found.dataset.images
    (leaks,) = found.leaks.splits
    assert (leaks.total, leaks.images) == (1, 2)
    assert {one.part for one in leaks.found[0].members} == {"train", "test"}
    (one,) = found.maps.shown
    assert one.points == found.dataset.images == sum(each.count for each in one.legend) + one.others
    second, first = found.training.runs
    assert second.status == "unfinished" and not second.verdict
    assert first.verdict == reported.RESULT["verdict"] and first.best_step == 3
    r1 = first.measures[0]
    assert (r1.name, r1.before, r1.after, r1.change) == ("R@1", 0.5, 0.75, (0.25, 0.1, 0.4))
    assert r1.before_interval == (0.4, 0.6)
    assert [line.name for line in first.quality] == ["R@1", "R@5", "R@10", "MAP@R"]
    assert first.quality[0].steps == (1, 3) and first.quality[0].values == (0.5, 0.75)
    assert first.classes[0][0] == "discs" and ("seed", "7") in first.settings


class _Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, key, value or "") for key, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_names_are_text_whatever_stands_in_them(told: Project, tmp_path: Path) -> None:
    every = images.describe(told, images.list_ids(told).tolist())
    tags.add(told, np.array([every[0].id], dtype=np.int64), "<b onclick='x'>&tag")
    page = report_html.text(report_of(told))
    page.encode()  # no stray surrogate
    seen = _Seen()
    seen.feed(page)
    assert not {"script", "b", "iframe", "object", "link", "form", "base"} & set(seen.tags)
    assert not [one for one in seen.attributes if one[1].startswith("on")]
    addresses = [one for one in seen.attributes if one[1] in ("src", "href", "srcset", "action")]
    assert all(value.startswith(("data:image/", "#")) for _, _, value in addresses)
    text = "".join(seen.texts)
    assert "<b onclick='x'>&tag" in text
    for name in HOSTILE[:2] + HOSTILE[-1:]:
        assert f"{name.replace('/', '⁄')}.png" in text
    # What would hide or turn a name around is spelled out.
    assert "gpj.\\u202eevil.png" in text and "\u202e" not in page
    assert "bell\\x07 and" in text and "\x07" not in page
    assert re.search(r"raw \\xff", text)
    # All that is there is said to whoever cannot see it, and headings go down one by one.
    pictures = [dict(one) for one in _with_attributes(page, "img")]
    assert pictures and all(one.get("alt") for one in pictures)
    levels = [int(tag[1]) for tag in seen.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1 and max(levels) == 3
    ids = [value for _, key, value in seen.attributes if key == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for _, key, value in seen.attributes if key == "href"} <= set(ids)
    # And as JSON, byte by byte what it was.
    document = json.loads(report_json.text(report_of(told)))
    assert document["dataset"]["tags"]["<b onclick='x'>&tag"] == 1
    assert any("\u202e" in one["picture"] for one in document["outliers"]["found"])


def _with_attributes(page: str, wanted: str) -> list[list[tuple[str, str | None]]]:
    found: list[list[tuple[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == wanted:
                found.append(attrs)

    Parser().feed(page)
    return found


def test_the_same_state_gives_the_same_bytes_by_whoever_asks(told: Project, tmp_path: Path) -> None:
    path = told.path
    call = ["export", "--catalogue", str(path), "--what", "report", "--format"]
    once, again, later = (tmp_path / f"{name}.html" for name in "abc")
    exports.export(told, Request("report", "html", once), Job())
    exports.export(told, Request("report", "html", again), Job())  # the journal knows of the first
    once_json, beside = tmp_path / "a.json", tmp_path / "b.json"
    exports.export(told, Request("report", "json", once_json), Job())
    # The command line, beside the window that writes, and alone.
    assert cli.main([*call, "json", "--out", str(beside)]) == 0
    told.close()
    assert cli.main([*call, "html", "--out", str(later)]) == 0
    assert once.read_bytes() == again.read_bytes() == later.read_bytes()
    assert once_json.read_bytes() == beside.read_bytes() and once_json.stat().st_size > 10_000
    told = projects.open(path)
    ids = images.list_ids(told)[:1]
    tags.add(told, ids, "new")
    assert report_json.text(report_of(told)).encode() != once_json.read_bytes()
    told.close()


def test_json_holds_every_figure_and_no_picture(told: Project) -> None:
    report = report_of(told)
    document = json.loads(report_json.text(report))

    def same(value: Any, told_of: Any) -> None:
        if isinstance(value, Picture):
            assert told_of == value.path
        elif is_dataclass(value):
            for one in fields(value):
                if isinstance(getattr(value, one.name), bytes):
                    assert one.name not in told_of
                elif one.type == tuple[Count, ...]:
                    assert told_of[one.name] == as_dict(getattr(value, one.name))
                else:
                    same(getattr(value, one.name), told_of[one.name])
        elif isinstance(value, tuple):
            for one, other in zip(value, told_of, strict=True):
                same(one, other)
        else:
            assert told_of == value

    same(report, document)


def test_what_was_never_made_is_said_with_what_to_do(imported: Project) -> None:
    before = sorted(str(one) for one in imported.path.rglob("*"))
    report = report_of(imported)
    assert "embed" in report.outliers.why_not and "embed" in report.hints.why_not
    assert "layout" in report.maps.why_not and "split" in report.leaks.why_not
    assert not report.duplicates.is_searched and report.duplicates.groups == 1  # of the same bytes
    assert report.thresholds == () and report.training.total == 0 and report.removals.total == 0
    page = report_html.text(report)
    for words in (
        "run lookalike duplicates",
        "lookalike train",
        "lookalike embed",
        "lookalike layout",
    ):
        assert words in page
    assert sorted(str(one) for one in imported.path.rglob("*")) == before  # nothing was begun
    assert [one for one, _ in report.preview().rows][:2] == ["The dataset", "Unreadable files"]
    assert report.preview().size_bytes == len(page.encode())
    with pytest.raises(EncoderError, match="no vectors"):
        report_of(imported, encoder="openclip:ViT-B-32")


def test_what_was_looked_for_and_not_found_is_said(imported: Project) -> None:
    report = report_of(imported)
    searched = replace(report, duplicates=replace(report.duplicates, is_searched=True))
    found = {one.title: one for one in report_page.sections(searched)}
    assert "no pair came near a threshold" in found["Thresholds"].summary
    looked = SplitLeaks("usual", 0, 0, (), ())
    leaks = report_page_findings.leaks(replace(report, leaks=Leaks("", (looked, looked), 3)))
    assert leaks.summary == "No picture lies in several parts of the first 2 splits."
    back = Removals(1, 0, 0, (RemovalFact("", "trash", (Count("restored", 3),), 0),))
    removals = report_page_duplicates.removals(replace(report, removals=back))
    assert removals.summary == "No file is removed now."
    assert "3 put back" in str(removals.blocks)


def test_sentences_and_classes_of_a_training(told: Project) -> None:
    page = report_html.text(report_of(told))
    assert "held-out images. It ended because all 3 steps were done." in page
    first = report_of(told).training.runs[1]
    same = replace(first, classes=(first.classes[0], ("still", 4, 0.5, 0.5)))
    report = replace(report_of(told), training=Training(1, (same,)))
    words = str(report_page_training.training(report).blocks)
    assert "no other class changed" in words and "still" not in words


def test_an_empty_catalogue_has_a_report(project: Project, tmp_path: Path) -> None:
    report = report_of(project)
    assert (report.dataset.images, report.dataset.largest, report.changed_at) == (0, (0, 0), "")
    assert "0 images of 0 distinct files" in report_html.text(report)
    exports.export(project, Request("report", "json", tmp_path / "r.json"), Job())
    told = json.loads((tmp_path / "r.json").read_text())["dataset"]
    assert all(told[name] == {} for name in ("classes", "tags", "formats"))
    assert told["sources"] == []


def test_a_report_is_never_larger_than_it_promises() -> None:
    random = np.random.default_rng(3)
    noise = random.integers(0, 255, (256, 256, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=95)
    assert len(file.getvalue()) > 3 * export_report_pictures.MOST_BYTES
    small = export_report_pictures.fitted(file.getvalue())
    assert len(small) <= export_report_pictures.MOST_BYTES
    Image.open(io.BytesIO(small)).verify()
    assert export_report_pictures.fitted(small) is small
    positions = random.random((400_000, 2)).astype(np.float32)
    codes = random.integers(0, 11, 400_000).astype(np.int32)
    palette = [f"#{number:06x}" for number in range(11)]
    (drawn,) = map_picture.draw(positions, codes, [palette])
    assert len(drawn) <= map_picture.MOST_BYTES
    # All pictures and maps that there can be, as base64, with some room for words.
    most = export_report.MOST_PICTURES * export_report_pictures.MOST_BYTES
    most += export_report.MOST_MAPS * 2 * map_picture.MOST_BYTES
    assert most * 4 / 3 + 700_000 <= 12_000_000


def test_a_map_shows_each_class_in_its_colour_with_the_rest_below() -> None:
    positions = np.array([[0, 0], [1, 1], [1, 0], [0, 0]], dtype=np.float32)
    light, dark = map_picture.draw(
        positions, np.array([0, 1, 2, 2], dtype=np.int32),
        [["#ff0000", "#00ff00", "#888888"], ["#0000ff", "#ffffff", "#111111"]],
    )  # fmt: skip
    side = map_picture.SIDE_PX
    on_light = ((255, 0, 0), (0, 255, 0), (136, 136, 136))
    on_dark = ((0, 0, 255), (255, 255, 255), (17, 17, 17))
    for encoded, colours in ((light, on_light), (dark, on_dark)):
        picture = Image.open(io.BytesIO(encoded)).convert("RGBA")
        edge = round(side * 0.03) + 10
        assert picture.getpixel((edge, side - edge)) == (
            *colours[0],
            255,
        )  # above the grey one there
        assert picture.getpixel((side - edge, edge)) == (*colours[1], 255)
        assert picture.getpixel((side - edge, side - edge)) == (*colours[2], 255)
        assert picture.getpixel((side // 2, side // 2))[3] == 0  # no ground


def test_cancelled_it_leaves_nothing(told: Project, tmp_path: Path) -> None:
    class Stopping(Job):
        def start(self, stage: str, *more: Any, **others: Any) -> None:
            if stage == "Writing":
                self.cancel()
            super().start(stage, *more, **others)

    with pytest.raises(Cancelled):
        exports.export(told, Request("report", "html", tmp_path / "r.html"), Stopping())
    assert list(tmp_path.iterdir()) == []
