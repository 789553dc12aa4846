"""Weights come from a hub that is slow, cut off, wrong, closed or not there at all, and nothing is lost."""

import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hub_server import Hub, etag_of

from core import settings
from core.encoders import names
from core.encoders.weights import checkpoints, download, fetching, hub_cache, installed, records
from core.encoders.weights.checkpoints import UntrustedCheckpoint
from core.errors import DiskFull, EncoderError
from core.jobs import Cancelled, Job
from core.operations import weights

NAME = "openclip:hf-hub:test/tiny"
SAFE = "open_clip_model.safetensors"
PICKLE = "open_clip_pytorch_model.bin"


def safetensors(count: int, seed: int = 0) -> bytes:
    """A whole file with one tensor of ``count`` float32."""
    body = np.random.default_rng(seed).random(count, dtype=np.float32).tobytes()
    about = {"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, len(body)]}}
    header = json.dumps(about).encode()
    return struct.pack("<Q", len(header)) + header + body


def config(**text: str) -> bytes:
    return json.dumps({"model_cfg": {"embed_dim": 8, "text_cfg": {"width": 8, **text}}}).encode()


WEIGHTS = safetensors(250_000)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_WAITS_S", (0.01, 0.01, 0.02))


@pytest.fixture
def tiny(hub: Hub) -> Hub:
    """A hub with one small OpenCLIP model whose words need a vocabulary from another repository."""
    hub.add(
        "test/tiny",
        {
            "open_clip_config.json": config(hf_tokenizer_name="test/words"),
            SAFE: WEIGHTS,
            "README.md": b"# Tiny",
        },
    )
    hub.add("test/words", {"tokenizer.json": b"{}" * 3000, "config.json": b"{}", "big.bin": b"x"})
    return hub


def install(name: str, *, allow_pickle: bool = False, job: Job | None = None) -> None:
    """As core.operations.weights does, but for the trial at the end: these weights are of no network."""
    fetching.install(names.parse(name), allow_pickle, job or Job())


def refusal(name: str = NAME, **how: Any) -> EncoderError:
    with pytest.raises(EncoderError) as caught:
        install(name, **how)
    assert caught.value.sentence.endswith(".") and "\n" not in str(caught.value)
    assert installed.find(names.parse(name)) is None
    return caught.value


def test_what_it_costs_is_said_before_anything_is_fetched(tiny: Hub) -> None:
    planned = weights.plan(NAME)
    assert [one.role for one in planned.files] == ["weights", "config", "tokenizer", "tokenizer"]
    assert planned.bytes == len(WEIGHTS) + len(config(hf_tokenizer_name="test/words")) + 6002
    assert planned.missing_bytes == planned.bytes - len(config(hf_tokenizer_name="test/words"))
    assert planned.licence == "mit" and not planned.is_pickle
    assert planned.folder == settings.data_folder() / "encoders"
    assert tiny.served[SAFE] == 0 and installed.every() == []


def test_an_encoder_is_fetched_whole_and_found_again_without_the_hub(tiny: Hub) -> None:
    job = Job()
    install(NAME, job=job)
    assert job.progress.done == job.progress.total == weights.plan(NAME).bytes
    assert job.progress.unit == "bytes"
    tiny.asked.clear()
    files = installed.find(names.parse(NAME))
    assert files is not None and files.weights.read_bytes() == WEIGHTS
    assert files.config_folder == files.weights.parent and files.text_folder is None
    assert files.tokenizer_folder is not None
    assert sorted(one.name for one in files.tokenizer_folder.iterdir()) == [
        "config.json",
        "tokenizer.json",
    ]
    assert installed.is_ours(files) and installed.every() == [names.parse(NAME)]
    assert weights.plan(NAME).missing_bytes == 0
    install(NAME)
    assert tiny.asked == [] and tiny.served["README.md"] == 0 and tiny.served["big.bin"] == 0
    assert checkpoints.sha256_of(files.weights) == hashlib.sha256(WEIGHTS).hexdigest()


def test_the_hubs_own_library_finds_what_was_fetched(
    tiny: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    install(NAME)
    tiny.repos.clear()
    folder = installed.encoder_folder()
    found = try_to_load_from_cache("test/tiny", SAFE, cache_dir=folder)
    assert isinstance(found, str) and Path(found).read_bytes() == WEIGHTS
    again = hf_hub_download("test/tiny", SAFE, cache_dir=folder, local_files_only=True)
    assert again == found


def test_a_download_that_is_cut_goes_on_by_itself(tiny: Hub) -> None:
    tiny.cuts[SAFE] = [300_000, 200_000, 0]
    install(NAME)
    assert tiny.served[SAFE] == len(WEIGHTS)  # no byte was sent twice
    assert installed.find(names.parse(NAME)) is not None


def test_a_connection_that_is_lost_for_good_keeps_what_arrived(tiny: Hub) -> None:
    tiny.cuts[SAFE] = [300_000, *[0] * 20]
    error = refusal()
    assert "was lost" in error.sentence and "goes on from where it stopped" in error.remedy
    assert 300_000 <= weights.partial_bytes(NAME) < 310_000
    assert weights.plan(NAME).missing_bytes == len(WEIGHTS) - 300_000
    tiny.cuts.clear()
    install(NAME)
    assert tiny.served[SAFE] == len(WEIGHTS)
    assert weights.partial_bytes(NAME) == 0


def test_a_cancelled_download_stops_at_once_and_goes_on(tiny: Hub) -> None:
    tiny.piece_pause_s = 0.01
    job = Job()
    threading.Timer(0.3, job.cancel).start()
    with pytest.raises(Cancelled):
        install(NAME, job=job)
    before = weights.partial_bytes(NAME)
    assert 0 < before < len(WEIGHTS) and installed.find(names.parse(NAME)) is None
    tiny.piece_pause_s = 0
    job, seen = Job(), []
    job.start = _noting(job.start, seen)  # type: ignore[method-assign]
    install(NAME, job=job)
    assert seen[-1]["done"] == before  # the bar goes on from there
    assert tiny.served[SAFE] < len(WEIGHTS) + (1 << 18)  # what was on its way was sent in vain


def _noting(function: Any, seen: list[dict[str, Any]]) -> Any:
    def noted(*arguments: Any, **facts: Any) -> None:
        seen.append(facts)
        function(*arguments, **facts)

    return noted


def test_a_slow_hub_is_waited_for_and_a_pause_ends_it_nowhere(tiny: Hub) -> None:
    tiny.piece_pause_s = 0.005
    job = Job()
    threading.Timer(0.1, job.pause).start()
    threading.Timer(0.4, job.resume).start()
    install(NAME, job=job)
    assert installed.find(names.parse(NAME)) is not None


def test_a_hub_that_falls_silent_is_given_up_and_a_cancel_is_heard(
    tiny: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_SILENCE_S", 0.2)
    tiny.stalls_after[SAFE] = 400_000
    assert "was lost" in refusal().sentence
    monkeypatch.setattr(download, "_SILENCE_S", 1.0)
    job = Job()
    threading.Timer(0.3, job.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        install(NAME, job=job)
    assert time.monotonic() - started < 3
    assert weights.partial_bytes(NAME) >= 390_000


def test_a_killed_process_goes_on_where_it_was(tiny: Hub) -> None:
    tiny.stalls_after[SAFE] = 600_000
    code = (
        "from core.encoders import names; from core.encoders.weights import fetching; from core.jobs import Job; "
        f"fetching.install(names.parse({NAME!r}), False, Job())"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    assert tiny.has_stalled.wait(30)
    until = time.monotonic() + 10
    while weights.partial_bytes(NAME) < 600_000 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    tiny.stalls_after.clear()
    tiny.goes_on.set()
    kept = weights.partial_bytes(NAME)
    assert kept >= 600_000 and installed.find(names.parse(NAME)) is None
    time.sleep(0.2)
    tiny.served.clear()
    install(NAME)
    assert tiny.served[SAFE] <= len(WEIGHTS) - 600_000
    assert installed.find(names.parse(NAME)) is not None


def test_a_hub_that_knows_no_ranges_sends_all_again(tiny: Hub) -> None:
    tiny.knows_ranges = False
    tiny.cuts[SAFE] = [500_000]
    job = Job()
    install(NAME, job=job)
    assert tiny.served[SAFE] == len(WEIGHTS) + 500_000
    assert job.progress.done == job.progress.total


@pytest.mark.parametrize("lie", [b"wrong" * 200_100, WEIGHTS[:-1] + b"!", WEIGHTS + b"more"])
def test_a_file_with_another_hash_is_thrown_away(tiny: Hub, lie: bytes) -> None:
    tiny.lies[SAFE] = lie
    error = refusal()
    assert "arrived damaged" in error.sentence and error.remedy.startswith("Try again")
    assert weights.partial_bytes(NAME) < 10_000
    tiny.lies.clear()
    install(NAME)
    files = installed.find(names.parse(NAME))
    assert files is not None and files.weights.read_bytes() == WEIGHTS


def test_a_file_shorter_than_announced_is_no_success(tiny: Hub) -> None:
    tiny.lies[SAFE] = WEIGHTS[:700_000]
    assert "lost" in refusal().sentence or "damaged" in refusal().sentence


def test_a_small_file_is_checked_as_git_does(tiny: Hub) -> None:
    tiny.lies["open_clip_config.json"] = config(hf_tokenizer_name="test/wordz")
    assert "open_clip_config.json of test/tiny arrived damaged" in refusal().sentence


def test_an_error_that_passes_is_waited_out(tiny: Hub) -> None:
    tiny.fails[SAFE] = [503, 429, 500]
    install(NAME)
    assert installed.find(names.parse(NAME)) is not None


def test_an_error_that_stays_is_named(tiny: Hub) -> None:
    tiny.fails[SAFE] = [503] * 20
    assert "answered with error 503" in refusal().sentence
    tiny.fails.clear()
    tiny.fails["api"] = [429]
    assert "asked too often" in refusal().sentence
    tiny.fails["api"] = [500]
    assert "answered with error 500" in refusal().sentence


def test_a_repository_that_is_not_there(tiny: Hub) -> None:
    error = refusal("openclip:hf-hub:test/missing")
    assert error.sentence.startswith("There is no public model test/missing on http://127.0.0.1")
    assert "HF_TOKEN" in error.remedy


def test_a_repository_without_what_is_needed(tiny: Hub) -> None:
    del tiny.repos["test/tiny"].files[SAFE]
    assert refusal().sentence.startswith("test/tiny holds none of open_clip_model.safetensors, ")
    assert "holds no config.json" in refusal("timm:hf-hub:test/tiny").sentence
    tiny.repos["test/words"].files.pop("tokenizer.json")
    tiny.repos["test/tiny"].files[SAFE] = WEIGHTS
    assert "test/words holds none of" in refusal().sentence


def test_a_gated_repository(tiny: Hub) -> None:
    tiny.repos["test/tiny"].is_gated = True
    error = refusal()
    assert error.sentence == "test/tiny is given only to people who agreed to its terms."
    assert f"{tiny.url}/test/tiny" in error.remedy and "HF_TOKEN" in error.remedy


def test_no_network(tiny: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    error = refusal()
    assert error.sentence == "The model hub http://127.0.0.1:9 cannot be reached."
    assert "everything else goes on working" in error.remedy


def test_a_network_that_wants_a_login_first(tiny: Hub) -> None:
    tiny.is_portal = True
    assert "did not answer as a model hub does" in refusal().sentence


def test_an_endpoint_that_is_none(tiny: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "nonsense")
    assert "nonsense" in refusal().sentence


def test_a_hub_that_must_not_be_asked(tiny: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refusal().sentence


def test_a_hub_whose_lists_state_no_hashes_is_asked_for_each_file(tiny: Hub) -> None:
    tiny.states_hashes = False
    install(NAME)
    assert installed.find(names.parse(NAME)) is not None
    assert any(one.startswith("HEAD") and one.endswith(SAFE) for one in tiny.asked)


def test_two_that_want_the_same_file_fetch_it_once(tiny: Hub) -> None:
    tiny.piece_pause_s = 0.005
    errors: list[BaseException] = []

    def work() -> None:
        try:
            install(NAME)
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == [] and tiny.served[SAFE] == len(WEIGHTS)


def test_waiting_for_another_download_can_be_cancelled(tiny: Hub) -> None:
    folder = installed.encoder_folder() / ".locks" / "models--test--tiny"
    folder.mkdir(parents=True)
    job = Job()
    with FileLock(folder / f"{etag_of(SAFE, WEIGHTS)}.lock"):
        threading.Timer(0.3, job.cancel).start()
        with pytest.raises(Cancelled):
            install(NAME, job=job)


def test_too_little_room_is_said_before_the_download(
    tiny: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "RESERVE_BYTES", 1 << 60)
    with pytest.raises(DiskFull, match=r"are free\..* nothing was fetched"):
        install(NAME)
    assert tiny.served[SAFE] == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB, where the tests may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.name == "nt" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    options = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_fills_up_meanwhile_keeps_what_arrived(
    tiny: Hub, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.save(settings.Settings(encoder_folder=str(small_disk / "chosen")))
    monkeypatch.setattr(fetching, "RESERVE_BYTES", -(1 << 40))
    (small_disk / "ballast").write_bytes(b"x" * 300_000)
    with pytest.raises(DiskFull, match=r"is full\. Free some space and try again"):
        install(NAME)
    kept = weights.partial_bytes(NAME)
    assert 300_000 < kept < len(WEIGHTS)
    (small_disk / "ballast").unlink()
    tiny.served.clear()
    install(NAME)
    assert tiny.served[SAFE] <= len(WEIGHTS) - kept + 150_000  # what was on its way
    files = installed.find(names.parse(NAME))
    assert files is not None and files.weights.is_relative_to(small_disk / "chosen")


def test_a_folder_that_cannot_be_written(tiny: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.save(settings.Settings(encoder_folder=str(tmp_path / "file" / "below")))
    error = refusal()
    assert "cannot be written" in error.sentence and "another folder" in error.remedy


def test_a_pickle_is_refused_before_the_download_and_taken_with_consent(tiny: Hub) -> None:
    del tiny.repos["test/tiny"].files[SAFE]
    tiny.repos["test/tiny"].files[PICKLE] = b"\x80\x02" + b"x" * 5000
    with pytest.raises(UntrustedCheckpoint) as caught:
        install(NAME)
    assert f"{PICKLE} of test/tiny is a pickle" in caught.value.sentence
    assert f"install {NAME} --allow-pickle" in caught.value.remedy
    assert tiny.served[PICKLE] == 0 and weights.plan(NAME).is_pickle
    install(NAME, allow_pickle=True)
    files = installed.find(names.parse(NAME))
    assert files is not None and checkpoints.require_trusted(files.weights).kind == "pickle"
    weights.remove(NAME)
    install(NAME)  # the consent is remembered


def test_safetensors_are_taken_before_a_pickle(tiny: Hub) -> None:
    tiny.repos["test/tiny"].files[PICKLE] = b"\x80\x02"
    install(NAME)
    files = installed.find(names.parse(NAME))
    assert files is not None and files.weights.name == SAFE and tiny.served[PICKLE] == 0


def test_a_file_that_is_no_weights_is_not_installed(tiny: Hub) -> None:
    tiny.repos["test/tiny"].files[SAFE] = b"no weights at all" * 10
    assert "no file with weights" in refusal().sentence


def test_removing_leaves_what_another_encoder_needs(tiny: Hub) -> None:
    other = "openclip:hf-hub:test/other"
    tiny.add(
        "test/other",
        {
            "open_clip_config.json": config(hf_tokenizer_name="test/words"),
            SAFE: safetensors(99, 1),
        },
    )
    install(NAME)
    install(other)
    folder = installed.encoder_folder()
    assert weights.remove(NAME) > len(WEIGHTS)
    assert installed.find(names.parse(NAME)) is None
    assert installed.find(names.parse(other)) is not None
    assert not (folder / "models--test--tiny").exists()
    weights.remove(other)
    assert [one.name for one in folder.iterdir() if one.name.startswith("models")] == []
    with pytest.raises(EncoderError, match="is not installed"):
        weights.remove(NAME)


def test_a_download_that_was_not_finished_can_be_taken_away(tiny: Hub) -> None:
    tiny.cuts[SAFE] = [300_000, *[0] * 20]
    refusal()
    assert weights.remove(NAME) >= 300_000
    assert weights.partial_bytes(NAME) == 0


def test_what_other_programs_fetched_is_used_and_never_removed(tiny: Hub) -> None:
    from huggingface_hub import hf_hub_download

    shared = hub_cache.shared_folder()
    hf_hub_download("test/tiny", SAFE, cache_dir=shared, endpoint=tiny.url)
    tiny.served.clear()
    assert weights.plan(NAME).missing_bytes < 7000
    install(NAME)
    assert tiny.served[SAFE] == 0
    files = installed.find(names.parse(NAME))
    assert files is not None and not installed.is_ours(files)
    assert files.weights.is_relative_to(shared) and files.tokenizer_folder is not None
    assert weights.remove(NAME) < 10_000
    assert files.weights.read_bytes() == WEIGHTS


def test_records_that_name_files_elsewhere_are_not_followed(tiny: Hub, tmp_path: Path) -> None:
    install(NAME)
    (path,) = (installed.encoder_folder() / "installed").glob("*.json")
    kept = json.loads(path.read_text())
    kept["files"][0]["name"] = "../../../../victim"
    path.write_text(json.dumps(kept))
    assert records.record(NAME) is None and records.records() == []
    with pytest.raises(EncoderError, match="not fetched by Lookalike"):
        weights.remove(NAME)


def test_names_that_need_nothing_from_a_hub(tiny: Hub) -> None:
    for name in ("builtin", "run:mine"):
        with pytest.raises(EncoderError, match="needs nothing from the hub"):
            weights.install(name)
    with pytest.raises(EncoderError, match="has random weights: there is nothing to fetch"):
        weights.install("openclip:ViT-B-32")
    with pytest.raises(EncoderError, match="There is no encoder named"):
        weights.install("openclip:ViT-B-32@no_such_tag")
    with pytest.raises(EncoderError, match="names no model of the hub"):
        weights.install("openclip:hf-hub:../x")


@pytest.mark.parametrize(
    ("name", "repo", "file"),
    [
        ("openclip:ViT-B-32@laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", SAFE),
        ("openclip:ViT-B-32@openai", "timm/vit_base_patch32_clip_224.openai", SAFE),
        ("timm:resnet18@a1_in1k", "timm/resnet18.a1_in1k", "model.safetensors"),
    ],
)
def test_published_weights_are_taken_from_their_repository(
    hub: Hub, name: str, repo: str, file: str
) -> None:
    content = safetensors(2000)
    hub.add(repo, {"config.json": b"{}", file: content, "pytorch_model.bin": b"\x80\x02"})
    install(name)
    files = installed.find(names.parse(name))
    assert files is not None and files.weights.read_bytes() == content
    assert files.config_folder is None
    assert [one for one in hub.served if hub.served[one]] == [file]
    assert names.parse(name) in installed.every()


def test_two_names_of_the_same_weights(hub: Hub) -> None:
    hub.add("timm/vit_base_patch32_clip_224.openai", {SAFE: safetensors(2000)})
    one, other = "openclip:ViT-B-32@openai", "openclip:ViT-B-32-quickgelu@openai"
    install(one)
    assert [str(found) for found in installed.every()] == [other, one]
    with pytest.raises(EncoderError, match=f"same weights as {one}"):
        weights.remove(other)
    install(other)
    assert weights.remove(one) == 0 and installed.find(names.parse(other)) is not None
    assert weights.remove(other) > 8000 and installed.every() == []


def test_a_vocabulary_is_fetched_with_the_weights_that_need_it(hub: Hub) -> None:
    name = "openclip:ViT-B-16-SigLIP2@webli"
    hub.add("timm/ViT-B-16-SigLIP2", {SAFE: safetensors(9), "tokenizer.json": b"{}" * 20})
    install(name)
    files = installed.find(names.parse(name))
    assert files is not None and files.tokenizer_folder == files.weights.parent
    # Without its vocabulary it does not count as installed.
    (files.weights.parent / "tokenizer.json").unlink()
    assert installed.find(names.parse(name)) is None
    install(name)
    assert installed.find(names.parse(name)) is not None and hub.served[SAFE] < 300


def test_weights_that_are_on_no_hub_say_where_they_are(hub: Hub) -> None:
    error = refusal("timm:legacy_seresnet18@in1k")
    assert "are not on the hub" in error.sentence and "seresnet18-4bb0ce65.pth" in error.remedy
    assert "timm:legacy_seresnet18@FILE" in error.remedy
