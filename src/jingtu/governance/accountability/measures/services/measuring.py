"""Every step of a measure's due process: one verb per step, each with its day, person and document."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from jingtu.core.files.models import StoredFile
from jingtu.core.files.rules import EVIDENCE
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, person_behind, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import (
    InvalidInput,
    NotFound,
    Problem,
    refuse,
    register_texts,
)
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.numbering.services import allocate

from .. import notices
from ..freezing import frozen_of
from ..ladders import EFFECTS
from ..models import Measure, MeasureEffect, MeasureStep, MeasureSuspension
from ..queries import standing_of
from ..rules import (
    ANSWERING,
    CLOSED,
    LIVE,
    STILLING,
    Act,
    State,
    act_problem,
    decides,
    keeps,
    result_of,
    term_end,
)
from ..visibility import height, visible_measures
from .common import NotAbove, checked, needed, stop, written

PURPOSE = "measures.step"
NUMBERED = frozenset({Act.NOTICE, Act.DECIDE, Act.UPHOLD, Act.CHANGE, Act.REVOKE, Act.LIFT, Act.DROP})
"""Steps whose document carries an official number."""
SERVING = frozenset({Act.SERVE, Act.SERVE_DECISION})
"""Steps whose day begins a clock of the addressee."""

register_texts(
    {
        "measures.day_order": (
            "日期不能早于上一步（{last}），也不能晚于今天。",
            "The day cannot lie before the step before ({last}) or after today.",
        ),
        "measures.effect_unknown": (
            "这种措施不记录这项后果。",
            "This kind of measure does not record that effect.",
        ),
        "measures.effect_document": (
            "请写明作出决定的机关和文件编号。",
            "Name the competent body and the number of its document.",
        ),
        "measures.effect_days": (
            "文件日期不能早于措施决定，也不能晚于今天；后果不能早于文件开始，止期不能早于起期。",
            "The document cannot be dated before the measure was decided or after today; the effect cannot begin before "
            "its document or end before it begins.",
        ),
        "measures.receipt_needed": (
            "登记以前日期的送达，请附送达回证。",
            "To enter a service of an earlier day, attach its receipt.",
        ),
        "measures.term_worse": (
            "复核不得加重：变更后的期限不能晚于原期限（{last}）。",
            "A review makes nothing worse: the changed term cannot end after the present one ({last}).",
        ),
        "measures.suspension_document": (
            "中止或恢复执行中的期限须有决定文件：请填写文号、选择文号系列或附上文件。",
            "Suspending or resuming a term in force needs the document of that decision: give its number, choose a "
            "series or attach it.",
        ),
        "measures.answered_today": (
            "本人在系统中提出的意见以提交当天为准。",
            "What is said here by the addressee counts from the day it is sent.",
        ),
        "measures.paper_needed": (
            "代为登记书面意见的，请附上对方的原件扫描件。",
            "To enter what came on paper, attach a scan of the addressee's own paper.",
        ),
        "measures.series_unknown": ("没有这个文号系列。", "There is no such series of numbers."),
        "measures.term_given": (
            "变更后的期限须为1至60个月。",
            "The term after the change must be 1 to 60 months.",
        ),
    }
)


@dataclass(frozen=True)
class Given:
    """What a person brings to a step: the day it happened (today where not said), words, a number of their own or
    the series to take the next one from, a document."""

    text: str = ""
    on: dt.date | None = None
    number: str = ""
    series_id: int | None = None
    file: Upload | None = None


def notice(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Issue the notice that says what is meant, on which facts, and until when there may be a reply."""
    return _step(actor, measure_id, Act.NOTICE, given)


