"""The processes of ``jingtu serve``: one that runs jobs may fail and is started again, the site may not."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from django.db.utils import OperationalError

from jingtu.portal.cli.serve import REVIVALS, run_processes

STEADY_SITE = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def failing(note: Path) -> list[str]:
    return [sys.executable, "-S", "-c", f"open({str(note)!r}, 'a').write('x'); raise SystemExit(1)"]


def test_a_worker_that_ends_is_revived_but_not_for_ever(tmp_path: Path) -> None:
    recovered: list[int] = []
    with pytest.raises(typer.Exit):
        run_processes([STEADY_SITE, failing(tmp_path / "n")], {1: lambda: recovered.append(1)})
    assert len((tmp_path / "n").read_text()) == REVIVALS + 1
    assert len(recovered) == REVIVALS


def test_a_database_out_of_reach_at_revival_does_not_end_the_site_at_once(tmp_path: Path) -> None:
    tries: list[int] = []

    def recover() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("database is locked")

    with pytest.raises(typer.Exit):
        run_processes([STEADY_SITE, failing(tmp_path / "n")], {1: recover})
    assert len((tmp_path / "n").read_text()) == REVIVALS


def test_the_site_itself_ending_ends_everything(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit):
        run_processes([failing(tmp_path / "n"), STEADY_SITE], {1: lambda: None})
    assert (tmp_path / "n").read_text() == "x"
