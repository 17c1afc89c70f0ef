"""Where a deed comes from: the address and the door (page, API, command line, job) of the present call.

Held in a context variable set by the middleware, the command line and the job runner. It carries
no rights: the actor is always passed as an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """The door through which a deed was done."""

    WEB = "web"
    API = "api"
    CLI = "cli"
    JOB = "job"


@dataclass(frozen=True)
class RequestContext:
    """Door and network address of the present call; the address is empty on the command line and in jobs."""

    channel: Channel
    address: str = ""


_COMMAND_LINE = RequestContext(Channel.CLI)
_present: ContextVar[RequestContext | None] = ContextVar("jingtu_audit_context", default=None)


def present() -> RequestContext:
    """The context of the present call; the command line unless something else was entered."""
    return _present.get() or _COMMAND_LINE


@contextmanager
def acting_through(channel: Channel, address: str = "") -> Iterator[None]:
    """Audit entries written inside the block carry this door and address."""
    token = _present.set(RequestContext(channel, address))
    try:
        yield
    finally:
        _present.reset(token)
