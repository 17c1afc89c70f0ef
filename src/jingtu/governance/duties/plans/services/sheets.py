"""A plan from a table, and the table to fill in: every row is right, or none is stored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from jingtu.core.accounts.models import Unit, User
from jingtu.core.audit.services import record
from jingtu.core.facts.importing.tables import Table, marked_copy, read_table_by_roles
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import receive
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.reach import Span, inside, spans

from .. import notices
from ..models import Deliverable, Milestone, Plan, Task, TaskStep
from ..queries.choices import nameable
from ..rules import HEAVIEST, day_problem, period_problems
from ..sums import DEEPEST, child_path
from . import common
from .planning import next_paths
from .rollup import roll_up

PURPOSE = "plans.import"
MOST_ROWS = 10_000
COLUMNS: Mapping[str, tuple[str, str]] = {
    "number": ("编号", "Number"),
    "title": ("任务名称", "Task"),
    "requirement": ("工作要求", "What is asked"),
    "strand": ("工作体系", "Strand"),
    "region": ("责任地区", "Place"),
    "unit": ("牵头单位", "Lead unit"),
    "supporting": ("配合单位", "Supporting units"),
    "leader": ("责任领导", "Leader"),
    "person": ("责任人", "Person"),
    "starts": ("起始", "Starts"),
    "due": ("期限", "Due"),
    "weight": ("权重", "Weight"),
    "milestones": ("里程碑", "Milestones"),
    "deliverables": ("交付成果", "Deliverables"),
}
_ROLE_OF = {name.lower(): role for role, names in COLUMNS.items() for name in (role, *names)}
IGNORED = ("错误说明", "errors", "状态", "state", "进度", "progress", "办结日期", "done on")
_NUMBER = re.compile(r"[1-9][0-9]{0,4}(\.[1-9][0-9]{0,4})*")


class SheetRefused(InvalidInput):
    """The table was not stored; ``marked``: the sender's own file with what is wrong beside each row."""

    def __init__(self, problems: Sequence[Problem], marked: StoredFile | None) -> None:
        super().__init__(problems)
        self.marked = marked


@dataclass
class Line:
    """A row understood."""

    row: int
    number: str
    title: str
    due: dt.date
    requirement: str = ""
    strand: str = ""
    region: Region | None = None
    unit: Unit | None = None
    supporting: Sequence[Unit] = ()
    leader: User | None = None
    person: User | None = None
    starts: dt.date | None = None
    weight: int = 1
    milestones: Sequence[tuple[str, dt.date]] = ()
    deliverables: Sequence[str] = field(default=())

    @property
    def above(self) -> str:
        return self.number.rpartition(".")[0]


def import_sheet(actor: Actor, plan_id: int, blocks: Iterable[bytes], name: str) -> list[Task]:
    """Add the tasks of a table to a plan, after those it has. For whoever manages the plan's place.

    Raises SheetRefused with everything wrong in the table; then nothing of it is stored.
    """
    plan = Plan.objects.select_related("region__tree").filter(pk=plan_id).first()
    if plan is None or not actor.can(Permission.PLANS_MANAGE, plan.region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=("csv", "xlsx"))
    table: Table | None = None
    try:
        table = read_table_by_roles(stored, sheet_roles)
        lines = _Reader(actor, plan).lines(table)
    except InvalidInput as refused:
        marked = None
        if table is not None:
            marked = marked_copy(actor, stored, table, refused.problems, PURPOSE)
        raise SheetRefused(refused.problems, marked) from refused
    with transaction.atomic():
        made = _store(actor, common.plan_to_change(actor, plan_id), lines)
        record(
            actor,
            "plans.imported",
            target_type="plan",
            target_id=plan.pk,
            region_id=plan.region_id,
            after={"file": stored.name, "sha256": stored.sha256, "tasks": len(made)},
        )
        notices.given(actor, made)
    return made


def import_path(actor: Actor, plan_id: int, path: Path) -> list[Task]:
    """The same for a file on disk."""
    if not path.is_file():
        raise refuse("file.no_such_file", path=str(path))
    with path.open("rb") as stream:
        return import_sheet(actor, plan_id, iter(lambda: stream.read(1 << 20), b""), path.name)


