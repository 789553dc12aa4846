"""The chips of a filter: one for each value that images are narrowed by."""

from app.views.search import ChipSpec
from core.catalogue.filters import Filter
from core.catalogue.records import Facets

KIND_FIELDS = {
    "class": "classes",
    "tag": "tags",
    "source": "sources",
    "format": "formats",
    "size": "sizes",
    "date": "dates",
}
STATE_NAMES = {"missing": "Missing images", "removed": "Images taken out"}


def filter_chips(wanted: Filter, facets: Facets) -> list[ChipSpec]:
    """A chip for each value filtered by, named as the facets name it."""
    specs = []
    if wanted.text:
        specs.append(ChipSpec(("text", None), f"“{wanted.text}”"))
    if wanted.state != "present":
        specs.append(ChipSpec(("state", wanted.state), STATE_NAMES[wanted.state]))
    names = {one.value: one.name for one in (*facets.sources, *facets.sizes, *facets.years)}
    for kind, field in KIND_FIELDS.items():
        for value in sorted(getattr(wanted, field), key=str):
            name = names.get(value, str(value))
            specs.append(ChipSpec((kind, value), f"{kind.capitalize()}: {name or '(none)'}"))
    if wanted.contents is not None:
        specs.append(ChipSpec(("contents", None), f"Among {len(wanted.contents):,} pictures"))
    return specs
