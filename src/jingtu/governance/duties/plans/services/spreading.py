"""From a city's task to its counties' and on to their townships': linked copies, and carrying changes over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span

from .. import notices
from ..models import Task, TaskStep
from ..queries.choices import places_for
from ..rules import OPEN_STATES, TaskState, period_problems
from ..visibility import visible_tasks
from . import common
from .planning import next_paths, plain
from .rollup import roll_up

CARRIED = ("title", "requirement", "strand", "due")


@transaction.atomic
def copy_down(
    actor: Actor,
    task_id: int,
    region_ids: Sequence[int],
    *,
    due_offset: int = 0,
    people: Mapping[int, int] | None = None,
) -> list[Task]:
    """The task once more for each of the places, below it and linked to it, due ``due_offset`` days earlier.

    ``people``: place → responsible person. Places that have it already are passed over. For whoever manages
    the task's place. Raises NotFound, PermissionDenied, Conflict, InvalidInput. Bounded queries.
    """
    task = common.task_to_change(actor, task_id)
    common.must_split(actor, task)
    common.needs_splitting(task)
    if not region_ids:
        raise refuse("plans.no_places", column="regions")
    regions = _places(actor, task, region_ids)
    have = set(task.copies.exclude(state=TaskState.CANCELLED).values_list("region_id", flat=True))
    wanted = [region for region in regions if region.pk not in have]
    if not wanted:
        raise Conflict(Problem("plans.split_already"))
    due = task.due - dt.timedelta(days=due_offset)
    problems = period_problems(task.starts, due, task.weight)
    if problems:
        raise InvalidInput(problems)
    named = dict(people or {})
    common.check_people(None, *named.values())
    paths = next_paths(task.plan, task, len(wanted))
    made = Task.objects.bulk_create(
        Task(
            plan=task.plan,
            parent=task,
            path=path,
            depth=task.depth + 1,
            title=task.title,
            requirement=task.requirement,
            strand=task.strand,
            region=region,
            person_id=named.get(region.pk),
            starts=task.starts,
            due=due,
            source=task,
            due_offset=due_offset,
            next_due=due,
            created_at=now(),
            updated_at=now(),
        )
        for path, region in zip(paths, wanted, strict=True)
    )
    TaskStep.objects.bulk_create(common.step(actor, one, "create") for one in made)
    common.step(
        actor, task, "split", changes={"region": [None, "、".join(region.name for region in wanted)]}
    ).save()
    roll_up(task.plan_id, paths)
    common.audit(
        actor,
        "plans.tasks_split",
        task,
        after={"regions": [region.pk for region in wanted], "tasks": [one.pk for one in made]},
    )
    notices.given(actor, made)
    return made


def _places(actor: Actor, task: Task, region_ids: Sequence[int]) -> list[Region]:
    regions = list(Region.objects.select_related("tree").filter(pk__in=region_ids, valid_to__isnull=True))
    own = Span.of(task.region)
    units = {region.pk for region in places_for(actor, task.region)}
    allowed = [
        region
        for region in regions
        if region.pk != task.region_id and (own.holds(region) or region.pk in units)
    ]
    if len(allowed) < len(set(region_ids)):
        raise refuse("plans.not_below", column="regions")
    return sorted(allowed, key=lambda region: (region.tree_id, region.position or 0))


@dataclass(frozen=True)
class Difference:
    """A copy that no longer says what its source says: field → (here, above)."""

    task: Task
    fields: Mapping[str, tuple[Any, Any]]


def differences(actor: Actor, task: Task) -> list[Difference]:
    """The open copies of a task that differ from it, as far as the actor may read them. One query."""
    found = []
    copies = Task.objects.filter(visible_tasks(actor), source=task, state__in=OPEN_STATES)
    for copy in copies.select_related("region").order_by("path"):
        fields = _different(task, copy)
        if fields:
            found.append(Difference(copy, fields))
    return found


def _different(source: Task, copy: Task) -> dict[str, tuple[Any, Any]]:
    wanted = {name: getattr(source, name) for name in CARRIED}
    wanted["due"] = source.due - dt.timedelta(days=copy.due_offset)
    return {
        name: (getattr(copy, name), value) for name, value in wanted.items() if getattr(copy, name) != value
    }


@transaction.atomic
def carry_over(actor: Actor, task_id: int, child_ids: Sequence[int]) -> list[Task]:
    """Let copies say again what their source says (title, requirement, strand, due day less their offset).

    For whoever manages the task's place. Returns those that changed; Conflict when none does.
    """
    task = common.task_to_change(actor, task_id)
    common.must_split(actor, task)
    chosen = set(child_ids)
    steps, changed = [], []
    for one in differences(actor, task):
        copy = one.task
        if copy.pk not in chosen:
            continue
        for name, (_, value) in one.fields.items():
            setattr(copy, name, value)
        if copy.starts is not None and copy.starts > copy.due:
            copy.starts = None
        copy.updated_at = now()
        pairs = {name: [plain(old), plain(new)] for name, (old, new) in one.fields.items()}
        steps.append(common.step(actor, copy, "carry", changes=pairs))
        changed.append(copy)
    if not changed:
        raise Conflict(Problem("plans.nothing_to_carry"))
    Task.objects.bulk_update(changed, [*CARRIED, "starts", "updated_at"], batch_size=500)
    TaskStep.objects.bulk_create(steps, batch_size=500)
    roll_up(task.plan_id, [copy.path for copy in changed])
    common.audit(actor, "plans.task_changed", task, after={"carried": sorted(copy.pk for copy in changed)})
    return changed
