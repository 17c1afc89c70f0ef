"""The demonstration city's plan of sixty tasks in five systems, split to its counties and one county's townships."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from decimal import Decimal

from jingtu.core.accounts.models import Unit
from jingtu.core.accounts.postings import save_unit
from jingtu.core.kernel.actor import SYSTEM, Actor, actor_named, user_id_of
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions import queries as regions
from jingtu.core.regions.models import Region
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import Plan, Task
from jingtu.portal.demo.people import CITY
from jingtu.portal.demo_data import places
from jingtu.portal.demo_data.governance.plan import (
    CANCELLED,
    CITED,
    FILE,
    LATE,
    MEASURED,
    NEEDED,
    OPEN_AT,
    PAUSED,
    RETURNED,
    SPLIT,
    SUBMITTED,
    TITLE,
    TOWNS,
)

OFFICE_HOUR = dt.timezone(dt.timedelta(hours=8))
COUNTY = "F05"


def set_out() -> None:
    """The plan, what the counties made of it, and where it stands in November; what stands is left as it is."""
    city = regions.root_of(SYSTEM, regions.tree_by_slug(SYSTEM, CITY[0]))
    if Plan.objects.filter(region=city, title=TITLE).exists():
        return
    _units(city)
    with _at(2026, 7, 2):
        plan = services.create_plan(
            actor_named("secretary"),
            city.pk,
            TITLE,
            starts=dt.date(2026, 1, 1),
            ends=dt.date(2026, 12, 31),
            document="示禁发〔2026〕1号",
        )
        services.import_path(actor_named("secretary"), plan.pk, FILE)
        by_number = {task.number: task for task in Task.objects.filter(plan=plan)}
        for number, code in CITED.items():
            services.cite(actor_named("secretary"), by_number[number].pk, code)
        for number, needed in NEEDED.items():
            services.add_dependency(actor_named("secretary"), by_number[number].pk, by_number[needed].pk)
    with _at(2026, 7, 6):
        _split(plan, by_number)
    _work(by_number)
    _counties(plan)


def _at(year: int, month: int, day: int) -> AbstractContextManager[None]:
    return frozen(dt.datetime(year, month, day, 9, 30, tzinfo=OFFICE_HOUR))


def _units(city: Region) -> None:
    """The city's member units, so that tasks can name the one that leads."""
    known = set(Unit.objects.filter(region=city).values_list("name", flat=True))
    stands = set(Unit.objects.values_list("unit_region_id", flat=True))
    tree = regions.tree_by_slug(SYSTEM, places.UNITS_TREE)
    root = regions.root_of(SYSTEM, tree)
    for unit in regions.children(SYSTEM, root):
        if unit.name not in known and unit.pk not in stands:
            save_unit(actor_named("sysadmin"), name=unit.name, region_id=city.pk, unit_region_id=unit.pk)


def _split(plan: Plan, by_number: dict[str, Task]) -> None:
    """Five tasks go to every county; one county passes two of them on to its townships."""
    secretary, county_secretary = actor_named("secretary"), actor_named("countysec")
    county_people = {"county": user_id_of(actor_named("county")) or 0}
    counties = list(regions.children(SYSTEM, plan.region))
    own = next(region for region in counties if region.code == COUNTY)
    liaison = user_id_of(actor_named("analyst")) or 0
    for number, days in SPLIT.items():
        task = by_number[number]
        people = {region.pk: liaison for region in counties if region.pk != own.pk}
        made = services.copy_down(
            secretary,
            task.pk,
            [region.pk for region in counties],
            due_offset=days,
            people={**people, own.pk: county_people["county"]},
        )
        if number in MEASURED:
            code, start, target = MEASURED[number]
            for copy in made:
                services.link_indicator(
                    secretary, copy.pk, code, start=Decimal(start), target=Decimal(target)
                )
        if number in TOWNS:
            copy = next(one for one in made if one.region_id == own.pk)
            towns = list(regions.children(SYSTEM, own))[: TOWNS[number]]
            services.copy_down(county_secretary, copy.pk, [town.pk for town in towns], due_offset=15)


