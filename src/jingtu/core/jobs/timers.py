"""What has to happen as time passes: apps register it when they start; the ticker calls each in turn.

Nothing here is remembered between two rounds: a timer looks at the database for what is due now, does it
once, and bears being called at the same moment by two processes.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.kernel.wall import reading_as_system

log = logging.getLogger(__name__)

Work = Callable[[], int]


@dataclass(frozen=True)
class Timer:
    """``work()`` does what is due now and returns how many things it did; ``order``: lower comes first."""

    key: str
    work: Work
    label: str | Promise = ""
    order: int = 500


@dataclass(frozen=True)
class Rung:
    """What one timer did in a round; ``failure`` is the reference of the log entry when it broke off."""

    key: str
    label: str
    done: int = 0
    failure: str = ""


_timers: dict[str, Timer] = {}


def register_timer(key: str, work: Work, label: str | Promise = "", order: int = 500) -> None:
    """Add a timer; the same key again replaces it."""
    _timers[key] = Timer(key, work, label, order)


def timers() -> Mapping[str, Timer]:
    """The registered timers in the order of a round."""
    return {
        timer.key: timer for timer in sorted(_timers.values(), key=lambda timer: (timer.order, timer.key))
    }


def tick(actor: Actor) -> list[Rung]:
    """One round. A timer that fails is logged and does not keep the others from their work.

    Raises PermissionDenied without the right to maintain the system.
    """
    if not actor.can(Permission.SYSTEM_MAINTAIN):
        raise PermissionDenied(Permission.SYSTEM_MAINTAIN)
    rungs = []
    for timer in timers().values():
        try:
            with reading_as_system("what falls due falls due at every place"):
                done = timer.work()
            rungs.append(Rung(timer.key, str(timer.label or timer.key), done))
        except Exception:
            reference = uuid.uuid4().hex[:8]
            log.exception("timer %s failed, reference %s", timer.key, reference)
            rungs.append(Rung(timer.key, str(timer.label or timer.key), failure=reference))
    return rungs
