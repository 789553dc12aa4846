"""Embedding with another encoder: beside the first, interrupted and gone on with, measured, tried again."""

import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tiny_openclip
from PIL import Image
from safetensors.torch import load_file, save_file

from core.catalogue import embeddings as stored
from core.catalogue import paths
from core.changes import Changes
from core.errors import EncoderError
from core.images.decode import DecodeTask, decode
from core.jobs import Cancelled, Job
from core.operations import (
    duplicates,
    embeddings,
    encoders,
    layouts,
    links,
    neighbours,
    projects,
    search,
    sources,
)
from core.project import Project

COUNT = 230


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tiny_openclip.make(tmp_path_factory.mktemp("tiny"), "clip-vit")
    return f"openclip:local-dir:{folder}"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Coarse patterns of chance, each another."""
    folder = tmp_path_factory.mktemp("many")
    random = np.random.default_rng(2)
    for number in range(COUNT):
        cells = random.integers(0, 256, (5, 6, 3), dtype=np.uint8)
        big = Image.fromarray(cells).resize((120, 100), Image.Resampling.BICUBIC)
        big.save(folder / f"{number:03}.jpg", quality=90)
    return folder


@pytest.fixture
def filled(project: Project, many: Path) -> Project:
    sources.import_folders(project, [many])
    return project


def rows_of(project: Project, name: str) -> dict[int, np.ndarray]:
    """Vectors by content; each content may have but one."""
    with project.read() as session:
        found = stored.find(session, name)
        assert found is not None
        owners = stored.owners(session, found.id)
    assert len(owners) == found.rows == len(set(owners.tolist()))
    vectors = project.vectors(found).read(0, found.rows).astype(np.float32)
    return dict(zip(owners.tolist(), vectors, strict=True))


def true_rows(project: Project, name: str) -> dict[int, np.ndarray]:
    """What each file gives when it is read and encoded alone."""
    encoder = encoders.load(project, name)
    with project.read() as session:
        index = project.index(session)
        files = paths.files_of_contents(session, index.columns.content_ids.tolist())
    squares = {}
    for content_id, path in files.items():
        _, square = decode(DecodeTask(path, **encoder.preprocessing.square()))
        squares[content_id] = square
    found = encoder.encode_images(np.stack([squares[one] for one in squares]))
    return dict(zip(squares, found, strict=True))


def test_two_encoders_lie_side_by_side(filled: Project, tiny: str) -> None:
    first = rows_of(filled, "builtin")
    assert len(embeddings.lacking(filled, tiny)) == COUNT
    assert embeddings.embed(filled, tiny) == Changes.EMBEDDINGS
    assert not len(embeddings.lacking(filled, tiny))
    assert embeddings.embed(filled, tiny) == Changes.NONE
    expected = true_rows(filled, tiny)
    found = rows_of(filled, tiny)
    assert found.keys() == expected.keys()
    for content_id, row in found.items():
        assert float(row @ expected[content_id]) > 0.999
    again = rows_of(filled, "builtin")
    assert all(np.array_equal(again[one], row) for one, row in first.items())
    names = {one.encoder: (one.rows, one.dim) for one in embeddings.list_embeddings(filled)}
    assert names == {"builtin": (COUNT, 48), tiny: (COUNT, tiny_openclip.DIM)}
    for name in ("builtin", tiny):
        neighbours.build(filled, encoder=name, k=5)
        layouts.build(filled, encoder=name)
        layout = layouts.load(filled, name)
        assert layout is not None and layout.encoder == name and len(layout.image_ids) == COUNT


def test_the_default_is_meant_where_none_is_named(filled: Project, tiny: str) -> None:
    encoders.set_default(filled, tiny)
    embeddings.embed(filled)
    assert [one.encoder for one in embeddings.list_embeddings(filled) if one.is_default] == [tiny]
    image_id = search.similar_to_images(filled, [1], k=1)[0].image_id
    assert image_id != 1
    with pytest.raises(EncoderError, match="cannot be a default"):
        encoders.set_default(filled, "timm:test_resnet")
    with pytest.raises(EncoderError, match="not installed"):
        encoders.set_default(filled, "openclip:ViT-B-32@openai")


def test_an_import_with_a_heavy_default_reads_first_and_embeds_then(
    filled: Project, tiny: str, tmp_path: Path
) -> None:
    embeddings.embed(filled, tiny)
    encoders.set_default(filled, tiny)
    more = tmp_path / "more"
    more.mkdir()
    for number in range(3):
        Image.new("RGB", (40, 40), (80 * number, 20, 90)).save(more / f"{number}.png")
    seen: list[tuple[int, int]] = []

    def look(changes: Changes) -> None:
        with filled.read() as session:
            index = filled.index(session)
        seen.append((len(index.columns.ids), embeddings.count(filled, tiny)))

    report = sources.import_folders(filled, [more], on_changes=look)
    assert (report.added, report.embedded) == (3, 3)
    assert (COUNT + 3, COUNT) in seen  # shown before they have vectors
    assert not len(embeddings.lacking(filled, tiny))
    layout = layouts.load(filled, tiny)
    assert layout is not None and len(layout.image_ids) == COUNT + 3
    assert embeddings.count(filled, "builtin") == COUNT + 3  # it finds near-duplicates
    graph = neighbours.load(filled, embeddings.require(filled, "builtin"))
    assert graph is not None and len(graph.content_ids) == COUNT + 3


def test_duplicates_are_the_same_whichever_encoder_is_the_default(
    filled: Project, tiny: str
) -> None:
    """Another encoder's cosines mean something else: they only say what is to be compared on pixels."""
    neighbours.build(filled, k=5)
    before = duplicates.find(filled)
    embeddings.embed(filled, tiny)
    neighbours.build(filled, encoder=tiny, k=5)
    encoders.set_default(filled, tiny)
    assert duplicates.find(filled) == before


