"""Vectors that were made elsewhere: brought in whole or not at all, asked like any others, let go of."""

import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from kept_folders import put_back

from core.catalogue import contents, embeddings, facts, journal, paths
from core.catalogue import updates as updates_rows
from core.errors import EncoderError, KnownError, TableError, UsageError
from core.jobs import Cancelled, Job
from core.operations import (
    coverage,
    encoders,
    exports,
    given,
    given_bringing,
    given_preview,
    layouts,
    neighbours,
    projects,
    regions,
    search,
    sources,
    training,
    weights,
    words,
)
from core.operations import embeddings as made
from core.project import Project
from core.training.settings import Settings
from tests.conftest import draw, draw_photos, with_fake_encoder

DIM = 24
NAME = "given:mine"


@pytest.fixture
def embedded(kept: Path) -> Iterator[Project]:
    """A catalogue beside its ``photos``, embedded with the fake; made once."""

    def fill(folder: Path) -> None:
        with projects.create(folder / "test.lookalike") as new:
            sources.import_folders(with_fake_encoder(new), [draw_photos(folder / "photos")])

    folder = put_back(kept, "embedded", fill)
    with projects.open(folder / "test.lookalike") as opened:
        yield with_fake_encoder(opened)


def images(project: Project) -> list[tuple[int, str]]:
    """(content, path) of every image."""
    with project.read() as session:
        return [(content, f"{root}/{name}") for _, content, root, name in paths.every(session)]


def write(
    project: Project, path: Path, *, seed: int = 5, dim: int = DIM, few: int = 99
) -> np.ndarray:
    """A file with a vector for each content, and the paths beside it; returns the vectors by content."""
    rows = np.random.default_rng(seed).normal(size=(99, dim))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
    some = images(project)[:few]
    np.save(path, np.stack([rows[content] for content, _ in some]))
    lines = "".join(f'"{name}"\n' for _, name in some)
    path.with_name(path.name + ".csv").write_text(f"path\n{lines}", encoding="utf-8")
    return rows


def stored(project: Project, name: str = NAME) -> dict[int, bytes]:
    """The bits of each stored row by content."""
    embedding = made.require(project, name)
    with project.read() as session:
        owners = embeddings.owners(session, embedding.id)
    rows = project.vectors(embedding).read(0, embedding.rows)
    return {int(one): rows[at].tobytes() for at, one in enumerate(owners)}


def test_vectors_come_in_to_the_bit_and_are_asked_like_others(
    embedded: Project, tmp_path: Path
) -> None:
    rows = write(embedded, tmp_path / "v.npy")
    found = given_preview.preview(embedded, tmp_path / "v.npy")
    assert (found.rows, found.dim, found.matched, found.contents) == (13, DIM, 13, 12)
    assert (found.images, found.of, found.fresh, found.scaled) == (13, 13, 12, 0)
    assert (found.by, found.kind, found.left_out, found.here) == ("path", "float16", [], "")
    assert given.list_given(embedded) == []  # a preview changes nothing
    report = given_bringing.bring(embedded, found.file, "mine", before=found)
    assert (report.added, report.images, report.left_out) == (12, 13, 0)
    assert stored(embedded) == {one: rows[one].tobytes() for one in range(1, 13)}
    given_bringing.make_ready(embedded, "mine")
    assert neighbours.load(embedded, made.require(embedded, NAME)) is not None
    assert layouts.load(embedded, NAME) is not None
    with embedded.read() as session:
        first = paths.every(session)
        image_id, content, *_ = next(iter(first))
    hits = search.similar_to_images(embedded, [image_id], k=3, encoder=NAME)
    cosines = rows.astype(np.float32) @ rows[content].astype(np.float32)
    cosines[[0, *range(13, 99), content]] = -2
    nearest = next(one.content_id for one in hits if one.content_id != content)
    assert nearest == int(cosines.argmax())
    (one,) = given.list_given(embedded)
    assert (one.encoder, one.contents, one.images, one.of, one.rows) == (NAME, 12, 13, 13, 13)
    assert one.file == str(tmp_path / "v.npy") and not one.is_default
    with embedded.read() as session:
        kind, entry = [each[1:] for each in journal.every(session)][-1]
    assert kind == "import embeddings" and entry["added"] == 12 and entry["encoder"] == NAME


@pytest.mark.parametrize(
    ("form", "precision"),
    [
        ("npy", "float16"),
        ("npy", "float32"),
        ("parquet", "float16"),
        ("safetensors", "float16"),
        ("csv", "float32"),
    ],
)
def test_what_was_taken_away_comes_back_to_the_bit(
    embedded: Project, tmp_path: Path, form: str, precision: str
) -> None:
    out = tmp_path / f"out.{form}"
    request = exports.Request("embeddings", form, out, options={"precision": precision})
    exports.export(embedded, request)
    found = given_preview.preview(embedded, out)
    assert (found.matched, found.contents, found.left_out_count) == (13, 12, 0)
    given_bringing.bring(embedded, out, "mine", before=found)
    assert stored(embedded) == stored(embedded, "builtin")


