"""The calendar: a month of due days and milestones."""

from __future__ import annotations

import datetime as dt
import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import require
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today

from ..queries.months import month
from .frames import address, frame

YEARS = range(2000, 2100)


@require(Permission.DUTIES_READ)
@require_GET
def calendar_page(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """The month that ``?month=2026-11`` names, else this one."""
    opened = frame(request, "calendar", plan_id)
    now = today()
    first = month_asked(request.GET.get("month", "")) or now.replace(day=1)
    days = month(opened.actor, opened.wanted, first.year, first.month)
    before, after = first - dt.timedelta(days=1), first + dt.timedelta(days=31)
    return render(
        request,
        "plans/calendar.html",
        opened.context(
            weeks=[
                [
                    (day, address("table", opened.wanted, due_from=day.day, due_to=day.day))
                    for day in days[at : at + 7]
                ]
                for at in range(0, len(days), 7)
            ],
            first=first,
            is_empty=all(day.is_empty for day in days if day.within),
            before=address("calendar", opened.wanted, month=f"{before:%Y-%m}"),
            after=address("calendar", opened.wanted, month=f"{after:%Y-%m}"),
            this=address("calendar", opened.wanted) if first != now.replace(day=1) else "",
        ),
    )


def month_asked(text: str) -> dt.date | None:
    """The first day of a month written 2026-11; None for anything else."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
    if found is None or int(found[1]) not in YEARS:
        return None
    return dt.date(int(found[1]), int(found[2]), 1)
