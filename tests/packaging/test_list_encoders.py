"""The list of encoders says what the installed open_clip and timm say."""

import importlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.encoders import known

ROOT = Path(__file__).parents[2]
SAMPLE = [
    "openclip:ViT-B-32",
    "openclip:ViTamin-S",
    "openclip:ViT-B-16-SigLIP2",
    "openclip:nllb-clip-base",
    "timm:resnet18",
    "timm:convnext_tiny",
    "timm:gcvit_xxtiny",
    "timm:vit_base_patch16_sapiens2",
]


@pytest.fixture
def list_encoders(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script of packaging/, which is no package."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield importlib.import_module("list_encoders")
    for name in ("list_encoders", "encoder_costs"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    text = (ROOT / "resources" / "encoders" / "known.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_is_described_as_it_is_listed(
    list_encoders: ModuleType, listed: dict[str, Any], name: str
) -> None:
    family, _, model = name.partition(":")
    described = json.loads(json.dumps(list_encoders.describe(name)))
    assert described == listed[family][model]


def test_every_name_of_the_libraries_is_listed(
    list_encoders: ModuleType, listed: dict[str, Any]
) -> None:
    timm, open_clip = list_encoders.libraries()
    assert known.made_of() == {"open_clip": open_clip.__version__, "timm": timm.__version__}
    assert list(listed["openclip"]) == open_clip.list_models()
    assert list(listed["timm"]) == timm.list_models()
    names = {one.name for one in known.everything() if not one.is_random}
    published = {f"openclip:{model}@{tag}" for model, tag in open_clip.list_pretrained()}
    timms = (name.partition(".") for name in timm.list_models(pretrained=True))
    assert names == published | {f"timm:{model}@{tag}" for model, _, tag in timms}


def test_the_file_is_as_the_script_writes_it(
    list_encoders: ModuleType, listed: dict[str, Any]
) -> None:
    text = (ROOT / "resources" / "encoders" / "known.json").read_text(encoding="utf-8")
    assert list_encoders.as_text(listed) == text


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(
    not os.environ.get("LOOKALIKE_TEST_ALL"), reason="takes ten minutes: set LOOKALIKE_TEST_ALL=1"
)
def test_the_whole_list_is_as_described(list_encoders: ModuleType, listed: dict[str, Any]) -> None:
    assert json.loads(json.dumps(list_encoders.gather())) == listed
