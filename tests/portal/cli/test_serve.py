"""The processes of ``jingtu serve``: one that runs jobs may fail and is started again, the site may not."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from django.db.utils import OperationalError

from jingtu.portal.cli import serve
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


def test_a_site_that_will_not_end_is_killed_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "PATIENCE", 0.2)
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    # Both the process and its child ignore the polite signal and hold the pipe open for writing.
    stubborn = [
        sys.executable, "-S", "-c",
        f"import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(pipe)!r}, 'w'); "
        f"held = open({str(pipe)!r}, 'w'); os.fork(); time.sleep(60)",
    ]  # fmt: skip
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    ending = [
        sys.executable,
        "-S",
        "-c",
        f"open({str(pipe)!r}, 'w').write('x'); import time; time.sleep(0.5)",
    ]
    with pytest.raises(typer.Exit):
        run_processes([ending, stubborn])
    # The end of the pipe comes only when nobody holds it any more; the stubborn would hold it for a minute.
    assert select.select([reading], [], [], 5)[0]
    assert os.read(reading, 10) == b"x"
    assert select.select([reading], [], [], 5)[0]
    assert os.read(reading, 10) == b""
    os.close(reading)
