"""The history of a task as people read it: who, when, what from what to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jingtu.core.accounts.models import Unit, User
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region

from ..models import Task, TaskStep
from ..rules import OPEN_STATES
from ..words import DONE, FIELDS, STATES


@dataclass(frozen=True)
class Change:
    """One field, before and after, in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class StepRow:
    """A line of the history."""

    step: TaskStep
    word: str
    changes: Sequence[Change]
    files: Sequence[StoredFile]
    may_undo: bool


def history_of(task: Task, may_split: bool, may_give: bool) -> list[StepRow]:
    """All steps of a task, the newest first. Seven queries at most."""
    from ..services.undoing import undoable

    steps = list(
        task.steps.select_related("person", "undone_by")
        .prefetch_related("files__file")
        .order_by("-at", "-pk")
    )
    names = _names(steps)
    rows = []
    for step in steps:
        back = undoable(step)
        own = back.keys() <= {"leader", "person"} or step.action == "split"
        can = bool(back) or (step.batch and step.action in {"edit", "split"})
        rows.append(
            StepRow(
                step=step,
                word=str(DONE.get(step.action, step.action)),
                changes=[
                    Change(
                        str(FIELDS.get(name, name)), _said(name, pair[0], names), _said(name, pair[1], names)
                    )
                    for name, pair in step.changes.items()
                ],
                files=[one.file for one in step.files.all()],
                may_undo=bool(can)
                and not hasattr(step, "undone_by")
                and task.state in OPEN_STATES
                and (may_give or (own and may_split)),
            )
        )
    return rows


def _names(steps: Sequence[TaskStep]) -> Mapping[str, Mapping[int, str]]:
    """The names behind the ids in the steps, by field."""
    wanted: dict[str, set[int]] = {"region": set(), "unit": set(), "person": set()}
    for step in steps:
        for name, pair in step.changes.items():
            kind = "person" if name == "leader" else name
            if kind in wanted:
                wanted[kind] |= {value for value in pair if isinstance(value, int)}
    found: dict[str, dict[int, str]] = {"region": {}, "unit": {}, "person": {}}
    if wanted["region"]:
        found["region"] = dict(Region.objects.filter(pk__in=wanted["region"]).values_list("pk", "name"))
    if wanted["unit"]:
        found["unit"] = dict(Unit.objects.filter(pk__in=wanted["unit"]).values_list("pk", "name"))
    if wanted["person"]:
        found["person"] = dict(User.objects.filter(pk__in=wanted["person"]).values_list("pk", "full_name"))
    return {**found, "leader": found["person"]}


def _said(name: str, value: Any, names: Mapping[str, Mapping[int, str]]) -> str:
    if value is None or value == "":
        return "–"
    if name in names and isinstance(value, int):
        return names[name].get(value, f"#{value}")
    if name == "state":
        return str(STATES.get(value, value))
    return f"{value}%" if name == "percent" else str(value)
