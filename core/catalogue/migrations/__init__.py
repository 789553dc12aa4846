"""Bring a catalogue of an older version up to date. Alembic is imported only where that is needed."""

from pathlib import Path

from core.catalogue.session import Session


def upgrade(session: Session) -> None:
    """Run every migration that the catalogue behind ``session`` lacks, in its transaction."""
    # Alembic takes 0.2 s to import, and most openings need none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = session
    command.upgrade(config, "head")