def test_the_only_encoder_that_has_seen_a_catalogue_becomes_its_default(
    project: Project, many: Path, tiny: str
) -> None:
    sources.import_folders(project, [many], encoder=tiny)
    assert encoders.name_of(project, None) == tiny
    assert embeddings.count(project, "builtin") == 0
    assert search.similar_to_images(project, [1], k=3)
    assert links.update(project) and links.state(project).made_with == (tiny,)


class Stopping(Job):
    """Cancels itself once so many are embedded."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def advance(self, count: int = 1) -> None:
        super().advance(count)
        if self.progress.stage == "Embedding" and self.progress.done >= self._after:
            self.cancel()


def test_a_cancelled_run_keeps_what_it_has_and_goes_on(filled: Project, tiny: str) -> None:
    with pytest.raises(Cancelled):
        embeddings.embed(filled, tiny, Stopping(1))
    kept = rows_of(filled, tiny)
    assert 1 <= len(kept) < COUNT
    embeddings.embed(filled, tiny)
    found = rows_of(filled, tiny)
    assert len(found) == COUNT
    assert all(np.array_equal(found[one], row) for one, row in kept.items())


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, many: Path, tiny: str) -> None:
    """A real kill -9 between two commits, then the rest: nothing lost, doubled or mixed up."""
    catalogue = tmp_path / "c.lookalike"
    with projects.create(catalogue) as project:
        sources.import_folders(project, [many], embed=False)
    call = [sys.executable, "-m", "app", "embed", "--catalogue", str(catalogue), "--encoder", tiny]
    # What follows is slowed down, not changed, so that the kill falls into it.
    kept = _kill_after_first_commit([sys.executable, "-c", SLOWLY, *call[3:]], catalogue)
    assert 0 < kept < COUNT
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with projects.open(catalogue) as project:
        expected, found = true_rows(project, tiny), rows_of(project, tiny)
        assert len(found) == COUNT
        for content_id, row in found.items():
            assert float(row @ expected[content_id]) > 0.999


SLOWLY = """
import sys
from core.encoders import network
from core.intake import encoding
encoding._COMMIT_S = 0.0  # a commit for every part
encode = network.Network.encode_images
def slowly(self, pixels):
    import time
    time.sleep(0.05)
    return encode(self, pixels)
