"""Saved searches of another catalogue, attached as ``other``: what they are, and what its ids mean here."""

from sqlalchemy import MetaData, select

from core.catalogue.schema import searches, sources
from core.catalogue.searches import Kept
from core.catalogue.session import Session

_there = MetaData(schema="other")
_searches = searches.to_metadata(_there, schema="other").alias("o_searches")
_sources = sources.to_metadata(_there, schema="other").alias("o_sources")


def every(session: Session) -> dict[str, Kept]:
    """All saved searches of the other catalogue, by name."""
    query = select(_searches).order_by(_searches.c.name)
    return {
        row.name: Kept(row.question, row.made_at, row.asked_at) for row in session.execute(query)
    }


def source_map(session: Session) -> dict[int, int]:
    """Ids of sources here by their ids there, for folders that both have."""
    query = select(_sources.c.id, sources.c.id.label("here")).join(
        sources, sources.c.raw_path == _sources.c.raw_path
    )
    return {int(row.id): int(row.here) for row in session.execute(query)}
