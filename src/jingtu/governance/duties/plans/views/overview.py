"""The board, the tasks by unit and by person, and the late ones."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import require
from jingtu.core.kernel.actor import Permission

from ..queries import TaskFilter, rows_of
from ..queries.boards import board, columns_of
from ..queries.overview import by_person, by_unit, late
from ..registry import asides_of
from ..words import ACTIONS
from .common import page_of
from .frames import address, frame

PEOPLE_SIZE = 50


@require(Permission.DUTIES_READ)
@require_GET
def board_page(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """A column for every state; ``?p-STATE=2`` shows the second part of a column."""
    opened = frame(request, "board", plan_id)
    asked = {state.value: request.GET.get(f"p-{state.value}", "") for state in columns_of(opened.wanted)}
    parts = {
        state: int(text)
        for state, text in asked.items()
        if text.isascii() and text.isdigit() and len(text) < 6
    }
    columns = board(opened.actor, opened.wanted, parts)
    shown = {f"p-{column.state}": column.part for column in columns if column.part > 1}

    def part(state: str, number: int) -> str:
        others = {**shown, f"p-{state}": number if number > 1 else None}
        return f"{address('board', opened.wanted, **others)}#column-{state}"

    return render(
        request,
        "plans/board.html",
        opened.context(
            columns=[
                {
                    "column": column,
                    "cards": [
                        (card.row, [(action.value, ACTIONS[action]) for action in card.moves])
                        for card in column.cards
                    ],
                    "last": column.first + len(column.cards) - 1,
                    "earlier": part(column.state, column.part - 1) if column.part > 1 else "",
                    "later": part(column.state, column.part + 1) if column.part < column.parts else "",
                }
                for column in columns
            ],
            total=sum(column.count for column in columns),
            here=quote(request.get_full_path(), safe=""),
        ),
    )


@require(Permission.DUTIES_READ)
@require_GET
def units(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """What lies with which unit, in the order of names."""
    opened = frame(request, "units", plan_id)
    page = Paginator(by_unit(opened.actor, opened.wanted), PEOPLE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "plans/loads.html",
        opened.context(
            page=page,
            rows=[(load, _to_tasks(replace(opened.wanted, unit=load.pk), load.pk)) for load in page],
            name=_("牵头单位"),
            second=pgettext("tasks of a unit", "配合"),
            nobody=_("没有牵头单位"),
            beside=_("所属地区"),
        ),
    )


@require(Permission.DUTIES_READ)
@require_GET
def people(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """What lies with whom, in the order of names: nobody is ranked."""
    opened = frame(request, "people", plan_id)
    page = Paginator(by_person(opened.actor, opened.wanted), PEOPLE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "plans/loads.html",
        opened.context(
            page=page,
            rows=[(load, _to_tasks(replace(opened.wanted, person=load.pk), load.pk)) for load in page],
            name=pgettext("task", "责任人"),
            second=pgettext("tasks of a person", "作为责任领导"),
            nobody=_("没有责任人"),
            people=True,
        ),
    )


def _to_tasks(wanted: TaskFilter, pk: int | None) -> str:
    """The table of the tasks of one unit or person; empty for tasks that have none."""
    return "" if pk is None else address("table", wanted)


@require(Permission.DUTIES_READ)
@require_GET
def late_page(request: HttpRequest, plan_id: int | None = None) -> HttpResponse:
    """The late tasks, the longest late first."""
    opened = frame(request, "late", plan_id)
    page = page_of(request, late(opened.actor, opened.wanted))
    asides = asides_of(opened.actor, list(page))
    shown = asides if any(asides.values()) else {}
    return render(
        request, "plans/late.html", opened.context(page=page, rows=rows_of(page), asides_by_task=shown)
    )