network.Network.encode_images = slowly
from app.cli import main
sys.exit(main(sys.argv[1:]))
"""


def _kill_after_first_commit(call: list[str], catalogue: Path) -> int:
    """Rows that were committed when the process died."""
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    place = f"file:{catalogue / 'catalogue.sqlite'}?mode=ro"
    rows = 0
    while process.poll() is None and not rows:
        time.sleep(0.01)
        with sqlite3.connect(place, uri=True) as database:
            rows = database.execute("SELECT coalesce(sum(rows), 0) FROM embeddings").fetchone()[0]
        database.close()
    process.kill()
    process.wait()
    with sqlite3.connect(place, uri=True) as database:
        kept = database.execute("SELECT coalesce(sum(rows), 0) FROM embeddings").fetchone()[0]
    database.close()
    return int(kept)


def test_the_precision_is_measured_once_on_the_catalogues_own_pictures(
    filled: Project, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.encoders import precision, registry

    seen = []
    choose = precision.choose

    def look(encoder: object, squares: np.ndarray, job: Job, among: int) -> precision.Measured:
        seen.append((*squares.shape, among))
        return choose(encoder, squares, job, among)  # type: ignore[arg-type]

    monkeypatch.setattr(registry, "choose", look)
    embeddings.embed(filled, tiny)
    assert seen == [(COUNT // 4, 32, 32, 3, COUNT)]
    entry = encoders.describe(tiny)
    assert entry.is_measured and entry.images_per_s and entry.images_per_s > 0
    with filled.write() as session:
        found = stored.find(session, tiny)
        assert found is not None
        stored.reset(session, found.id)
    embeddings.embed(filled, tiny)
    assert len(seen) == 1


def test_an_encoder_that_is_not_here_changes_nothing(filled: Project) -> None:
    before = embeddings.list_embeddings(filled)
    for name, sentence in (
        ("openclip:ViT-B-32@openai", "is not installed"),
        ("openclip:ViT-B-32@no_such_tag", "no encoder named"),
        ("run:mine", "no trained encoder"),
        ("nonsense", "no encoder named"),
    ):
        with pytest.raises(EncoderError, match=sentence):
            embeddings.embed(filled, name)
    assert embeddings.list_embeddings(filled) == before


def test_of_large_encoders_two_stay_loaded(filled: Project, tiny: str) -> None:
    names = [tiny, "timm:test_resnet", "timm:test_vit"]
    for name in names:
        encoders.load(filled, name)
    assert filled.kept(f"encoder:{tiny}") is None
    assert all(filled.kept(f"encoder:{name}") is not None for name in names[1:])
    assert filled.kept("encoder:builtin") is not None


def test_the_list_says_what_each_costs(tiny: str) -> None:
    found = {one.name: one for one in encoders.list_encoders()}
    first = next(iter(found.values()))
    assert (first.name, first.available) == ("builtin", True)
    small = found["openclip:ViT-B-32@datacomp_xl_s13b_b90k"]
    assert small.words and not small.available and "install" in small.why_not
    assert small.group == "small" and small.licence and small.download_bytes > 5e8
    random = found["timm:resnet18"]
    assert random.is_random and not random.available and "random" in random.why_not
    own = encoders.describe(tiny)
    assert own.available and own.is_installed


def test_the_same_weights_under_another_name_need_no_second_look(
    filled: Project, tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embeddings.embed(filled, tiny)
    folder = Path(tiny.removeprefix("openclip:local-dir:"))
    shutil.copytree(folder, tmp_path / "copy")
    monkeypatch.chdir(tmp_path)
    copy = f"openclip:local-dir:{tmp_path / 'copy'}"
    assert embeddings.embed(filled, "openclip:local-dir:copy") is Changes.NONE
    assert [one.encoder for one in embeddings.list_embeddings(filled)].count(copy) == 0
    assert embeddings.count(filled, "openclip:local-dir:copy/") == COUNT
    found = search.similar_to_words(filled, "red", encoder="openclip:local-dir:./copy", k=3)
    assert found == search.similar_to_words(filled, "red", encoder=tiny, k=3)


def test_weights_that_were_replaced_and_put_back_use_their_own_vectors(
    project: Project, many: Path, tiny: str, tmp_path: Path
) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for file in sorted(many.iterdir())[:3]:
        shutil.copy(file, few)
    asked = sorted(many.iterdir())[-1]
    name, place = f"openclip:local-dir:{tmp_path / 'own'}", tmp_path / "own"
    shutil.copytree(tiny.removeprefix("openclip:local-dir:"), place)
    sources.import_folders(project, [few])

    def answer() -> list[neighbours.Hit]:
        project.let_go(f"encoder:{name}")
        embeddings.embed(project, name)
        return search.similar_to_files(project, [asked], encoder=name)

    first, file = answer(), place / "open_clip_model.safetensors"
    kept = file.read_bytes()
    weights = load_file(file)
    weights["visual.proj"] = weights["visual.proj"].flip(0).contiguous()
    save_file(weights, file)
    project.let_go(f"encoder:{name}")
    with pytest.raises(EncoderError, match="another version"):
        search.similar_to_files(project, [asked], encoder=name)
    second = answer()
    assert second != first
    file.write_bytes(kept)
    assert answer() == first


def test_folders_are_read_where_the_default_encoder_is_gone(
    project: Project, photos: Path, tiny: str, tmp_path: Path
) -> None:
    place = tmp_path / "own"
    shutil.copytree(tiny.removeprefix("openclip:local-dir:"), place)
    encoders.set_default(project, f"openclip:local-dir:{place}")
    shutil.rmtree(place)
    with pytest.raises(
        EncoderError, match=r"are read, but not embedded: .*holds no OpenCLIP model"
    ):
        sources.import_folders(project, [photos])
    assert len(embeddings.lacking(project, "builtin")) > 0
    encoders.set_default(project, "builtin")
    assert sources.import_folders(project, [photos]).added == 0
    assert not len(embeddings.lacking(project, "builtin"))
