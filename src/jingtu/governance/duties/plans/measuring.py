"""Progress read off published figures: a person claims nothing where an indicator tells.

Only whole, published values count, as everybody who reads the place's results may read them; a value that is
suppressed or missing leaves the progress as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db import transaction

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunReader, reader_of
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound

from .models import Plan, Task, TaskIndicator, TaskStep
from .rules import OPEN_STATES
from .sums import measured


def measured_now(links: Collection[TaskIndicator]) -> dict[int, int]:
    """Link → progress by the latest published run that ranks the task's place and knows the indicator."""
    found: dict[int, int] = {}
    by_region: dict[int, list[TaskIndicator]] = defaultdict(list)
    for link in links:
        by_region[link.task.region_id].append(link)
    for region_id, wanted in by_region.items():
        runs = Run.objects.filter(state=RunState.PUBLISHED.value, ranked__region_id=region_id).order_by(
            "-period_end", "-version", "-pk"
        )[:12]
        for run in runs:
            left = [link for link in wanted if link.pk not in found]
            if not left:
                break
            found |= _values(run, left)
    return found


def _values(run: Run, links: Iterable[TaskIndicator]) -> dict[int, int]:
    values = values_in(run, {(link.task.region_id, link.indicator) for link in links})
    found = {}
    for link in links:
        value = values.get((link.task.region_id, link.indicator))
        if value is not None and link.start is not None and link.target is not None:
            found[link.pk] = measured(link.start, link.target, value)
    return found


def values_in(run: Run, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], Decimal]:
    """(region, indicator) → value in a run's frozen publication, where there is one that everybody may read."""
    reader = reader_of(SYSTEM, run)
    entries = dict(reader.subjects)
    found = {}
    for region_id, code in wanted:
        try:
            position = reader.position_of(region_id)
        except NotFound:
            continue
        values = entries.get(position, {}).get("indicators", {}).get(code)
        if values is None or values["state"] != "ok" or _counts_few(reader, position, code):
            continue
        found[(region_id, code)] = Decimal(values["value"])
    return found


def _counts_few(reader: RunReader, position: int, code: str) -> bool:
    mask = reader.guard.hidden(code, reader.opened.period)
    return bool(mask[position - reader.opened.within])


def published(actor: Actor, run: Run) -> None:
    """A run was published: tasks whose progress its figures measure move on, each with a step by the system."""
    from .services.rollup import roll_up

    if run.state != RunState.PUBLISHED:
        return
    links = list(
        TaskIndicator.objects.filter(
            measures=True,
            task__state__in=OPEN_STATES,
            task__region__in=run.ranked.values("region_id"),
        ).select_related("task")
    )
    known = measured_now(links)
    moved: dict[int, list[Task]] = defaultdict(list)
    steps = []
    for link in links:
        new, task = known.get(link.pk), link.task
        if new is None or new == task.own_progress:
            continue
        changes = {"percent": [task.own_progress // 100, new // 100]}
        steps.append(TaskStep(task=task, action="measured", at=now(), text="", changes=changes))
        task.own_progress = new
        moved[task.plan_id].append(task)
    with transaction.atomic():
        for plan_id in sorted(moved):
            Plan.objects.select_for_update().get(pk=plan_id)
            Task.objects.bulk_update(moved[plan_id], ["own_progress"], batch_size=500)
            roll_up(plan_id, [task.path for task in moved[plan_id]])
        TaskStep.objects.bulk_create(steps, batch_size=500)
