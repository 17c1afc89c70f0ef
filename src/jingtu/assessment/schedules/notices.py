"""Whom a schedule concerns, and what they are told. Called inside the transaction of the deed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.urls import reverse

from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.notifications.services import Bundle, Wording, notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem

from .models import Schedule

LANGUAGES: Final[tuple[Language, Language]] = ("zh", "en")
PERIODS_TOLD: Final = 40

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
        "schedules.caught_up": NoticeText(
            "计划补办，生成了{count}份考核草稿：{schedule}",
            "A schedule caught up and made {count} draft assessments: {schedule}",
            "依次为{periods}。请逐份核对后提交审批。",
            "In order: {periods}. Please check each of them and submit it for review.",
        ),
        "schedules.failed_several": NoticeText(
            "计划补办时有{count}个周期未能执行：{schedule}",
            "A schedule caught up and failed for {count} periods: {schedule}",
            "依次为{periods}。最后一个的原因：{why}",
            "In order: {periods}. The reason for the last one: {why}",
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


class RoundNotices:
    """What one round of a schedule tells: each person once, however many periods it made up for."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._made: Bundle[Run] = Bundle(self._produced)
        self._missed: Bundle[tuple[str, Problem]] = Bundle(self._failed)

    def produced(self, run: Run) -> None:
        """Tell the person in whose name it acted."""
        self._made.tell(SYSTEM, {self._schedule.on_behalf_id}, run)

    def failed(self, period: str, why: Problem) -> None:
        """Tell those who look after schedules, and the person in whose name it acts."""
        people = _managers(self._schedule) | {self._schedule.on_behalf_id}
        self._missed.tell(SYSTEM, people, (period, why))

    def _produced(self, runs: Sequence[Run]) -> Wording:
        if len(runs) > 1:
            params = {"schedule": self._schedule.name, **_several([run.period for run in runs])}
            return Wording("schedules.caught_up", params, _link(self._schedule))
        run, period = runs[0], Period.parse(runs[0].period)
        return Wording(
            "schedules.produced",
            {
                "run": f"{run.region.name}{run.scorecard_zh}（{period.label('zh')}）",
                "run_en": f"{run.scorecard_en}, {period.label('en')}, {run.region.name}",
            },
            reverse("runs:detail", args=[run.pk]),
        )

    def _failed(self, missed: Sequence[tuple[str, Problem]]) -> Wording:
        period, why = missed[-1]
        params: dict[str, str | int] = {
            "schedule": self._schedule.name,
            "why": why.text("zh")[:200],
            "why_en": why.text("en")[:200],
        }
        if len(missed) > 1:
            params |= _several([key for key, _why in missed])
            return Wording("schedules.failed_several", params, _link(self._schedule))
        params |= {"period": Period.parse(period).label("zh"), "period_en": Period.parse(period).label("en")}
        return Wording("schedules.failed", params, _link(self._schedule))


def _several(keys: Sequence[str]) -> dict[str, str | int]:
    """How many periods, and which in their order; of very many the first ones and the last."""
    periods = [Period.parse(key) for key in keys]
    zh, en = ([period.label(language) for period in periods] for language in LANGUAGES)
    if len(keys) > PERIODS_TOLD:
        zh[PERIODS_TOLD - 1 : -1] = ["……"]
        en[PERIODS_TOLD - 1 : -1] = ["…"]
    return {"count": len(keys), "periods": "、".join(zh), "periods_en": ", ".join(en)}


def broken(schedule: Schedule, reference: str) -> None:
    """Tell those who look after schedules, and the person in whose name it acts."""
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
