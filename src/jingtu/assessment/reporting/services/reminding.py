"""Reminders: before, at and after the deadline, each once for a unit; and by hand, once a day."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.engine.problems import refuse

from .. import notices
from ..assigning import Asked, due_at
from ..models import Form, Reminder, Report
from ..queries.boards import missing_units
from ..queries.due import Matcher, asked_now, places_asked, published_forms
from ..rules import HANDED_IN, ReminderKind, ReportState, Timeliness, reminder_due, timeliness
from ..visibility import users_filling
from ..working import find_form, find_version, parse_period
from .filling import refuse_before_it_begins


def send_reminders() -> int:
    """Send what is due now, for every form; how many notices went out. The ticker calls it.

    After a standstill each unit gets the one reminder that is right now, not all it missed. Nobody is
    reminded of a unit they do not fill in for today.
    """
    moment = now()
    wanted = [
        (form, asked, kind)
        for form, asked in asked_now(published_forms(), today())
        if (kind := reminder_due(asked.due_at, timezone.localtime(moment), asked.period.days)) is not None
    ]
    if not wanted:
        return 0
    matcher = Matcher(places_asked(None, [(form, [asked.version]) for form, asked, _ in wanted]))
    matcher.read(asked.version for _, asked, _ in wanted)
    sent = 0
    for form, asked, kind in wanted:
        ids = [unit.pk for unit in matcher.units(form.tree_id, asked.version.content, asked.period)]
        with transaction.atomic():
            _alone(form)
            units_left = _not_yet(form, asked.period.key, ids, kind)
            sent += _remind(SYSTEM, form, asked, kind, units_left, kind.value)
    return sent


def remind(actor: Actor, code: str, period_text: str, region_ids: Sequence[int] = ()) -> int:
    """Remind units of the actor's reviewing area that have not handed the form in (all of them, or those named),
    each at most once a day. Returns how many notices went out."""
    if not actor.can(Permission.FORMS_REVIEW):
        raise PermissionDenied(Permission.FORMS_REVIEW)
    form, versions = find_form(code)
    period = parse_period(period_text)
    refuse_before_it_begins(actor, period)
    version = find_version(form, versions, period)
    missing = missing_units(actor, form, version, period)
    if region_ids:
        chosen = set(region_ids)
        missing = [region for region in missing if region.pk in chosen]
    if not missing:
        raise refuse("report.nobody_missing")
    asked = Asked(version, period, due_at(version.content, period))
    late = timeliness(asked.due_at, None, now()) is Timeliness.OVERDUE
    kind = ReminderKind.AFTER if late else ReminderKind.BEFORE
    name = f"hand {today().isoformat()}"
    with transaction.atomic():
        _alone(form)
        already = set(
            Reminder.objects.filter(form=form, period=period.key, kind=name).values_list(
                "region_id", flat=True
            )
        )
        units = [region for region in missing if region.pk not in already]
        sent = _remind(actor, form, asked, kind, units, name)
        record(
            actor,
            "reporting.reminded",
            target_type="form",
            target_id=f"{form.code} {period.key}",
            after={"units": len(units), "notices": sent},
        )
    return sent


def _alone(form: Form) -> None:
    """Let nobody else remind of this form until the transaction ends, so that nobody is told twice."""
    Form.objects.select_for_update().get(pk=form.pk)


def _not_yet(form: Form, period: str, ids: list[int], kind: ReminderKind) -> list[Region]:
    """Of the units those that have neither handed in nor been reminded so (or later)."""
    handed_in = set(
        Report.objects.filter(form=form, period=period, state__in=[s.value for s in HANDED_IN])
        .exclude(state__in=[ReportState.RETURNED.value, ReportState.REOPENED.value])
        .values_list("region_id", flat=True)
    )
    told = set(
        Reminder.objects.filter(form=form, period=period, kind=kind.value).values_list("region_id", flat=True)
    )
    left = [pk for pk in ids if pk not in handed_in and pk not in told]
    found = []
    for start in range(0, len(left), 900):
        found += list(Region.objects.filter(pk__in=left[start : start + 900]))
    return found


def _remind(
    actor: Actor, form: Form, asked: Asked, kind: ReminderKind, units: Sequence[Region], name: str
) -> int:
    """One notice to each person for all their units, and a row for each unit so that it happens once."""
    if not units:
        return 0
    people = users_filling(units)
    by_person: dict[int, list[Region]] = {}
    for unit in units:
        for person in people[unit.pk]:
            by_person.setdefault(person, []).append(unit)
    due = timezone.localtime(asked.due_at).strftime("%Y-%m-%d %H:%M")
    moment = now()
    with transaction.atomic():
        Reminder.objects.bulk_create(
            [
                Reminder(
                    form=form,
                    region=unit,
                    period=asked.period.key,
                    kind=name,
                    sent_at=moment,
                    people=len(people[unit.pk]),
                )
                for unit in units
            ],
            ignore_conflicts=True,
            batch_size=500,
        )
        for person, theirs in sorted(by_person.items()):
            notices.reminded(actor, form, asked.period.key, due, kind, theirs, person)
    return len(by_person)