def test_the_same_file_again_adds_only_what_is_new(embedded: Project, tmp_path: Path) -> None:
    file = tmp_path / "v.npy"
    rows = write(embedded, file)
    photos = embedded.path.parent / "photos"
    late = photos / "discs" / "late.png"
    lines = file.with_name("v.npy.csv").read_text() + f'"{late}"\n'
    np.save(file, np.concatenate([np.load(file), rows[98:99]]))
    file.with_name("v.npy.csv").write_text(lines)
    first = given_bringing.bring(embedded, file, "mine")
    assert (first.added, first.left_out) == (12, 1)
    before = stored(embedded)
    again = given_bringing.bring(embedded, file, "mine")
    assert (again.added, again.contents) == (0, 12) and not again.changes
    assert stored(embedded) == before
    draw(77).save(late)
    job = Job()
    sources.import_folders(embedded, [photos], job=job)
    (one,) = given.list_given(embedded)
    assert (one.images, one.of) == (13, 14)
    found = given_preview.preview(embedded, file)
    assert (found.here, found.fresh, found.contents) == (NAME, 1, 13)
    assert given_bringing.bring(embedded, file, "mine", before=found).added == 1
    assert stored(embedded) == before | {13: rows[98].tobytes()}
    with pytest.raises(UsageError, match="are here already, as given:mine"):
        given_bringing.bring(embedded, file, "other")


def test_other_vectors_of_a_name_are_replaced_when_that_is_asked(
    embedded: Project, tmp_path: Path
) -> None:
    write(embedded, tmp_path / "v.npy")
    other = write(embedded, tmp_path / "w.npy", seed=6, dim=7, few=6)
    given_bringing.bring(embedded, tmp_path / "v.npy", "mine")
    given_bringing.make_ready(embedded, "mine")
    old = made.require(embedded, NAME)
    with pytest.raises(UsageError, match="There are other vectors named 'mine'"):
        given_bringing.bring(embedded, tmp_path / "w.npy", "mine")
    report = given_bringing.bring(embedded, tmp_path / "w.npy", "mine", replace=True)
    assert (report.added, report.replaced, report.dim) == (5, 12, 7)
    assert [one.encoder for one in given.list_given(embedded)] == [NAME]
    assert set(stored(embedded).values()) <= {row.tobytes() for row in other}
    assert not embedded.vectors(old).folder.exists()
    given_bringing.make_ready(embedded, "mine")
    graph = neighbours.load(embedded, made.require(embedded, NAME))
    assert graph is not None and len(graph.content_ids) == 5


def test_what_is_removed_leaves_nothing_that_others_could_stumble_on(
    embedded: Project, tmp_path: Path
) -> None:
    for name, seed in (("v.npy", 5), ("w.npy", 6)):
        write(embedded, tmp_path / name, seed=seed)
    given_bringing.bring(embedded, tmp_path / "v.npy", "mine")
    given_bringing.make_ready(embedded, "mine")
    first = made.require(embedded, NAME)
    graph = neighbours.load(embedded, first)
    given.remove(embedded, "mine")
    assert given.list_given(embedded) == [] and not embedded.vectors(first).folder.exists()
    assert not [one for one in (embedded.path / "cache").iterdir() if f"-{first.id}" in one.name]
    with pytest.raises(EncoderError, match="no vectors named 'mine'"):
        given.remove(embedded, NAME)
    given_bringing.bring(embedded, tmp_path / "w.npy", "mine")
    second = made.require(embedded, NAME)
    assert second.id == first.id  # its number is given again, to other vectors
    given_bringing.make_ready(embedded, "mine")
    other = neighbours.load(embedded, second)
    assert graph is not None and other is not None
    assert not np.array_equal(graph.scores, other.scores)
    coverage.forget(embedded, NAME)
    assert given.list_given(embedded) == []


# -- what they can do and what they cannot


