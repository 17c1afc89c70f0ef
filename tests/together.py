"""Several deeds at the same moment, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import OperationalError, connection

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
                    if "locked" not in str(error):
                        raise
                    pause.wait(0.005)
            raise AssertionError("the database stayed locked")
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))
