"""The command line as other programs see it: documents, exit codes, one sentence for what is wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.catalogue import embeddings as embedding_rows
from core.images.decode import DecodeTask, decode
from core.operations import embeddings, encoders, images, links, projects
from core.operations import words as knowing_words

ROOT = Path(__file__).parents[2]


@pytest.fixture
def catalogue(call: Any, photos: Path, tmp_path: Path) -> Path:
    path = tmp_path / "c.lookalike"
    document = call("import", photos, "--catalogue", path, "--json").document
    assert (document["added"], document["unreadable"], document["ignored"]) == (13, 1, 1)
    return path


def test_info(call: Any, catalogue: Path, photos: Path) -> None:
    document = call("info", "--catalogue", catalogue, "--json").document
    assert (document["images"], document["contents"], document["ignored"]) == (13, 12, 1)
    assert [one["path"] for one in document["unreadable"]] == [f"{photos}/discs/broken.jpg"]
    (embedding,) = document["embeddings"]
    assert embedding["encoder"] == "builtin" and embedding["contents"] == 12
    assert embedding["dim"] <= 2048
    assert document["sources"][0]["path"] == str(photos)
    assert "13 images" in call("info", "--catalogue", catalogue).out


def test_similar(call: Any, catalogue: Path, photos: Path, tmp_path: Path) -> None:
    query = photos / "discs" / "disc-0.png"
    found = call("similar", "--catalogue", catalogue, "--image", query, "-k", 5, "--json").document
    assert len(found) == 5 and found[0].keys() == {"path", "score"}
    assert found[0]["path"] == f"{photos}/squares/disc-0 copy.png"
    assert str(query) not in [one["path"] for one in found]
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    filtered = call(
        "similar",
        "--catalogue",
        catalogue,
        "--image",
        query,
        "--filter",
        "class:triangles",
        "--json",
    ).document
    assert len(filtered) == 4
    assert "knows no words" in call("similar", "--catalogue", catalogue, "--text", "a disc").refusal
    assert "no file" in call("similar", "--catalogue", catalogue, "--image", tmp_path / "x").refusal


def test_similar_by_words(
    call: Any, flags: Path, tmp_path: Path, colour_encoder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = tmp_path / "flags.lookalike", colour_encoder()
    monkeypatch.setattr(encoders, "load", lambda project, name=None: words)
    monkeypatch.setattr(encoders, "key_of", lambda project, name: words.key)
    monkeypatch.setattr(knowing_words, "knows", lambda project, name: True)
    call("import", flags, "--catalogue", path)

    def names(*arguments: object) -> list[str]:
        answer = call("similar", "--catalogue", path, "--json", "-k", 6, *arguments)
        return [Path(one["path"]).stem for one in answer.document]

    assert names("--text", "red")[0] == "red"
    assert names("--text", "yellow -red")[-1] == "yellow-red"
    assert names("--text", "yellow", "--not", "red", "--plain")[-1] == "yellow-red"
    assert names("--text", "yellow", "--not", flags / "red.png")[-1] == "yellow-red"
    less = names("--image", flags / "yellow.png", "--not", "red", "blue")
    assert less[0] in ("yellow-black", "yellow-white", "yellow-green")
    assert names("--text", "red", "--filter", "green")[:2] == ["red-green", "green-red"]
    asked = ("similar", "--catalogue", path, "--text")
    assert "quote is not closed" in call(*asked, '"red').refusal
    assert "no file" in call(*asked, "red", "--not", "nowhere.png").refusal
    assert "region" in call(*asked, "red", "--region", "0,0,1,1").refusal


def test_neighbours_layout_embed(call: Any, catalogue: Path) -> None:
    assert call("neighbours", "--catalogue", catalogue, "-k", 3, "--json").document["k"] == 3
    assert call("layout", "--catalogue", catalogue, "--json").document["images"] == 13
    embedded = call("embed", "--catalogue", catalogue, "--encoder", "builtin", "--json").document
    assert embedded["contents"] == 12
    refusal = call("embed", "--catalogue", catalogue, "--encoder", "openclip:X").refusal
    assert "no encoder named" in refusal
    assert "no layout named" in call("layout", "--catalogue", catalogue, "--method", "x").refusal


def test_duplicates_pairs_labels_tags(
    call: Any, catalogue: Path, photos: Path, tmp_path: Path
) -> None:
    with projects.open(catalogue):  # beside a writer: looked for in memory
        beside = call("duplicates", "--catalogue", catalogue, "--json").document
    found = call("duplicates", "--catalogue", catalogue, "--json").document
    assert found == beside
    with projects.open(catalogue, write=False) as project:
        assert links.is_current(project)  # kept
    assert call("duplicates", "--catalogue", catalogue, "--threshold", "1", "--json").document
    exact = [one for one in found if one["kind"] == "exact"]
    assert len(exact) == 1 and exact[0].keys() == {"a", "b", "score", "kind", "differs"}
    table = tmp_path / "pairs.csv"
    discs = [photos / "discs" / f"disc-{number}.png" for number in (0, 1, 2)]
    said = ((0, 1, "duplicate"), (1, 2, "duplicate"), (0, 2, "similar"))
    rows = [f"{discs[a]},{discs[b]},{verdict}" for a, b, verdict in said]
    table.write_text("\n".join(["a,b,verdict", *rows]))
    kept = call("pairs", "--catalogue", catalogue, "--import", table, "--json").document
    assert (kept["kept"], kept["contradicting"]) == (3, 1)
    (clash,) = kept["contradictions"]
    assert clash["line"] == 4 and "cannot be similar as well" in clash["why"]
    out = tmp_path / "out.csv"
    assert call("pairs", "--catalogue", catalogue, "--export", out, "--json").document["rows"] == 3
    assert out.read_text().splitlines()[0] == "a,b,verdict"
    assert (
        call("labels", "--catalogue", catalogue, "--export", out, "--json").document["rows"] == 13
    )
    assert (
        call("labels", "--catalogue", catalogue, "--import", out, "--json").document["kept"] == 13
    )
    tagged = call(
        "tag", "--catalogue", catalogue, "--add", "x", photos / "discs" / "disc-0.png", "--json"
    )
    assert tagged.document == [{"tag": "x", "images": 1}]
    refusal = call("tag", "--catalogue", catalogue, "--add", "x", tmp_path / "nowhere.png").refusal
    assert "not in the catalogue" in refusal


def test_evaluate(call: Any, catalogue: Path) -> None:
    found = call("evaluate", "--catalogue", catalogue, "--labels", "folders", "--json").document
    assert {"recall@1", "recall@5", "recall@10", "map@r", "queries"} <= found.keys()
    assert found["queries"] == 13
    lines = call("evaluate", "--catalogue", catalogue, "--labels", "folders").out.splitlines()
    (recall,) = [one for one in lines if one.startswith("recall@1 ")]
    assert recall.endswith(", 95 %)") and not any("{" in one for one in lines)
    assert "no classes" in call("evaluate", "--catalogue", catalogue, "--labels", "tags").refusal


def test_bad_places(call: Any, photos: Path, tmp_path: Path) -> None:
    nowhere, path = tmp_path / "nowhere", tmp_path / "new.lookalike"
    assert "does not exist" in call("import", nowhere, "--catalogue", path).refusal
    assert "is a file" in call("import", photos / "notes.txt", "--catalogue", path).refusal
    assert not path.exists()
    assert "no catalogue" in call("info", "--catalogue", nowhere).refusal
    assert "not a Lookalike catalogue" in call("info", "--catalogue", photos).refusal
    assert "own place" in call("import", photos, "--catalogue", photos).refusal
    assert (
        "exists already"
        in call("import", photos / "discs", "--catalogue", photos / "squares").refusal
    )
    assert "no encoder" in call("import", photos, "--catalogue", path, "--encoder", "x").refusal
    assert not path.exists()
    long = tmp_path / ("x" * 300)
    assert call("info", "--catalogue", long).refusal
    assert call("similar", "--catalogue", long, "--image", long).refusal
    assert "There is no folder" in call(nowhere).refusal


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"],
        ["similar", "--catalogue", "x", "--image", "y", "-k", "0"],
        ["evaluate", "--catalogue", "x", "--labels", "nonsense"],
        ["duplicates", "--catalogue", "x", "--threshold", "7"],
        ["similar", "--catalogue", "x", "--image", "y", "--region", "0,0,2,2"],
        ["--nonsense"],
        ["nonsense", "more"],
        ["source", "--catalogue", "x", "rebind", "one"],
        ["similar", "--catalogue", "x", "--image", "y", "--region", "nan,0,1,1"],
        ["import", "", "--catalogue", "x"],
    ],
)
def test_wrong_usage(call: Any, arguments: list[str]) -> None:
    answer = call(*arguments)
    assert answer.code == 2 and "usage:" in answer.err


def test_no_window_code_and_no_torch_for_light_calls(catalogue: Path) -> None:
    code = (
        "import sys; from app import cli\n"
        "code = cli.main(sys.argv[1:])\n"
        "heavy = {'torch', 'torchvision', 'open_clip', 'timm', 'transformers', 'huggingface_hub',"
        " 'faiss', 'PySide6', 'pyqtgraph'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, "info", "--catalogue", str(catalogue), "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert answer.stderr.strip() == "[]"
    assert json.loads(answer.stdout)["images"] == 13


def start(catalogue: Path, folder: Path, *more: str) -> subprocess.Popen[str]:
    """An import in a process of its own, with real decode workers."""
    environment = {**os.environ, "LOOKALIKE_WORKERS": "2"}
    return subprocess.Popen(
        [sys.executable, "-m", "app", "import", str(folder), "--catalogue", str(catalogue), *more],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def images_so_far(call: Any, catalogue: Path) -> int:
    if not (catalogue / "catalogue.sqlite").exists():
        return 0
    return int(call("info", "--catalogue", catalogue, "--json").document["images"])


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, make_picture: Any) -> Path:
    """Six hundred pictures, for looking only."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(600):
        make_picture(number, size=(320, 240)).save(folder / f"{number:03}.png")
    return folder


