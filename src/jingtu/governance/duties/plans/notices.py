"""Whom a step of a task concerns, and what they are told. Called inside the transaction of the step."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices

from .models import Task
from .rules import WORKING, TaskAction, reminder_day

register_notices(
    {
        "plans.given": NoticeText(
            "新任务：{title}",
            "New task: {title}",
            "请于{due}前完成，并按期报告进度。",
            "Complete it by {due} and report progress on time.",
        ),
        "plans.given_many": NoticeText(
            "新任务{count}项",
            "New tasks: {count}",
            "计划“{plan}”中有{count}项任务由您负责。",
            "{count} tasks of the plan “{plan}” are yours.",
        ),
        "plans.submitted": NoticeText(
            "待验收：{title}",
            "To be accepted: {title}",
            "{place}已提交办结，请验收或退回。",
            "{place} submitted it as done; accept or return it.",
        ),
        "plans.accepted": NoticeText(
            "任务已验收：{title}",
            "Task accepted: {title}",
            "{place}的任务已验收办结。",
            "The task of {place} has been accepted as done.",
        ),
        "plans.returned": NoticeText(
            "任务被退回：{title}",
            "Task returned: {title}",
            "{place}的任务被退回，理由见任务页；期限{due}。",
            "The task of {place} was returned; the reason is on its page. It is due on {due}.",
        ),
        "plans.due": NoticeText(
            "任务到期提醒",
            "Tasks that fall due",
            "您有{soon}项任务7天内到期，{late}项已逾期。",
            "{soon} of your tasks are due within 7 days, {late} are late.",
        ),
    }
)


def given(actor: Actor, tasks: Iterable[Task]) -> None:
    """Tell the people whom new tasks (or tasks handed over) name; many of one person make one notice."""
    by_person: dict[int, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.person_id is not None:
            by_person[task.person_id].append(task)
    for person, theirs in by_person.items():
        first = theirs[0]
        if len(theirs) == 1:
            _tell(actor, {person}, "plans.given", first)
            continue
        notify(
            actor,
            {person},
            "plans.given_many",
            params={"count": len(theirs), "plan": first.plan.title},
            link=reverse("plans:tasks", query={"person": person, "state": "open"}),
        )


def moved_on(actor: Actor, task: Task, action: TaskAction, submitted_by: int | None) -> None:
    """Tell who waits for the step: who gave the task of what was submitted, its people of what became of it."""
    if action is TaskAction.SUBMIT:
        giver = task.parent.region_id if task.parent is not None else task.plan.region_id
        people = {user.pk for user in holders(SYSTEM, Permission.PLANS_MANAGE, giver)}
        _tell(actor, people, "plans.submitted", task)
    elif action in {TaskAction.ACCEPT, TaskAction.RETURN}:
        code = "plans.accepted" if action is TaskAction.ACCEPT else "plans.returned"
        _tell(actor, {one for one in (task.person_id, submitted_by) if one is not None}, code, task)


def _tell(actor: Actor, people: set[int], code: str, task: Task) -> None:
    params = {"title": task.title[:60], "place": task.region.name, "due": task.due.isoformat()}
    notify(actor, people, code, params=params, link=reverse("plans:task", args=[task.pk]))


def remind() -> int:
    """A week before the due day, on it, the day after and every week from then on: one notice a person.

    Tasks without a person are the managers' business and stand among their duties.
    """
    day = today()
    rows = Task.objects.filter(
        person__isnull=False,
        state__in=WORKING,
        plan__cancelled_at__isnull=True,
        due__lte=day + dt.timedelta(days=7),
    )
    wanted: dict[int, list[Task]] = defaultdict(list)
    for task in rows.order_by("pk").iterator():
        asked = reminder_day(task.due, day)
        if asked is not None and (task.reminded_on is None or task.reminded_on < asked):
            wanted[task.person_id or 0].append(task)
    for person, theirs in wanted.items():
        counts = Counter(task.due < day for task in theirs)
        with transaction.atomic():
            notify(
                SYSTEM,
                {person},
                "plans.due",
                params={"soon": counts[False], "late": counts[True]},
                link=reverse("plans:tasks", query={"person": person, "state": "open", "order": "due"}),
            )
            Task.objects.filter(pk__in=[task.pk for task in theirs]).update(reminded_on=day)
    return len(wanted)
