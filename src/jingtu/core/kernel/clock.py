"""The only source of "now" and "today".

Tests and simulations freeze it with :func:`frozen`; nothing else may read the system clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_frozen: ContextVar[dt.datetime | None] = ContextVar("jingtu_frozen_clock", default=None)


def now() -> dt.datetime:
    """The present moment, with its time zone."""
    return _frozen.get() or timezone.now()


def today() -> dt.date:
    """The present day where the office is (settings.TIME_ZONE)."""
    return timezone.localdate(now())


def frozen_day() -> str:
    """The day at which the clock is held, for a database that keeps its own; empty while it runs."""
    moment = _frozen.get()
    return "" if moment is None else timezone.localdate(moment).isoformat()


@contextmanager
def frozen(moment: dt.datetime) -> Iterator[None]:
    """Hold the clock at ``moment`` (aware) inside the block."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
