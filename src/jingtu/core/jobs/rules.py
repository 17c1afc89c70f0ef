"""Which states a job goes through and when it counts as abandoned."""

from __future__ import annotations

import datetime as dt
from typing import Final

MAX_ATTEMPTS: Final = 2  # once, and once more after an interruption
SILENT_FOR: Final = dt.timedelta(minutes=10)  # no sign of life for so long: its process is gone
RETRYABLE: Final = frozenset({"failed", "cancelled"})
CANCELLABLE: Final = frozenset({"queued", "running"})


def abandoned(heartbeat: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a running job has been silent for so long that nobody can still be working on it."""
    return heartbeat is None or now - heartbeat > SILENT_FOR


def may_run_again(attempts: int) -> bool:
    """Whether an interrupted job is put back into the queue instead of failing."""
    return attempts < MAX_ATTEMPTS