def vectors_of_other_bytes(catalogue: Path) -> list[str]:
    """Every seventh image whose stored vector is not what the encoder makes of its file now."""
    with projects.open(catalogue, write=False) as project:
        (embedding,) = embeddings.list_embeddings(project)
        encoder = encoders.load(project)
        ids = images.list_ids(project)[::7]
        contents = images.content_ids(project, ids)
        with project.read() as session:
            owners = embedding_rows.owners(session, embedding.id)
        stored = project.vectors(embedding).read(0, len(owners)).astype(np.float32)
        row_of = {int(owner): row for row, owner in enumerate(owners)}
        wrong = []
        for image, content_id in zip(images.describe(project, ids.tolist()), contents, strict=True):
            way = encoder.preprocessing
            _, square = decode(DecodeTask(os.fsencode(image.path), way.size_px, way.fit))
            assert square is not None
            fresh = encoder.encode_images(square[None])[0]
            if float(fresh @ stored[row_of[int(content_id)]]) < 0.999:
                wrong.append(image.path)
    return wrong


@pytest.mark.slow
def test_kill_in_the_middle_loses_and_doubles_nothing(
    call: Any, many: Path, tmp_path: Path
) -> None:
    catalogue = tmp_path / "c.lookalike"
    kept = 0
    for _ in range(2):
        process = start(catalogue, many)
        deadline = time.monotonic() + 60
        while images_so_far(call, catalogue) <= kept and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)  # a look takes as long, and a batch a good deal longer
        process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        process.communicate()
        left = images_so_far(call, catalogue)
        assert left > kept
        kept = left
    assert 0 < kept < 600
    document = call("import", many, "--catalogue", catalogue, "--json").document
    assert (document["added"], document["unchanged"]) == (600 - kept, kept)
    found = call("info", "--catalogue", catalogue, "--json").document
    assert (found["images"], found["contents"], found["unreadable"]) == (600, 600, [])
    assert found["embeddings"][0]["contents"] == 600
    assert not vectors_of_other_bytes(catalogue)


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to a child there")
def test_interrupted_keeps_what_was_done(call: Any, many: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "c.lookalike"
    process = start(catalogue, many, "--no-embed")
    while not images_so_far(call, catalogue):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "what was done is kept" in err and "Traceback" not in err
    kept = images_so_far(call, catalogue)
    assert 0 < kept < 600


def test_killed_while_the_catalogue_is_made(call: Any, photos: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "c.lookalike"
    for delay_s in (0.6, 0.8, 1.0, 1.2):
        process = start(catalogue, photos, "--no-embed")
        time.sleep(delay_s)
        process.kill()
        process.communicate()
        assert not catalogue.exists() or (catalogue / "catalogue.sqlite").exists()
    report = call("import", photos, "--catalogue", catalogue, "--no-embed", "--json").document
    assert report["added"] + report["unchanged"] == 13
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".new")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and a POSIX shell")
def test_closed_and_full_streams(catalogue: Path) -> None:
    command = f"'{sys.executable}' -m app info --catalogue '{catalogue}'"
    for ending, code in (("| head -1", 0), (">&-", 0), ("2>&-", 0), ("> /dev/full", 1)):
        shell = f"set -o pipefail; {command} {ending}"
        answer = subprocess.run(
            ["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert answer.returncode == code, (ending, answer.stderr)
        assert "Traceback" not in answer.stderr


def test_a_second_writer_is_told_who_writes(call: Any, catalogue: Path, photos: Path) -> None:
    with projects.open(catalogue):
        refusal = call("import", photos, "--catalogue", catalogue).refusal
        assert "is being written by" in refusal
        assert call("info", "--catalogue", catalogue, "--json").document["images"] == 13