def test_what_needs_an_encoder_says_so_in_a_sentence(embedded: Project, tmp_path: Path) -> None:
    write(embedded, tmp_path / "v.npy", few=12)
    given_bringing.bring(embedded, tmp_path / "v.npy", "mine")
    given_bringing.make_ready(embedded, "mine")
    outside = tmp_path / "outside.png"
    draw(99).save(outside)
    inside = Path(images(embedded)[0][1])
    assert search.similar_to_files(embedded, [inside], k=2, encoder=NAME)
    lacking = Path(images(embedded)[12][1])
    rgb = np.zeros((9, 9, 3), np.uint8)
    asked: list[Callable[[], object]] = [
        lambda: search.similar_to_files(embedded, [outside], encoder=NAME),
        lambda: search.similar_to_files(embedded, [lacking], encoder=NAME),
        lambda: search.similar_to_files(embedded, [inside], encoder=NAME, region=(0, 0, 0.5, 0.5)),
        lambda: search.similar_to_picture(embedded, rgb, encoder=NAME),
        lambda: regions.build(embedded, NAME),
        lambda: made.embed(embedded, NAME),
        lambda: encoders.load(embedded, NAME),
        lambda: sources.import_folders(embedded, [inside.parent], encoder=NAME),
    ]
    for one in asked:
        with pytest.raises(EncoderError, match="given:mine are vectors that were made elsewhere"):
            one()
    with pytest.raises(EncoderError, match="knows no words"):
        search.similar_to_words(embedded, "red", encoder=NAME)
    assert not words.state(embedded, NAME).knows
    with pytest.raises(EncoderError, match="no encoder behind them"):
        training.train(embedded, Settings(encoder=NAME, labels="folders"))
    entry = encoders.describe(NAME, embedded)
    assert entry.available and not entry.is_installed and not entry.words and entry.dim == DIM
    assert not encoders.describe("given:other", embedded).available


def test_they_are_the_default_where_there_are_no_others(imported: Project, tmp_path: Path) -> None:
    write(imported, tmp_path / "v.npy")
    given_bringing.bring(imported, tmp_path / "v.npy", "mine")
    assert encoders.name_of(imported, None) == NAME
    late = imported.path.parent / "photos" / "late.png"
    draw(77).save(late)
    job = Job()
    report = sources.import_folders(imported, [late.parent], job=job)
    assert report.added == 1
    assert job.notes == ["1 image has no vector of given:mine: those were made elsewhere."]
    made.embed(imported, "builtin")
    given.remove(imported, "mine")
    assert encoders.name_of(imported, None) == "builtin"
    with pytest.raises(EncoderError, match="no vectors of given:mine"):
        encoders.set_default(imported, NAME)


# -- files that do not fit


def test_rows_left_out_are_listed_and_written(embedded: Project, tmp_path: Path) -> None:
    some = list(dict(images(embedded)).values())  # one of each content
    rows = np.random.default_rng(1).normal(size=(6, 64)).astype(np.float32)
    rows[2], rows[3] = np.inf, 0
    table = tmp_path / "names.csv"
    names = [some[0], "nowhere.png", some[2], some[3], some[4], some[4]]
    table.write_text("image,note\n" + "".join(f'"{name}",x\n' for name in names))
    np.save(tmp_path / "v.npy", rows)
    with pytest.raises(TableError, match="Nothing says whose these vectors are"):
        given_preview.preview(embedded, tmp_path / "v.npy")
    found = given_preview.preview(embedded, tmp_path / "v.npy", table=table)
    assert found.reasons == {
        "no image has this path": 1,
        "another row gives the same content another vector": 2,
        "its numbers are not all finite": 1,
        "all its numbers are zero": 1,
    }
    assert (found.matched, found.contents, found.conflicts, found.scaled) == (1, 1, 2, 1)
    assert [one.row for one in found.left_out] == [2, 3, 4, 5, 6]
    assert [one.problem for one in found.first][:2] == ["", "no image has this path"]
    first = found.first[0]
    shows = [Path(name).name for content, name in images(embedded) if content == first.content_id]
    assert first.image_name in shows
    assert given_preview.export_left_out(found, tmp_path / "left.csv") == 5
    assert (tmp_path / "left.csv").read_text().splitlines()[
        1
    ] == "2,nowhere.png,no image has this path"
    table.write_text("image\nnowhere.png\n" * 3)
    with pytest.raises(TableError, match=r"has 6 vectors, and .* has 5 lines"):
        given_preview.preview(embedded, tmp_path / "v.npy", table=table)
    table.write_text("image\n" + "nowhere.png\n" * 6)
    with pytest.raises(TableError, match=r"can be used\. Most often: no image has this path"):
        given_bringing.bring(embedded, tmp_path / "v.npy", "mine", table=table)
    assert given.list_given(embedded) == []


def test_hashes_that_are_no_sha256_leave_it_to_the_paths(embedded: Project, tmp_path: Path) -> None:
    write(embedded, tmp_path / "v.npy")
    table = tmp_path / "v.npy.csv"
    _, *lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("path,hash\n" + "".join(f"{one},{'ab' * 16}\n" for one in lines))
    assert given_preview.preview(embedded, tmp_path / "v.npy").matched == 13
    with pytest.raises(TableError, match=r"this is no SHA-256 hash\. Match by path\."):
        given_bringing.bring(embedded, tmp_path / "v.npy", "mine", by="hash")


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\nb", "x" * 65, "end.", "given:"])
def test_names_that_vectors_cannot_have(embedded: Project, tmp_path: Path, name: str) -> None:
    write(embedded, tmp_path / "v.npy")
    with pytest.raises(EncoderError, match="cannot be the name of vectors"):
        given_bringing.bring(embedded, tmp_path / "v.npy", name)
    assert given.full_name(given.usual_name(Path(f"/a/{name}.npy")))


