"""Pages between review and the readers: appeals opened, signature, release, and the office's rule for them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.assessment.indicators.queries import scorecards
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.numbering.queries import series_visible
from jingtu.core.regions.places import own_places
from jingtu.core.ui.middleware import interface_language

from . import registry, services
from .forms import OpenAppealForm, PublishForm, ReleaseRuleForm
from .queries import get_run
from .queries.release import release_rules
from .rules import RunAction, appeal_problem
from .views import confirm_page, confirmed
from .words import ACTIONS


@require(Permission.RUNS_APPROVE)
@require_http_methods(["GET", "POST"])
def open_appeal(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let the units see and dispute their own figures for some working days."""
    actor = actor_of(request)
    run = get_run(actor, run_id)
    form = OpenAppealForm(
        request.POST or None, initial={"days": services.release_of(run).appeal_days or None}
    )
    if request.method == "POST" and form.is_valid():
        changed = services.open_for_appeal(
            actor, run_id, form.cleaned_data["reason"], form.cleaned_data["days"]
        )
        until = changed.appeal_until.isoformat() if changed.appeal_until else ""
        messages.success(request, _("已开放申诉，至 %(day)s 止，并已通知各单位。") % {"day": until})
        return redirect("runs:detail", run_id)
    return confirm_page(
        request,
        run,
        ACTIONS[RunAction.OPEN_APPEAL],
        _("申诉期内，被考核的地区和单位能看到自己的数据并提出申诉，看不到其他地区的；期满后再发布。"),
        form,
        services.refusal_for(actor, run, RunAction.OPEN_APPEAL),
    )


@confirmed_identity
@require(Permission.RUNS_APPROVE)
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, run_id: int) -> HttpResponse:
    """Sign and publish, at once or at a set time; what the rules miss is said and must be explained."""
    actor = actor_of(request)
    run = get_run(actor, run_id)
    early = appeal_problem(services.release_of(run).appeal_days, run.appeal_until, today())
    held = registry.holds_of(run)
    form = PublishForm(request.POST or None, skips=early is not None, held=bool(held))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            changed = services.approve_and_publish(
                actor,
                run_id,
                data["reason"],
                skip_reason=data.get("skip_reason", ""),
                hold_reason=data.get("hold_reason", ""),
                release_at=data["release_at"],
            )
        except InvalidInput as error:
            for problem in error.problems:
                form.add_error(problem.column, problem.text(interface_language()))
        else:
            done = _("已发布，并已通知相关人员。")
            if changed.published_at is None:
                done = _("已签发，到公布时间自动对读者可见。")
            messages.success(request, done)
            return redirect("runs:detail", run_id)
    warnings = [problem.text(interface_language()) for problem in ([early] if early else []) + held]
    return confirm_page(
        request,
        run,
        ACTIONS[RunAction.PUBLISH],
        _(
            "发布后内容固定，任何人都不能修改；如有错误，只能更正生成新版。此前发布的版本将标为“已被新版取代”。"
        ),
        form,
        services.refusal_for(actor, run, RunAction.PUBLISH),
        {"warnings": warnings},
    )


release = confirmed_identity(
    confirmed(
        RunAction.RELEASE,
        Permission.RUNS_APPROVE,
        services.release_early,
        gettext_lazy("不等公布时间，立即对读者公布。"),
        gettext_lazy("已公布，并已通知相关人员。"),
    )
)


@require(Permission.RUNS_APPROVE, Permission.RUNS_PREPARE)
@require_GET
def release_rule_list(request: HttpRequest) -> HttpResponse:
    """The rules of the actor's offices."""
    actor = actor_of(request)
    return render(
        request,
        "runs/release_rules.html",
        {
            "rules": release_rules(actor),
            "may_set": actor.can(Permission.RUNS_APPROVE),
            "steps": [(pgettext("many", "考核"), reverse("runs:list")), (_("发布规则"), "")],
        },
    )


@require(Permission.RUNS_APPROVE)
@require_http_methods(["GET", "POST"])
def set_release_rule(request: HttpRequest) -> HttpResponse:
    """Set or change the rule of an office for a card."""
    actor = actor_of(request)
    regions = [(place.pk, place.name) for place in own_places(actor, Permission.RUNS_APPROVE)]
    form = ReleaseRuleForm(
        request.POST or None,
        regions=regions,
        scorecards=[(card.code, card.name(actor.language)) for card in scorecards(actor)],
        series=[(one.pk, f"{one.region.name} · {one.name}") for one in series_visible(actor)],
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.set_release_rule(
                actor,
                data["region"],
                data["scorecard"],
                appeal_days=data["appeal_days"],
                objection_days=data["objection_days"],
                examine_days=data["examine_days"],
                decide_days=data["decide_days"],
                series_id=data["series"],
            )
        except InvalidInput as error:
            for problem in error.problems:
                form.add_error(problem.column, problem.text(interface_language()))
        else:
            messages.success(request, _("已设定。"))
            return redirect("runs:release-rules")
    return render(
        request,
        "runs/release_rule.html",
        {
            "form": form,
            "steps": [
                (pgettext("many", "考核"), reverse("runs:list")),
                (_("发布规则"), reverse("runs:release-rules")),
                (pgettext("action", "设定"), ""),
            ],
        },
        status=400 if form.errors else 200,
    )
