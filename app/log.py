"""The window's log file, in the user's data folder."""

import logging
from logging.handlers import RotatingFileHandler

from core.settings import data_folder


def start_log() -> None:
    """Keep a log in the user's data folder; a folder that cannot be written keeps none."""
    folder = data_folder() / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "window.log", maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
