"""Trained encoders carried from one catalogue to another: the same vectors there, and bad files refused."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_models
import numpy as np
import pytest
import training_samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from core.encoders import builtin_constants, run_files
from core.errors import DiskFull, EncoderError, KnownError, UsageError
from core.operations import (
    encoders,
    export_models,
    export_report_training,
    exports,
    model_files,
    projects,
    runs,
)
from core.project import Project
from core.training import checkpoint, told


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Project]:
    """Where encoders are trained."""
    with projects.create(tmp_path / "home.lookalike") as opened:
        yield opened


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Project]:
    """Another catalogue."""
    with projects.create(tmp_path / "away.lookalike") as opened:
        yield opened


def exported(home: Project, kind: str, folder: Path) -> Path:
    made_models.make(home, kind, folder)
    out = folder / f"{kind} exported.safetensors"
    exports.export(home, exports.Request("model", "safetensors", out, options={"run": kind}))
    return out


def changed(file: Path, out: Path, about: Any = None, tensors: Any = None) -> Path:
    """The same file with other metadata or tensors."""
    with safe_open(file, "pt") as opened:
        said = json.loads(opened.metadata()["lookalike"])
        held = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
    said = said if about is None else about(said)
    save_file(held if tensors is None else tensors(held), out, {"lookalike": json.dumps(said)})
    return out


@pytest.mark.parametrize("kind", ["builtin", "flora", "vit", "chain"])
def test_a_run_moves_to_another_catalogue_without_its_base(
    home: Project, away: Project, tmp_path: Path, kind: str
) -> None:
    out = exported(home, kind, tmp_path)
    live = encoders.load(home, f"run:{kind}")
    squares = made_models.pictures(live.preprocessing.size_px)
    wanted = live.encode_images(squares)
    for weights in tmp_path.glob("*.safetensors"):
        if weights != out:
            weights.unlink()  # those that it started from
    run = model_files.import_run(away, out)
    assert run.name == kind and run.status == "candidate" and not run.is_default
    assert "not measured here" in run.result["verdict"] and not run.result["is_better"]
    assert run.result["after"] == runs.find(home, kind).result["after"]
    brought = encoders.load(away, f"run:{kind}")
    np.testing.assert_allclose(brought.encode_images(squares), wanted, atol=1e-4)
    assert brought.dim == live.dim and brought.key != live.key
    if kind == "vit":  # parts of pictures too
        np.testing.assert_allclose(
            brought.encode_patches(squares), live.encode_patches(squares), atol=1e-4
        )
    card = run_files.read(encoders.models_folder(away), kind)
    assert card is not None and bool(card.heads) == (kind != "builtin")
    if kind == "builtin":
        assert card.base_key == builtin_constants.key()
    # From there it is taken away again, and is still the same.
    again = tmp_path / "again.safetensors"
    exports.export(away, exports.Request("model", "safetensors", again))
    np.testing.assert_allclose(model_files.load(again).encode_images(squares), wanted, atol=1e-4)
    assert (
        f"Brought in from | `{kind} exported.safetensors`"
        in again.with_name("again.safetensors.md").read_text()
    )
    assert export_models.licence_of(away, f"run:{kind}") == export_models.licence_of(
        home, f"run:{kind}"
    )
    with pytest.raises(UsageError, match="There is a run named"):
        model_files.import_run(away, out, name=kind.upper())
    assert model_files.import_run(away, out, name="other").name == "other"
    with pytest.raises(UsageError, match="not measured to be better"):
        runs.promote(away, "other")
    runs.discard(away, "other")
    assert not (away.path / "models" / "other").exists()


def test_other_files_are_refused(home: Project, away: Project, tmp_path: Path) -> None:
    out = exported(home, "whole", tmp_path)
    part = tmp_path / "part.safetensors"
    exports.export(home, exports.Request("model", "adapters", part))
    plain = tmp_path / "plain.safetensors"
    save_file({"weight": next(iter(_tensors(out).values()))}, plain)
    text = tmp_path / "text.safetensors"
    text.write_text("nothing of the kind")
    newer = changed(out, tmp_path / "newer.safetensors", lambda said: {**said, "version": 2})

    def harm(held: dict[str, Any]) -> dict[str, Any]:
        return {**held, "heads.0.axes": held["heads.0.axes"].flip(0)}

    def lose(held: dict[str, Any]) -> dict[str, Any]:
        return {key: one for key, one in held.items() if key != "backbone.blocks.0.0.weight"}

    def turn(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "preprocessing": {**said["preprocessing"], "fit": "crop"}}

    cases = {
        part: "only what was trained",
        plain: "no encoder that this version",
        text: "no file with weights",
        newer: "no encoder that this version",
        tmp_path / "gone.safetensors": "There is no file",
        changed(out, tmp_path / "harmed.safetensors", tensors=harm): "other vectors here",
        changed(out, tmp_path / "less.safetensors", tensors=lose): "are not those of small:conv4",
        changed(out, tmp_path / "turned.safetensors", turn): "takes its pictures otherwise",
    }
    for file, words in cases.items():
        with pytest.raises(EncoderError, match=words):
            model_files.import_run(away, file)
    assert not runs.list_runs(away) and not list((away.path / "models").glob("*"))


JUNK = st.one_of(
    st.none(), st.integers(-3, 10**12), st.text(max_size=5), st.lists(st.integers(), max_size=2),
    st.just(float("nan")), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_file_says_of_itself_is_no_bug(
    home: Project, away: Project, tmp_path: Path, data: Any
) -> None:
    out = tmp_path / "whole exported.safetensors"
    if not out.exists():
        exported(home, "whole", tmp_path)

    def spoil(said: dict[str, Any]) -> dict[str, Any]:
        name = data.draw(st.sampled_from(sorted(said)))
        value = data.draw(JUNK)
        if name == "heads":
            key = data.draw(st.sampled_from(["in_dim", "dim", "hidden", "kind"]))
            value = [{**said["heads"][0], key: value}]
        if name == "settings":
            key = data.draw(st.sampled_from(sorted(said["settings"])))
            value = {**said["settings"], key: value}
        if name == "result":
            key = data.draw(st.sampled_from(sorted({*said["result"], "by_class", "comparable"})))
            if key in ("before", "after", "difference"):
                measure = data.draw(st.sampled_from(["recall@1", "intervals", "queries"]))
                value = data.draw(st.sampled_from([value, {measure: value}]))
            value = {**said["result"], key: value}
        return {**said, name: value}

    spoilt = changed(out, tmp_path / "spoilt.safetensors", spoil)
    try:
        run = model_files.import_run(away, spoilt, name="spoilt")
    except KnownError:
        assert not runs.list_runs(away)
        return
    assert encoders.load(away, run.encoder).dim == made_models.DIM
    # What tells of it later:
    exports.export(away, exports.Request("model", "adapters", tmp_path / "spoilt part.safetensors"))
    assert export_report_training.training(away).total == 1
    runs.discard(away, run.name)


@pytest.mark.parametrize(
    "result",
    [
        {"held_out": "many"},
        {"before": {"recall@1": "x"}},
        {"after": {"intervals": {"recall@1": [0.5]}}},
        {"difference": {"recall@1": {"value": 0.5}}},
        {"by_prefix": [{"dim": 8, "before": None, "after": {}}]},
        {"notes": "abc"},
        {"seconds": float("inf")},
    ],
)
def test_a_result_of_other_kinds_is_refused(result: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        told.checked(result)


def test_all_that_is_measured_is_kept_as_it_was() -> None:
    measured = {**training_samples.result(0.05, is_better=True), "best_step": 3, "health": ""}
    measured["by_prefix"] = training_samples.by_prefix()
    kept = told.checked(json.loads(json.dumps(measured)))
    assert kept == {name: measured[name] for name in told.NAMES if name in measured}
    assert "by_class" in measured and "by_class" not in kept


def test_a_time_that_no_calendar_has_is_refused(
    home: Project, away: Project, tmp_path: Path
) -> None:
    out = exported(home, "whole", tmp_path)
    late = changed(out, tmp_path / "late.safetensors", lambda said: {**said, "made_at": 1e300})
    with pytest.raises(EncoderError, match="says what cannot be"):
        model_files.import_run(away, late)


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_what_the_disk_refuses_leaves_nothing(home: Project, away: Project, tmp_path: Path) -> None:
    import resource

    out = exported(home, "whole", tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    encoders.load(away, "builtin")  # whatever is kept of it is kept now
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(KnownError, match="cannot be used: File too large"):
            model_files.import_run(away, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not runs.list_runs(away) and not list((away.path / "models").glob("*"))


def test_a_full_disk_is_said_to_be_full(
    home: Project, away: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = exported(home, "whole", tmp_path)

    def refuse(*given: Any, **more: Any) -> None:
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoint, "save_file", refuse)
    with pytest.raises(DiskFull, match="is full"):
        model_files.import_run(away, out)
    assert not runs.list_runs(away) and not list((away.path / "models").glob("*"))


def test_what_is_brought_in_twice_tells_its_own_verdict(
    home: Project, away: Project, tmp_path: Path
) -> None:
    out = exported(home, "whole", tmp_path)
    model_files.import_run(away, out, name="once")
    again = tmp_path / "again.safetensors"
    exports.export(away, exports.Request("model", "safetensors", again))
    verdict = model_files.import_run(away, again, name="twice").result["verdict"]
    assert verdict == (
        "Brought in from again.safetensors, and not measured here. Where it was trained: Better."
    )
    bare = changed(out, tmp_path / "bare.safetensors", lambda said: {**said, "result": {}})
    verdict = model_files.import_run(away, bare, name="bare").result["verdict"]
    assert verdict == "Brought in from bare.safetensors, and not measured here."


def _tensors(file: Path) -> dict[str, Any]:
    with safe_open(file, "pt") as opened:
        return {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
