"""A plan of 10,000 tasks over 200 places and their units: every view, one change rolled up, 300 changed at once."""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import Line, Table

PLACES, TASKS, TOGETHER = 200, 10_000, 300
PAGE_SECONDS, ROLL_UP_SECONDS, MANY_SECONDS = 0.2, 0.05, 2.0
STATES = ("under_way", "under_way", "not_started", "under_way", "submitted", "returned", "done", "paused")
SPARE = 3
"""Queries that a reader of more may need more: where nothing was found, what belongs to it is not asked for."""


def run(shape: str, rounds: int) -> Table:
    """In a process of its own, on an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-home-") as home:
        environment = os.environ | {
            "JINGTU_HOME": home,
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        words = [sys.executable, "-m", "benchmarks.planning", shape, str(max(rounds, 3))]
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd()
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    lines = [_page(name, asked) for name, asked in found["pages"].items()]
    few, all_ = found["pages"]["tree, one place"], found["pages"]["tree, closed"]
    ratio = statistics.median(all_["processor"]) / statistics.median(few["processor"])
    lines += [
        Line("… the whole plan against one place's part of it, processor time", f"{ratio:.2f} ×"),
        _act("one change rolled up over five levels", found["acts"]["roll up"], ROLL_UP_SECONDS),
        _act(f"{found['together']} tasks changed together", found["acts"]["many"], MANY_SECONDS),
        _act(f"{found['together']} changed tasks taken back as one", found["acts"]["undo"], MANY_SECONDS),
    ]
    notes = [
        f"{found['tasks']:,} tasks, {found['places']} places with a unit each, {found['milestones']:,} milestones, "
        f"{found['measured']:,} measured steps, SQLite; server time through the test client or the service, later "
        "requests of the process",
        "Processor time decides, since other work on the machine lengthens the clock's; both are medians. Queries: "
        "of somebody over everything and of somebody over one place, who must not need more for more tasks.",
    ]
    return Table("planning", lines, notes)


def _page(name: str, asked: dict[str, Any]) -> Line:
    """A page: its time, and that it asks no more of the database for more tasks."""
    busy, clock = (statistics.median(asked[kind]) for kind in ("processor", "clock"))
    all_, few = asked["queries"]
    return Line(
        f"page: {name}",
        f"{busy * 1000:.0f} ms (clock {clock * 1000:.0f} ms), queries {all_}, {few}",
        f"≤ {PAGE_SECONDS * 1000:g} ms, no more queries",
        busy <= PAGE_SECONDS and all_ <= few + SPARE,
        clock,
    )


def _act(what: str, asked: dict[str, list[float]], limit: float) -> Line:
    busy, clock = (statistics.median(asked[kind]) for kind in ("processor", "clock"))
    return Line(
        what,
        f"{busy * 1000:.0f} ms (clock {clock * 1000:.0f} ms)",
        f"≤ {limit * 1000:g} ms",
        busy <= limit,
        clock,
    )


def _main(shape: str, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from jingtu.core.accounts.actors import UserActor
    from jingtu.core.accounts.models import Post, Unit, User
    from jingtu.core.kernel.clock import now, today
    from jingtu.core.regions.models import Region, RegionTree
    from jingtu.governance.duties.plans import services
    from jingtu.governance.duties.plans.models import Dependency, Milestone, Task, TaskStep
    from jingtu.governance.duties.plans.services.rollup import roll_up, roll_up_all
    from jingtu.governance.duties.plans.sums import child_path
    from jingtu.governance.duties.plans.urls import VIEWS

    setup_test_environment()
    call_command("migrate", verbosity=0, interactive=False)
    places, below = (10, 9) if shape == "tiny" else (PLACES, PLACES - 1)
    tops = 5 if shape == "tiny" else TASKS // PLACES
    together = 20 if shape == "tiny" else TOGETHER
    tree = RegionTree.objects.create(slug="bench", name_zh="测", name_en="bench")
    root = Region.objects.create(
        tree=tree, code="0", name="市", level="city", position=0, last=places, depth=0
    )
    regions = Region.objects.bulk_create(
        Region(
            tree=tree,
            parent=root,
            code=str(at),
            name=f"县{at}",
            level="county",
            position=at,
            last=at,
            depth=1,
        )
        for at in range(1, places + 1)
    )
    units = Unit.objects.bulk_create(Unit(name=f"局{one.pk}", region=one) for one in regions)
    people = User.objects.bulk_create(
        User(username=f"person{one.pk}", full_name=f"人{one.pk}") for one in regions
    )
    Post.objects.bulk_create(
        Post(user=user, role="reporter", region=region) for user, region in zip(people, regions, strict=True)
    )
    actors, clients = {}, {}
    for name, region in (("all", root), ("few", regions[0])):
        user = User.objects.create_user(name, None, full_name=name)
        Post.objects.create(user=user, role="secretary", region=region)
        actors[name], clients[name] = UserActor(user), Client()
        clients[name].force_login(user)
    day = today() - dt.timedelta(days=180)
    plan = services.create_plan(actors["all"], root.pk, "测", starts=day, ends=day + dt.timedelta(days=364))
    above = Task.objects.bulk_create(
        Task(plan=plan, path=child_path("", at), title=f"任务{at}", region=root, due=day, child_count=below)
        for at in range(1, tops + 1)
    )
    made = Task.objects.bulk_create(
        (
            Task(
                plan=plan,
                parent=top,
                path=child_path(top.path, at + 1),
                depth=1,
                title=f"{top.title}之{at}",
                region=regions[at],
                unit=units[at],
                person=people[at] if at % 3 else None,
                leader=people[0],
                starts=day if at % 2 else None,
                due=day + dt.timedelta(days=(at * 7 + order) % 364),
                own_progress=at * 37 % 10_000,
                state=STATES[(at + order) % len(STATES)],
                state_reason="测",
                done_on=day,
            )
            for order, top in enumerate(above)
            for at in range(below)
        ),
        batch_size=1000,
    )
    Milestone.objects.bulk_create(
        (
            Milestone(
                task=task,
                title="过半" if half else "开头",
                due=min(task.due, day + dt.timedelta(days=90 * (half + 1))),
                reached_on=day if task.pk % 4 else None,
            )
            for task in made
            for half in (0, 1)
        ),
        batch_size=1000,
    )
    Dependency.objects.bulk_create(
        (Dependency(task=made[at], needed=made[at - 1]) for at in range(1, len(made), 5)), batch_size=1000
    )
    TaskStep.objects.bulk_create(
        (
            TaskStep(
                task=task,
                action="measured",
                at=now() - dt.timedelta(days=30 * back),
                changes={"percent": [0, 60 - 10 * back]},
            )
            for task in made[::4]
            for back in range(6, 0, -1)
        ),
        batch_size=1000,
    )
    deep = made[0]
    Task.objects.filter(pk=deep.pk).update(state="under_way")
    for _ in range(3):
        deep = services.add_task(actors["all"], plan.pk, "更深", parent_id=deep.pk, due=day)
    roll_up_all(plan.pk)
    chosen = [task.pk for task in made if task.state == "under_way"][-together:]
    turn = iter(range(10_000))

    batches: list[str] = []

    def many() -> None:
        due = dt.date(2090, 1, 1) + dt.timedelta(days=next(turn))
        batches.append(services.change_many(UserActor(actors["all"].user), chosen, {"due": due}, "统一顺延"))

    def undo() -> None:
        services.undo_together(UserActor(actors["all"].user), batches[-1], "改回原来的期限")

    def one() -> None:
        Task.objects.filter(pk=deep.pk).update(own_progress=next(turn) % 10_000)
        roll_up(plan.pk, [deep.path])

    spring = {"due_from": day + dt.timedelta(days=60), "due_to": day + dt.timedelta(days=150)}
    addresses = {
        "tree, closed": ("all", f"/plans/{plan.pk}/"),
        "tree, all open": ("all", f"/plans/{plan.pk}/?open=all"),
        "tree, one place": ("few", f"/plans/{plan.pk}/"),
        "one task": ("all", f"/plans/tasks/{made[0].pk}/"),
        "list of all tasks": ("all", "/plans/tasks/"),
        "late ones by due day": ("all", "/plans/tasks/?state=late&sort=due"),
        "search": ("all", "/plans/tasks/?q=99"),
        "of one unit": ("all", f"/plans/tasks/?unit={units[0].pk}"),
        "of one place in a quarter": (
            "all",
            f"/plans/tasks/?region={regions[3].pk}&due_from={spring['due_from']}&due_to={spring['due_to']}",
        ),
        "of one person": ("all", f"/plans/tasks/?person={people[1].pk}"),
        "nobody answers for": ("all", "/plans/tasks/?unassigned=on"),
        **{f"{view}, all plans": ("all", f"/plans/{view}/") for view in VIEWS},
        **{f"{view}, one plan": ("all", f"/plans/{plan.pk}/{view}/") for view in VIEWS},
        "list of plans": ("all", "/plans/"),
    }

    def opened(who: str, address: str) -> None:
        if clients[who].get(address).status_code != 200:
            raise RuntimeError(address)

    def counted(who: str, address: str) -> int:
        found = []
        for _ in range(3):
            with CaptureQueriesContext(connection) as asked:
                opened(who, address)
            found.append(len(asked))
        return min(found)  # what is kept in memory is asked for once

    queries = {name: [counted(who, at) for who in clients] for name, (_who, at) in addresses.items()}
    measured: dict[str, dict[str, list[float]]] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        gc.collect()
        busy, start = time.process_time(), time.perf_counter()
        work()
        kept = measured.setdefault(name, {"processor": [], "clock": []})
        kept["processor"].append(time.process_time() - busy)
        kept["clock"].append(time.perf_counter() - start)

    acts = {"roll up": one, "many": many, "undo": undo}
    for _ in range(rounds):
        for name, (who, at) in addresses.items():
            timed(name, lambda who=who, at=at: opened(who, at))  # type: ignore[misc]
        for name, act in acts.items():
            timed(name, act)
    print(
        json.dumps(
            {
                "pages": {name: {**measured[name], "queries": queries[name]} for name in addresses},
                "acts": {name: measured[name] for name in acts},
                "tasks": Task.objects.count(),
                "milestones": Milestone.objects.count(),
                "measured": TaskStep.objects.filter(action="measured").count(),
                "places": places,
                "together": together,
            }
        )
    )


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
