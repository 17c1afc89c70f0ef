"""What apps above add to runs: reasons to hold a publication back, notes beside a number, news of a release.

``runs`` knows none of them; each registers itself when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.functional import Promise

from jingtu.core.kernel.actor import Actor
from jingtu.engine.problems import Problem

from .models import Run

FindOwed = Callable[[Sequence[int]], Iterable[int]]
FindHolds = Callable[[Run], Sequence[Problem]]
Event = Literal["computed", "opened", "released", "withdrawn"]
Listener = Callable[[Actor, Run], None]


@dataclass(frozen=True)
class Line:
    """One line beside a run or a number: a link with its state in words and as a mark."""

    text: str
    url: str
    state: str = ""
    mark: str = "none"


@dataclass(frozen=True)
class Aside:
    """A block beside a run or a number. ``action``: label and address of what the reader may do there."""

    title: str
    lines: Sequence[Line] = ()
    action: tuple[str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Subject:
    """What the block stands beside: a run, or a number of it."""

    run: Run
    region_id: int | None = None
    indicator: str | None = None


FindAside = Callable[[Actor, Subject], Aside | None]


@dataclass(frozen=True)
class Reading:
    """Another way to read a whole run, offered beside its scorecard: ``?run=`` is added to the address."""

    label: str | Promise
    url_name: str
    icon: str

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_holds: dict[str, FindHolds] = {}
_owed: dict[str, FindOwed] = {}
_asides: dict[str, FindAside] = {}
_readings: dict[str, Reading] = {}
_listeners: dict[tuple[Event, str], Listener] = {}


def register_hold(key: str, find: FindHolds) -> None:
    """Add a reason to hold a publication back, said in the sentence of a registered problem."""
    _holds[key] = find


def holds_of(run: Run) -> list[Problem]:
    """Everything that speaks against publishing the run now."""
    return [problem for key in sorted(_holds) for problem in _holds[key](run)]


def register_owed(key: str, find: FindOwed) -> None:
    """Say which batches of facts (by own id) only carry out what an office has decided: they are nobody's late change.
    One query."""
    _owed[key] = find


def owed_among(batch_ids: Sequence[int]) -> set[int]:
    """The batches among these that carry out a decision of an office."""
    return {batch for key in sorted(_owed) for batch in _owed[key](batch_ids)}


def register_aside(key: str, find: FindAside) -> None:
    """Add a block beside runs and numbers; it asks with the actor's rights, in a few queries."""
    _asides[key] = find


def asides_of(actor: Actor, subject: Subject) -> list[Aside]:
    """The blocks that have something to say to this actor."""
    found = (_asides[key](actor, subject) for key in sorted(_asides))
    return [aside for aside in found if aside is not None]


def register_reading(key: str, reading: Reading) -> None:
    """Offer a further page of whole runs to whoever reads one; it asks for the reader's rights itself."""
    _readings[key] = reading


def readings() -> list[Reading]:
    """The further pages in the order of their keys."""
    return [_readings[key] for key in sorted(_readings)]


def register_listener(event: Event, key: str, tell: Listener) -> None:
    """Be told, inside the transaction, when a run was computed, opens for appeals, becomes visible to its readers or is withdrawn."""
    _listeners[(event, key)] = tell


def announce(event: Event, actor: Actor, run: Run) -> None:
    """Tell everybody who wants to know."""
    for (wanted, _), tell in sorted(_listeners.items(), key=lambda item: item[0]):
        if wanted == event:
            tell(actor, run)
