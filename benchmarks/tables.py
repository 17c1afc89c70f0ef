"""A ratio by county and month of the province set, through the API, beside hand-written SQL of the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Line, Table

MOST_SECONDS, MOST_RATIO = 0.12, 1.2
INDICATORS = 40
"""So many of the 200 ratios are asked for, one after the other."""
CHANGES = 10


def run(shape: str, rounds: int) -> Table:
    """In a process of its own, on an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-home-") as home:
        environment = os.environ | {
            "JINGTU_HOME": home,
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        words = [sys.executable, "-m", "benchmarks.tables", shape, str(rounds)]
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd()
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])

    def line(what: str, name: str, limit: float | None = None) -> Line:
        wall, busy = np.array(found["wall"][name]), np.array(found["busy"][name])
        middle, high = float(np.median(wall)), float(np.quantile(wall, 0.95))
        cpu = float(np.median(busy)), float(np.quantile(busy, 0.95))
        return Line(
            what,
            f"p50 {middle * 1000:.0f} ms, p95 {high * 1000:.0f} ms; processor {cpu[0] * 1000:.0f}, {cpu[1] * 1000:.0f} ms",
            "" if limit is None else f"p95 ≤ {limit * 1000:g} ms",
            None if limit is None else high <= limit,
            middle,
        )  # fmt: skip

    def ratio(what: str, name: str, limit: float | None = None, unit: str = "analyst") -> Line:
        value = float(np.median(found["busy"][name]) / np.median(found["busy"][unit]))
        asked = "" if limit is None else f"≤ {limit:g} ×"
        return Line(what, f"{value:.2f} ×", asked, None if limit is None else value <= limit)

    queries = found["queries"]
    return Table(
        "tables",
        [
            line("hand-written SQL (DuckDB, two threads, the store's own Parquet files)", "sql"),
            line("the API: every county, twelve months", "analyst", MOST_SECONDS),
            Line(
                "… in times of the SQL, by the clock",
                f"{np.median(found['wall']['analyst']) / np.median(found['wall']['sql']):.2f} ×",
            ),
            ratio("… for a reader without the right to small counts, against one with it", "leader", MOST_RATIO),
            ratio("… a county's townships for that county's leader, against the whole province", "county", MOST_RATIO),
            Line("… queries of the three readers", ", ".join(map(str, queries)), "≤ 10", max(queries) <= 10),
            line("the first request for an indicator since the process began", "first"),
            line("the first after one figure of a village was corrected", "changed"),
            line("… where the figure is of another element", "elsewhere", MOST_SECONDS),
            line("the first of a reader whose small counts must be decided anew", "decided"),
            Line("reading all facts, the first request of the process", f"{found['cold']:.1f} s"),
            Line("largest memory of the process", f"{found['memory']:.2f} GiB"),
        ],
        [
            f"{found['regions']:,} regions, {found['facts']:,} facts of villages, {found['indicators']} ratios of counts "
            f"of persons asked for in turn, {found['places']} counties × 12 months each; SQLite, one worker"
        ],
    )  # fmt: skip


