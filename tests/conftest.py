"""Shared by all tests."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings
from typer.testing import CliRunner

settings.register_profile("jingtu", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("jingtu")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The simulated year is the longest test: of those that empty the database, which come last, it begins first, so
    that no worker waits for it alone."""
    longest = [item for item in items if item.path.parent.name == "year"]
    rest = [item for item in items if item not in longest]
    emptying = (place for place, item in enumerate(rest) if _empties_the_database(item))
    place = next(emptying, len(rest))
    items[:] = [*rest[:place], *longest, *rest[place:]]


def _empties_the_database(item: pytest.Item) -> bool:
    return "transactional_db" in getattr(item, "fixturenames", ()) or any(
        mark.kwargs.get("transaction") for mark in item.iter_markers("django_db")
    )


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: garbage need not be looked for in it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)


@pytest.fixture(autouse=True)
def chinese_by_default() -> None:
    """Every test starts in the interface's first language."""
    from django.utils import translation

    translation.activate("zh-hans")


@pytest.fixture(autouse=True)
def commands_of_their_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command is a process of its own: it starts as nobody's, and whom it reads as ends with it."""
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.core.kernel.wall import NOBODY, read_on_as, reading_as

    invoke = CliRunner.invoke

    def started(self: CliRunner, *args: Any, **kwargs: Any) -> Any:
        read_on_as(SimpleNamespace(actor_id=NOBODY))
        return invoke(self, *args, **kwargs)

    def apart(self: CliRunner, *args: Any, **kwargs: Any) -> Any:
        return copy_context().run(started, self, *args, **kwargs)

    monkeypatch.setattr(CliRunner, "invoke", apart)
    with reading_as(SYSTEM):
        yield


@pytest.fixture(scope="session")
def installed_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Puts an SQLite database with every migration in a place, for tests whose processes have their own.

    The migrations take half a minute: they run once for all workers, in a process as at an installation.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    ready = shared / "migrated.sqlite3"

    def put(place: Path) -> None:
        with (shared / "migrated.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not ready.exists():
                _migrate(shared, ready)
        shutil.copyfile(ready, place)

    return put


def _migrate(folder: Path, ready: Path) -> None:
    made = folder / "migrating.sqlite3"
    made.unlink(missing_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JINGTU_")}
    environment |= {
        "JINGTU_HOME": str(folder / "migrating"),
        "JINGTU_DATABASE_URL": f"sqlite:///{made}",
        "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.local",
        "PYTHONPATH": "src",
    }
    subprocess.run(
        [sys.executable, "-m", "jingtu.portal.cli.manage", "migrate", "--verbosity", "0"],
        env=environment,
        cwd=Path(__file__).parents[1],
        check=True,
    )
    connection = sqlite3.connect(made)
    connection.execute("VACUUM INTO ?", (str(ready),))
    connection.close()
