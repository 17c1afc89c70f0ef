"""Whom the program names to the database. What the database makes of it: tests/assessment/test_second_wall.py."""

from __future__ import annotations

import threading

import pytest

from jingtu.core.accounts.actors import Anonymous
from jingtu.core.kernel import wall
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.wall import read_on_as, reader, reading_as, reading_as_system


class Person:
    actor_id = "user:12"


def test_a_block_reads_as_its_actor_and_then_as_before() -> None:
    with reading_as(Person()):
        assert reader() == "user:12"
        with reading_as(SYSTEM):
            assert reader() == "system"
        assert reader() == "user:12"
        with pytest.raises(LookupError), reading_as_system("a test says why"):
            raise LookupError(reader())
        assert reader() == "user:12"


def test_who_is_not_signed_in_reads_as_nobody_also_inside_somebody() -> None:
    with reading_as(Person()), reading_as(Anonymous()):
        assert reader() == ""


def test_passing_the_wall_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="why"), reading_as_system(""):
        pass


def test_where_nobody_is_named_nobody_reads_and_no_thread_inherits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "_at_start", [wall.NOBODY])
    seen: list[str] = []
    with reading_as(Person()):
        thread = threading.Thread(target=lambda: seen.append(reader()))
        thread.start()
        thread.join()
    assert seen == [""]


def test_a_command_reads_on_as_its_person() -> None:
    with reading_as(SYSTEM):
        read_on_as(Person())
        assert reader() == "user:12"
