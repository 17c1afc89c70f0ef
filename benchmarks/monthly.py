"""One month of the province set as an office runs it: through the services, with all checks and alerts stored,
beside what the engine needs for the same month and the writing of its results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.measure import Line, Table

ALLOWED = 10
STEPS = ("create", "compute", "watch", "check")
SAID = {
    "create": "begun",
    "compute": "computed, frozen, its places stored",
    "check": "checked, the findings stored with their owners",
    "watch": "the alert rules applied, the alerts stored with their owners",
}


def run(shape: str) -> Table:
    """In a process of its own, on an installation of its own."""
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-home-") as home:
        environment = os.environ | {
            "JINGTU_HOME": home,
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        words = [sys.executable, "-m", "benchmarks.monthly", shape]
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd()
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    busy, wall = found["busy"], found["wall"]
    whole, unit = sum(busy[name] for name in STEPS), busy["engine"] + busy["write"]
    asked = ALLOWED * busy["engine"] + busy["write"]

    def line(what: str, name: str) -> Line:
        return Line(what, f"{busy[name]:.1f} s of processor time", seconds=wall[name])

    return Table(
        "monthly",
        [
            Line(
                "one month through the services, with all checks and alerts: processor time",
                f"{whole:.1f} s = {whole / unit:.2f} × engine and writing",
                f"≤ {ALLOWED} × engine + writing = {asked:.1f} s",
                whole <= asked,
                sum(wall[name] for name in STEPS),
            ),
            *(line(f"… {SAID[name]}", name) for name in STEPS),
            line("of the computation: reading the figures from the store", "read"),
            line("of the computation: the engine's own time for the month", "engine"),
            line("of the computation: writing its results", "write"),
            Line("largest memory of the process", f"{found['memory']:.2f} GiB"),
        ],
        [
            f"{found['regions']:,} regions, {found['facts']:,} facts of villages in twelve months, 200 indicators, "
            f"{found['places']} counties ranked, {found['checks']} kinds of checks, {found['rules']} alert rules; "
            f"{found['findings']:,} findings, {found['alerts']:,} alerts; SQLite, one process"
        ],
    )


def _timed(timed: Any, name: str, module: Any, function: str) -> Any:
    real = getattr(module, function)
    return lambda *args, **kwargs: timed(name, lambda: real(*args, **kwargs))


def _main(shape: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from django.urls import resolve

    import jingtu
    from benchmarks import province, watching
    from benchmarks.measure import peak_gib
    from benchmarks.world import catalogue
    from jingtu.assessment.alerts.models import Alert, WatchedRun
    from jingtu.assessment.indicators.services import import_catalogue
    from jingtu.assessment.runs import services as runs
    from jingtu.assessment.runs import snapshots
    from jingtu.core.accounts.actors import UserActor
    from jingtu.core.accounts.models import Post, User
    from jingtu.core.facts import store
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.core.kernel.clock import today
    from jingtu.core.regions.models import Region
    from jingtu.engine.catalogue import load_catalogue
    from jingtu.engine.catalogue.writing import dump_yaml
    from jingtu.engine.periods import Period

    call_command("migrate", verbosity=0, interactive=False)
    definitions = replace(
        catalogue(),
        alerts={rule.code: rule for rule in watching.rules()},
        checks=load_catalogue(Path(jingtu.__file__).with_name("catalogue")).checks,
    )
    import_catalogue(SYSTEM, dump_yaml(definitions))
    newest = Period.of("month", today()).previous()
    made = province.build(shape, newest)
    root = Region.objects.select_related("tree").get(tree=made.tree, position=0)
    analyst = User.objects.create_user("analyst", None, full_name="analyst")
    Post.objects.create(user=analyst, role="analyst", region=root)
    for county in Region.objects.filter(tree=made.tree, level="county").order_by("position"):
        reporter = User.objects.create(username=f"r{county.pk}", full_name="r", password="!")
        Post.objects.create(user=reporter, role="reporter", region=county)
    actor = UserActor(analyst)

    resolve("/")  # notices bear addresses; a serving process has read them all long since

    busy: dict[str, float] = {}
    wall: dict[str, float] = {}

    def timed(name: str, work: Any) -> Any:
        used, start = time.process_time(), time.perf_counter()
        kept = work()
        busy[name] = time.process_time() - used
        wall[name] = time.perf_counter() - start
        return kept

    # What the services ask of the engine and of the disk is timed where they ask for it, so that nothing is done twice.
    inside = {"read": (store, "read"), "engine": (snapshots, "assess"), "write": (snapshots, "write_snapshot"),
              "publication": (snapshots, "publication")}  # fmt: skip

    def compute() -> None:
        with ExitStack() as stack:
            for name, (module, function) in inside.items():
                stack.enter_context(
                    mock.patch.object(module, function, _timed(timed, name, module, function))
                )
            runs.compute(actor, made_run.pk)

    made_run = timed("create", lambda: runs.create_run(actor, root, "county", "card", newest.key))
    # The rules are applied once the computation is committed; the block around it tells the two apart.
    with ExitStack() as block:
        block.enter_context(transaction.atomic())
        timed("compute", compute)
        timed("watch", block.close)
    timed("check", lambda: runs.check(actor, made_run.pk))
    busy["write"] += busy.pop("publication")
    wall["write"] += wall.pop("publication")
    made_run.refresh_from_db()
    if not WatchedRun.objects.filter(run=made_run).exists():
        raise RuntimeError("the alert rules were not applied")
    print(
        json.dumps(
            {
                "busy": busy, "wall": wall, "memory": peak_gib(), "regions": Region.objects.count(),
                "facts": made.facts, "places": made_run.places, "rules": len(definitions.alerts),
                "checks": len(definitions.checks), "findings": made_run.findings.count(),
                "alerts": Alert.objects.count(),
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    _main(sys.argv[1])
