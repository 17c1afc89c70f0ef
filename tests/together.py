"""Several deeds at the same moment, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import pytest
from django.db import OperationalError, connection

from jingtu.core.audit import services as audit
from jingtu.core.audit.context import present
from jingtu.core.audit.rules import link_hash

Result = TypeVar("Result")
PATIENCE = 4000


def together(deeds: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """What each deed returned or raised. They start together; for tests with ``transaction=True``.

    SQLite's database in memory refuses a second writer at once where a file or PostgreSQL lets it wait, so
    there a refused deed is begun again.
    """
    barrier, pause = threading.Barrier(len(deeds)), threading.Event()

    def run(deed: Callable[[], Result]) -> Result | Exception:
        barrier.wait()
        try:
            for _ in range(PATIENCE):
                try:
                    return deed()
                except OperationalError as error:
                    if connection.vendor != "sqlite" or "locked" not in str(error):
                        raise
                    pause.wait(0.005)
            raise AssertionError("the database stayed locked")
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


class Meeting:
    """Makes deeds meet at their worst moment: every one has read and locked what it will, none has written to
    the audit trail; then the first is let through to the trail's head before the others.

    Where a lock keeps a deed from coming so far it is not waited for long, so that right locks cost a moment
    and wrong ones show.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def of(self, deeds: Sequence[Callable[[], Result]], patience: float = 0.4) -> list[Result | Exception]:
        """What each deed returned or raised; the first of them has the right of way. ``patience``: seconds
        that a deed waits for another to come as far."""
        barrier, ahead = threading.Barrier(len(deeds)), threading.Event()
        mine = threading.local()

        def met() -> object:
            if hasattr(mine, "number") and not mine.arrived:
                mine.arrived = True
                with suppress(threading.BrokenBarrierError):
                    barrier.wait(patience)
                if mine.number:
                    ahead.wait(patience)
            return present()

        def hashed(content: dict[str, object]) -> str:
            if getattr(mine, "number", None) == 0:
                ahead.set()
            return link_hash(content)

        def numbered(number: int, deed: Callable[[], Result]) -> Callable[[], Result]:
            def work() -> Result:
                mine.number, mine.arrived = number, False
                return deed()

            return work

        with self._patch.context() as patched:
            patched.setattr(audit, "present", met)
            patched.setattr(audit, "link_hash", hashed)
            return together([numbered(number, deed) for number, deed in enumerate(deeds)])
