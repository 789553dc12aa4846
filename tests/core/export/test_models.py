"""Exported models: each format read back gives the vectors of the encoder, and a card says the truth and runs."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_models
import numpy as np
import pytest
import torch
from PIL import Image, ImageCms
from safetensors import safe_open

from core.encoders import complete
from core.errors import EncoderError, ExportError, UsageError
from core.export import model_card, model_recipes, onnx, torchscript
from core.export.model_material import Model
from core.images.decode import DecodeTask, decode
from core.jobs import Job
from core.operations import encoders, export_models, exports, model_files, projects
from core.project import Project

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with projects.create(tmp_path / "c.lookalike") as opened:
        yield opened


def export(project: Project, out: Path, form: str, run: str = "") -> Path:
    options = {"run": run} if run else {}
    exports.export(project, exports.Request("model", form, out, options=options))
    return out


def material(project: Project, run: str = "", form: str = "safetensors") -> Model:
    options = {"run": run} if run else {}
    return export_models.material(project, exports.Request("model", form, options=options), Job())


def snippets(card: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", card.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("kind", made_models.KINDS)
def test_the_whole_comes_back_with_the_same_vectors(
    project: Project, tmp_path: Path, kind: str
) -> None:
    made_models.make(project, kind, tmp_path)
    live = encoders.load(project, f"run:{kind}")
    squares = made_models.pictures(live.preprocessing.size_px)
    wanted = live.encode_images(squares)
    assert np.abs(wanted[0] - wanted[1]).max() > 1e-3  # or this test would say nothing
    read = model_files.load(export(project, tmp_path / "m.safetensors", "safetensors", kind))
    np.testing.assert_allclose(read.encode_images(squares), wanted, atol=1e-4)
    assert read.preprocessing == live.preprocessing and read.dim == live.dim
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("kind", ["flora", "clip"])
def test_torchscript_gives_the_same_vectors(project: Project, tmp_path: Path, kind: str) -> None:
    made_models.make(project, kind, tmp_path)
    live = encoders.load(project, f"run:{kind}")
    squares = made_models.pictures(live.preprocessing.size_px)
    wanted = live.encode_images(squares)
    script = export(project, tmp_path / "m.pt", "torchscript")
    ready = complete.of_run(encoders.models_folder(project), kind).ready(squares)
    with pytest.warns(DeprecationWarning, match=r"torch\.jit\.load"):
        read = torch.jit.load(script)
    with torch.inference_mode(), torch.jit.optimized_execution(False):
        for some in (ready, ready[:1]):
            np.testing.assert_allclose(read(some), wanted[: len(some)], atol=1e-4)
    with zipfile.ZipFile(script) as archive:  # nothing of this machine is in it
        places = [one for one in archive.namelist() if os.fsencode(ROOT) in archive.read(one)]
    assert places == []
    assert not list(tmp_path.glob(".*.part"))


def test_torchscript_runs_with_torch_alone_as_its_card_says(
    project: Project, tmp_path: Path
) -> None:
    made_models.make(project, "builtin", tmp_path)
    export(project, tmp_path / "it's mine.pt", "torchscript")
    square = made_models.pictures(96, 1)
    Image.fromarray(square[0]).save(tmp_path / "photo.jpg", "PNG")
    (code,) = snippets(tmp_path / "it's mine.pt.md")
    code += "\nimport json, sys\nprint(json.dumps([vectors.tolist(), sorted(sys.modules)]))"
    found = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", code],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    vectors, modules = json.loads(found.stdout)
    assert not {"core", "timm", "open_clip", "torchvision"} & set(modules)
    wanted = encoders.load(project, "run:builtin").encode_images(square)
    np.testing.assert_allclose(np.array(vectors), wanted, atol=1e-4)


@pytest.mark.parametrize("kind", ["vit", "whole"])
def test_the_code_on_the_card_of_safetensors_runs(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made_models.make(project, kind, tmp_path)
    live = encoders.load(project, f"run:{kind}")
    out = export(project, tmp_path / "m.safetensors", "safetensors")
    square = made_models.pictures(live.preprocessing.size_px, 1)
    Image.fromarray(square[0]).save(tmp_path / "photo.jpg", "PNG")
    monkeypatch.chdir(tmp_path)
    found = snippets(out.with_name("m.safetensors.md"))
    assert len(found) == (1 if kind == "whole" else 2)
    share = live.preprocessing.share
    for code in found:
        names: dict[str, Any] = {}
        exec(compile(code, "card", "exec"), names)
        vectors = np.asarray(names["vectors"])
        assert vectors.shape == (1, live.dim)
        if share == 1.0:
            np.testing.assert_allclose(vectors, live.encode_images(square), atol=1e-4)
        else:  # a part is cut out and scaled: as the code on the card did it
            cut = np.asarray(names["square"])[None]
            np.testing.assert_allclose(vectors, live.encode_images(cut), atol=1e-4)


def _pictures() -> dict[str, tuple[Image.Image, dict[str, Any]]]:
    """Pictures that are not plain 8-bit sRGB, with what they are saved with, by the name of their file."""
    noise = np.random.default_rng(3).integers(0, 256, (40, 30, 4), dtype=np.uint8)
    colour = Image.fromarray(noise[..., :3])
    turned = Image.Exif()
    turned[0x0112] = 6
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = usual.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")
    deep = noise[..., 0].astype(np.uint16)
    return {
        "alpha.png": (Image.fromarray(noise), {}),
        "grey.png": (Image.fromarray(np.ascontiguousarray(noise[..., 2:])).convert("LA"), {}),
        "palette.png": (colour.quantize(16), {"transparency": 3}),
        "keyed.png": (colour, {"transparency": tuple(noise[0, 0, :3].tolist())}),
        "16.png": (Image.fromarray(deep * 250), {}),
        "12.png": (Image.fromarray(deep * 16), {}),
        "turned.png": (colour, {"exif": turned}),
        "other.png": (colour, {"icc_profile": swapped}),
        "broken.png": (colour, {"icc_profile": usual[:200]}),
        "cmyk.tiff": (colour.convert("CMYK"), {}),
    }


@pytest.mark.parametrize("name", _pictures())
def test_a_picture_is_opened_on_the_card_as_the_program_does(tmp_path: Path, name: str) -> None:
    picture, more = _pictures()[name]
    picture.save(tmp_path / name, **more)
    names: dict[str, Any] = {}
    exec(compile(model_recipes.OPENED, "card", "exec"), names)
    task = DecodeTask(os.fsencode(tmp_path / name), longest_px=40, only_pixels=True)
    _, wanted = decode(task)
    found = np.asarray(names["opened"](tmp_path / name))
    np.testing.assert_allclose(found.astype(int), wanted.astype(int), atol=2)


def test_the_call_on_the_card_may_hold_blanks(project: Project, tmp_path: Path) -> None:
    made_models.make(project, "whole", tmp_path)
    out = export(project, tmp_path / "my model.safetensors", "safetensors")
    card = out.with_name("my model.safetensors.md").read_text(encoding="utf-8")
    assert "import 'my model.safetensors'\n" in card


def test_the_same_run_gives_the_same_file_and_card(project: Project, tmp_path: Path) -> None:
    made_models.make(project, "flora", tmp_path)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        export(project, tmp_path / folder / "m.safetensors", "safetensors")
        export(project, tmp_path / folder / "t.safetensors", "adapters")
    for name in ("m.safetensors", "m.safetensors.md", "t.safetensors", "t.safetensors.md"):
        one, other = (tmp_path / folder / name for folder in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()
        assert one.stat().st_mode == (tmp_path / "a" / "m.safetensors.md").stat().st_mode


def test_only_what_was_trained(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_models.make(project, "flora", tmp_path)
    out = export(project, tmp_path / "t.safetensors", "adapters")
    kept = encoders.models_folder(project) / "flora" / "encoder.safetensors"
    with safe_open(out, "pt") as mine, safe_open(kept, "pt") as theirs:
        about = json.loads(mine.metadata()["lookalike"])
        assert set(mine.keys()) == set(theirs.keys())
        assert all(mine.get_tensor(one).equal(theirs.get_tensor(one)) for one in theirs.keys())  # noqa: SIM118
        names_there = set(mine.keys())
    assert about["base"].startswith("small:conv4@") and about["base_key"] == "key of the base"
    assert about["adapter"] == "flora" and about["rank"] == 2
    monkeypatch.chdir(tmp_path)
    (code,) = snippets(out.with_name("t.safetensors.md"))
    names: dict[str, Any] = {}
    exec(compile(code, "card", "exec"), names)
    assert set(names["tensors"]) == names_there and names["about"] == about


def test_the_card_says_what_was_measured_and_under_which_licence(
    project: Project, tmp_path: Path
) -> None:
    made_models.make(project, "whole", tmp_path)
    out = export(project, tmp_path / "m.safetensors", "safetensors")
    card = out.with_name("m.safetensors.md").read_text(encoding="utf-8")
    assert "0.8000 [0.7700, 0.8300]" in card and "+0.0500 [+0.0300, +0.0700]" in card
    assert "| discs | 12 | 0.5000 | 0.7500 |" in card and "is **unknown**" in card
    assert "| seconds | 38.0 |" in card and "learnt from: unknown" in card
    assert hashlib.sha256(out.read_bytes()).hexdigest() in card
    facts = material(project).facts
    told = {
        "cc-by-nc-4.0": "forbids commercial use",
        "mit": "**mit**",
        "": "unknown",
    }
    for licence, words in told.items():
        text = model_card.licence(_with(facts, licence=licence))
        assert words in text and ("commercial" in text) == ("nc" in licence)
    assert "trained from nothing" in model_card.licence(_with(facts, is_from_scratch=True))
    # Names that would break a table do not.
    hostile = _with(facts, name="a | b\n# c `d` <script>")
    first = model_card.text(hostile, "use", None, []).splitlines()
    assert first[0] == r"# a \| b \# c \`d\` \<script\>"


def _with(facts: Any, **given: Any) -> Any:
    return replace(facts, **given)


def test_which_run_is_meant(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no trained encoder in this catalogue"):
        material(project)
    made_models.make(project, "whole", tmp_path, name="old")
    made_models.make(project, "whole", tmp_path, name="new")
    made_models.make(project, "whole", tmp_path, name="broken", status="failed", result={})
    assert material(project).facts.name == "new"
    encoders.set_default(project, "run:old")
    assert material(project).facts.name == "old"
    assert material(project, "run:new").facts.name == "new"
    with pytest.raises(UsageError, match="'broken' is not finished"):
        material(project, "broken")
    with pytest.raises(UsageError, match="no run named 'none'"):
        material(project, "none")
    shown = exports.preview(project, exports.Request("model", "adapters"))
    assert ("name", "old") in shown.rows and shown.count == 1 and shown.size_bytes
    (encoders.models_folder(project) / "new" / "encoder.json").write_text("{")
    with pytest.raises(EncoderError, match="gone or damaged"):
        material(project, "new")


def test_what_differs_is_not_written(project: Project, tmp_path: Path) -> None:
    made_models.make(project, "whole", tmp_path)
    made_models.make(project, "flora", tmp_path)
    models = encoders.models_folder(project)
    one, other = complete.of_run(models, "whole"), complete.of_run(models, "flora")
    with pytest.raises(EncoderError, match="gives other vectors than the encoder itself"):
        complete.check_live(one, encoders.load(project, "run:flora"))
    assert complete.check_live(one, encoders.load(project, "run:whole")) < 1e-4
    out = export(project, tmp_path / "m.pt", "torchscript", "whole")
    assert torchscript.check(one, str(out)) < 1e-4
    with pytest.raises(ExportError, match="differ by"):
        torchscript.check(other, str(out))
    out.write_bytes(b"nothing")
    with pytest.raises(ExportError, match="does not run"):
        torchscript.check(one, str(out))


def test_a_network_with_a_fixed_number_of_pictures_is_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fixed(torch.nn.Module):
        """Lets a trace bake in how many pictures there were."""

        def forward(self, planes: torch.Tensor) -> torch.Tensor:
            return planes.reshape(int(planes.shape[0]), -1)[:, :64]

    made_models.make(project, "whole", tmp_path)
    whole = complete.of_run(encoders.models_folder(project), "whole")
    head = complete.heads.LinearHead(64, 4)
    fixed = _with(whole, network=complete.Chain(Fixed(), [head]).eval())
    model = Model(material(project).facts, lambda: fixed, dict)
    with (
        pytest.raises(ExportError, match="cannot be written as TorchScript"),
        exports.destination.writing(tmp_path / "m.pt", is_folder=False) as made,
    ):
        torchscript.write(model, made, {}, Job())
    assert not list(tmp_path.glob("*.pt*"))


def test_onnx_says_what_it_needs(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_models.make(project, "whole", tmp_path)
    monkeypatch.setattr(onnx, "_NEEDS", ("a_package_that_is_not_there",))
    with pytest.raises(ExportError, match=r"lookalike\[onnx\]"):
        export(project, tmp_path / "m.onnx", "onnx")
    assert not list(tmp_path.glob("*m.onnx*"))


@pytest.mark.parametrize("kind", ["builtin", "clip"])
def test_onnx_gives_the_same_vectors(project: Project, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    made_models.make(project, kind, tmp_path)
    live = encoders.load(project, f"run:{kind}")
    out = export(project, tmp_path / "m.onnx", "onnx")
    assert os.fsencode(ROOT) not in out.read_bytes()
    squares = made_models.pictures(live.preprocessing.size_px)
    ready = complete.of_run(encoders.models_folder(project), kind).ready(squares).numpy()
    session = runtime.InferenceSession(str(out))
    for some in (ready, ready[:1]):
        (found,) = session.run(None, {"pixels": some})
        np.testing.assert_allclose(found, live.encode_images(squares)[: len(some)], atol=1e-4)
    whole = complete.of_run(encoders.models_folder(project), kind)
    made_models.make(project, "lora", tmp_path, name="other")
    other = complete.of_run(encoders.models_folder(project), "other")
    with pytest.raises(ExportError, match="ONNX"):
        onnx.check(other, out)
    assert onnx.check(whole, out) < 1e-4
