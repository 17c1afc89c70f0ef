"""Who looks at a report, in which order, and what has been decided so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import Q
from django.utils.timezone import localtime

from jingtu.core.accounts.models import User
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region
from jingtu.engine.problems import Language
from jingtu.engine.workdays import working_days_between

from ..chain import entered_by, nearest_reviewers, places_of_steps
from ..definition import Definition, cell_key
from ..models import Report, ReportEvent
from ..rules import WAITING, ReportAction, ReportState
from ..working import Working

Standing = Literal["passed", "waiting", "later"]
OPENING = (ReportAction.RETURN.value, ReportAction.UNLOCK.value)
SAME_ACT = dt.timedelta(seconds=5)
MOST_ACTS = 50
MOST_EVENTS = 500


@dataclass(frozen=True)
class StepView:
    """One step of the review: where it lies, who may take it, and since when it waits or by whom it was taken."""

    number: int
    place: str
    people: tuple[str, ...]
    standing: Standing
    by: str = ""
    at: dt.datetime | None = None
    days: int = 0


def chain_views(definition: Definition, region: Region, report: Report | None) -> list[StepView]:
    """The steps of a unit's review in their order. Whoever had a hand in the figures, or in an earlier step, is not
    among those who may take one. At most five queries."""
    places = places_of_steps(region, definition)
    state = ReportState(report.state) if report is not None else ReportState.NOT_STARTED
    entered = entered_by([report])[report.pk] if report is not None else set()
    without = entered | set(report.passed_by if report is not None and state in WAITING else ())
    people = nearest_reviewers([(place, without) for place in places])
    names = dict(User.objects.filter(pk__in=set().union(*people)).values_list("pk", "full_name"))
    taken = _taken(report, state)
    found = []
    for number, place in enumerate(places):
        who = tuple(sorted(names[pk] for pk in people[number]))
        if number < len(taken):
            event = taken[number]
            found.append(StepView(number + 1, place.name, (), "passed", event.person_label, event.at))
        elif report is not None and state in WAITING and number == len(taken):
            since = taken[-1].at if taken else report.submitted_at
            days = working_days_between(localtime(since).date(), today()) if since is not None else 0
            found.append(StepView(number + 1, place.name, who, "waiting", "", since, days))
        else:
            found.append(StepView(number + 1, place.name, who, "later"))
    return found


def _taken(report: Report | None, state: ReportState) -> list[ReportEvent]:
    """The steps taken since the report was last handed in, the first one first."""
    if report is None or state not in {*WAITING, ReportState.ACCEPTED} or report.submitted_at is None:
        return []
    steps = [ReportAction.PASS.value, ReportAction.ACCEPT.value]
    return list(report.events.filter(action__in=steps, at__gte=report.submitted_at).order_by("at", "pk"))


@dataclass(frozen=True)
class PastAct:
    """What somebody did to a report; ``cells``: the cells that were sent back or unlocked by it."""

    at: dt.datetime
    action: str
    person: str
    note: str
    cells: Sequence[str] = ()


def past_acts(working: Working, report: Report, language: Language, reviews: bool) -> list[PastAct]:
    """What was done to a report, the newest first. Cells sent back together are one act. One query."""
    names = working.names(report.region_id, language)
    events = report.events.filter(Q(element="") | Q(action__in=OPENING)).order_by("-at", "-pk")
    found: list[tuple[PastAct, list[str]]] = []
    for event in events[:MOST_EVENTS]:
        cells = []
        if event.element:
            key = cell_key(event.element, event.category)
            cells = [names.get(key, key)]
        # From one reviewer to the next, not to the unit.
        note = "" if event.action == ReportAction.PASS and not reviews else event.note
        act = PastAct(event.at, event.action, event.person_label, note)
        if cells and found and _alike(found[-1][0], act):
            found[-1][1].extend(cells)
        else:
            found.append((act, cells))
    order = {name: number for number, name in enumerate(names.values())}
    return [
        PastAct(act.at, act.action, act.person, act.note, sorted(cells, key=lambda name: order.get(name, 0)))
        for act, cells in found[:MOST_ACTS]
    ]


def _alike(later: PastAct, act: PastAct) -> bool:
    same = (later.action, later.person, later.note) == (act.action, act.person, act.note)
    return same and later.at - act.at < SAME_ACT
