"""Tasks and earlier decisions as papers: what is to be done, how far it is, what was reported."""

from __future__ import annotations

from django.utils.timezone import localtime

from jingtu.assessment.bulletins.content import Block, Cell, Column, Heading, Paragraph, Table
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.ids import id_in
from jingtu.core.kernel.languages import speaking
from jingtu.engine.problems import Language
from jingtu.governance.duties.plans.queries import task_page, tasks_of_origin

from .models import Decision, Meeting
from .visibility import visible_meetings

MOST_STEPS = 12


def task_paper(actor: Actor, key: str, language: Language) -> list[Block]:
    """A task's page as text: who owes it, by when, how far it is, the route and what was last reported."""
    task_id = id_in(key)
    if task_id is None:
        raise NotFound(key)
    zh = language == "zh"
    with speaking(language):
        page = task_page(actor, task_id)
        task = page.row.task
        people = [
            task.region.name,
            task.unit.name if task.unit else "",
            task.person.full_name if task.person else "",
        ]
        facts = [
            ("承办" if zh else "Owner", "、".join(part for part in people if part)),
            ("期限" if zh else "Due", task.due.isoformat()),
            ("状态" if zh else "State", page.row.word + _late(page.row.days_late, zh)),
            ("进度" if zh else "Progress", f"{task.percent:.0f}%"),
            ("计划" if zh else "Plan", task.plan.title),
        ]
        blocks: list[Block] = [Paragraph(("要求：" if zh else "Requirement: ") + task.requirement)] * bool(
            task.requirement
        )
        blocks.append(
            Table(
                "task",
                "任务情况" if zh else "The task",
                (Column("项目" if zh else "What", "left", 1), Column("内容" if zh else "Value", "left", 3)),
                tuple((Cell(label), Cell(value)) for label, value in facts),
            )
        )
        milestones = list(task.milestones.all())
        if milestones:
            blocks.append(
                Table(
                    "route",
                    "路线图" if zh else "Milestones",
                    (
                        Column("节点" if zh else "Milestone", "left", 3),
                        Column("应到" if zh else "Due", "center", 1),
                        Column("达到" if zh else "Reached", "center", 1),
                    ),
                    tuple(
                        (
                            Cell(one.title),
                            Cell(one.due.isoformat()),
                            Cell(one.reached_on.isoformat() if one.reached_on else "—"),
                        )
                        for one in milestones
                    ),
                )
            )
        told = [row for row in page.history if row.step.text][:MOST_STEPS]
        if told:
            blocks.append(Heading("办理经过" if zh else "What was done", 2))
            blocks += [
                Paragraph(f"{localtime(row.step.at):%Y-%m-%d} {row.word}：{row.step.text}") for row in told
            ]
    return blocks


def _late(days: int, zh: bool) -> str:
    if days <= 0:
        return ""
    return f"，逾期{days}天" if zh else f", {days} days late"


def decision_paper(actor: Actor, key: str, language: Language) -> list[Block]:
    """An earlier decision: its words, and the task it became as far as the actor may read that."""
    decision = (
        Decision.objects.filter(meeting__in=Meeting.objects.filter(visible_meetings(actor)), pk=id_in(key))
        .select_related("meeting", "item")
        .first()
    )
    if decision is None:
        raise NotFound(key)
    blocks: list[Block] = []
    if decision.item is not None and decision.item.record:
        blocks.append(Heading("当时的讨论" if language == "zh" else "What was said then", 2))
        blocks += [Paragraph(line) for line in decision.item.record.splitlines() if line.strip()]
    for task in tasks_of_origin(actor, [decision.origin]).get(decision.origin, []):
        blocks += task_paper(actor, str(task.pk), language)
    return blocks
