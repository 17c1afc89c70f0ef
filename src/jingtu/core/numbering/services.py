"""Giving out official numbers: in the transaction of the deed they belong to, one after the other."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Max

from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.core.regions.queries import get_region
from jingtu.engine.problems import InvalidInput, Problem, refuse

from .models import NumberSeries, OfficialNumber
from .rules import (
    DEFAULT_PATTERN,
    LONGEST,
    NumberState,
    next_n,
    pattern_problem,
    reason_problem,
    written,
)
from .words import STATES

register_actions(
    {
        "numbering.series_made": ("设立文号系列", "Number series made"),
        "numbering.issued": ("编发文号", "Official number issued"),
        "numbering.reserved": ("预留文号", "Official number reserved"),
        "numbering.voided": ("文号作废", "Official number voided"),
    }
)
register_objects(
    {"official_number": ("文号", "Official number"), "number_series": ("文号系列", "Series of numbers")}
)
register_states("official_number", STATES)


def make_series(
    actor: Actor, region_id: int, *, name: str, office: str, pattern: str = DEFAULT_PATTERN
) -> NumberSeries:
    """Begin a series of an office. Raises PermissionDenied, InvalidInput, Conflict for one that exists."""
    if not actor.can(Permission.NUMBERS_MANAGE, region_id):
        raise PermissionDenied(Permission.NUMBERS_MANAGE)
    region = get_region(actor, region_id)
    name, office, pattern = name.strip(), office.strip(), pattern.strip()
    if not name:
        raise refuse("numbering.missing", column="name", what="名称 · name")
    if "{office}" in pattern and not office:
        raise refuse("numbering.missing", column="office", what="发文机关代字 · the office's sign")
    problem = pattern_problem(pattern)
    if problem is not None:
        raise InvalidInput([problem])
    if len(written(pattern, office, 2000, 10**6)) > LONGEST:
        raise refuse("numbering.too_long", column="pattern", most=LONGEST)
    try:
        with transaction.atomic():
            series = NumberSeries.objects.create(
                region=region, name=name, office=office, pattern=pattern, created_at=now()
            )
            record(
                actor,
                "numbering.series_made",
                target_type="number_series",
                target_id=series.pk,
                region_id=region_id,
                after={"name": name, "office": office, "pattern": pattern},
            )
    except IntegrityError as error:
        raise Conflict(Problem("numbering.series_taken")) from error
    return series


def allocate(
    actor: Actor, series_id: int, *, subject: str, subject_en: str, target: str, link: str
) -> OfficialNumber:
    """The next number of the series for a document, given out inside the transaction that makes the document.

    Whoever calls has asked for the right to make the document. When that transaction is rolled back the
    number was never given out, so the sequence has no gap.
    """
    number = _next(
        actor,
        series_id,
        NumberState.ISSUED,
        subject=subject[:255],
        subject_en=subject_en[:255],
        target=target,
        link=link,
        reason="",
    )
    _record(actor, "numbering.issued", number)
    return number


def reserve(actor: Actor, series_id: int, subject: str, reason: str) -> OfficialNumber:
    """Take the next number for something written outside the system, with the reason."""
    series = _managed(actor, series_id)
    problem = reason_problem(reason)
    if problem is not None:
        raise InvalidInput([problem])
    with transaction.atomic():
        number = _next(
            actor,
            series.pk,
            NumberState.RESERVED,
            subject=subject.strip()[:255],
            target="",
            link="",
            reason=reason.strip(),
        )
        _record(actor, "numbering.reserved", number)
    return number


def void_reserved(actor: Actor, number_id: int, reason: str) -> OfficialNumber:
    """Say that a reserved number is not going to be used, and why. It is not given out again."""
    number = OfficialNumber.objects.select_related("series").filter(pk=number_id).first()
    if number is None or not actor.can(Permission.NUMBERS_READ, number.series.region_id):
        raise NotFound(number_id, "official_number")
    _managed(actor, number.series_id)
    problem = reason_problem(reason)
    if problem is not None:
        raise InvalidInput([problem])
    with transaction.atomic():
        changed = OfficialNumber.objects.filter(pk=number_id, state=NumberState.RESERVED).update(
            state=NumberState.VOID, reason=f"{number.reason}；{reason.strip()}"
        )
        if not changed:
            raise Conflict(Problem("numbering.not_reserved"))
        number.refresh_from_db()
        _record(actor, "numbering.voided", number)
    return number


def void_of(actor: Actor, target: str, reason: str) -> None:
    """Mark the number of a document that is withdrawn; call it in the transaction of the withdrawal."""
    for number in OfficialNumber.objects.filter(target=target, state=NumberState.ISSUED):
        number.state, number.reason = NumberState.VOID.value, reason.strip()
        number.save(update_fields=["state", "reason"])
        _record(actor, "numbering.voided", number)


def queue_for(series_id: int) -> NumberSeries:
    """Wait for whoever is taking a number of the series; to be called before anything else is written."""
    return NumberSeries.objects.select_for_update().get(pk=series_id)


def _next(actor: Actor, series_id: int, state: NumberState, **values: str) -> OfficialNumber:
    """One more of the year. The row of the series is locked, so that two at once queue for their number."""
    series = queue_for(series_id)
    year = today().year
    last = OfficialNumber.objects.filter(series=series, year=year).aggregate(last=Max("n"))["last"]
    n = next_n(last)
    return OfficialNumber.objects.create(
        series=series,
        year=year,
        n=n,
        text=written(series.pattern, series.office, year, n),
        state=state.value,
        person_id=user_id_of(actor),
        at=now(),
        **values,
    )


def _managed(actor: Actor, series_id: int) -> NumberSeries:
    series = NumberSeries.objects.filter(pk=series_id).first()
    if series is None or not actor.can(Permission.NUMBERS_READ, series.region_id):
        raise NotFound(f"#{series_id}")
    if not actor.can(Permission.NUMBERS_MANAGE, series.region_id):
        raise PermissionDenied(Permission.NUMBERS_MANAGE)
    return series


def _record(actor: Actor, action: str, number: OfficialNumber) -> None:
    record(
        actor,
        action,
        target_type="official_number",
        target_id=number.pk,
        region_id=number.series.region_id,
        after={"number": number.text, "state": number.state, "target": number.target},
        reason=number.reason,
    )