def sheet_roles(header: Sequence[str]) -> tuple[dict[str, int], list[Problem]]:
    """Column by role, and what is wrong with the header. InvalidInput when it is none."""
    roles: dict[str, int] = {}
    problems: list[Problem] = []
    for column, name in enumerate(header):
        text = name.strip()
        if not text or text.lower() in IGNORED:
            continue
        role = _ROLE_OF.get(text.lower())
        if role is None:
            problems.append(Problem("plans.sheet_unknown_column", {"text": text}, row=1, column=text))
        elif role in roles:
            problems.append(Problem("plans.sheet_repeated_column", {"text": text}, row=1, column=text))
        else:
            roles[role] = column
    if not {"number", "title", "due"} <= roles.keys():
        raise refuse("plans.sheet_no_header")
    return roles, problems


class _Reader:
    """Understands rows by the places, units and people that can be named. Four queries, whatever the number of rows."""

    def __init__(self, actor: Actor, plan: Plan) -> None:
        own = inside([Span.of(plan.region)])
        managed = inside(spans(actor, Permission.PLANS_MANAGE))
        places = Region.objects.filter(valid_to__isnull=True).filter(
            own | (managed & Q(tree__kind=RegionTree.Kind.UNITS))
        )
        self._regions: dict[str, list[Region]] = {}
        for region in places:
            for name in {region.name, region.code}:
                self._regions.setdefault(name, []).append(region)
        self._units: dict[str, Unit] = {}
        for unit in Unit.objects.filter(is_active=True).order_by("-region__depth", "-pk"):
            for name in (unit.short_name, unit.name):
                if name:
                    self._units[name] = unit
        self._people: dict[str, User | None] = {}
        people = nameable(actor, plan.region)
        for user in people:
            self._people[user.full_name] = None if user.full_name in self._people else user
        for user in people:
            self._people[user.username] = user

    def lines(self, table: Table) -> list[Line]:
        """Every row understood, or InvalidInput with all that is wrong."""
        self._problems = list(table.problems)
        self._table = table
        lines: list[Line] = []
        seen: dict[str, int] = {}
        if len(table.rows) > MOST_ROWS:
            raise refuse("plans.sheet_too_many", most=MOST_ROWS)
        for self._row, said in table.rows:
            line = self._line(said)
            if line.number in seen:
                self._wrong("plans.sheet_number_twice", "number", text=line.number, first=seen[line.number])
            elif line.above and line.above not in seen:
                self._wrong("plans.sheet_no_parent", "number", text=line.above)
            seen.setdefault(line.number, self._row)
            lines.append(line)
        if self._problems:
            raise InvalidInput(self._problems)
        if not lines:
            raise refuse("plans.sheet_no_rows")
        return lines

    def _line(self, said: Mapping[str, str]) -> Line:
        number = said.get("number", "").strip(".")
        if not _NUMBER.fullmatch(number) or number.count(".") >= DEEPEST:
            self._wrong("plans.sheet_number", "number", text=number)
        due = self._day(said, "due")
        if not said.get("due"):
            self._wrong("plans.sheet_due", "due")
        starts, weight = self._day(said, "starts"), self._weight(said.get("weight", ""))
        if due is not None:
            self._add(period_problems(starts, due, weight))
        return Line(
            row=self._row,
            number=number,
            title=self._title(said.get("title", "")),
            due=due or dt.date.min,
            requirement=self._text(said, "requirement", common.TEXT_MOST),
            strand=self._text(said, "strand", 64),
            region=self._region(said.get("region", "")),
            unit=self._unit(said.get("unit", ""), "unit"),
            supporting=self._supporting(said.get("supporting", "")),
            leader=self._person(said.get("leader", ""), "leader"),
            person=self._person(said.get("person", ""), "person"),
            starts=starts,
            weight=weight,
            milestones=self._milestones(said.get("milestones", "")),
            deliverables=[one[:200] for one in _split(said.get("deliverables", ""))],
        )

    def _wrong(self, code: str, role: str, **params: object) -> None:
        self._add([Problem(code, params, column=role)])

    def _add(self, problems: Iterable[Problem]) -> None:
        self._problems += [
            problem.at(row=self._row, column=self._table.column(problem.column)) for problem in problems
        ]

    def _title(self, text: str) -> str:
        try:
            return common.clean_title(text)
        except InvalidInput as error:
            self._add(error.problems)
            return ""

    def _text(self, said: Mapping[str, str], role: str, most: int) -> str:
        try:
            return common.clean(said.get(role, ""), role, most)
        except InvalidInput as error:
            self._add(error.problems)
            return ""

    def _day(self, said: Mapping[str, str], role: str) -> dt.date | None:
        text = said.get(role, "")
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text[:10].replace("/", "-").replace(".", "-"))
        except ValueError:
            self._wrong("plans.sheet_date", role, text=text)
            return None

    def _weight(self, text: str) -> int:
        if not text:
            return 1
        if text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= HEAVIEST:
            return int(text)
        self._wrong("plans.sheet_weight", "weight", text=text, most=HEAVIEST)
        return 1

    def _region(self, text: str) -> Region | None:
        if not text:
            return None
        found = self._regions.get(text, [])
        if len(found) == 1:
            return found[0]
        self._wrong("plans.sheet_region_twice" if found else "plans.sheet_region", "region", text=text)
        return None

    def _unit(self, text: str, role: str) -> Unit | None:
        if text and text not in self._units:
            self._wrong("plans.sheet_unit", role, text=text)
        return self._units.get(text)

    def _supporting(self, text: str) -> list[Unit]:
        found = [self._unit(one, "supporting") for one in _split(text)]
        return [unit for unit in found if unit is not None]

    def _person(self, text: str, role: str) -> User | None:
        if not text:
            return None
        found = self._people.get(text)
        if found is None:
            self._wrong("plans.sheet_person", role, text=text)
        return found

    def _milestones(self, text: str) -> list[tuple[str, dt.date]]:
        found = []
        for one in _split(text):
            what, _, text_of_day = one.rpartition("@")
            try:
                day = dt.date.fromisoformat(text_of_day.strip())
                problem = day_problem(day, "milestones")
                if problem is not None:
                    self._add([problem])
                found.append((common.clean_title(what, most=200), day))
            except (ValueError, InvalidInput):
                self._wrong("plans.sheet_milestone", "milestones", text=one)
        return found


