"""Search by words: weights, what is not wanted, files against words, and encoders that know none."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_openclip

from core.catalogue import facts
from core.catalogue.filters import Filter
from core.errors import EncoderError, UsageError
from core.operations import embeddings, encoders, projects, search, sources, words
from core.project import Project
from core.search.words import TEMPLATES


@pytest.fixture
def coloured(tmp_path: Path, flags: Path, colour_encoder: type) -> Iterator[Project]:
    """The flags, under an encoder that knows the names of their colours."""
    with projects.create(tmp_path / "flags.lookalike") as project:
        project.keep("encoder:builtin", colour_encoder)
        sources.import_folders(project, [flags])
        yield project


def found(project: Project, text: str, k: int = 3, **how: object) -> list[str]:
    hits = search.similar_to_words(project, text, k=k, **how)  # type: ignore[arg-type]
    scores = [one.score for one in hits]
    assert scores == sorted(scores, reverse=True)
    return [Path(one.path).stem for one in hits]


def test_words_find_what_they_name(coloured: Project) -> None:
    assert found(coloured, "red")[0] == "red"
    assert found(coloured, "something blue please")[0] == "blue"
    assert set(found(coloured, "red, blue", 2)) == {"red-blue", "blue-red"}
    assert search.similar_to_words(coloured, "red", k=1)[0].score == pytest.approx(1, abs=1e-3)


def test_weights_turn_the_balance(coloured: Project) -> None:
    assert found(coloured, "red^1.6, blue", 1) == ["red-blue"]  # three fifths are red
    assert found(coloured, "red, blue^1.6", 1) == ["blue-red"]


def test_a_minus_takes_away(coloured: Project) -> None:
    assert found(coloured, "yellow", 1) == ["yellow"]
    less_red = found(coloured, "yellow -red", 36)
    mostly_yellow = [name for name in less_red if name.startswith("yellow")]
    assert len(mostly_yellow) == 6 and mostly_yellow[-1] == "yellow-red"
    assert less_red[-1] == "red"
    assert found(coloured, "yellow", 36, minus=["red"]) == less_red
    assert "red" not in " ".join(found(coloured, "-red", 20))


def test_files_may_be_taken_away_from_words_and_words_from_files(
    coloured: Project, flags: Path
) -> None:
    yellow, red = flags / "yellow.png", flags / "red.png"
    for names in (
        found(coloured, "yellow", 35, minus=[red]),
        [
            Path(one.path).stem
            for one in search.similar_to_files(coloured, [yellow], minus=["red"], k=35)
        ],
    ):
        assert [one for one in names if one.startswith("yellow")][-1] == "yellow-red"
    both = search.similar_to_files(coloured, [yellow], minus=["red", flags / "blue.png"], k=3)
    assert [one for one in both if "red" in one.path or "blue" in one.path] == []


def test_what_was_named_as_a_file_is_left_out(coloured: Project, flags: Path) -> None:
    assert "blue" not in found(coloured, "red", 36, minus=[flags / "blue.png"])
    assert len(found(coloured, "red", 36, minus=[flags / "blue.png"])) == 35


def test_filters_count_inside_the_search(coloured: Project) -> None:
    assert found(coloured, "red", 2, wanted=Filter(text="green")) == ["red-green", "green-red"]


def test_templates_are_asked_unless_words_are_to_stand_alone(
    coloured: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    encoder = coloured.keep("encoder:builtin", lambda: None)
    read = encoder.encode_words  # type: ignore[attr-defined]

    def listen(texts: list[str]) -> np.ndarray:
        asked.append(texts)
        return np.asarray(read(texts))

    monkeypatch.setattr(encoder, "encode_words", listen)
    plain = found(coloured, "red -blue", 6, is_plain=True)
    assert asked.pop() == ["red", "blue"]
    assert found(coloured, "red -blue", 6) == plain  # this encoder hears colours alone
    texts = asked.pop()
    assert len(texts) == 2 * len(TEMPLATES) - 2 and "a photo of blue." in texts
    # What was read once is not read again: a filter asks the same again and again.
    found(coloured, "blue, red", 6, wanted=Filter(text="green"))
    assert asked == []


@pytest.mark.parametrize("text", ["", '"red', "red^x", "red -red^2"])
def test_words_that_make_no_sense_are_refused(coloured: Project, text: str) -> None:
    with pytest.raises(UsageError):
        search.similar_to_words(coloured, text)


def test_an_encoder_without_words_says_what_to_do(project: Project, photos: Path) -> None:
    sources.import_folders(project, [photos])
    assert words.state(project) == words.WordsState("builtin", False, ())
    with pytest.raises(EncoderError, match="builtin knows no words") as told:
        search.similar_to_words(project, "a disc")
    assert "Install one that does, such as openclip:" in told.value.remedy
    with pytest.raises(EncoderError, match="knows no words"):
        search.similar_to_files(project, [photos / "discs" / "disc-0.png"], minus=["a square"])
    words.prepare(project)  # there is nothing to prepare


def test_what_knows_words_is_told_without_loading_it(coloured: Project) -> None:
    assert words.state(coloured) == words.WordsState("builtin", True, ())
    words.prepare(coloured)
    assert words.knows(coloured, "openclip:ViT-B-32@laion2b_s34b_b79k")
    assert not words.knows(coloured, "timm:resnet18@a1_in1k")
    assert not words.knows(coloured, "no name")
    assert words.can_be_asked(coloured, "openclip:ViT-B-32@laion2b_s34b_b79k")
    assert not words.can_be_asked(coloured, "openclip:ViT-B-32")  # its weights are random


def test_openclip_reads_words_in_the_space_of_its_pictures(
    project: Project, flags: Path, tmp_path: Path
) -> None:
    name = f"openclip:local-dir:{tiny_openclip.make(tmp_path, 'clip-vit')}"
    sources.import_folders(project, [flags], embed=False)
    embeddings.embed(project, name)
    words.prepare(project, name)
    hits = search.similar_to_words(project, "a red car -street", k=36, encoder=name, is_plain=True)
    encoder = encoders.load(project, name)
    car, street = encoder.encode_words(["a red car", "street"])
    wanted = (car - 0.5 * street) / np.linalg.norm(car - 0.5 * street)
    stored = next(one for one in embeddings.list_embeddings(project) if one.encoder == name)
    rows = project.vectors(stored).read(0, stored.rows).astype(np.float32)
    assert len(hits) == 36
    assert np.allclose([one.score for one in hits], np.sort(rows @ wanted)[::-1], atol=2e-3)
    # Nobody named this encoder, and the default one knows no words.
    with pytest.raises(EncoderError, match="has no vectors of builtin"):
        search.similar_to_words(project, "a red car")


def test_random_weights_are_searched_only_where_they_are_named(
    project: Project, flags: Path
) -> None:
    name = "timm:test_vit"
    sources.import_folders(project, [flags], embed=False)
    embeddings.embed(project, name)
    with project.write() as session:
        facts.put(session, "default_encoder", name)  # as an older version may have left it
    assert len(search.similar_to_files(project, [flags / "red.png"], k=3, encoder=name)) == 3
    with pytest.raises(EncoderError, match="random weights"):
        search.similar_to_files(project, [flags / "red.png"])
