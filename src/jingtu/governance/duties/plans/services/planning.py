"""Drawing up plans and tasks, and changing what they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region

from .. import notices
from ..models import Plan, Task
from ..rules import day_problem, period_problems
from ..sums import DEEPEST, MOST_SIBLINGS, child_path
from . import common
from .rollup import roll_up

GIVEN = frozenset({"title", "requirement", "strand", "region", "unit", "starts", "due", "weight"})
"""What only whoever gave the task changes."""
OWN = frozenset({"leader", "person"})
"""What the place that has the task changes as well."""
_COLUMNS = {"region": "region_id", "unit": "unit_id", "leader": "leader_id", "person": "person_id"}


@transaction.atomic
def create_plan(
    actor: Actor,
    region_id: int,
    title: str,
    *,
    kind: str = "plan",
    starts: dt.date,
    ends: dt.date,
    document: str = "",
    origin: str = "",
) -> Plan:
    """A new, empty plan for a place. Raises PermissionDenied, InvalidInput."""
    if not actor.can(Permission.PLANS_MANAGE, region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    region = common.region_to_charge(actor, region_id)
    _check_term(starts, ends)
    plan = Plan.objects.create(
        region=region,
        title=common.clean_title(title, most=200),
        kind=common.clean(kind, "kind", 16),
        starts=starts,
        ends=ends,
        document=common.clean(document, "document", 96),
        origin=common.clean_origin(origin),
        created_by_id=user_id_of(actor),
        created_at=now(),
    )
    _audit_plan(actor, "plans.plan_created", plan, after={"title": plan.title, "kind": plan.kind})
    return plan


@transaction.atomic
def update_plan(
    actor: Actor, plan_id: int, *, title: str, starts: dt.date, ends: dt.date, document: str = ""
) -> Plan:
    """Change what a plan is called and when it runs. Raises NotFound, PermissionDenied, InvalidInput, Conflict."""
    plan = _own_plan(actor, plan_id)
    _check_term(starts, ends)
    new = {
        "title": common.clean_title(title, most=200),
        "starts": starts,
        "ends": ends,
        "document": common.clean(document, "document", 96),
    }
    before = {name: getattr(plan, name) for name in new}
    for name, value in new.items():
        setattr(plan, name, value)
    plan.save(update_fields=list(new))
    _audit_plan(actor, "plans.plan_changed", plan, before=before, after=new)
    return plan


def _check_term(starts: dt.date, ends: dt.date) -> None:
    if ends < starts:
        raise refuse("plans.dates_reversed", column="ends")
    for column, day in (("starts", starts), ("ends", ends)):
        problem = day_problem(day, column)
        if problem is not None:
            raise InvalidInput([problem])


@transaction.atomic
def cancel_plan(actor: Actor, plan_id: int, reason: str) -> Plan:
    """Stop a plan for good, with the reason; it stays to be read. Raises NotFound, PermissionDenied, Conflict."""
    plan = _own_plan(actor, plan_id)
    plan.cancelled_at, plan.cancel_reason = now(), common.clean_reason(reason)
    plan.save(update_fields=["cancelled_at", "cancel_reason"])
    _audit_plan(actor, "plans.plan_cancelled", plan, reason=plan.cancel_reason)
    return plan


@transaction.atomic
def add_task(
    actor: Actor,
    plan_id: int,
    title: str,
    *,
    parent_id: int | None = None,
    region_id: int | None = None,
    unit_id: int | None = None,
    person_id: int | None = None,
    leader_id: int | None = None,
    starts: dt.date | None = None,
    due: dt.date,
    weight: int = 1,
    requirement: str = "",
    origin: str = "",
    strand: str = "",
) -> Task:
    """A new task at the top of a plan, or below another task of it.

    Without ``region_id`` the task falls to the place of the one above. For whoever manages that place and
    the one the task is given to. Raises NotFound, PermissionDenied, Conflict, InvalidInput.
    """
    plan = common.plan_to_change(actor, plan_id)
    parent = None
    if parent_id is not None:
        parent = common.task_to_change(actor, parent_id)
        if parent.plan_id != plan.pk:
            raise refuse("plans.other_plan", column="parent")
        common.must_split(actor, parent)
        common.needs_splitting(parent)
    elif not actor.can(Permission.PLANS_MANAGE, plan.region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    above: Region = parent.region if parent else plan.region
    region = (
        common.region_to_charge(actor, region_id)
        if region_id is not None and region_id != above.pk
        else above
    )
    problems = period_problems(starts, due, weight)
    if problems:
        raise InvalidInput(problems)
    common.check_people(unit_id, person_id, leader_id)
    [path] = next_paths(plan, parent, 1)
    task = Task.objects.create(
        plan=plan,
        parent=parent,
        path=path,
        depth=parent.depth + 1 if parent else 0,
        title=common.clean_title(title),
        requirement=common.clean(requirement, "requirement"),
        strand=common.clean(strand or (parent.strand if parent else ""), "strand", 64),
        region=region,
        unit_id=unit_id,
        person_id=person_id,
        leader_id=leader_id,
        starts=starts,
        due=due,
        weight=weight,
        origin=common.clean_origin(origin),
        created_at=now(),
        updated_at=now(),
    )
    common.step(actor, task, "create").save()
    roll_up(plan.pk, [path])
    common.audit(actor, "plans.task_added", task, after={"plan": plan.pk, "title": task.title, "due": due})
    notices.given(actor, [task])
    return task


def next_paths(plan: Plan, parent: Task | None, count: int) -> list[str]:
    """Places for ``count`` new tasks at the end of a level. Raises Conflict where there is no room."""
    depth = parent.depth + 1 if parent else 0
    if depth >= DEEPEST:
        raise Conflict(Problem("plans.too_deep", {"most": DEEPEST}))
    above = parent.path if parent else ""
    last = Task.objects.filter(plan=plan, parent=parent).aggregate(last=Max("path"))["last"] or ""
    first = int(last[-6:-1]) + 1 if last else 1
    if first + count - 1 > MOST_SIBLINGS:
        raise Conflict(Problem("plans.too_many"))
    if parent is not None:
        parent.child_count += count
        Task.objects.filter(pk=parent.pk).update(child_count=parent.child_count)
    return [child_path(above, first + index) for index in range(count)]


@transaction.atomic
def update_task(actor: Actor, task_id: int, changes: Mapping[str, Any], reason: str = "") -> Task:
    """Change what a task says: title, requirement, strand, region, unit, starts, due, weight, leader, person.

    ``region``, ``unit``, ``leader`` and ``person`` are ids. Raises NotFound, PermissionDenied, Conflict,
    InvalidInput; Conflict when nothing changes.
    """
    task = common.task_to_change(actor, task_id)
    common.must_split(actor, task)
    if changes.keys() & GIVEN:
        common.must_give(actor, task)
    common.must_be_open(task)
    diff = apply_changes(actor, task, changes)
    if not diff:
        raise Conflict(Problem("plans.nothing_changed"))
    common.step(actor, task, "edit", text=common.clean(reason, "reason", 1000), changes=diff).save()
    roll_up(task.plan_id, [task.path])
    common.audit(
        actor,
        "plans.task_changed",
        task,
        before={name: pair[0] for name, pair in diff.items()},
        after={name: pair[1] for name, pair in diff.items()},
        reason=reason,
    )
    return task


def apply_changes(actor: Actor, task: Task, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Write the changes to the task's row; field → [before, after] of what really changed. Raises InvalidInput."""
    unknown = changes.keys() - GIVEN - OWN
    if unknown:
        raise ValueError(f"no field of a task: {sorted(unknown)}")
    wanted = {_COLUMNS.get(name, name): value for name, value in _cleaned(changes).items()}
    new = {name: value for name, value in wanted.items() if getattr(task, name) != value}
    if not new:
        return {}
    if "region_id" in new:
        task.region = common.region_to_charge(actor, new["region_id"])
    problems = period_problems(
        new.get("starts", task.starts), new.get("due", task.due), new.get("weight", task.weight)
    )
    if problems:
        raise InvalidInput(problems)
    common.check_people(new.get("unit_id"), new.get("person_id"), new.get("leader_id"))
    if "due" in new:
        task.reminded_on = None
    before = {name: getattr(task, name) for name in new if name != "region_id"}
    if "region_id" in new:
        before["region_id"] = Task.objects.values_list("region_id", flat=True).get(pk=task.pk)
    for name, value in new.items():
        setattr(task, name, value)
    task.updated_at = now()
    task.save(update_fields=[*new, "reminded_on", "updated_at"])
    return {name.removesuffix("_id"): [plain(before[name]), plain(value)] for name, value in new.items()}


def _cleaned(changes: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(changes)
    if "title" in found:
        found["title"] = common.clean_title(found["title"])
    for name, most in (("requirement", common.TEXT_MOST), ("strand", 64)):
        if name in found:
            found[name] = common.clean(found[name], name, most)
    return found


def plain(value: Any) -> Any:
    """A value as a step keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _own_plan(actor: Actor, plan_id: int) -> Plan:
    plan = common.plan_to_change(actor, plan_id)
    if not actor.can(Permission.PLANS_MANAGE, plan.region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    return plan


def _audit_plan(
    actor: Actor,
    action: str,
    plan: Plan,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    record(
        actor,
        action,
        target_type="plan",
        target_id=plan.pk,
        region_id=plan.region_id,
        before=before,
        after=after,
        reason=reason,
    )
