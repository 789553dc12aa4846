"""An encoder's card in words: what it is, what it costs here, what can be done with it now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.models import encoder_titles
from app.models.encoder_cards import Busy, CardState, Step
from app.models.encoder_rows import RANDOM, speed_words
from app.presenters.switching import Embedded
from app.widgets import text
from core.operations.coverage import Coverage
from core.operations.encoders import EncoderEntry

GROUPS = {"small": "Small", "balanced": "Balanced", "best": "Best"}
PICKLE = (
    "These weights are a pickle, a kind of file that can carry harmful code. Lookalike opens it in a "
    "way that keeps most of it out. Go on only if you trust where it comes from."
)


GIVEN = "Vectors that were made elsewhere: to search, map, cluster and compare what has one"


@dataclass(frozen=True)
class Doing:
    """What is under way with an encoder, or how that ended.

    ``kind`` is download, embed, stopped, failed or consent; ``what`` was tried where it failed.
    """

    kind: str
    words: str = ""
    share: float | None = None
    what: str = "install"


@dataclass(frozen=True)
class Known:
    """What the cards are made of."""

    coverage: Coverage = field(default_factory=lambda: Coverage(0, {}))
    embedded: Mapping[str, Embedded] = field(default_factory=dict)
    active: str = ""
    devices: Mapping[str, str] = field(default_factory=dict)  # of those loaded: "CPU, bf16"
    # Bytes that are there and bytes in all, of downloads that were not ended.
    parts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    is_writable: bool = True


def card(name: str, row: EncoderEntry | None, known: Known, doing: Doing | None) -> CardState:
    """The card of one encoder as it stands."""
    title, weights = encoder_titles.split(name)
    if row is not None and row.group:
        title = row.title
    state = CardState(
        name,
        title,
        about=_about(name, row, known) or weights,
        badges=_badges(name, row, known.embedded.get(name), known),
        facts=_facts(name, row, known),
        steps=_steps(name, row, known),
        more=_more(name, row, known),
    )
    return _with_doing(state, doing)


def _about(name: str, row: EncoderEntry | None, known: Known) -> str:
    if encoder_titles.is_given(name):
        return GIVEN
    return row.about if row is not None and name not in known.embedded else ""


def _facts(name: str, row: EncoderEntry | None, known: Known) -> tuple[str, ...]:
    here = known.embedded.get(name)
    if here is None:
        return _facts_away(name, row, known)
    if encoder_titles.is_given(name):
        return _facts_given(name, here, known)
    return _facts_here(name, row, here, known)


def list_card(name: str, row: EncoderEntry | None, known: Known, doing: Doing | None) -> CardState:
    """The card below the list, where the columns tell the rest."""
    state = card(name, row, known, doing)
    about = row.about if row is not None else ""
    return CardState(**{**state.__dict__, "about": f"{name}   {about}".strip()})


def speed(row: EncoderEntry | None, images: int) -> str:
    """What this machine would make of so many images."""
    if row is None or not row.images_per_s:
        return ""
    rate = row.images_per_s
    shown = speed_words(rate).replace("/s", " images/s")
    first = f"{shown} measured here" if row.is_measured else f"About {shown} here"
    return f"{first}, {text.span(images / rate)} for this catalogue" if images else first


def _facts_here(
    name: str, row: EncoderEntry | None, here: Embedded, known: Known
) -> tuple[str, ...]:
    have, total = known.coverage.seen.get(name, here.rows), known.coverage.images
    of = f"{text.number(have)} of {text.plural(total, 'image')}" if have < total else (
        f"All {text.plural(total, 'image')}"
    )  # fmt: skip
    if here.stands_in and have < total:
        of += f", the rest found by {here.stands_in} meanwhile"
    facts = [of, _words(here.has_words), f"{text.number(here.dim)} dimensions"]
    if device := known.devices.get(name, ""):
        facts.append(device)
    if row is not None and row.is_measured and row.images_per_s:
        facts.append(f"{speed_words(row.images_per_s)} measured")
    return tuple(facts)


def _facts_given(name: str, here: Embedded, known: Known) -> tuple[str, ...]:
    have, total = known.coverage.seen.get(name, here.rows), known.coverage.images
    of = f"{text.number(have)} of {text.plural(total, 'image')}" if have < total else (
        f"All {text.plural(total, 'image')}"
    )  # fmt: skip
    return (of, f"{text.number(here.dim)} dimensions", "No new pictures, no words")


def _facts_away(name: str, row: EncoderEntry | None, known: Known) -> tuple[str, ...]:
    if row is None:
        return ()
    if row.is_random:
        return (f"{_millions(row.parameters)}, {RANDOM}; no good to look through",)
    first = [_words(row.words)]
    if row.licence or not encoder_titles.is_own(name):
        first.append(licence_words(row.licence))
    if row.is_installed:
        first.append("installed")
    found = ("  ·  ".join(first), speed(row, known.coverage.images))
    return tuple(one for one in found if one)


def licence_words(licence: str) -> str:
    """A licence as it writes itself; where none is stated, where to look."""
    if not licence:
        return "licence on its page"
    return f"{encoder_titles.licence(licence)} licence"


def _badges(
    name: str, row: EncoderEntry | None, here: Embedded | None, known: Known
) -> tuple[str, ...]:
    found = []
    if name == known.active:
        found.append("In use")
    if here is not None and here.is_default:
        found.append("Default")
    if row is not None and row.group and here is None:
        found.append(GROUPS.get(row.group, row.group.capitalize()))
    return tuple(found)


def _steps(name: str, row: EncoderEntry | None, known: Known) -> tuple[Step, ...]:
    here = known.embedded.get(name)
    if here is not None:
        missing = known.coverage.images - known.coverage.seen.get(name, 0)
        steps = []
        if name != known.active:
            steps.append(Step("switch", "Switch to it"))
        if missing > 0 and known.is_writable and not encoder_titles.is_given(name):
            steps.append(Step("embed", f"Embed {text.number(missing)} missing", "primary"))
        return tuple(steps)
    there, whole = known.parts.get(name, (0, 0))
    if whole:
        words = f"Go on, {text.size(whole - there)} to come"
        return (Step("install", words, "primary"), Step("remove-weights", "Discard"))
    if row is None or row.is_random or encoder_titles.is_given(name):
        return ()
    if row.is_installed:
        return (Step("embed", "Embed the catalogue", "primary"),) if known.is_writable else ()
    size = f" ({text.size(row.download_bytes)})" if row.download_bytes else ""
    return (Step("install", f"Get it{size}"),)


def _more(name: str, row: EncoderEntry | None, known: Known) -> tuple[Step, ...]:
    here, found = known.embedded.get(name), []
    if here is not None and known.is_writable and not here.is_default:
        found.append(Step("default", "Make it the default"))
        words = "Remove them" if encoder_titles.is_given(name) else "Remove its vectors"
        found.append(Step("forget", words))
    if (
        row is not None
        and row.is_installed
        and name != "builtin"
        and not row.name.startswith("run:")
    ):
        is_own = encoder_titles.is_own(name)
        words = "Take it off the list" if is_own else "Remove its weights"
        found.append(Step("remove-weights", words))
    if name:
        found.append(Step("copy", "Copy its name"))
    return tuple(found)


def _with_doing(state: CardState, doing: Doing | None) -> CardState:
    if doing is None:
        return state
    parts = dict(state.__dict__)
    if doing.kind in ("download", "embed"):
        parts |= {"busy": Busy(doing.words, doing.share), "steps": (Step("stop", "Cancel"),)}
    elif doing.kind == "failed":
        again = Step(f"again-{doing.what}", "Try again", "primary")
        parts |= {"problem": doing.words, "steps": (again, Step("leave", "Leave"))}
    elif doing.kind == "consent":
        steps = (Step("allow", "Trust it and go on", "danger"), Step("leave", "Cancel"))
        parts |= {"warning": doing.words or PICKLE, "steps": steps}
    if doing.kind != "stopped":
        parts["more"] = ()
    return CardState(**parts)


def _words(has_words: bool) -> str:
    return "Knows words" if has_words else "Pictures only"


def _millions(count: int) -> str:
    return f"{count / 1e6:,.1f} million parameters"
