"""Report forms in a province: the grid, a save, a submission of 60 cells, the board of 2,016 townships, acceptance."""

from __future__ import annotations

import datetime as dt
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

from benchmarks.measure import Line, Table, within

CELLS, TOGETHER = 60, 50
GRID_SECONDS, SUBMIT_SECONDS, BOARD_SECONDS = 0.3, 0.1, 0.3


def run(shape: str, rounds: int) -> Table:
    """In a process of its own, on an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-home-") as home:
        environment = os.environ | {
            "JINGTU_HOME": home,
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        words = [sys.executable, "-m", "benchmarks.reporting", shape, str(max(rounds, 5))]
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd()
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    seconds = found["seconds"]

    def middle(name: str) -> float:
        return statistics.median(seconds[name])

    board, few = middle("board"), middle("board of one county")
    lines = [
        within("grid of one township, 60 cells with last period and last year", seconds["grid"], GRID_SECONDS, "ms"),
        within("table of a county's townships, 60 cells each", seconds["many"], GRID_SECONDS, "ms"),
        Line("save of one cell", f"{middle('save') * 1000:.0f} ms", seconds=middle("save")),
        within("submit of 60 cells", seconds["submit"], SUBMIT_SECONDS, "ms"),
        within(f"board of {found['units']:,} townships", seconds["board"], BOARD_SECONDS, "ms"),
        Line("… against the same board for one county's people", f"{board / few:.2f} ×", seconds=few),
        Line(
            "processor time of these (the machine is shared): grid, table, submit, board",
            ", ".join(f"{statistics.median(found['processor'][name]) * 1000:.0f} ms"
                      for name in ("grid", "many", "submit", "board")),
        ),
        Line("… queries, all and one county", f"{found['queries'][0]}, {found['queries'][1]}", "equal",
             found["queries"][0] <= found["queries"][1]),
        Line(
            f"{TOGETHER} reports accepted together, their facts stored",
            f"{middle('accept') * 1000:.0f} ms, {middle('accept') / TOGETHER / middle('submit'):.2f} submits each",
            seconds=middle("accept"),
        ),
    ]  # fmt: skip
    notes = [
        f"{found['regions']:,} regions, {found['facts']:,} facts of villages and townships, SQLite; server time through the test client "
        "or the service, later requests of the process"
    ]
    return Table("reporting", lines, notes)


def _main(shape: str, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import Sum
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment
    from django.urls import reverse

    from benchmarks import province
    from benchmarks.world import catalogue
    from jingtu.assessment.reporting import services
    from jingtu.assessment.reporting.definition import Deadline, Definition, Item, Section, Step, Who
    from jingtu.assessment.reporting.services import Chosen, Entry
    from jingtu.core.accounts.actors import UserActor
    from jingtu.core.accounts.models import Post, User
    from jingtu.core.facts import store
    from jingtu.core.facts.models import FactBatch
    from jingtu.core.facts.services import store_elements
    from jingtu.core.facts.services.batches import commit
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.core.kernel.clock import today
    from jingtu.core.regions.models import Region
    from jingtu.engine.elements import Element, ElementKind
    from jingtu.engine.facttable import FactRow, FactTable
    from jingtu.engine.periods import Period

    setup_test_environment()
    call_command("migrate", verbosity=0, interactive=False)
    store_elements(SYSTEM, catalogue().elements.values())
    period = Period.of("month", today()).previous()
    tree = province.build(shape, period.previous()).tree
    towns = province.SIZES.get(shape, province.FULL)[2]
    codes = [f"t{number:02}" for number in range(CELLS)]
    store_elements(SYSTEM, [Element(code, code, code, ElementKind.FLOW, "cases") for code in codes])
    townships = list(Region.objects.filter(tree=tree, level="township").order_by("position"))
    root = Region.objects.get(tree=tree, position=0)
    month = period
    for _ in range(2 if shape == "tiny" else 12):
        month = month.previous()
        facts = FactTable.from_rows(
            [
                FactRow(code, town.pk, month.key, 20 + at % 7)
                for town in townships
                for at, code in enumerate(codes)
            ]
        )
        commit(SYSTEM, tree.pk, store.write(facts), kind=FactBatch.Kind.IMPORT, region_id=root.pk)
    content = Definition(
        "月报", "Monthly", "month", Who(level="township"), Deadline(5), (Step("province"),),
        (Section("全部", "All", items=tuple(Item(code) for code in codes)),), dt.date(2020, 1, 1),
    )  # fmt: skip
    services.install_form(SYSTEM, "bench", tree, content)
    county = Region.objects.filter(tree=tree, level="county").order_by("position")[0]
    people = {}
    for name, role, region in (
        ("reporter", "reporter", county),
        ("few", "reviewer", county),
        ("all", "reviewer", root),
    ):
        people[name] = User.objects.create_user(name, None, full_name=name)
        Post.objects.create(user=people[name], role=role, region=region)
    clients = {}
    for name, user in people.items():
        clients[name] = Client()
        clients[name].force_login(user)

    processor: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], object]) -> float:
        busy, start = time.process_time(), time.perf_counter()
        work()
        processor.setdefault(name, []).append(time.process_time() - busy)
        return time.perf_counter() - start

    def opened(name: str, address: str) -> Callable[[], None]:
        def work() -> None:
            if clients[name].get(address).status_code != 200:
                raise RuntimeError(address)

        return work

    def typed(town: Region, count: int, value: int) -> list[Entry]:
        return [Entry(town.pk, code, str(value)) for code in codes[:count]]

    actor = UserActor(people["reporter"])
    own = townships[: min(towns, 16)]
    grid = opened("reporter", reverse("reporting:fill", args=["bench", period.key, own[0].pk]))
    many = opened("reporter", reverse("reporting:fill-many", args=["bench", period.key]))
    query = f"?form=bench&period={period.key}"
    boards = {name: opened(name, reverse("reporting:review") + query) for name in ("all", "few")}
    seconds: dict[str, list[float]] = {}
    seconds["save"] = [
        timed("save", lambda town=town: services.save_cells(actor, "bench", period.key, typed(town, 1, 21)))
        for town in own[1:]
    ]
    for town in own[1:]:
        entries = [Entry(town.pk, code, "22") for code in codes[1:]]
        services.save_cells(actor, "bench", period.key, entries)
    seconds["submit"] = [
        timed("submit", lambda town=town: services.submit(actor, "bench", period.key, town.pk))
        for town in own[1:]
    ]
    rest = townships[len(own) :]
    for start in range(0, len(rest), 80):
        part = rest[start : start + 80]
        services.save_cells(
            SYSTEM, "bench", period.key, [entry for town in part for entry in typed(town, CELLS, 23)]
        )
        services.submit_many(SYSTEM, "bench", period.key, [town.pk for town in part])
    for name, work in (
        ("grid", grid),
        ("many", many),
        ("board", boards["all"]),
        ("board of one county", boards["few"]),
    ):
        work()
        seconds[name] = [timed(name, work) for _ in range(rounds)]
    counts = []
    for name in ("all", "few"):
        with CaptureQueriesContext(connection) as asked:
            boards[name]()
        counts.append(len(asked))
    from jingtu.assessment.reporting.models import Report

    waiting = list(Report.objects.filter(state="submitted").order_by("pk").values_list("pk", flat=True))
    reviewer = UserActor(people["all"])
    seconds["accept"] = []
    for number in range(2 if shape == "tiny" else rounds):
        part = waiting[number * TOGETHER : (number + 1) * TOGETHER] or waiting[number : number + 1]
        if shape == "tiny":
            part = waiting[number : number + 1]
        chosen = [Chosen(pk) for pk in part]
        seconds["accept"].append(
            timed("accept", lambda chosen=chosen: services.pass_reports(reviewer, chosen))
        )
    found: dict[str, Any] = {
        "seconds": seconds, "processor": processor, "units": len(townships), "queries": counts,
        "regions": Region.objects.count(),
        "facts": FactBatch.objects.aggregate(rows=Sum("row_count"))["rows"],
    }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
