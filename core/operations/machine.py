"""Try this machine once, so that speeds of encoders can be told before any of them is here."""

from core.encoders import estimate
from core.jobs import Job


def is_tried() -> bool:
    """Whether speeds can be estimated already, on this machine and with this torch."""
    return bool(estimate.read())


def try_out(job: Job = Job()) -> None:
    """A trial of one second, kept; call it once torch is imported and nothing else computes."""
    from core.encoders import trial

    estimate.write(trial.measure(job))
