"""Who reads the database: the name that the second wall, PostgreSQL's row-level security, asks for.

The first wall are queries that take an actor. Below them the database itself keeps the rows of covered tables from
whoever holds no post over their place (``core.kernel.walling``, decision 42). All it is told is a name: ``user:12``,
``system``, or nobody. The name stands in a context variable that nothing but the connection reads; services and
queries go on taking the actor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

SYSTEM_READER = "system"
NOBODY = ""

_reader: ContextVar[str | None] = ContextVar("jingtu_reader", default=None)
_at_start = [NOBODY]


class Named(Protocol):
    """What is asked of an actor here."""

    @property
    def actor_id(self) -> str: ...


def reader() -> str:
    """The name the database is told: of a user, of the system, or empty for nobody."""
    chosen = _reader.get()
    return _at_start[0] if chosen is None else chosen


@contextmanager
def reading_as(actor: Named) -> Iterator[None]:
    """Read and write as the actor inside the block: a request, a job, a message."""
    with _named(_known(actor)):
        yield


def read_on_as(actor: Named) -> None:
    """Read and write as the actor until the end: for a command, which is a process of its own."""
    _reader.set(_known(actor))


@contextmanager
def reading_as_system(why: str) -> Iterator[None]:
    """Look beyond the reader's own area inside the block, because of ``why``.

    For what must not depend on who asks, or happens at places the asker may not read. What is shown of it is decided
    by the caller. Every use is listed in the tests (tests/architecture/test_wall.py).
    """
    if not why:
        raise ValueError("say why the wall is passed")
    with _named(SYSTEM_READER):
        yield


def read_at_start_as(name: str) -> None:
    """Who reads where nobody is named: nobody in an installation, the system in tests that lay out their tables."""
    _at_start[0] = name


def _known(actor: Named) -> str:
    name = actor.actor_id
    return name if name == SYSTEM_READER or name.startswith("user:") else NOBODY


@contextmanager
def _named(name: str) -> Iterator[None]:
    token = _reader.set(name)
    try:
        yield
    finally:
        _reader.reset(token)
