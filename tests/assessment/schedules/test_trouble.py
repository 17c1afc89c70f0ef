"""A schedule that breaks down stops no other; it says so, rests, and then makes up for what it missed in order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.assessment.schedules.models import Occurrence, Schedule
from jingtu.assessment.schedules.queries import waiting_schedules
from jingtu.assessment.schedules.rules import LONGEST_PAUSE, pause_after
from jingtu.assessment.schedules.services import rounds
from jingtu.core.notifications.models import Notice
from tests.assessment.office import FIGURES, MONTH, Office
from tests.assessment.schedules.test_schedules import OCTOBER_5, make, tick


@pytest.fixture
def two(office: Office, monkeypatch: pytest.MonkeyPatch) -> tuple[Schedule, Schedule, list[str]]:
    """Two schedules; the first breaks down while its name stands in the list."""
    first, second = (
        make(office, name="甲计划", starts_on=dt.date(2026, 8, 1)),
        make(office, name="乙计划", level="township", region_id=office.cast.places["county_a"].pk),
    )
    office.report("2026-08", FIGURES)
    broken = [first.name]
    note = rounds._note_due

    def breaks(schedule: Schedule, **how: Any) -> None:
        if schedule.name in broken:
            raise RuntimeError("figures unreadable")
        note(schedule, **how)

    monkeypatch.setattr(rounds, "_note_due", breaks)
    return first, second, broken


def made(schedule: Schedule) -> list[tuple[str, str]]:
    rows = Occurrence.objects.filter(schedule=schedule).order_by("finished_at", "period_end")
    return list(rows.values_list("period", "state"))


def test_the_others_go_on_and_the_broken_one_says_so_and_makes_up_later(
    office: Office, two: tuple[Schedule, Schedule, list[str]]
) -> None:
    first, second, broken = two
    assert tick(OCTOBER_5) == 1
    assert (made(first), made(second)) == ([], [(MONTH, "produced")])
    first.refresh_from_db()
    assert (first.trouble[0], first.troubles, first.trouble_at) == ("schedules.broken", 1, OCTOBER_5)
    assert first.next_try_at == OCTOBER_5 + dt.timedelta(minutes=10)
    assert first.enabled
    told = Notice.objects.filter(code="schedules.broken", recipient=office.analyst.user)
    assert told.count() == 1
    assert reverse("schedules:detail", args=[first.pk]) in [
        duty.url for duty in waiting_schedules(office.analyst)
    ]
    # It rests until its next try, and a second breakdown tells nobody again.
    assert tick(OCTOBER_5 + dt.timedelta(minutes=5)) == 0
    tick(OCTOBER_5 + dt.timedelta(minutes=11))
    first.refresh_from_db()
    assert (first.troubles, told.count()) == (2, 1)
    broken.clear()
    assert tick(OCTOBER_5 + dt.timedelta(hours=1)) == 2
    assert made(first) == [("2026-08", "produced"), (MONTH, "produced")]
    first.refresh_from_db()
    assert (first.trouble, first.troubles, first.next_try_at) == ([], 0, None)


def test_its_page_says_what_happened_and_when_it_is_tried_again(
    office: Office, two: tuple[Schedule, Schedule, list[str]]
) -> None:
    first, _second, _broken = two
    tick(OCTOBER_5)
    found = Client()
    found.force_login(office.analyst.user)
    address = reverse("schedules:detail", args=[first.pk])
    page = found.get(address).content.decode()
    assert "不影响其他计划" in page
    assert "2026-10-05 09:00 出错，2026-10-05 09:10 再试。" in page
    assert "办理出错" in found.get(reverse("schedules:list")).content.decode()
    found.cookies["django_language"] = "en"
    assert (
        "This schedule broke down and was passed over; the others went on."
        in found.get(address).content.decode()
    )


def test_the_pause_grows_and_ends() -> None:
    pauses = [pause_after(number) for number in range(1, 12)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (
        dt.timedelta(minutes=10),
        dt.timedelta(minutes=20),
        LONGEST_PAUSE,
    )