def test_a_file_that_changes_meanwhile(embedded: Project, tmp_path: Path) -> None:
    file = tmp_path / "v.npy"
    write(embedded, file)
    found = given_preview.preview(embedded, file)
    write(embedded, file, seed=8, dim=DIM + 1)
    with pytest.raises(TableError, match="was changed since it was looked at"):
        given_bringing.bring(embedded, file, "mine", before=found)
    assert given.list_given(embedded) == []


# -- whole or not at all


def left(project: Project) -> tuple[list[str], list[str]]:
    """Embeddings that are told of, and folders of vectors."""
    known = [one.encoder for one in made.list_embeddings(project)]
    return known, sorted(one.name for one in (project.path / "vectors").iterdir())


class _StopsWhileWriting(Job):
    """Is cancelled as soon as vectors are written."""

    def start(self, stage: str, total: int | None = None, **more: object) -> None:
        if stage == "Saving":
            self.cancel()
        super().start(stage, total)


def test_a_stop_leaves_nothing(embedded: Project, tmp_path: Path) -> None:
    write(embedded, tmp_path / "v.npy")
    before = left(embedded)
    with pytest.raises(Cancelled):
        given_bringing.bring(embedded, tmp_path / "v.npy", "mine", job=_StopsWhileWriting())
    assert left(embedded) == before


def test_a_full_disk_leaves_nothing(
    embedded: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(embedded, tmp_path / "v.npy")
    before = left(embedded)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KnownError, match="is full"):
        given_bringing.bring(embedded, tmp_path / "v.npy", "mine")
    monkeypatch.undo()
    assert left(embedded) == before


_MOMENTS = (
    "open",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "sqlite3.connect",
)


def _killed(path: Path, file: Path, moment: int = 0) -> int:
    """Import in another process, which is killed at the so many-th of its moments; returns how many there were."""
    seen = [0]

    def watch(event: str, arguments: object) -> None:
        if event in _MOMENTS:
            seen[0] += 1
            if seen[0] == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:  # nothing of pytest may run here
        try:
            with projects.open(path) as project:
                found = given_preview.preview(project, file)
                sys.addaudithook(watch)
                given_bringing.bring(project, file, "mine", before=found, replace=True)
        finally:
            os._exit(min(255, seen[0]))
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) is bool(moment)
    return moment or os.WEXITSTATUS(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_leaves_the_old_or_the_new(embedded: Project, tmp_path: Path) -> None:
    path = embedded.path
    write(embedded, tmp_path / "v.npy")
    write(embedded, tmp_path / "w.npy", seed=6)
    given_bringing.bring(embedded, tmp_path / "v.npy", "mine")
    one = stored(embedded)
    given_bringing.bring(embedded, tmp_path / "w.npy", "mine", replace=True)
    other = stored(embedded)
    embedded.close()
    moments = _killed(path, tmp_path / "v.npy")  # not killed
    assert 3 <= moments < 255
    outcomes = []
    drawn = random.Random(4)
    for moment in (1, drawn.randint(2, moments - 1), moments):
        with projects.open(path) as project:
            given_bringing.bring(project, tmp_path / "w.npy", "mine", replace=True)
        _killed(path, tmp_path / "v.npy", moment)
        with projects.open(path) as project:
            now = stored(project)
            assert now in (one, other)
            outcomes.append(now == one)
            given_bringing.bring(project, tmp_path / "v.npy", "mine", replace=True)
            assert stored(project) == one
            known, folders = left(project)
            assert sorted(known) == ["builtin", NAME] and len(folders) == 2
            with project.read() as session:
                assert updates_rows.find(session) is None and contents.in_use(session).size == 12
                assert facts.get(session, "default_encoder", "builtin") == "builtin"
    assert False in outcomes


def test_what_a_file_says_itself_counts_before_a_table_beside_it(
    embedded: Project, tmp_path: Path
) -> None:
    names = [name for _, name in images(embedded)][:3]
    rows = np.random.default_rng(1).normal(size=(3, DIM)).astype(np.float32)
    np.savez(tmp_path / "v.npz", embeddings=rows, paths=names)
    (tmp_path / "v.csv").write_text("path,label\nother.png,cat\n")
    found = given_preview.preview(embedded, tmp_path / "v.npz")
    assert found.table is None and found.matched == 3
    with pytest.raises(EncoderError, match="needs nothing from the hub"):
        weights.install(NAME)
