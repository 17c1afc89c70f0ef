"""Pages of schedules: parse, ask one service or query, draw."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.core.kernel.ids import id_in
from jingtu.engine.periods import Period, PeriodKind

from . import consent, services
from .forms import KINDS, ScheduleForm, initial_of
from .models import Schedule
from .offering import choices, start_of
from .queries import (
    calendar,
    card_name,
    form_titles,
    get_schedule,
    history,
    occurrence_rows,
    schedule_row,
    schedule_rows,
)
from .rules import PRESETS, Consent, OccurrenceState
from .words import PRESET_NAMES, PRESET_TEXTS, WAITS

PAGE_SIZE = 25


@require(Permission.SCHEDULES_READ)
@require_GET
def schedule_list(request: HttpRequest) -> HttpResponse:
    """Every schedule with what it did last and what comes next."""
    actor = actor_of(request)
    return render(
        request,
        "schedules/list.html",
        {
            "rows": schedule_rows(actor),
            "presets": [(code, PRESET_NAMES[code], PRESET_TEXTS[code]) for code in PRESETS],
            "may_manage": actor.can(Permission.SCHEDULES_MANAGE),
        },
    )


@require(Permission.SCHEDULES_READ)
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """What fell and falls due in a month."""
    actor = actor_of(request)
    shown = Period.of(PeriodKind.MONTH, today())
    asked = request.GET.get("month", "")
    if asked:
        try:
            found = Period.parse(asked)
        except InvalidInput:
            found = shown
        shown = found if found.kind is PeriodKind.MONTH else shown
    return render(
        request,
        "schedules/calendar.html",
        {
            "rows": calendar(actor, shown.start, shown.end + dt.timedelta(days=1)),
            "shown": shown.label(actor.language),
            "previous": shown.previous().key,
            "next": shown.next().key,
            "steps": [*_trail(), (_("日程"), "")],
        },
    )


@require(Permission.SCHEDULES_READ)
@require_GET
def detail(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """One schedule: its settings, what comes next, what became of every period."""
    actor = actor_of(request)
    schedule = get_schedule(actor, schedule_id)
    page = Paginator(history(actor, schedule), PAGE_SIZE).get_page(request.GET.get("page"))
    latest = schedule.occurrences.select_related("run").order_by("-period_end").first()
    return render(
        request,
        "schedules/detail.html",
        {
            "schedule": schedule,
            "row": schedule_row(schedule, latest, actor.language),
            "page": page,
            "rows": occurrence_rows(actor, schedule, list(page)),
            "may_manage": actor.can(Permission.SCHEDULES_MANAGE, schedule.region_id),
            "waits": WAITS[schedule.wait_for],
            "forms": form_titles(schedule),
            "card": card_name(actor, schedule),
            "level": schedule.region.tree.level_name(schedule.level) if schedule.level else "",
            "bulletin": KINDS[schedule.bulletin] if schedule.bulletin else "",
            "may_answer": user_id_of(actor) == schedule.on_behalf_id,
            "fictional": schedule.region.tree.fictional,
            "steps": [*_trail(), (schedule.name, "")],
        },
    )


@require(Permission.SCHEDULES_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a schedule, from one of the usual rhythms or freely."""
    preset = request.GET.get("preset", "")
    asked = id_in(request.GET.get("region", ""))
    initial = start_of(actor_of(request), preset, asked) | {
        "starts_on": today(),
        "on_behalf": user_id_of(actor_of(request)),
        "name": PRESET_NAMES.get(preset, ""),
    }
    return _edit(request, None, initial, _("新建计划"), asked)


@require(Permission.SCHEDULES_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Change a schedule; what it has made stays."""
    schedule = get_schedule(actor_of(request), schedule_id)
    return _edit(request, schedule, initial_of(schedule), _("修改计划"))


def _edit(
    request: HttpRequest,
    schedule: Schedule | None,
    initial: dict[str, object],
    title: str,
    asked: int | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    form = ScheduleForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        choices=choices(actor, schedule, asked),
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save(actor, form.plan(), schedule.pk if schedule else None)
        except InvalidInput as error:
            for problem in error.problems:
                column = "reports" if problem.column == "forms" else problem.column
                column = column if column in form.fields else None
                form.add_error(column, problem.text(actor.language))
        except Conflict as error:
            form.add_error("name", error.problem.text(actor.language))
        else:
            messages.success(request, _("计划已保存。"))
            if saved.consent == Consent.ASKED:
                messages.info(request, _("已请被指定的人答复；其本人同意之前不办理任何周期。"))
            return redirect("schedules:detail", saved.pk)
    return render(
        request,
        "schedules/form.html",
        {
            "form": form,
            "title": title,
            "back": reverse("schedules:detail", args=[schedule.pk])
            if schedule
            else reverse("schedules:list"),
            "steps": [*_trail(), (title, "")],
        },
        status=400 if form.errors else 200,
    )


@require(Permission.SCHEDULES_READ)
@require_http_methods(["POST"])
def answer(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """The person named agrees that it acts in their name, or does not."""
    actor = actor_of(request)
    if request.POST.get("agree") == "1":
        consent.agree(actor, schedule_id)
        messages.success(request, _("已同意。到期的周期将以您的名义依次生成草稿。"))
    else:
        consent.decline(actor, schedule_id, request.POST.get("reason", ""))
        messages.success(request, _("已答复不同意，计划不再以您的名义办理。"))
    return redirect("schedules:detail", schedule_id)


@require(Permission.SCHEDULES_MANAGE)
@require_http_methods(["POST"])
def enable(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Let it run again."""
    services.enable(actor_of(request), schedule_id)
    messages.success(request, _("已启用。"))
    return redirect("schedules:detail", schedule_id)


@require(Permission.SCHEDULES_MANAGE)
@require_http_methods(["POST"])
def pause(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Let it rest."""
    services.pause(actor_of(request), schedule_id)
    messages.success(request, _("已停用。停用期间到期的周期，启用后依次补办。"))
    return redirect("schedules:detail", schedule_id)


@require(Permission.SCHEDULES_MANAGE)
@require_http_methods(["POST"])
def run_now(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Do not wait any longer."""
    occurrence = services.run_now(actor_of(request), schedule_id)
    if occurrence.state == OccurrenceState.PRODUCED and occurrence.run_id:
        messages.success(request, _("已生成草稿。"))
        return redirect("runs:detail", occurrence.run_id)
    messages.info(request, _("已处理，结果见历史。"))
    return redirect("schedules:detail", schedule_id)


def _trail() -> list[tuple[str, str]]:
    return [(_("计划"), reverse("schedules:list"))]
