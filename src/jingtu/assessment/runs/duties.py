"""Runs among what waits for a person today: to review, to answer for, to finish."""

from __future__ import annotations

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.regions.reach import is_unrestricted
from jingtu.core.ui.today import Duty

from .models import Run, RunFinding
from .rules import HOLDING, OPEN_STATES, FindingState, RunState, Severity
from .visibility import spans, visible_findings

MOST = 20


def waiting_runs(actor: Actor) -> list[Duty]:
    """Runs to review (not prepared by the actor), findings to answer, own drafts to finish. Two queries."""
    if is_unrestricted(actor):
        return []
    held = spans(actor, (Permission.RUNS_APPROVE, Permission.RUNS_PREPARE))
    approve, prepare = Q(pk__in=[]), Q(pk__in=[])
    for span in held[Permission.RUNS_APPROVE]:
        approve |= Q(tree_id=span.tree_id, region__position__gte=span.first, region__position__lte=span.last)
    for span in held[Permission.RUNS_PREPARE]:
        prepare |= Q(tree_id=span.tree_id, region__position__gte=span.first, region__position__lte=span.last)
    if not (held[Permission.RUNS_APPROVE] or held[Permission.RUNS_PREPARE]):
        return []
    working = [RunState.DRAFT.value, RunState.CHECKED.value]
    open_errors = Q(findings__state__in=sorted(HOLDING), findings__severity=Severity.ERROR.value)
    runs = (
        Run.objects.filter((approve & Q(state=RunState.IN_REVIEW.value)) | (prepare & Q(state__in=working)))
        .select_related("region", "tree")
        .annotate(open_errors=Count("findings", filter=open_errors))
        .order_by("-state", "-period_end", "-pk")[:MOST]
    )
    return [duty for run in runs if (duty := _duty(actor, run)) is not None]


def _duty(actor: Actor, run: Run) -> Duty | None:
    mine = actor.actor_id == f"user:{run.prepared_by_id}"
    url = reverse("runs:detail", args=[run.pk])
    detail = f"{run.region.name} · {run.period_label} · {run.scorecard_name}"
    if run.state == RunState.IN_REVIEW:
        return None if mine else Duty(_("待我审批"), url, detail, tone="watch")
    errors: int = run.open_errors  # type: ignore[attr-defined]
    if errors:
        label = ngettext("%(count)s条核查意见待答复", "%(count)s条核查意见待答复", errors) % {"count": errors}
        return Duty(label, f"{url}?findings=open", detail, tone="below")
    return Duty(_("我的草稿，待提交"), url, detail) if mine else None


def waiting_findings(actor: Actor) -> list[Duty]:
    """What one was asked, and the replies that wait for the office. One query."""
    if is_unrestricted(actor):
        return []
    held = spans(actor, (Permission.RUNS_PREPARE,))[Permission.RUNS_PREPARE]
    mine = Q(owner_id=user_id_of(actor), state__in=[FindingState.OPEN, FindingState.RETURNED])
    replies = Q(pk__in=[])
    for span in held:
        replies |= Q(
            state=FindingState.REPLIED,
            run__tree_id=span.tree_id,
            run__region__position__gte=span.first,
            run__region__position__lte=span.last,
        )
    counted = RunFinding.objects.filter(
        visible_findings(actor), mine | replies, run__state__in=sorted(OPEN_STATES)
    ).aggregate(
        mine=Count("pk", filter=mine),
        errors=Count("pk", filter=mine & Q(severity=Severity.ERROR.value)),
        replies=Count("pk", filter=replies),
    )
    url = reverse("findings:list")
    found = []
    if counted["mine"]:
        label = _("请您答复的核查意见")
        detail = ""
        if counted["errors"]:
            detail = ngettext(
                "其中错误级%(count)s条，处理前不能发布",
                "其中错误级%(count)s条，处理前不能发布",
                counted["errors"],
            ) % {"count": counted["errors"]}
        found.append(Duty(label, f"{url}?mine=1", detail, counted["mine"], "watch"))
    if counted["replies"]:
        found.append(Duty(_("核查意见的回复待认可"), f"{url}?state=replied", "", counted["replies"], "watch"))
    return found
