"""Reports among what waits for a person today: to fill in, to correct, to review; proxies to decide."""

from __future__ import annotations

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.core.ui.today import Duty, Tone
from jingtu.engine.periods import Period

from .chain import waits_for
from .models import Proxy, Report
from .queries.due import due_lines
from .rules import ReportState, Timeliness
from .words import interface_language

MOST = 8


def waiting_reports(actor: Actor) -> list[Duty]:
    """What to fill in, most pressing first, and what waits for review. The number of queries is constant."""
    if is_unrestricted(actor):
        return []
    duties: list[Duty] = []
    for line in due_lines(actor):
        returned = sum(line.states.get(state, 0) for state in (ReportState.RETURNED, ReportState.REOPENED))
        if line.running and line.due_at > now() and not returned:
            continue
        tone: Tone = "below" if returned or line.timeliness is Timeliness.OVERDUE else "watch"
        label = _("退回待改的报表") if returned else _("待填报")
        due = timezone.localtime(line.due_at).strftime("%Y-%m-%d %H:%M")
        detail = f"{line.form.name} · {line.period.label(interface_language())} · {due}"
        url = (
            reverse("reporting:fill", args=[line.form.code, line.period.key, line.only.pk])
            if line.only
            else reverse("reporting:fill-many", args=[line.form.code, line.period.key])
        )
        duties.append(Duty(label, url, detail, None if line.only else line.open, tone))
    return [*duties[:MOST], *_to_review(actor)]


def _to_review(actor: Actor) -> list[Duty]:
    held = spans(actor, Permission.FORMS_REVIEW)
    if not held:
        return []
    waiting = (
        Report.objects.filter(waits_for(actor))
        .order_by("form__code", "period")
        .values_list("form__code", "form__name_zh", "form__name_en", "period")
        .annotate(count=Count("pk"))
    )
    english = interface_language() == "en"
    duties = [
        Duty(
            _("待审核的报表"),
            reverse("reporting:review", query={"form": code, "period": period, "state": "mine"}),
            f"{name_en if english else name_zh} · {Period.parse(period).label(interface_language())}",
            count,
            "watch",
        )
        for code, name_zh, name_en, period, count in waiting[:MOST]
    ]
    asked = Proxy.objects.filter(inside(held, "region__"), state=Proxy.State.ASKED).count()
    if asked:
        duties.append(Duty(_("待审批的代填"), reverse("reporting:proxies"), "", asked, "watch"))
    return duties
