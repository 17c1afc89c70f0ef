"""Whom a schedule concerns, and what they are told. Called inside the transaction of the deed."""

from __future__ import annotations

from django.urls import reverse

from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.engine.periods import Period
from jingtu.engine.problems import Problem

from .models import Schedule

register_notices(
    {
        "schedules.named": NoticeText(
            "请您答复是否同意：计划“{schedule}”以您的名义执行",
            "Please answer whether you agree: the schedule “{schedule}” is to act in your name",
            "{person}设定：到期后以您的名义、按您的权限生成考核草稿，不会自动发布。您同意之前什么也不做。",
            "Set by {person}: when due it prepares draft assessments in your name and with your rights; it never publishes. "
            "Nothing is done until you agree.",
        ),
        "schedules.agreed": NoticeText(
            "所征求的人已同意计划以其名义执行：{schedule}",
            "The person asked agrees that the schedule acts in their name: {schedule}",
            "{person}已同意，已到期的周期将依次补办。",
            "{person} agreed. What has fallen due is made up for in order.",
        ),
        "schedules.declined": NoticeText(
            "所征求的人不同意计划以其名义执行：{schedule}",
            "The person asked does not agree that the schedule acts in their name: {schedule}",
            "{person}不同意，计划不再办理；请换人，或商定后修改计划重新征求。{reason}",
            "{person} did not agree; it rests. Name somebody else, or change it as agreed and they are asked anew. {reason}",
        ),
        "schedules.produced": NoticeText(
            "计划已生成考核草稿：{run}",
            "A schedule made a draft assessment: {run}",
            "请核对后提交审批。",
            "Please check it and submit it for review.",
        ),
        "schedules.failed": NoticeText(
            "计划未能执行：{schedule}",
            "A schedule failed: {schedule}",
            "{period}：{why}",
            "{period}: {why}",
        ),
        "schedules.broken": NoticeText(
            "计划办理出错：{schedule}",
            "A schedule broke down: {schedule}",
            "其他计划照常。错误编号{reference}，请转告系统管理员；系统会自动再试。",
            "The others go on. Reference {reference}: tell the system administrator; it is tried again by itself.",
        ),
        "schedules.stopped": NoticeText(
            "计划已停止：{schedule}",
            "A schedule has stopped: {schedule}",
            "{person}的岗位已终止或不再有权编制考核，请换人后重新启用。",
            "The post of {person} has ended or no longer prepares assessments; name somebody else and enable it again.",
        ),
    }
)


def named(actor: Actor, schedule: Schedule) -> None:
    """Ask the person in whose name it is to act, unless it is who set it."""
    notify(
        actor,
        {schedule.on_behalf_id},
        "schedules.named",
        params={"schedule": schedule.name, "person": actor.label},
        link=_link(schedule),
    )


def answered(actor: Actor, schedule: Schedule, *, agreed: bool) -> None:
    """Tell those who set it up what the person named has answered."""
    params = {"schedule": schedule.name, "person": schedule.on_behalf.full_name}
    code = "schedules.agreed" if agreed else "schedules.declined"
    if not agreed:
        params["reason"] = schedule.answer
    notify(actor, set(schedule.set_up_by), code, params=params, link=_link(schedule))


def produced(schedule: Schedule, run: Run) -> None:
    """Tell the person in whose name it acted."""
    period = Period.parse(run.period)
    notify(
        SYSTEM,
        {schedule.on_behalf_id},
        "schedules.produced",
        params={
            "run": f"{run.region.name}{run.scorecard_zh}（{period.label('zh')}）",
            "run_en": f"{run.scorecard_en}, {period.label('en')}, {run.region.name}",
        },
        link=reverse("runs:detail", args=[run.pk]),
    )


def failed(schedule: Schedule, period: str, why: Problem) -> None:
    """Tell those who look after schedules, and the person in whose name it acts."""
    notify(
        SYSTEM,
        _managers(schedule) | {schedule.on_behalf_id},
        "schedules.failed",
        params={
            "schedule": schedule.name,
            "period": Period.parse(period).label("zh"),
            "period_en": Period.parse(period).label("en"),
            "why": why.text("zh")[:200],
            "why_en": why.text("en")[:200],
        },
        link=_link(schedule),
    )


def broken(schedule: Schedule, reference: str) -> None:
    """The same people."""
    notify(
        SYSTEM,
        _managers(schedule) | {schedule.on_behalf_id},
        "schedules.broken",
        params={"schedule": schedule.name, "reference": reference},
        link=_link(schedule),
    )


def stopped(schedule: Schedule) -> None:
    """The same people."""
    notify(
        SYSTEM,
        _managers(schedule) | {schedule.on_behalf_id},
        "schedules.stopped",
        params={"schedule": schedule.name, "person": schedule.on_behalf.full_name},
        link=_link(schedule),
    )


def _managers(schedule: Schedule) -> set[int]:
    return {user.pk for user in holders(SYSTEM, Permission.SCHEDULES_MANAGE, schedule.region_id)}


def _link(schedule: Schedule) -> str:
    return reverse("schedules:detail", args=[schedule.pk])
