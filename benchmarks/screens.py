"""Screens of the demonstration at the server: reads (SQL and snapshot together) and time."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import Line, Table, within

MOST_READS, MOST_SECONDS, DELTA_SECONDS = 25, 0.2, 0.15
USER = "leader"


def run(rounds: int) -> Table:
    """In a process of its own, on the demonstration made by its own steps."""
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-home-") as home:
        environment = os.environ | {
            "JINGTU_HOME": home,
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        words = [sys.executable, "-m", "benchmarks.screens", str(rounds)]
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd()
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    lines = []
    for name, measured in found["screens"].items():
        reads, seconds = measured["reads"], statistics.median(measured["seconds"])
        good = reads <= MOST_READS and seconds < MOST_SECONDS
        lines.append(
            Line(
                name,
                f"{reads} reads ({measured['sql']} SQL), {seconds * 1000:.0f} ms; first {measured['first'] * 1000:.0f} ms",
                f"≤ {MOST_READS} reads, < {MOST_SECONDS * 1000:.0f} ms", good, seconds,
            )
        )  # fmt: skip
    lines += [
        Line("one fact changed and stored, no draft open", f"{statistics.median(found['fact']) * 1000:.0f} ms"),
        within("… with an open draft: fact and what it does to the draft stored", found["delta"], DELTA_SECONDS, "ms"),
        within("… the same for a figure of twelve months earlier", found["earlier"], DELTA_SECONDS, "ms"),
        Line(
            "… a process that does not have the draft in memory, when its page is opened",
            f"{found['cold'] * 1000:.0f} ms", seconds=found["cold"],
        ),
        Line("for comparison: the draft computed whole and frozen", f"{found['whole'] * 1000:.0f} ms"),
    ]  # fmt: skip
    notes = [
        f"{found['regions']:,} regions in the trees, fictional city of 9 counties and 160 townships, "
        f"{found['facts']:,} facts, SQLite; as user {USER!r} through the test client; "
        "a later request after the first one of the process",
        *(f"not built yet: {name}" for name in found["absent"]),
    ]
    return Table("screens", lines, notes)


def _main(rounds: int) -> None:
    import django

    django.setup()
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.urls import NoReverseMatch, reverse

    from jingtu.assessment.runs import services as runs
    from jingtu.assessment.runs.books import shelf
    from jingtu.core.accounts.models import User
    from jingtu.core.facts import store
    from jingtu.core.facts.services import change_fact
    from jingtu.core.kernel.actor import actor_named
    from jingtu.core.regions.models import Region
    from jingtu.engine.periods import Period
    from jingtu.portal.demo import steps

    setup_test_environment()

    def silent(done: int, total: int) -> None:
        """Nobody watches."""

    steps.prepare_database()
    steps.load_china(False, silent)
    steps.load_city(silent)
    steps.load_catalogue()
    steps.load_people(silent)
    list(steps.import_figures(silent))
    steps.assess(silent)
    main = steps.main_run()
    county = Region.objects.filter(tree=main.tree, level="county").order_by("position")[0]
    wanted: dict[str, tuple[str, dict[str, object], str]] = {
        "cockpit": ("cockpit:home", {}, ""),
        "indicator explorer": ("cockpit:explorer", {}, f"?region={county.pk}"),
        "scorecard": ("runs:scorecard", {"run_id": main.pk}, ""),
        "explanation": ("runs:explain", {"run_id": main.pk}, f"?region={county.pk}"),
        "run": ("runs:detail", {"run_id": main.pk}, ""),
    }
    client = Client()
    client.force_login(User.objects.get(username=USER))
    screens: dict[str, Any] = {}
    absent = []
    for name, (view, arguments, query) in wanted.items():
        try:
            address = reverse(view, kwargs=arguments) + query
        except NoReverseMatch:
            absent.append(name)
            continue
        screens[name] = _screen(client, address, max(rounds, 3))
    analyst = actor_named("analyst")
    town = Region.objects.filter(tree=main.tree, level="township").order_by("position")[0]
    element = next(iter(store.read(main.tree_id, periods=[main.period], region_ids=[town.pk]).rows())).element

    earlier = Period.parse(main.period).last_year().key

    def change(value: int, period: str = main.period) -> float:
        start = time.perf_counter()
        change_fact(
            analyst, region_id=town.pk, element=element, period=period,
            value=str(value), reason="测量更正用时",
        )  # fmt: skip
        return time.perf_counter() - start

    rounds = max(rounds, 5)
    change(6)
    alone = [change(7 + number) for number in range(rounds)]
    draft = runs.correct(analyst, main.pk, "测量更正用时")
    change(100)
    change(100, earlier)
    followed = [change(101 + number) for number in range(rounds)]
    year_later = [change(101 + number, earlier) for number in range(rounds)]
    if draft.deltas.count() != 2 * rounds + 2:
        raise RuntimeError("not every change was followed")
    draft.deltas.all().delete()
    shelf.clear()
    start = time.perf_counter()
    runs.catch_up(analyst, draft.pk)
    cold = time.perf_counter() - start
    start = time.perf_counter()
    runs.compute(analyst, draft.pk)
    whole = time.perf_counter() - start
    print(
        json.dumps(
            {
                "screens": screens, "absent": absent, "fact": alone, "delta": followed,
                "earlier": year_later, "cold": cold, "whole": whole,
                "regions": Region.objects.count(), "facts": len(store.read(main.tree_id)),
            }
        )
    )  # fmt: skip


def _screen(client: Any, address: str, rounds: int) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    seconds, reads, sql = [], [], []
    start = time.perf_counter()
    client.get(address)
    first = time.perf_counter() - start
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as queries, counted_snapshot_reads() as files:
            response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status_code}")
        sql.append(len(queries))
        reads.append(len(queries) + files[0])
        start = time.perf_counter()
        client.get(address)
        seconds.append(time.perf_counter() - start)
    return {
        "first": first, "seconds": seconds, "reads": reads[-1],
        "sql": sql[-1],
    }  # fmt: skip


@contextmanager
def counted_snapshot_reads() -> Iterator[list[int]]:
    """Count reads of stored files: Parquet tables, row groups, and texts below the store."""
    import pyarrow.parquet as pq

    count = [0]

    def counting(owner: Any, name: str) -> Callable[[], None]:
        original = getattr(owner, name)

        def wrapper(*given: Any, **named: Any) -> Any:
            count[0] += 1
            return original(*given, **named)

        setattr(owner, name, wrapper)
        return lambda: setattr(owner, name, original)

    restore = [
        counting(pq, "read_table"),
        *(counting(pq.ParquetFile, name) for name in ("read", "read_row_group", "read_row_groups")),
        *(counting(Path, name) for name in ("read_text", "read_bytes")),
    ]
    try:
        yield count
    finally:
        for undo in restore:
            undo()


if __name__ == "__main__":
    _main(int(sys.argv[1]))
