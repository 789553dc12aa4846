"""An export of before as a line: what, when, where to, and what was chosen."""

from dataclasses import dataclass

from app.models import encoder_titles
from app.models.training_words import when
from app.widgets import text
from core.errors import UsageError
from core.export import kinds
from core.operations.exports import Past


@dataclass(frozen=True)
class PastRow:
    """What the list of exports shows of one."""

    title: str
    when: str
    place: str
    words: str


def past_row(one: Past) -> PastRow:
    """One export as it was; a kind that this version does not know is named as it is."""
    parts = [f"{one.count:,}", text.size(one.size_bytes)]
    try:
        kind = kinds.what(one.what)
        title = f"{kind.title} as {kind.format(one.format).title}"
        if not kind.has_images:  # what was counted is nothing to a person
            del parts[0]
    except UsageError:
        title = f"{one.what} as {one.format}"
    if one.chosen_images is not None:
        parts.append(f"{text.plural(one.chosen_images, 'image')} chosen by hand")
    if one.filter_text:
        parts.append(one.filter_text)
    if one.encoder:
        parts.append(encoder_titles.title(one.encoder))
    parts += [value for name in ("layout", "run", "split") if (value := one.options.get(name))]
    return PastRow(title, when(one.at), one.out, "  ·  ".join(parts))
