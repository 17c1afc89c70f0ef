"""Measures: where each stands, what may be done with it now, its clocks and effects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound

from ..clocks import Clock
from ..models import Measure, MeasureEffect
from ..rules import CLOSED, HEARABLE, LIVE, OPEN_STATES, TABLE, Act, Standing, State, act_problem
from ..visibility import PREPARE, READ, REPLY, height, may_decide, speaks_for, stands_above, visible_measures

READERS = (READ, REPLY)


@dataclass(frozen=True)
class MeasureFilter:
    """What the list is narrowed to; empty values leave it open."""

    state: str = ""
    rung: str = ""
    text: str = ""


def measures(actor: Actor, wanted: MeasureFilter = MeasureFilter()) -> QuerySet[Measure]:
    """Measures the actor may know of, the newest first; sealed ones are in no list."""
    found = Measure.objects.filter(visible_measures(actor)).select_related(
        "region__tree", "office", "ladder", "person"
    )
    if wanted.state == "open":
        found = found.filter(state__in=sorted(OPEN_STATES))
    elif wanted.state == "review":
        found = found.filter(objected_on__isnull=False)
    elif wanted.state == "closed":
        found = found.filter(state__in=sorted(CLOSED))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.rung:
        found = found.filter(rung=wanted.rung)
    if wanted.text:
        found = found.filter(region__name__icontains=wanted.text)
    return found.prefetch_related("suspensions")


def rung_choices(actor: Actor) -> list[tuple[str, str]]:
    """Kinds of measure that occur among those the actor may see. One query."""
    seen = Measure.objects.filter(visible_measures(actor)).select_related("ladder").order_by("-pk")
    names = {measure.rung: measure.name for measure in seen[:500]}
    return sorted(names.items())


def get_measure(actor: Actor, measure_id: int) -> Measure:
    """One measure, sealed ones only for whom they still concern. Raises NotFound."""
    found = (
        Measure.objects.filter(visible_measures(actor, sealed=True), pk=measure_id)
        .select_related("region__tree", "office__tree", "ladder", "person", "decided_by", "proposal")
        .prefetch_related("suspensions")
        .first()
    )
    if found is None:
        raise NotFound(measure_id, "measure")
    return found


def standing_of(actor: Actor, measure: Measure, known: dict[object, int | None] | None = None) -> Standing:
    """Where the actor stands to a measure; ``known`` as :func:`may_decide` takes it."""
    person = user_id_of(actor)
    deciders = {measure.decided_by_id}
    speaks = speaks_for(actor, measure)
    return Standing(
        state=State(measure.state),
        keeps=person is not None and stands_above(actor, PREPARE, measure.region),
        decides=person is not None and may_decide(actor, measure.region, measure.kind.level, known),
        speaks_for_it=speaks,
        prepared_it=person in measure.hands,
        decided_it=person is not None and person in deciders,
        concerned=speaks,
        suspended=any(one.last is None for one in measure.suspensions.all()),
        reply=measure.reply_clock(),
        objection=measure.objection_clock(),
        objected=measure.objected_on is not None,
        high_enough=measure.decided_depth is None or _as_high(actor, measure, measure.decided_depth, known),
        ends_on=measure.last_day(),
    )


def _as_high(actor: Actor, measure: Measure, depth: int, known: dict[object, int | None] | None) -> bool:
    own = height(actor, measure.region, known)
    return own is not None and own <= depth


def open_acts(actor: Actor, measure: Measure) -> list[Act]:
    """What the actor may do with a measure now."""
    found, day = standing_of(actor, measure), today()
    acts = [act for act in Act if act in TABLE and act is not Act.END]
    if not measure.kind.effects:
        acts.remove(Act.EFFECT)
    return [act for act in acts if act_problem(act, found, day) is None]


@dataclass(frozen=True)
class ClockFace:
    """A clock as a page shows it. ``due`` None: it stands still; ``warning``: of years without known holidays."""

    key: str
    clock: Clock
    due: dt.date | None
    left: int
    over: bool
    suspended: bool
    warning: str


def clock_faces(actor: Actor, measure: Measure) -> list[ClockFace]:
    """The clocks that run for a measure now: to reply, to object, to review."""
    found: list[tuple[str, Clock | None]] = []
    if measure.state in HEARABLE:
        found.append(("reply", measure.reply_clock()))
    if measure.state == State.IN_FORCE:
        found.append(("objection", measure.objection_clock()))
    found.append(("review", measure.review_clock()))
    day, faces = today(), []
    for key, clock in found:
        if clock is None:
            continue
        term = clock.term()
        warning = term.warning_text(actor.language) if term else ""
        faces.append(
            ClockFace(
                key, clock, term.day if term else None, clock.left(day), clock.over(day),
                clock.stands_still(day), warning,
            )
        )  # fmt: skip
    return faces


def effects_of_place(actor: Actor, region_id: int, day: dt.date | None = None) -> list[MeasureEffect]:
    """Recorded effects in force for an organisation on a day, as far as the actor may know of the measures."""
    at = day or today()
    found = MeasureEffect.objects.filter(
        measure__in=Measure.objects.filter(
            visible_measures(actor), region_id=region_id, post="", state__in=sorted(LIVE | {State.ENDED})
        ),
        starts_on__lte=at,
    ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=at))
    return list(found.select_related("measure__ladder"))


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """A document of a step is open to whoever may know of its measure."""
    return Measure.objects.filter(visible_measures(actor, sealed=True), steps__file_id=stored.pk).exists()


def history_of_place(actor: Actor, region_id: int) -> Sequence[Measure]:
    """Measures of an organisation the actor may know of, the newest first, without those of persons."""
    return list(measures(actor).filter(region_id=region_id, post="")[:50])
