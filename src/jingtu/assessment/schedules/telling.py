"""One period of a schedule in words: what became of it, and what it still waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from jingtu.assessment.reporting.queries.due import published_forms
from jingtu.core.kernel.clock import now
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem

from . import consent
from .models import Occurrence, Schedule
from .rules import Due, OccurrenceState, forms_named
from .services import office_zone
from .words import MARKS, REPORTS_WAITED_FOR, STATES

HOURS_TOLD = 48

FormNames = Mapping[tuple[int, str], str]
"""Names of report forms by tree and code."""


@dataclass(frozen=True)
class OccurrenceRow:
    """One period of a schedule in words; ``occurrence`` None: it has not fallen due yet."""

    schedule: Schedule
    period: str
    label: str
    due_at: dt.datetime
    latest_at: dt.datetime
    state: str | Promise
    mark: tuple[str, str]
    note: str
    late: str
    warning: str
    occurrence: Occurrence | None = None


def names_for(schedules: Iterable[Schedule]) -> FormNames:
    """What the forms are called that these schedules wait for. One query where any waits for forms, else none."""
    trees = {schedule.region.tree_id for schedule in schedules if schedule.forms}
    if not trees:
        return {}
    return {(form.tree_id, form.code): form.name for form, _ in published_forms() if form.tree_id in trees}


def known(schedule: Schedule, one: Occurrence, language: Language, names: FormNames) -> OccurrenceRow:
    """A period that has fallen due."""
    waits = one.state == OccurrenceState.WAITING
    told = [_note(schedule, one, language, names)]
    if waits:
        told.append(_what_then(schedule, one, language))
    return OccurrenceRow(
        schedule,
        one.period,
        Period.parse(one.period).label(language),
        one.due_at,
        one.latest_at,
        REPORTS_WAITED_FOR if waits and schedule.forms else STATES[one.state],
        MARKS[one.state],
        ("" if language == "zh" else " ").join(text for text in told if text),
        _late_words(one.late, language),
        "",
        one,
    )


def _late_words(late: list[Any], language: Language) -> str:
    """Why it was begun late; two days and more are told in days."""
    if not late:
        return ""
    code, params = late
    hours = int(params["hours"])
    if hours < HOURS_TOLD:
        return Problem(code, params).text(language)
    return Problem(f"{code}_days", {"days": hours // 24}).text(language)


def coming(schedule: Schedule, due: Due, language: Language) -> OccurrenceRow:
    """A period that has not fallen due."""
    warning = ""
    if due.unannounced:
        years = "、".join(map(str, due.unannounced))
        warning = Problem("workdays.not_announced", {"years": years}).text(language)
    return OccurrenceRow(
        schedule,
        due.period.key,
        due.period.label(language),
        due.at,
        due.latest,
        STATES["upcoming"],
        MARKS["upcoming"],
        "",
        "",
        warning,
    )


def _note(schedule: Schedule, one: Occurrence, language: Language, names: FormNames) -> str:
    if not one.note:
        return ""
    code, params = one.note[0], dict(one.note[1])
    if "missing" in params:
        tree = schedule.region.tree_id
        known_here = {form: name for (of, form), name in names.items() if of == tree}
        params["missing"] = forms_named(params["missing"], known_here, "、" if language == "zh" else ", ")
    if isinstance(params.get("why"), list):  # the problem itself, told in the reader's language
        params["why"] = Problem(*params["why"]).text(language)
    return Problem(code, params).text(language)


def _what_then(schedule: Schedule, one: Occurrence, language: Language) -> str:
    """What happens next to a period that waits; asked again at every reading, for the latest moment passes."""
    latest = f"{one.latest_at.astimezone(office_zone()):%Y-%m-%d %H:%M}"
    if not schedule.enabled or consent.missing(schedule):
        return Problem("schedules.then_resting", {"latest": latest}).text(language)
    if not one.note:
        return Problem("schedules.then_in_turn").text(language)
    passed = one.latest_at <= now()
    return Problem("schedules.then_passed" if passed else "schedules.then_until", {"latest": latest}).text(
        language
    )
