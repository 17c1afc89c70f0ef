"""Whom an act on a report concerns, and what they are told. Called inside the transaction of the act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.core.regions.models import Region

from .chain import entered_by, nearest_reviewers, step_places
from .models import Form, Proxy, Report
from .rules import ReminderKind

register_notices(
    {
        "reporting.submitted": NoticeText(
            "报表待审核：{form} {period}", "Report to review: {form} {period}",
            "{region}已提交，提交人：{person}。", "{region} has submitted it; submitted by {person}.",
        ),
        "reporting.submitted_many": NoticeText(
            "报表待审核：{form} {period}", "Reports to review: {form} {period}",
            "{count}个单位已提交，提交人：{person}。", "{count} units have submitted it; submitted by {person}.",
        ),
        "reporting.passed": NoticeText(
            "报表待您这一级审核：{form} {period}", "Report at your step of the review: {form} {period}",
            "{region}的报表已由{person}通过上一级审核。", "{person} has passed the report of {region} on.",
        ),
        "reporting.passed_many": NoticeText(
            "报表待您这一级审核：{form} {period}", "Reports at your step of the review: {form} {period}",
            "{count}个单位的报表已由{person}通过上一级审核。", "{person} has passed the reports of {count} units on.",
        ),
        "reporting.returned": NoticeText(
            "报表被退回：{form} {period}", "Report returned: {form} {period}",
            "{region}有{count}格被退回：{reason}", "{region}: cells returned: {count}. {reason}",
        ),
        "reporting.accepted": NoticeText(
            "报表已通过：{form} {period}", "Report accepted: {form} {period}",
            "{region}的报表已审核通过并入库。", "The report of {region} was accepted and its figures stored.",
        ),
        "reporting.unlocked": NoticeText(
            "报表已解锁：{form} {period}", "Report unlocked: {form} {period}",
            "{region}有{count}格已解锁待改：{reason}", "{region}: {count} cells were unlocked: {reason}",
        ),
        "reporting.remind_before": NoticeText(
            "报表即将到期：{form} {period}", "Report due soon: {form} {period}",
            "请于{due}前提交。未提交：{units}。", "Please submit by {due}. Not yet submitted: {units}.",
        ),
        "reporting.remind_at": NoticeText(
            "报表今天到期：{form} {period}", "Report due now: {form} {period}",
            "截止时间{due}。未提交：{units}。", "Due {due}. Not yet submitted: {units}.",
        ),
        "reporting.remind_after": NoticeText(
            "报表已逾期：{form} {period}", "Report overdue: {form} {period}",
            "截止时间为{due}。未提交：{units}，请尽快提交。", "It was due {due}. Not yet submitted: {units}. Please submit soon.",
        ),
        "reporting.proxy_asked": NoticeText(
            "代填申请待审批", "A proxy asks for approval",
            "{reporter}申请由{proxy}代填{region}的报表。", "{reporter} asks that {proxy} fill in the reports of {region}.",
        ),
        "reporting.proxy_decided": NoticeText(
            "代填申请已处理", "Proxy decided",
            "{region}：{reporter}由{proxy}代填，{decision}。", "{region}: {proxy} for {reporter}: {decision}.",
        ),
        "reporting.handed_over": NoticeText(
            "在填报表已交给您", "Open reports were handed to you",
            "{person}交给您{count}份在填报表：{reason}", "{person} handed you {count} open reports: {reason}",
        ),
    }
)  # fmt: skip

REASON_SHOWN = 200
UNITS_SHOWN = 3


def submitted(actor: Actor, reports: Sequence[Report]) -> None:
    """Tell those who may take the first step of the review, the nearest first: one notice to each person."""
    _ask_for_review(actor, reports, "reporting.submitted")


def passed_on(actor: Actor, reports: Sequence[Report]) -> None:
    """Tell those whose step of the review comes next."""
    _ask_for_review(actor, reports, "reporting.passed")


def _ask_for_review(actor: Actor, reports: Sequence[Report], code: str) -> None:
    if not reports:
        return
    places, entered = step_places(reports), entered_by(reports)
    asked = [(places[report.pk], entered[report.pk] | set(report.passed_by)) for report in reports]
    people = nearest_reviewers(asked)
    if len(reports) == 1:
        _tell(actor, reports[0], code, people[0], person=actor.label)
        return
    counts = Counter(person for theirs in people for person in theirs)
    form, period = reports[0].form, reports[0].period
    link = reverse("reporting:review", query={"form": form.code, "period": period, "state": "mine"})
    for person, count in sorted(counts.items()):
        params: dict[str, str | int] = {
            "form": form.name_zh,
            "form_en": form.name_en,
            "period": period,
            "count": count,
            "person": actor.label,
        }
        notify(actor, [person], f"{code}_many", params=params, link=link)


def returned(actor: Actor, report: Report, count: int, reason: str, *, unlocked: bool = False) -> None:
    """Tell who filled it in."""
    code = "reporting.unlocked" if unlocked else "reporting.returned"
    _tell(actor, report, code, _fillers(report), count=count, reason=reason[:REASON_SHOWN])


def accepted(actor: Actor, reports: Iterable[Report]) -> None:
    """Tell who handed each report in."""
    for report in reports:
        if report.submitted_by_id:
            _tell(actor, report, "reporting.accepted", {report.submitted_by_id})


def _fillers(report: Report) -> set[int]:
    return {person for person in (report.submitted_by_id, report.holder_id) if person}


def report_link(report: Report) -> str:
    """The page of a report."""
    return reverse("reporting:fill", args=[report.form.code, report.period, report.region_id])


def _tell(actor: Actor, report: Report, code: str, people: Iterable[int], **more: str | int) -> None:
    params: dict[str, str | int] = {
        "form": report.form.name_zh,
        "form_en": report.form.name_en,
        "period": report.period,
        "region": report.region.name,
        **more,
    }
    notify(actor, people, code, params=params, link=report_link(report))


def reminded(
    actor: Actor, form: Form, period: str, due: str, kind: ReminderKind, units: Sequence[Region], person: int
) -> None:
    """One notice to one person for all their units that have not reported."""
    names = "、".join(unit.name for unit in units[:UNITS_SHOWN])
    if len(units) > UNITS_SHOWN:
        names += f" (+{len(units) - UNITS_SHOWN})"
    link = reverse("reporting:due")
    if len(units) == 1:
        link = reverse("reporting:fill", args=[form.code, period, units[0].pk])
    params = {
        "form": form.name_zh,
        "form_en": form.name_en,
        "period": period,
        "due": due,
        "units": names,
    }
    notify(actor, [person], f"reporting.remind_{kind.value}", params=params, link=link)


def proxy_asked(actor: Actor, proxy: Proxy) -> None:
    """Tell those who decide."""
    people = nearest_reviewers([(proxy.region, {proxy.proxy_id, proxy.reporter_id})])[0]
    params = {
        "reporter": proxy.reporter.full_name,
        "proxy": proxy.proxy.full_name,
        "region": proxy.region.name,
    }
    notify(actor, people, "reporting.proxy_asked", params=params, link=reverse("reporting:proxies"))


def proxy_decided(actor: Actor, proxy: Proxy, approved: bool) -> None:
    """Tell both."""
    params = {
        "reporter": proxy.reporter.full_name,
        "proxy": proxy.proxy.full_name,
        "region": proxy.region.name,
        "decision": "同意" if approved else "不同意",
        "decision_en": "approved" if approved else "refused",
    }
    notify(
        actor,
        {proxy.reporter_id, proxy.proxy_id},
        "reporting.proxy_decided",
        params=params,
        link=reverse("reporting:proxies"),
    )


def handed_over(actor: Actor, person: int, count: int, reason: str) -> None:
    """Tell who goes on with them."""
    params: dict[str, str | int] = {"person": actor.label, "count": count, "reason": reason[:REASON_SHOWN]}
    notify(actor, [person], "reporting.handed_over", params=params, link=reverse("reporting:due"))
