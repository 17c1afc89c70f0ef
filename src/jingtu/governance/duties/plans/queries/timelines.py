"""Tasks drawn over time: bars from start to due day, milestones, what waits for what, today."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today

from ..models import Dependency, Milestone
from ..sums import number_of
from .tasks import Row

ROW_HEIGHT = 30
HEAD_HEIGHT = 28
MOST_TICKS = 12
STEPS = (1, 2, 3, 6, 12, 24, 60)
NEAR = 45
"""Days around the tasks within which today still belongs to the picture."""


@dataclass(frozen=True)
class Mark:
    """A milestone at its place across, in percent."""

    x: str
    milestone: Milestone


@dataclass(frozen=True)
class Bar:
    """A task's line: where its bar stands and how much of it is done, in percent of the width; y in pixels."""

    row: Row
    y: int
    x: str
    width: str
    done: str
    end: str
    is_point: bool
    marks: Sequence[Mark]
    needs: Sequence[str]


@dataclass(frozen=True)
class Link:
    """From the end of a task needed to the line of the one that waits for it."""

    x: str
    y: int
    to_x: str
    to_y: int


@dataclass(frozen=True)
class Timeline:
    """The whole picture."""

    bars: Sequence[Bar]
    links: Sequence[Link]
    ticks: Sequence[tuple[str, str]]
    today: str
    height: int
    first: dt.date
    last: dt.date


def _month_after(day: dt.date, months: int = 1) -> dt.date:
    at = day.year * 12 + day.month - 1 + months
    return dt.date(at // 12, at % 12 + 1, 1)


def ticks(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of months inside the picture, at most a dozen, at even distances."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((step for step in STEPS if months <= step * MOST_TICKS), STEPS[-1])
    found, at = [], first
    while at <= last:
        if (at.month - 1) % min(step, 12) == 0 or step > 12:
            found.append(at)
            at = _month_after(at, step)
        else:
            at = _month_after(at)
    return found


def timeline(actor: Actor, rows: Sequence[Row]) -> Timeline | None:
    """The picture of some tasks the actor was given; None without any. Two queries.

    A task needed that is not among them is named by its number alone.
    """
    if not rows:
        return None
    shown = {row.task.pk: row.task for row in rows}
    route: dict[int, list[Milestone]] = defaultdict(list)
    for milestone in Milestone.objects.filter(task__in=shown):
        route[milestone.task_id].append(milestone)
    needs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for waiting, needed, path in (
        Dependency.objects.filter(task__in=shown)
        .order_by("needed__path")
        .values_list("task_id", "needed_id", "needed__path")
    ):
        needs[waiting].append((needed, path))
    days = [task.due for task in shown.values()]
    days += [task.starts for task in shown.values() if task.starts]
    days += [milestone.due for found in route.values() for milestone in found]
    now = today()
    near = dt.timedelta(days=NEAR)
    if min(days) - near <= now <= max(days) + near:
        days.append(now)
    first, last = min(days).replace(day=1), _month_after(max(days)) - dt.timedelta(days=1)
    whole = (last - first).days + 1

    def at(day: dt.date, ends: bool = False) -> float:
        return 100 * ((day - first).days + int(ends)) / whole

    bars, lines = [], {}
    for number, row in enumerate(rows):
        task, y = row.task, HEAD_HEIGHT + number * ROW_HEIGHT
        start, end = at(task.starts or task.due), at(task.due, ends=True)
        lines[task.pk] = (start, end, y + ROW_HEIGHT // 2)
        bars.append(
            Bar(
                row,
                y,
                _text(start),
                _text(end - start),
                _text((end - start) * task.progress / 10_000),
                _text(end),
                task.starts is None,
                [Mark(_text(at(one.due, ends=True)), one) for one in route[task.pk]],
                [number_of(path) for _needed, path in needs[task.pk]],
            )
        )
    links = [
        Link(_text(lines[needed][1]), lines[needed][2], _text(lines[pk][0]), lines[pk][2])
        for pk, found in needs.items()
        for needed, _path in found
        if needed in lines
    ]
    return Timeline(
        bars,
        links,
        [(_text(at(day)), f"{day:%Y-%m}") for day in ticks(first, last)],
        _text(at(now)) if first <= now <= last else "",
        HEAD_HEIGHT + len(rows) * ROW_HEIGHT,
        first,
        last,
    )


def _text(percent: float) -> str:
    return f"{percent:.3f}"
