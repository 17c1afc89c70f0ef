"""Pages of alerts: parse, ask one service or query, draw."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.ids import id_in, ids_in
from jingtu.core.regions.queries import get_region, path_names
from jingtu.core.ui.chart_files import chart_file, file_url
from jingtu.core.ui.charts import Bars, Series
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.workdays import unannounced

from . import measuring, queries, services
from .forms import ActForm, AlertFilterForm, AssignForm, SnoozeForm
from .models import Alert
from .queries import AlertFilter
from .rules import TABLE, AlertAction, AlertState, Severity
from .words import ACTIONS, KINDS

PAGE_SIZE = 25
READERS = (Permission.RESULTS_READ, Permission.DRAFTS_READ)
HANDLERS = (Permission.ALERTS_HANDLE, Permission.ALERTS_DISMISS)


@require(*READERS)
@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """Alerts the actor may know of, filtered by the address; open ones unless asked otherwise."""
    actor = actor_of(request)
    wanted = _wanted(request)
    page = Paginator(queries.alerts(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = queries.rows(actor, list(page.object_list))
    return render(
        request,
        "alerts/list.html",
        {
            "page": page,
            "rows": shown,
            "counts": queries.open_counts(actor, wanted.region),
            "filters": AlertFilterForm(request.GET, choices=queries.filter_choices(actor)),
            "filtered": wanted != AlertFilter(),
            "region": get_region(actor, wanted.region) if wanted.region else None,
            "may_handle": actor.can(Permission.ALERTS_HANDLE)
            and any(row.alert.state == AlertState.NEW for row in shown),
            "query": request.GET.urlencode(),
        },
    )


def _wanted(request: HttpRequest) -> AlertFilter:
    state = request.GET.get("state", "")
    known = {item.value for item in AlertState}
    return AlertFilter(
        state="" if state == "all" else state if state in known else "open",
        severity=request.GET.get("severity", ""),
        rule=request.GET.get("rule", ""),
        tree=request.GET.get("tree", ""),
        region=id_in(request.GET.get("region")),
        mine=request.GET.get("mine") in ("on", "1"),
        overdue=request.GET.get("overdue") in ("on", "1"),
    )


@require(*HANDLERS)
@require_POST
def acknowledge_many(request: HttpRequest) -> HttpResponse:
    """Acknowledge the ticked alerts that are new."""
    ids = ids_in(request.POST.getlist("alert"))
    count = services.acknowledge_many(actor_of(request), ids[:PAGE_SIZE])
    messages.success(
        request, ngettext("已知悉%(count)s条预警。", "已知悉%(count)s条预警。", count) % {"count": count}
    )
    query = request.POST.get("query", "")
    return redirect(f"{reverse('alerts:list')}?{query}" if query else "alerts:list")


@require(*READERS)
@require_GET
def detail(request: HttpRequest, alert_id: int) -> HttpResponseBase:
    """Evidence, history, people, and what this actor may do now; opening it leaves a receipt."""
    actor = actor_of(request)
    page = queries.alert_detail(actor, alert_id)
    alert = page.row.alert
    file = chart_file(request, actor, page.chart, page.row.place, alert.tree.fictional)
    if file is not None:
        return file
    services.mark_read(actor, alert)
    years = unannounced(today(), alert.due_on) if alert.open else ()
    return render(
        request,
        "alerts/detail.html",
        {
            "page": page,
            "file_url": file_url(request),
            "alert": alert,
            "kind": KINDS.get(alert.kind, alert.kind),
            "actions": [(action.value, ACTIONS[action]) for action in page.actions],
            "path": path_names(actor, [alert.region_id]).get(alert.region_id, alert.region.name),
            "fictional": alert.tree.fictional,
            "weekdays_only": "、".join(map(str, years)),
            "steps": [*_trail(), (page.row.place, "")],
        },
    )


def _lead(action: AlertAction) -> str:
    return {
        AlertAction.ACKNOWLEDGE: _("表示您已看到这条预警。"),
        AlertAction.TAKE: _("表示您已着手处置，说明可写做法和安排。"),
        AlertAction.RESOLVE: _("写明查实的情况和采取的措施。下一期若仍触发，会再次预警。"),
        AlertAction.SNOOZE: _("在您选定的日期前不再提醒；情况明显加重时会提前恢复。"),
        AlertAction.DISMISS: _("写明为什么不成问题。情况明显加重时才会再次预警；排除的比例计入规则的统计。"),
        AlertAction.REOPEN: _("撤回原来的办结，预警回到待处置。"),
    }[action]


@require(*HANDLERS)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, alert_id: int, action: str) -> HttpResponse:
    """A page that says what the act means and asks for the reason, then does it."""
    if action not in set(AlertAction):
        raise NotFound(action)
    actor, deed = actor_of(request), AlertAction(action)
    alert = queries.get_alert(actor, alert_id)
    problem = services.refusal_for(actor, alert, deed)
    if problem is not None and problem.code == "alerts.not_permitted":
        raise PermissionDenied(TABLE[deed].permission)
    make = SnoozeForm if deed is AlertAction.SNOOZE else ActForm
    form = make(request.POST or None, required=TABLE[deed].needs_reason)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if deed is AlertAction.SNOOZE:
                services.snooze(actor, alert_id, form.cleaned_data["until"], reason)
            else:
                services.act(actor, alert_id, deed, reason)
        except InvalidInput as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("已记录。"))
            return redirect("alerts:detail", alert_id)
    refused = problem.text(interface_language()) if problem else ""
    return _form_page(request, alert, ACTIONS[deed], _lead(deed), form, refused)


@require(Permission.ALERTS_DISMISS)
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Hand the alert to somebody who may handle it."""
    actor = actor_of(request)
    alert = queries.get_alert(actor, alert_id)
    if not actor.can(Permission.ALERTS_DISMISS, alert.region_id):
        raise PermissionDenied(Permission.ALERTS_DISMISS)
    people = [(user.pk, user.full_name) for user in holders(actor, Permission.ALERTS_HANDLE, alert.region_id)]
    form = AssignForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            services.assign(actor, alert_id, form.cleaned_data["owner"], form.cleaned_data["reason"])
        except InvalidInput as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("已指定责任人并通知本人。"))
            return redirect("alerts:detail", alert_id)
    lead = _("只能指定有权查看并处置这条预警的人，系统会通知本人。")
    return _form_page(request, alert, _("指定责任人"), lead, form)


