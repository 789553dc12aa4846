"""What one encoder's card says and offers: plain data, made by a presenter and shown by a widget."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """Something that can be done about an encoder; ``kind`` is that of its button."""

    key: str
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Busy:
    """What is under way: in words, and how far (None where that cannot be told)."""

    words: str
    share: float | None = None


@dataclass(frozen=True)
class CardState:
    """One encoder. ``problem`` went wrong; ``warning`` is to be read before one goes on."""

    name: str
    title: str
    about: str = ""
    badges: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    more: tuple[Step, ...] = ()  # in its menu
    busy: Busy | None = None
    problem: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Overview:
    """The page as long as nothing is searched for."""

    here: tuple[CardState, ...] = ()  # the catalogue has vectors of these
    installed: tuple[CardState, ...] = ()  # their weights are on this machine
    recommended: tuple[CardState, ...] = ()
    count: int = 0  # encoders there are in all
    folder: str = ""  # where weights are kept
    is_writable: bool = True


NOTHING = Overview()
