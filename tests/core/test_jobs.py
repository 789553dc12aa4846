"""Jobs report, wait and stop where they were asked to."""

import threading
import time

import pytest

from core.jobs import Cancelled, Job, Progress


def test_track_reports_each_step() -> None:
    job = Job()
    seen = [(item, job.progress.done) for item in job.track("abc", "Spelling")]
    assert seen == [("a", 0), ("b", 1), ("c", 2)]
    assert (job.progress.stage, job.progress.done, job.progress.total) == ("Spelling", 3, 3)


def test_cancel_stops_at_the_next_step() -> None:
    job = Job()
    done = []

    def work() -> None:
        for item in job.track(range(10), "Counting"):
            done.append(item)
            if item == 3:
                job.cancel()

    with pytest.raises(Cancelled):
        work()
    assert done == [0, 1, 2, 3]


def test_pause_waits_and_cancel_wakes() -> None:
    job = Job()
    job.pause()
    ended = threading.Event()

    def work() -> None:
        with pytest.raises(Cancelled):
            job.checkpoint()
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert not ended.wait(0.05)
    job.cancel()
    thread.join(5)
    assert ended.is_set()


def test_progress_knows_what_is_left() -> None:
    assert Progress("Reading", 25, 100, 5.0).left_s == 15
    assert Progress("Reading", 25, 100).left_s is None
    assert Progress("Reading", 1, None).fraction is None
    assert Progress("Reading", 25, 100).fraction == 0.25


def test_a_stage_may_begin_in_the_middle() -> None:
    job = Job()
    job.start("Downloading", 100, done=60, unit="bytes")
    assert job.progress.fraction == 0.6 and job.progress.per_s is None
    time.sleep(0.02)
    job.advance(1)
    assert job.progress.done == 61 and job.progress.unit == "bytes"
    assert job.progress.per_s is not None and job.progress.per_s <= 50  # of the 1, not of the 61
    job.start("Next")
    assert job.progress.done == 0 and job.progress.unit == ""
