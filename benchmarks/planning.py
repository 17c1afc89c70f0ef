"""A plan of 10,000 tasks over 200 places and their units: list, tree, filters, one change rolled up, 300 at once."""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Line, Table, interleaved, within

PLACES, TASKS, TOGETHER = 200, 10_000, 300
PAGE_SECONDS, ROLL_UP_SECONDS, MANY_SECONDS = 0.2, 0.05, 2.0


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
    seconds, queries = found["seconds"], found["queries"]
    pages = [name for name in seconds if name not in {"roll up", "many"}]
    lines = [within(f"page: {name}", seconds[name], PAGE_SECONDS, "ms") for name in pages]
    few, all_ = statistics.median(seconds["tree, one place"]), statistics.median(seconds["tree, closed"])
    lines += [
        Line("… the whole plan against one place's part of it", f"{all_ / few:.2f} ×", seconds=few),
        Line(
            "… queries, whole plan and one place",
            f"{queries['tree, closed']}, {queries['tree, one place']}",
            "equal",
            queries["tree, closed"] == queries["tree, one place"],
        ),
        within("one change rolled up over five levels", seconds["roll up"], ROLL_UP_SECONDS, "ms"),
        within(f"{found['together']} tasks changed together", seconds["many"], MANY_SECONDS),
    ]
    notes = [
        f"{found['tasks']:,} tasks, {found['places']} places with a unit each, SQLite; server time through the "
        "test client or the service, later requests of the process"
    ]
    return Table("planning", lines, notes)


def _main(shape: str, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from jingtu.core.accounts.actors import UserActor
    from jingtu.core.accounts.models import Post, Unit, User
    from jingtu.core.regions.models import Region, RegionTree
    from jingtu.governance.duties.plans import services
    from jingtu.governance.duties.plans.models import Plan, Task
    from jingtu.governance.duties.plans.rules import child_path
    from jingtu.governance.duties.plans.services.rollup import roll_up, roll_up_all

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
    actors, clients = {}, {}
    for name, region in (("all", root), ("few", regions[0])):
        user = User.objects.create_user(name, None, full_name=name)
        Post.objects.create(user=user, role="secretary", region=region)
        actors[name], clients[name] = UserActor(user), Client()
        clients[name].force_login(user)
    day = dt.date(2026, 1, 1)
    plan = services.create_plan(actors["all"], root.pk, "测", starts=day, ends=day + dt.timedelta(days=364))
    above = Task.objects.bulk_create(
        Task(plan=plan, path=child_path("", at), title=f"任务{at}", region=root, due=day, child_count=below)
        for at in range(1, tops + 1)
    )
    Task.objects.bulk_create(
        (
            Task(
                plan=plan,
                parent=top,
                path=child_path(top.path, at + 1),
                depth=1,
                title=f"{top.title}之{at}",
                region=regions[at],
                unit=units[at],
                person=actors["all"].user if at % 3 else None,
                due=day + dt.timedelta(days=(at * 7) % 364),
                own_progress=at * 37 % 10_000,
                state="under_way",
            )
            for top in above
            for at in range(below)
        ),
        batch_size=1000,
    )
    deep = Task.objects.filter(plan=plan, depth=1).order_by("pk")[0]
    for _ in range(3):
        deep = services.add_task(actors["all"], plan.pk, "更深", parent_id=deep.pk, due=day)
    roll_up_all(plan.pk)
    chosen = list(Task.objects.filter(plan=plan, depth=1, child_count=0).values_list("pk", flat=True))[
        :together
    ]
    turn = iter(range(10_000))

    def many() -> None:
        due = dt.date(2027, 1, 1) + dt.timedelta(days=next(turn))
        services.change_many(UserActor(actors["all"].user), chosen, {"due": due}, "统一顺延")

    def one() -> None:
        Task.objects.filter(pk=deep.pk).update(own_progress=next(turn) % 10_000)
        roll_up(plan.pk, [deep.path])

    addresses = {
        "tree, closed": ("all", f"/plans/{plan.pk}/"),
        "tree, all open": ("all", f"/plans/{plan.pk}/?open=all"),
        "tree, one place": ("few", f"/plans/{plan.pk}/"),
        "list of all tasks": ("all", "/plans/tasks/"),
        "late ones by due day": ("all", "/plans/tasks/?state=late&order=due"),
        "search": ("all", "/plans/tasks/?q=99"),
        "of one unit": ("all", f"/plans/tasks/?unit={units[0].pk}"),
        "of one place, due in spring": (
            "all",
            f"/plans/tasks/?region={regions[3].pk}&due_from=2026-03-01&due_to=2026-05-31",
        ),
        "of one person": ("all", f"/plans/tasks/?person={actors['all'].user_id}"),
        "list of plans": ("all", "/plans/"),
    }

    def opened(who: str, address: str) -> None:
        if clients[who].get(address).status_code != 200:
            raise RuntimeError(address)

    queries = {}
    for name, (who, address) in addresses.items():
        opened(who, address)
        with CaptureQueriesContext(connection) as asked:
            opened(who, address)
        queries[name] = len(asked)
    cases = {
        **{name: (lambda who=who, at=at: opened(who, at)) for name, (who, at) in addresses.items()},
        "roll up": one,
        "many": many,
    }
    print(
        json.dumps(
            {
                "seconds": interleaved(cases, rounds),
                "queries": queries,
                "tasks": Task.objects.count(),
                "places": places,
                "together": together,
                "plans": Plan.objects.count(),
            }
        )
    )


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
