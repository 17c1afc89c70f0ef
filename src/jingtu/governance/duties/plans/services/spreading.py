"""From a city's task to its counties' and on to their townships': linked copies, and carrying changes over."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span

from .. import notices
from ..models import Task, TaskStep
from ..queries.choices import places_for
from ..rules import OPEN_STATES, WORKING, TaskState, period_problems
from ..sums import DEEPEST, child_path
from ..visibility import visible_tasks
from . import common
from .planning import next_paths, plain
from .rollup import roll_up

CARRIED = ("title", "requirement", "strand", "due")


MOST_COPIES = 3_000


@dataclass(frozen=True)
class Spread:
    """What splitting a task would make. ``first``: places of the next level that do not have it yet; ``below``:
    task of such a place, or of one that has it, → the places below that would get it from there."""

    first: Sequence[Region]
    standing: Mapping[int, Task]
    below: Mapping[int, Sequence[Region]]

    @property
    def count(self) -> int:
        """How many tasks it would make."""
        return len(self.first) + self.count_below

    @property
    def count_below(self) -> int:
        return sum(len(found) for found in self.below.values())


def spread_of(actor: Actor, task: Task, region_ids: Sequence[int], *, further: bool = False) -> Spread:
    """What splitting a task to these places would make, with ``further`` to the places below them as well.

    Places that have it already are passed over, not those below them. Raises InvalidInput for a place that is not
    below the task's, or for too many. At most six queries.
    """
    if not region_ids:
        raise refuse("plans.no_places", column="regions")
    regions = _places(actor, task, region_ids)
    copies = task.copies.exclude(state=TaskState.CANCELLED).filter(region__in=regions)
    have = {copy.region_id: copy for copy in copies.select_related("region")}
    first = [region for region in regions if region.pk not in have]
    below: dict[int, list[Region]] = defaultdict(list)
    standing = {pk: copy for pk, copy in have.items() if copy.state in WORKING | {TaskState.PAUSED}}
    if further:
        passed_on = set(
            Task.objects.filter(source__in=standing.values())
            .exclude(state=TaskState.CANCELLED)
            .values_list("parent__region_id", "region_id")
        )
        above = {region.pk for region in first} | standing.keys()
        places = Region.objects.filter(parent__in=above, valid_to__isnull=True)
        for region in places.select_related("tree").order_by("tree_id", "position"):
            if region.parent_id is not None and (region.parent_id, region.pk) not in passed_on:
                below[region.parent_id].append(region)
    found = Spread(first, standing, below)
    if found.count > MOST_COPIES:
        raise refuse("plans.split_too_many", column="regions", most=MOST_COPIES, count=found.count)
    return found


@transaction.atomic
def copy_down(
    actor: Actor,
    task_id: int,
    region_ids: Sequence[int],
    *,
    due_offset: int = 0,
    people: Mapping[int, int] | None = None,
    further_offset: int | None = None,
) -> list[Task]:
    """The task once more for each of the places, below it and linked to it, due ``due_offset`` days earlier.

    ``people``: place → responsible person. With ``further_offset`` each of these tasks goes on to the places below
    its own, due as many days earlier again. One act: :func:`.undoing.undo_together` takes all of it back. For
    whoever manages the task's place. Returns what was made, the next level first. Raises NotFound,
    PermissionDenied, Conflict, InvalidInput. Bounded queries.
    """
    task = common.task_to_change(actor, task_id)
    common.must_split(actor, task)
    common.needs_splitting(task)
    spread = spread_of(actor, task, region_ids, further=further_offset is not None)
    if not spread.count:
        raise Conflict(Problem("plans.split_already"))
    named = dict(people or {})
    common.check_people(None, *named.values())
    paths = next_paths(task.plan, task, len(spread.first)) if spread.first else []
    made = _made(
        _copy(task, region, path, due_offset, named.get(region.pk), len(spread.below.get(region.pk, ())))
        for path, region in zip(paths, spread.first, strict=True)
    )
    parents = [*made, *(spread.standing[pk] for pk in spread.below if pk in spread.standing)]
    under = _made(_below(task, parents, spread, further_offset or 0))
    _note_split(actor, task, [*made, *under], parents, spread)
    roll_up(task.plan_id, [one.path for one in [*made, *under]])
    common.audit(
        actor,
        "plans.tasks_split",
        task,
        after={"regions": [one.region_id for one in made], "tasks": [one.pk for one in [*made, *under]]},
    )
    notices.given(actor, made)
    return [*made, *under]


def _made(copies: Iterable[Task]) -> list[Task]:
    return Task.objects.bulk_create(copies, batch_size=500)


def _copy(source: Task, region: Region, path: str, offset: int, person_id: int | None, children: int) -> Task:
    due = source.due - dt.timedelta(days=offset)
    problems = period_problems(source.starts, due, source.weight)
    if problems:
        raise InvalidInput(problems)
    return Task(
        plan=source.plan,
        parent=source,
        path=path,
        depth=source.depth + 1,
        child_count=children,
        title=source.title,
        requirement=source.requirement,
        strand=source.strand,
        region=region,
        person_id=person_id,
        starts=source.starts,
        due=due,
        source=source,
        due_offset=offset,
        next_due=due,
        created_at=now(),
        updated_at=now(),
    )


def _below(task: Task, parents: Sequence[Task], spread: Spread, offset: int) -> Iterator[Task]:
    """The tasks of the second level, behind those that its tasks have already."""
    if not spread.count_below:
        return
    if task.depth + 2 >= DEEPEST:
        raise Conflict(Problem("plans.too_deep", {"most": DEEPEST}))
    standing = [parent.pk for parent in parents if parent.region_id in spread.standing]
    last = dict(
        Task.objects.filter(parent__in=standing).order_by().values_list("parent_id").annotate(Max("path"))
    )
    for parent in parents:
        places = spread.below.get(parent.region_id, ())
        parent.plan = task.plan
        first = int(last[parent.pk][-6:-1]) + 1 if parent.pk in last else 1
        if parent.pk in standing:
            parent.child_count += len(places)
        for order, region in enumerate(places):
            yield _copy(parent, region, child_path(parent.path, first + order), offset, None, 0)
    Task.objects.bulk_update(
        [parent for parent in parents if parent.pk in standing], ["child_count"], batch_size=500
    )


def _note_split(
    actor: Actor, task: Task, made: Sequence[Task], parents: Sequence[Task], spread: Spread
) -> None:
    """The history of everything made and split, tied together so that it can be taken back as one."""
    batch = uuid.uuid4().hex
    steps = [common.step(actor, one, "create", batch=batch) for one in made]
    split: dict[int, tuple[Task, Sequence[Region]]] = {task.pk: (task, [one.region for one in parents])}
    for parent in parents:
        if parent.region_id in spread.standing:
            split[parent.pk] = (parent, spread.below[parent.region_id])
    steps += [
        common.step(
            actor,
            one,
            "split",
            changes={"region": [None, "、".join(place.name for place in places)]},
            batch=batch,
        )
        for one, places in split.values()
    ]
    TaskStep.objects.bulk_create(steps, batch_size=500)


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
