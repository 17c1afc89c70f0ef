"""The timeline, and the tasks that may become late."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import require
from jingtu.core.kernel.actor import Permission

from .. import forecasting
from ..queries import rows_of, tasks
from ..queries.risks import at_risk, risk_rows
from ..queries.timelines import HEAD_HEIGHT, ROW_HEIGHT, timeline
from .common import page_of
from .frames import frame


@require(Permission.DUTIES_READ)
@require_GET
def timeline_page(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """Bars over time with their table, a page of tasks at a time."""
    opened = frame(request, "timeline", plan_id)
    page = page_of(request, tasks(opened.actor, opened.wanted))
    return render(
        request,
        "plans/timeline.html",
        opened.context(
            page=page,
            picture=timeline(opened.actor, rows_of(page)),
            row_height=ROW_HEIGHT,
            head_height=HEAD_HEIGHT,
        ),
    )


@require(Permission.DUTIES_READ)
@require_GET
def risk_page(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """Open tasks that may become late, each with the reasons, under the rule they come from."""
    opened = frame(request, "risk", plan_id)
    page = page_of(request, at_risk(opened.actor, opened.wanted))
    return render(
        request,
        "plans/risk.html",
        opened.context(
            page=page,
            rows=risk_rows(opened.actor, list(page)),
            behind=forecasting.BEHIND // 100,
            not_before=forecasting.NOT_BEFORE // 100,
            points=forecasting.POINTS,
            shortest=forecasting.SHORTEST_TREND,
        ),
    )