def _work(by_number: dict[str, Task]) -> None:
    """What became of the tasks that the city does itself: done, handed in, under way, late, paused, cancelled."""
    secretary = actor_named("secretary")
    leaves = [task for number, task in by_number.items() if "." in number and number not in SPLIT]
    for order, task in enumerate(sorted(leaves, key=lambda task: (task.due, task.path))):
        number = task.number
        if number in CANCELLED:
            with _at(2026, 7, 8):
                services.cancel(secretary, task.pk, CANCELLED[number])
        elif number in PAUSED:
            with _at(2026, 9, 11):
                services.pause(secretary, task.pk, PAUSED[number])
        elif number in LATE or task.due > OPEN_AT:
            _report(task, order)
        else:
            _finish(task, order)


def _person(task: Task) -> Actor:
    assert task.person is not None
    return actor_named(task.person.username)


def _finish(task: Task, order: int) -> None:
    person, secretary = _person(task), actor_named("secretary")
    early = task.due < dt.date(2026, 7, 1)
    done = max(task.due - dt.timedelta(days=order % 9), dt.date(2026, 7, 7))
    files = []
    deliverable = task.deliverables.order_by("pk").first()
    if deliverable is not None and order % 3 == 0:
        files = [(f"{deliverable.title[:20]}.csv", ["项目,结果\n任务完成情况,符合要求（演示）\n".encode()])]
    with _at(done.year, done.month, done.day):
        for milestone in task.milestones.filter(due__lte=done):
            services.reach_milestone(person, milestone.pk, on=milestone.due)
        services.submit(
            person,
            task.pk,
            "已按要求完成，佐证材料已归档（演示）。",
            files,
            deliverable.pk if files and deliverable else None,
        )
        if task.number in RETURNED:
            services.send_back(secretary, task.pk, RETURNED[task.number])
            return
    if task.number in SUBMITTED:
        return
    accepted = done + dt.timedelta(days=2)
    with _at(accepted.year, accepted.month, accepted.day):
        on = task.due - dt.timedelta(days=order % 5) if early else None
        services.accept(secretary, task.pk, "材料齐全，同意办结。", on)


def _report(task: Task, order: int) -> None:
    if order % 6 == 5:
        return
    person = _person(task)
    with _at(2026, 10, 12 + order % 9):
        for milestone in task.milestones.filter(due__lte=dt.date(2026, 9, 30)):
            services.reach_milestone(person, milestone.pk, on=milestone.due)
        services.report(person, task.pk, 25 + order * 7 % 60, "按进度推进，本月情况见月报（演示）。")


def _counties(plan: Plan) -> None:
    """The counties' own progress: each at its own pace, some of it already accepted."""
    liaison, secretary = actor_named("analyst"), actor_named("secretary")
    county, reporter = actor_named("county"), actor_named("reporter")
    copies = Task.objects.filter(plan=plan, source__isnull=False, child_count=0, measure="claimed")
    for order, task in enumerate(copies.select_related("region").order_by("path")):
        own = task.region.code.startswith(COUNTY)
        who = (county if task.depth < 3 else reporter) if own else liaison
        if own and task.depth == 3 and task.region.code != "F05001":
            who = county
        # What fell due before October is done in two places of three; the rest is on its way, some of it late.
        share = 100 if task.due < dt.date(2026, 10, 1) and order % 3 else 30 + order * 11 % 71
        if share >= 95:
            handed_in = max(min(task.due, dt.date(2026, 10, 18)), dt.date(2026, 7, 8))
            with _at(handed_in.year, handed_in.month, handed_in.day):
                services.submit(who, task.pk, "已完成，已自查（演示）。")
        elif order % 8 != 7:
            with _at(2026, 10, 20):
                services.report(who, task.pk, share, "按方案推进（演示）。")
        if share >= 95 and order % 9:
            giver = secretary if task.depth == 2 else actor_named("countysec")
            with _at(2026, 10, 26):
                services.accept(giver, task.pk, "抽查属实，同意办结。")