def _main(shape: str, rounds: int) -> None:
    import django

    django.setup()
    import duckdb
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    from benchmarks import province
    from benchmarks.data import ratios
    from benchmarks.measure import peak_gib
    from benchmarks.world import catalogue
    from jingtu.assessment.indicators.services import import_catalogue
    from jingtu.core.accounts.models import Post, User
    from jingtu.core.facts import store
    from jingtu.core.facts.services import change_fact
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.core.kernel.clock import today
    from jingtu.core.regions.models import Region
    from jingtu.engine.catalogue.writing import dump_yaml
    from jingtu.engine.periods import Period

    setup_test_environment()
    call_command("migrate", verbosity=0, interactive=False)
    import_catalogue(SYSTEM, dump_yaml(catalogue(person_based=True)))
    newest = Period.of("month", today()).previous()
    made = province.build(shape, newest)
    tree = made.tree
    root = Region.objects.get(tree=tree, position=0)
    county = Region.objects.filter(tree=tree, level="county").order_by("position")[0]
    clients = {}
    for name, role, region in (
        ("analyst", "analyst", root), ("leader", "leader", root), ("county", "leader", county),
    ):  # fmt: skip
        user = User.objects.create_user(name, None, full_name=name)
        Post.objects.create(user=user, role=role, region=region)
        clients[name] = Client()
        clients[name].force_login(user)

    chosen = ratios()[:: len(ratios()) // INDICATORS]
    files = [str(store.path_of(sha256)) for _, sha256 in store.state(tree.pk)]
    duck = duckdb.connect()
    duck.execute("SET threads = 2")
    duck.execute("CREATE TABLE place (id BIGINT, county VARCHAR)")
    duck.executemany("INSERT INTO place VALUES (?, ?)", list(_county_of(tree.pk)))

    def sql(top: str, bottom: str) -> int:
        query = f"""
            SELECT county, period, 100.0 * sum(value) FILTER (element = '{top}')
                / nullif(sum(value) FILTER (element = '{bottom}'), 0)
            FROM read_parquet({files}) JOIN place ON region_id = id
            WHERE element IN ('{top}', '{bottom}') GROUP BY ALL"""
        return len(duck.execute(query).fetchall())

    wall: dict[str, list[float]] = {}
    busy: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        used, start = time.process_time(), time.perf_counter()
        work()
        busy.setdefault(name, []).append(time.process_time() - used)
        wall.setdefault(name, []).append(time.perf_counter() - start)

    def asked(who: str, code: str) -> dict[str, Any]:
        inside, level = (county, "township") if who == "county" else (root, "county")
        address = f"/api/v1/indicators/{code}/table"
        answer = clients[who].get(
            address, {"region": inside.pk, "level": level, "cadence": "month", "n": 12, "until": newest.key}
        )
        if answer.status_code != 200:
            raise RuntimeError(answer.content.decode())
        found: dict[str, Any] = answer.json()
        return found

    start = time.perf_counter()
    places = len(asked("analyst", chosen[0].code)["items"])
    cold = time.perf_counter() - start
    for one in chosen[1:]:
        timed("first", lambda one=one: asked("analyst", one.code))
    for one in chosen:
        timed("decided", lambda one=one: asked("leader", one.code))
    for _ in range(rounds):
        for one in chosen:
            top, bottom = f"e{one.numerator:02d}", f"e{one.denominator:02d}"
            timed("sql", lambda top=top, bottom=bottom: sql(top, bottom))
            for who in clients:
                timed(who, lambda who=who, one=one: asked(who, one.code))
    queries = []
    for who in clients:
        with CaptureQueriesContext(connection) as counted:
            asked(who, chosen[0].code)
        queries.append(len(counted.captured_queries))
    village = Region.objects.filter(tree=tree, level="village").order_by("position")[0]
    one = chosen[0]
    others = [name for name in catalogue().elements if name[1:] not in (f"{one.numerator:02d}", f"{one.denominator:02d}")]  # fmt: skip
    for number in range(CHANGES):
        for name, element in (("changed", f"e{one.numerator:02d}"), ("elsewhere", others[number])):
            change_fact(
                SYSTEM, region_id=village.pk, element=element, period=newest.key, value=str(5000 + number),
                reason="更正",
            )  # fmt: skip
            timed(name, lambda: asked("analyst", one.code))
    print(
        json.dumps(
            {
                "wall": wall, "busy": busy, "queries": queries, "places": places, "facts": made.facts,
                "regions": Region.objects.count(), "indicators": len(chosen), "cold": cold,
                "memory": peak_gib(),
            }
        )
    )  # fmt: skip


def _county_of(tree_id: int) -> list[tuple[int, str]]:
    """Villages with the code of their county."""
    from jingtu.core.regions.models import Region

    rows = Region.objects.filter(tree_id=tree_id, level="village")
    return [(pk, code) for pk, code in rows.values_list("pk", "parent__parent__code")]


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