def _split(text: str) -> list[str]:
    return [one.strip() for one in re.split("[;；、\n]", text) if one.strip()]


def _store(actor: Actor, plan: Plan, lines: Sequence[Line]) -> list[Task]:
    """Level by level, since a task needs the row of the one above."""
    tops = [line for line in lines if not line.above]
    paths = dict(zip((line.number for line in tops), next_paths(plan, None, len(tops)), strict=True))
    below: dict[str, int] = {}
    made: dict[str, Task] = {}
    at = now()
    for line in lines:
        if line.above:
            below[line.above] = below.get(line.above, 0) + 1
            paths[line.number] = child_path(paths[line.above], below[line.above])
    for depth in range(max(line.number.count(".") for line in lines) + 1):
        level = [line for line in lines if line.number.count(".") == depth]
        rows = [_task(plan, line, made.get(line.above), paths[line.number]) for line in level]
        for task in rows:
            task.created_at = task.updated_at = at
        Task.objects.bulk_create(rows, batch_size=500)
        made |= dict(zip((line.number for line in level), rows, strict=True))
    for number, count in below.items():
        made[number].child_count = count
    Task.objects.bulk_update([made[number] for number in below], ["child_count"], batch_size=500)
    Milestone.objects.bulk_create(
        Milestone(task=made[line.number], title=title, due=due)
        for line in lines
        for title, due in line.milestones
    )
    Deliverable.objects.bulk_create(
        Deliverable(task=made[line.number], title=title) for line in lines for title in line.deliverables
    )
    through = Task.supporting.through
    through.objects.bulk_create(
        through(task_id=made[line.number].pk, unit_id=unit.pk)
        for line in lines
        for unit in {unit.pk: unit for unit in line.supporting}.values()
    )
    tasks = [made[line.number] for line in lines]
    TaskStep.objects.bulk_create((common.step(actor, task, "create") for task in tasks), batch_size=500)
    roll_up(plan.pk, [task.path for task in tasks])
    return tasks


def _task(plan: Plan, line: Line, parent: Task | None, path: str) -> Task:
    return Task(
        plan=plan,
        parent=parent,
        path=path,
        depth=parent.depth + 1 if parent else 0,
        title=line.title,
        requirement=line.requirement,
        strand=line.strand or (parent.strand if parent else ""),
        region=line.region or (parent.region if parent else plan.region),
        unit=line.unit,
        leader=line.leader,
        person=line.person,
        starts=line.starts,
        due=line.due,
        weight=line.weight,
    )
