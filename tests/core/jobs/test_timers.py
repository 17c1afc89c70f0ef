"""Timers: each is called once a round, and one that fails does not keep the others from their work."""

from __future__ import annotations

import json

import pytest
import typer

from jingtu.core.jobs import timers
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import PermissionDenied
from tests.access.cast import make_cast


@pytest.fixture(autouse=True)
def own_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "_timers", {})


def test_each_timer_is_called_once_in_its_order() -> None:
    called: list[str] = []

    def work(name: str) -> timers.Work:
        return lambda: called.append(name) or 2  # type: ignore[func-returns-value]

    timers.register_timer("late", work("late"), order=900)
    timers.register_timer("early", work("early"), "早", order=100)
    assert [(rung.key, rung.label, rung.done) for rung in timers.tick(SYSTEM)] == [
        ("early", "早", 2),
        ("late", "late", 2),
    ]
    assert called == ["early", "late"]


def test_a_timer_that_breaks_off_is_named_and_the_next_still_runs() -> None:
    def broken() -> int:
        raise RuntimeError("no disk")

    timers.register_timer("a", broken)
    timers.register_timer("b", lambda: 1)
    first, second = timers.tick(SYSTEM)
    assert first.failure
    assert not first.done
    assert second.done == 1


@pytest.mark.django_db
def test_only_those_who_maintain_the_system_may_ring() -> None:
    cast = make_cast()
    with pytest.raises(PermissionDenied):
        timers.tick(cast.actor("analyst", "ancestor"))
    assert timers.tick(cast.actor("system_administrator")) == []


@pytest.mark.django_db
def test_the_command_rings_once(capsys: pytest.CaptureFixture[str]) -> None:
    from jingtu.core.jobs.commands import tick

    timers.register_timer("b", lambda: 1)
    tick(0, None, True)
    assert json.loads(capsys.readouterr().out) == [{"key": "b", "label": "b", "done": 1, "failure": ""}]


@pytest.mark.django_db
def test_the_command_refuses_an_unknown_person_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    from jingtu.core.jobs.commands import tick

    with pytest.raises(typer.Exit) as left:
        tick(0, "nobody", False)
    assert left.value.exit_code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
