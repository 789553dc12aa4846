"""The list of encoders: complete, found by name and by words, and there without torch."""

import subprocess
import sys
import time
from importlib import resources

import pytest

from core.encoders import known
from core.encoders.names import parse


def found(name: str) -> known.Known:
    one = known.find(parse(name))
    assert one is not None
    return one


def test_an_openclip_encoder_with_published_weights() -> None:
    one = found("openclip:ViT-B-32@laion2b_s34b_b79k")
    assert (one.dim, one.words, one.is_random) == (512, True, False)
    assert one.preprocessing.size_px == 224
    assert (one.preprocessing.fit, one.preprocessing.resample) == ("crop", "bicubic")
    assert one.repo == "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    assert one.weights == ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
    assert one.parameters == 151_277_313  # as the paper's authors count
    assert one.work.gflops == pytest.approx(8.8, rel=0.05)  # 4.4 G multiplications and additions
    assert not one.tokenizer_repo and not one.text_repo
    assert 0.6e9 < one.download_bytes < 0.61e9


def test_weights_may_want_other_pixels_than_their_architecture() -> None:
    plain, siglip = found("openclip:ViT-B-16-SigLIP2"), found("openclip:ViT-B-16-SigLIP2@webli")
    assert (plain.preprocessing.fit, siglip.preprocessing.fit) == ("crop", "squash")
    assert siglip.mean == (0.5, 0.5, 0.5)
    assert siglip.tokenizer_repo == "timm/ViT-B-16-SigLIP2"
    small, large = (
        found("timm:convnext_tiny@fb_in1k"),
        found("timm:convnext_tiny@fb_in22k_ft_in1k_384"),
    )
    assert (small.preprocessing.size_px, large.preprocessing.size_px) == (224, 384)
    assert large.work.gflops == pytest.approx(small.work.gflops * (384 / 224) ** 2, rel=0.02)


def test_text_towers_of_another_library_are_named() -> None:
    one = found("openclip:roberta-ViT-B-32@laion2b_s12b_b32k")
    assert one.text_repo == one.tokenizer_repo == "FacebookAI/roberta-base"


def test_a_timm_encoder() -> None:
    one = found("timm:resnet18@a1_in1k")
    assert (one.dim, one.words, one.repo) == (512, False, "timm/resnet18.a1_in1k")
    assert one.weights == ("model.safetensors", "pytorch_model.bin")
    assert one.licence == "apache-2.0"
    # Without its classifier; the file holds it.
    assert one.parameters == 11_176_512
    assert one.download_bytes == 4 * 11_689_512


def test_weights_that_are_not_on_the_hub_say_where_they_are() -> None:
    one = found("timm:gcvit_base@in1k")
    assert not one.repo and not one.weights
    assert one.url.startswith("https://")


def test_architectures_alone_are_random_and_know_no_words() -> None:
    for name in ("openclip:ViT-B-32", "timm:resnet18"):
        one = found(name)
        assert one.is_random and not one.words and not one.repo and not one.download_bytes


def test_a_checkpoint_of_ones_own_takes_its_architecture() -> None:
    one = found("openclip:ViT-B-32@/models/mine.safetensors")
    assert (one.name, one.dim, one.words) == (
        "openclip:ViT-B-32@/models/mine.safetensors",
        512,
        True,
    )
    assert not found("timm:resnet18@/models/mine.safetensors").words


@pytest.mark.parametrize(
    "name",
    [
        "builtin",
        "openclip:ViT-B-31",
        "openclip:ViT-B-32@no_such_tag",
        "timm:hf-hub:somebody/something",
        "run:first",
    ],
)
def test_what_is_not_in_the_list(name: str) -> None:
    assert known.find(parse(name)) is None


def test_every_name_is_one_that_names_reads() -> None:
    for one in known.everything():
        assert str(parse(one.name)) == one.name
        assert one.is_random == parse(one.name).is_random


def test_figures_are_there_for_all() -> None:
    for one in known.everything():
        assert one.dim > 0 and one.parameters >= one.image_parameters > 0, one.name
        assert one.work.gflops > 0 and one.work.values > 0, one.name
        assert 16 <= one.preprocessing.size_px <= 1024, one.name
        assert 0 < one.preprocessing.share <= 1, one.name
        assert bool(one.repo) == bool(one.weights), one.name
        assert one.is_random or one.repo or one.url, one.name


def test_a_search_wants_every_word_in_any_order_and_case() -> None:
    names = [one.name for one in known.search("SIGLIP2 b-16")]
    assert "openclip:ViT-B-16-SigLIP2@webli" in names
    assert all("siglip2" in name.lower() and "b-16" in name.lower() for name in names)
    assert known.search("no such thing") == []
    assert len(known.search("")) == len(known.everything()) > 2000


def test_published_weights_come_before_random_ones_and_numbers_count() -> None:
    names = [one.name for one in known.search("timm:resnet")]
    assert names.index("timm:resnet18@a1_in1k") < names.index("timm:resnet101@a1_in1k")
    assert names.index("timm:resnet152@a1_in1k") < names.index("timm:resnet18")


def test_the_recommended_exist_and_say_what_they_are() -> None:
    few = known.recommended()
    entries = [found(one.name) for one in few]
    assert {one.group for one in few} == {"small", "balanced", "best"}
    for group in ("small", "balanced", "best"):
        words = {entry.words for one, entry in zip(few, entries, strict=True) if one.group == group}
        assert words == {True, False}
    assert {one.licence for one in entries} <= {"mit", "apache-2.0"}
    assert all(one.title and one.about.endswith(".") for one in few)


def test_a_licence_that_nobody_states_sends_to_the_page() -> None:
    assert known.licence_text("mit") == "mit"
    assert "page" in known.licence_text("")


def test_the_list_is_small_and_quick_and_imports_nothing_heavy() -> None:
    file = resources.files("resources") / "encoders" / "known.json"
    assert len(file.read_bytes()) < 600_000
    code = (
        "import sys; from core.encoders import known, estimate; known.everything(); "
        "sys.exit(any(name in sys.modules for name in ('torch', 'timm', 'open_clip')))"
    )
    started = time.perf_counter()
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
    assert time.perf_counter() - started < 20