def serve(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Record that the notice reached the addressee; the time to reply begins."""
    return _step(actor, measure_id, Act.SERVE, given, served_on=given.on or today())


def reply(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Reply for the addressee while there is time; more may be said until then. Whoever keeps the file enters what
    came on paper, with the paper."""
    return _step(actor, measure_id, Act.REPLY, given)


def hear(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Note what was said at a hearing."""
    return _step(actor, measure_id, Act.HEAR, given)


def suspend(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Let the clocks stand still from a day on, with the reason. A term in force stands still only by a decision of
    whoever may decide, with its document: it makes the measure last longer."""
    with transaction.atomic():
        measure = _step(actor, measure_id, Act.SUSPEND, given)
        MeasureSuspension.objects.create(
            measure=measure, first=given.on or today(), reason=given.text.strip()
        )
    return measure


def resume(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Let the clocks run again from a day on; a term in force ends so much later."""
    with transaction.atomic():
        measure = _step(actor, measure_id, Act.RESUME, given)
        _run_again(measure, given.on or today())
    return measure


def decide(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Impose the measure, with reasons; possible after a reply or when the time to reply is over. Clocks that stood
    still for the reply run again: what began before the decision does not hold up its term."""
    with transaction.atomic():
        measure = _step(
            actor, measure_id, Act.DECIDE, given,
            decided_by_id=user_id_of(actor), decided_on=given.on or today(),
        )  # fmt: skip
        _run_again(measure, given.on or today())
    return measure


def drop(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Decide with reasons that no measure is imposed."""
    return _step(
        actor, measure_id, Act.DROP, given, decided_by_id=user_id_of(actor), decided_on=given.on or today()
    )


def serve_decision(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Record that the decision reached the addressee: it is in force, its term and the time to object begin."""
    served = given.on or today()
    term = _kind(measure_id).term
    ends = term_end(served, term) if term else None
    return _step(actor, measure_id, Act.SERVE_DECISION, given, in_force_from=served, ends_on=ends)


def object_to(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Object for the addressee while there is time."""
    return _step(actor, measure_id, Act.OBJECT, given, objected_on=given.on or today())


def uphold(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Uphold the measure on review, by somebody other than whoever decided it."""
    return _step(actor, measure_id, Act.UPHOLD, given, objected_on=None)


def change(actor: Actor, measure_id: int, given: Given, months: int) -> Measure:
    """Change the term of the measure on review; it runs from when the decision was served."""
    if not 1 <= months <= 60:
        raise refuse("measures.term_given", column="months")
    with transaction.atomic():
        measure = _step(actor, measure_id, Act.CHANGE, given, months=months, objected_on=None)
        if measure.in_force_from is not None:
            changed = term_end(measure.in_force_from, months)
            # Our own rule, as 公务员申诉规定 4 (2022) has it for reviews of personnel decisions and 行政复议法 63
            # (2023) for those of administrative acts: whoever objects is not put in a worse place for it.
            if measure.ends_on is None or changed > measure.ends_on:
                last = measure.ends_on.isoformat() if measure.ends_on else "—"
                raise refuse("measures.term_worse", column="months", last=last)
            measure.ends_on = changed
            measure.save(update_fields=["ends_on"])
    return measure


def revoke(actor: Actor, measure_id: int, given: Given) -> Measure:
    """Revoke the measure on review; effects recorded of it end today."""
    with transaction.atomic():
        measure = _step(actor, measure_id, Act.REVOKE, given, closed_on=given.on or today(), objected_on=None)
        for effect in measure.effects.select_for_update().filter(starts_on__lte=today()):
            if effect.ends_on is None or effect.ends_on > today():
                effect.ends_on = today()
                effect.save(update_fields=["ends_on"])
    return measure


def lift(actor: Actor, measure_id: int, given: Given) -> Measure:
    """End the measure before its term, with reasons."""
    return _step(actor, measure_id, Act.LIFT, given, closed_on=given.on or today())


def record_effect(
    actor: Actor,
    measure_id: int,
    effect: str,
    *,
    body: str,
    document_number: str,
    document_date: dt.date,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    note: str = "",
) -> MeasureEffect:
    """Record one effect, as the competent body decided it in its document. The system itself decides on none."""
    body, document_number = checked(body, "body", 128), checked(document_number, "document_number", 64)
    if not body or not document_number:
        raise refuse("measures.effect_document", column="body")
    if document_date > today() or (ends_on is not None and ends_on < starts_on):
        raise refuse("measures.effect_days", column="document_date")
    if effect not in EFFECTS or effect not in _kind(measure_id).effects:
        raise refuse("measures.effect_unknown", column="effect")
    with transaction.atomic():
        measure = _step(actor, measure_id, Act.EFFECT, Given(note or f"{body} {document_number}"))
        if measure.decided_on is None or not measure.decided_on <= document_date <= starts_on:
            raise refuse("measures.effect_days", column="document_date")
        return MeasureEffect.objects.create(
            measure=measure,
            effect=effect,
            body=body,
            document_number=document_number,
            document_date=document_date,
            starts_on=starts_on,
            ends_on=ends_on,
            recorded_by_id=person_behind(actor, Permission.MEASURES_PREPARE),
            recorded_at=now(),
        )


def close_over() -> int:
    """End the measures whose term is over; what concerns persons is sealed with it. For the ticker.

    A term runs on while an objection is reviewed (公务员申诉规定 4 (2022): what is objected to stays in force
    meanwhile) and is over on its day: nobody stays on a list because a review is late. The review is still owed.
    """
    day, done = today(), 0
    live = sorted(state.value for state in LIVE)
    for pk in Measure.objects.filter(state__in=live).values_list("pk", flat=True):
        with transaction.atomic():
            measure = _locked(SYSTEM, pk)
            if act_problem(Act.END, standing_of(SYSTEM, measure), day) is not None:
                continue
            _move(SYSTEM, measure, Act.END, Given(), {"closed_on": day})
            done += 1
    return done


def _step(actor: Actor, measure_id: int, act: Act, given: Given, **values: Any) -> Measure:
    with transaction.atomic():
        measure = _locked(actor, measure_id)
        found, day = standing_of(actor, measure), given.on or today()
        deciding = decides(act, found.state)
        permission = Permission.MEASURES_DECIDE if deciding else _asked(act)
        if deciding and not found.decides and actor.can(Permission.MEASURES_DECIDE):
            raise NotAbove
        stop(act_problem(act, found, day), permission)
        _in_order(measure, day)
        if deciding and act in STILLING and not (given.number or given.series_id or given.file):
            raise refuse("measures.suspension_document", column="number")
        if act in ANSWERING and found.speaks_for_it and day != today():
            raise refuse("measures.answered_today", column="on")
        if act in ANSWERING and not found.speaks_for_it:
            if given.file is None:
                raise refuse("measures.paper_needed", column="file")
            measure.hands = sorted({*measure.hands, person_behind(actor, Permission.MEASURES_PREPARE)})
        if act in SERVING and given.on is not None and given.on < today() and given.file is None:
            # A clock that began in the past is over sooner: only the receipt shows that the addressee had it.
            raise refuse("measures.receipt_needed", column="file")
        _move(actor, measure, act, given, values)
    return measure


def _move(actor: Actor, measure: Measure, act: Act, given: Given, values: dict[str, Any]) -> None:
    day = given.on or today()
    silent = act in (Act.SERVE, Act.SERVE_DECISION, Act.NOTICE, Act.END)
    text = checked(given.text) if silent else needed(given.text)
    months = values.pop("months", None)
    before = measure.state
    measure.state = result_of(act, State(before)).value
    if act is Act.DECIDE:
        measure.decided_depth = height(actor, measure.region)
    if measure.concerns_person and measure.state in CLOSED and measure.sealed_at is None:
        measure.sealed_at = now()
    for name, value in values.items():
        setattr(measure, name, value)
    if keeps(act, State(before)):
        measure.hands = sorted({*measure.hands, person_behind(actor, Permission.MEASURES_PREPARE)})
    measure.save()
    file = _kept(actor, given, measure)
    step = MeasureStep.objects.create(
        measure=measure, act=act.value, on=day, at=now(), person_id=user_id_of(actor), text=text, file=file
    )
    step.number = _number(actor, measure, step, given)
    step.frozen = frozen_of(measure, act, months)
    step.save(update_fields=["number", "frozen"])
    written(
        actor, act.value, "measure", measure.pk, measure.region_id, before={"state": before},
        after={"state": measure.state, "on": day.isoformat(), "number": step.number}, reason="" if measure.concerns_person else text,
    )  # fmt: skip
    notices.stepped(actor, measure, act)


def _in_order(measure: Measure, day: dt.date) -> None:
    """No step lies before one that was taken, nor in days to come. Raises InvalidInput."""
    last = measure.steps.order_by("-on", "-id").values_list("on", flat=True).first() or measure.opened_on
    if not last <= day <= today():
        raise InvalidInput([Problem("measures.day_order", {"last": last.isoformat()}, column="on")])


def _run_again(measure: Measure, day: dt.date) -> None:
    """End a suspension that is open on the day before; a term in force ends later by the days it stood still."""
    stood = measure.suspensions.select_for_update().filter(last__isnull=True).first()
    if stood is None:
        return
    stood.last = max(stood.first, day - dt.timedelta(days=1))
    stood.save(update_fields=["last"])
    if measure.ends_on is not None and measure.in_force_from is not None:
        first = max(stood.first, measure.in_force_from)
        measure.ends_on += max(stood.last - first + dt.timedelta(days=1), dt.timedelta())
        measure.save(update_fields=["ends_on"])


def _number(actor: Actor, measure: Measure, step: MeasureStep, given: Given) -> str:
    if Act(step.act) not in NUMBERED | STILLING:
        return ""
    if given.series_id is None:
        return checked(given.number, "number", 64)
    series = NumberSeries.objects.filter(pk=given.series_id, region_id=measure.office_id).first()
    if series is None:
        raise refuse("measures.series_unknown", column="series")
    kind = measure.kind
    # The register of numbers is read by many: a number says what it stands on, never whom it concerns.
    place = "" if measure.concerns_person else measure.region.name
    return allocate(
        actor,
        series.pk,
        subject=f"{place}{kind.name_zh}",
        subject_en=f"{kind.name_en}{': ' if place else ''}{place}",
        target=f"measures.step:{step.pk}",
        link="" if measure.concerns_person else f"/measures/{measure.pk}/",
    ).text


def _kept(actor: Actor, given: Given, measure: Measure) -> StoredFile | None:
    if given.file is None:
        return None
    name, blocks = given.file
    return receive(actor, blocks, name, purpose=PURPOSE, accepted=EVIDENCE, region_id=measure.region_id)


def _asked(act: Act) -> Permission:
    return Permission.MEASURES_REPLY if act in ANSWERING else Permission.MEASURES_PREPARE


def _kind(measure_id: int) -> Any:
    measure = Measure.objects.select_related("ladder").filter(pk=measure_id).first()
    if measure is None:
        raise NotFound(measure_id, "measure")
    return measure.kind


def _locked(actor: Actor, measure_id: int) -> Measure:
    measure = (
        Measure.objects.select_for_update(of=("self",))
        .select_related("region__tree", "office__tree", "ladder", "person")
        .filter(visible_measures(actor, sealed=True), pk=measure_id)
        .first()
    )
    if measure is None:
        raise NotFound(measure_id, "measure")
    return measure
