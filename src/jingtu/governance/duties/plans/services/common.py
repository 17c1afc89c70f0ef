"""What every act on a plan shares: finding the row, asking who may, keeping the step and the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jingtu.core.accounts.models import Unit, User
from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import seen, unprintable
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region

from .. import texts as _texts  # noqa: F401  registers the sentences of refusals
from ..models import Plan, Task, TaskStep
from ..rules import CLOSED_STATES, REASON_MAX, REASON_MIN, TaskState
from ..visibility import gives, splits, visible_plans, visible_tasks
from ..words import STATES

register_actions(
    {
        "plans.plan_created": ("建立计划", "Plan created"),
        "plans.plan_changed": ("修改计划", "Plan changed"),
        "plans.plan_cancelled": ("取消计划", "Plan cancelled"),
        "plans.imported": ("导入计划任务", "Tasks imported"),
        "plans.task_added": ("下达任务", "Task given"),
        "plans.task_changed": ("修改任务", "Task changed"),
        "plans.tasks_changed": ("批量修改任务", "Tasks changed together"),
        "plans.task_moved_on": ("办理任务", "Task acted on"),
        "plans.tasks_split": ("分解任务", "Task broken down"),
        "plans.tasks_handed_over": ("移交任务", "Tasks handed over"),
        "plans.evidence_added": ("补充任务佐证", "Evidence added to a task"),
        "plans.undone": ("撤销任务修改", "Change of tasks undone"),
        "plans.exported": ("导出计划任务", "Tasks exported"),
        "plans.regions_followed": ("任务随区划变更转移", "Tasks moved with a change of regions"),
    }
)
register_objects(
    {"plan": ("计划", "Plan"), "task": ("任务", "Task"), "tasks": ("一批任务", "Tasks changed together")}
)
register_states("task", STATES)

TITLE_MOST = 300
TEXT_MOST = 4000


def plan_to_change(actor: Actor, plan_id: int) -> Plan:
    """The plan, locked, for whoever may change it or anything in it: writers of one plan queue here.

    Raises NotFound for one the actor may not see, Conflict for a cancelled one.
    """
    plan = (
        Plan.objects.select_for_update(of=("self",))
        .select_related("region__tree")
        .filter(visible_plans(actor), pk=plan_id)
        .first()
    )
    if plan is None:
        raise NotFound(plan_id, "plan")
    if plan.cancelled_at is not None:
        raise Conflict(Problem("plans.plan_closed"))
    return plan


def task_to_change(actor: Actor, task_id: int) -> Task:
    """The task with everything the rules ask about, its plan locked. Raises NotFound, Conflict."""
    plan_id = Task.objects.filter(visible_tasks(actor), pk=task_id).values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise NotFound(task_id, "task")
    plan = (
        Plan.objects.select_for_update(of=("self",)).select_related("region__tree").filter(pk=plan_id).get()
    )
    if plan.cancelled_at is not None:
        raise Conflict(Problem("plans.plan_closed"))
    task = Task.objects.select_related("parent", "region__tree", "unit").get(pk=task_id)
    task.plan = plan
    return task


def must_give(actor: Actor, task: Task) -> None:
    """Raises PermissionDenied unless the actor manages the place that gave the task."""
    if not gives(actor, task):
        raise PermissionDenied(Permission.PLANS_MANAGE)


def must_split(actor: Actor, task: Task) -> None:
    """Raises PermissionDenied unless the actor manages the task's own place or the one that gave it."""
    if not splits(actor, task):
        raise PermissionDenied(Permission.PLANS_MANAGE)


def must_be_open(task: Task) -> None:
    """Raises Conflict for a task that is done or cancelled."""
    if task.state in CLOSED_STATES:
        raise Conflict(Problem("plans.task_closed"))


def step(
    actor: Actor,
    task: Task,
    action: str,
    *,
    text: str = "",
    changes: Mapping[str, Any] | None = None,
    batch: str = "",
) -> TaskStep:
    """One line of the task's history, not saved yet."""
    return TaskStep(
        task=task,
        action=action,
        person_id=user_id_of(actor),
        at=now(),
        text=text.strip(),
        changes=dict(changes or {}),
        batch=batch,
    )


def audit(
    actor: Actor,
    action: str,
    task: Task,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """One entry of the audit trail about a task."""
    record(
        actor,
        action,
        target_type="task",
        target_id=task.pk,
        region_id=task.region_id,
        before=before,
        after=after,
        reason=reason.strip(),
    )


def clean(text: str, column: str, most: int = TEXT_MOST) -> str:
    """What somebody wrote, without blanks around it. Raises InvalidInput for control characters and excess."""
    text = text.strip()
    if unprintable(text):
        raise refuse("plans.text_unprintable", column=column)
    if len(text) > most:
        raise refuse("plans.text_too_long", column=column, most=most)
    return text


def clean_title(text: str, column: str = "title", most: int = TITLE_MOST) -> str:
    """A title: one line, not empty. Raises InvalidInput."""
    text = " ".join(clean(text, column, most).split())
    if not text:
        raise refuse("plans.title_missing", column=column)
    return text


def clean_reason(text: str) -> str:
    """A reason that says something. Raises InvalidInput."""
    text = clean(text, "reason", REASON_MAX)
    if len(seen(text)) < REASON_MIN:
        raise refuse("plans.reason_missing", column="reason", least=REASON_MIN)
    return text


def clean_origin(origin: str) -> str:
    """``kind:key`` or nothing. Raises InvalidInput."""
    origin = clean(origin, "origin", 96)
    kind, _, key = origin.partition(":")
    if origin and not (kind and key):
        raise refuse("plans.unknown_origin", column="origin")
    return origin


def check_people(unit_id: int | None, *people: int | None) -> None:
    """Raises InvalidInput for a unit or person that is not there (any more)."""
    found = []
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, is_active=True).exists():
        found.append(Problem("plans.unknown_unit", column="unit"))
    wanted = {person for person in people if person is not None}
    if wanted and User.objects.filter(pk__in=wanted, is_active=True).count() < len(wanted):
        found.append(Problem("plans.unknown_person", column="person"))
    if found:
        raise InvalidInput(found)


def region_to_charge(actor: Actor, region_id: int) -> Region:
    """A place the actor may give tasks to. Raises InvalidInput."""
    region = Region.objects.select_related("tree").filter(pk=region_id, valid_to__isnull=True).first()
    if region is None or not actor.can(Permission.PLANS_MANAGE, region_id):
        raise refuse("plans.unknown_region", column="region")
    return region


def needs_splitting(task: Task) -> None:
    """Raises Conflict for a task that takes nothing below it now."""
    must_be_open(task)
    if task.state == TaskState.SUBMITTED:
        raise Conflict(Problem("plans.task_waits"))
