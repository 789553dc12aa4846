"""Runs: one training each, with its settings, curves, checkpoint and measured result."""

import json
from typing import Any

from sqlalchemy import select

from core.catalogue.schema import runs
from core.catalogue.session import Session


def every(session: Session) -> list[dict[str, Any]]:
    """All runs, oldest first, without their curves."""
    return [
        {
            "run": row.name,
            "status": row.status,
            "settings": json.loads(row.settings),
            "result": json.loads(row.result),
        }
        for row in session.execute(select(runs).order_by(runs.c.id))
    ]