def _add_errors(form: ActForm, error: InvalidInput) -> None:
    for problem in error.problems:
        field = problem.column if problem.column in form.fields else None
        form.add_error(field, problem.text(interface_language()))


def _form_page(
    request: HttpRequest, alert: Alert, title: str | Promise, lead: str, form: ActForm, refused: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "alert": alert,
        "row": queries.rows(actor_of(request), [alert])[0],
        "title": title,
        "lead": lead,
        "form": form,
        "refused": refused,
        "steps": [
            *_trail(),
            (alert.region.name, reverse("alerts:detail", args=[alert.pk])),
            (str(title), ""),
        ],
    }
    return render(request, "alerts/act.html", context, status=409 if refused else 400 if form.errors else 200)


@require(*READERS)
@require_GET
def statistics(request: HttpRequest) -> HttpResponseBase:
    """How many alerts each rule raised, how quickly they were settled, how many were false."""
    actor = actor_of(request)
    found = measuring.statistics(actor)
    chart = Bars(
        title=_("各规则的预警"),
        unit="",
        decimals=0,
        categories=[row.name for row in found],
        series=[
            Series(_("发出"), [row.raised for row in found]),
            Series(_("未办结"), [row.open for row in found]),
            Series(_("已排除"), [row.dismissed for row in found]),
        ],
    )
    invented = bool(found) and bool(getattr(actor, "sees_fiction", False))
    file = chart_file(request, actor, chart if found else None, _("预警统计"), invented)
    if file is not None:
        return file
    return render(
        request,
        "alerts/statistics.html",
        {
            "rows": found,
            "chart": chart,
            "file_url": file_url(request),
            "raised": sum(row.raised for row in found),
            "steps": [*_trail(), (_("统计"), "")],
        },
    )


@require(*READERS)
@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """The rules in force."""
    rules = measuring.alert_rules(actor_of(request))
    return render(
        request,
        "alerts/rules.html",
        {
            "rules": [(rule, KINDS[rule.kind], rule.name(interface_language())) for rule in rules],
            "steps": [*_trail(), (_("规则"), "")],
        },
    )


@require(*READERS)
@require_GET
def rule_page(request: HttpRequest, code: str) -> HttpResponse:
    """When a rule fires, and (for those who see exact figures) what it would have raised last time."""
    actor = actor_of(request)
    rule = measuring.alert_rule(actor, code)
    language = interface_language()
    may_try = actor.can(Permission.SMALL_CELLS_READ)
    found = measuring.trial(actor, rule) if may_try and request.GET.get("try") == "1" else None
    return render(
        request,
        "alerts/rule.html",
        {
            "rule": rule,
            "name": rule.name(language),
            "definition": rule.definition(language),
            "kind": KINDS[rule.kind],
            "watched": measuring.watched_names(actor, rule),
            "may_try": may_try,
            "asked": request.GET.get("try") == "1",
            "trial": found,
            "severity": Severity(rule.severity),
            "steps": [*_trail(), (_("规则"), reverse("alerts:rules")), (rule.name(language), "")],
        },
    )


def _trail() -> list[tuple[str, str]]:
    return [(pgettext("alerts", "预警"), reverse("alerts:list"))]
