"""Import of a million rows, and one changed value, through the services people use."""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

from benchmarks import data as figures
from benchmarks.data import ELEMENTS, MISSING, Data, month_key
from benchmarks.measure import Line, Table, peak_gib, timed, within

ROWS = {"province": 1_000_000, "tiny": 2_000}


def run(shape: str, folder: Path, rounds: int) -> Table:
    """In a process of its own, with a new database."""
    source = figures.make(shape, folder)
    path = folder / "rows.csv"
    write_rows(source, path, ROWS[shape])
    with tempfile.TemporaryDirectory(prefix="jingtu-bench-home-") as home:
        environment = os.environ | {
            "JINGTU_HOME": home,
            "DJANGO_SETTINGS_MODULE": "jingtu.portal.settings.test",
        }
        words = [sys.executable, "-m", "benchmarks.storing", shape, str(path), str(rounds)]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    ratio = statistics.median(a / b for a, b in zip(found["import"], found["unit"], strict=True))
    rows, size = ROWS[shape], path.stat().st_size / 1e6
    middle = statistics.median(found["import"])
    return Table(
        "store",
        [
            Line("unit: DuckDB read_csv and Parquet write", f"{statistics.median(found['unit']):.2f} s"),
            Line(
                f"import of {rows:,} long rows: checked, stored, with provenance",
                f"{ratio:.1f} × unit", "≤ 10 × unit", ratio <= 10, middle,
            ),
            Line("… rows a second", f"{rows / middle:,.0f}"),
            Line(
                "largest memory of the process: before, after the imports",
                f"{found['before']:.2f} GiB, {found['after']:.2f} GiB",
            ),
            within(f"one value changed and stored among {rows:,}", found["change"], 0.15, "ms"),
            within("… with an open draft: fact and what it does to the draft stored", found["delta"], 0.15, "ms"),
            within("… a figure that was missing, or is withdrawn", found["stated"], 0.15, "ms"),
            within("… a figure of twelve months earlier", found["earlier"], 0.15, "ms"),
            Line("… processor time of these (the machine is shared)", f"{found['processor'] * 1000:.2f} ms"),
            Line("the draft computed whole and frozen", f"{found['whole']:.1f} s"),
            Line("what the draft takes in memory, estimated", f"{found['weight'] / 2**20:.0f} MiB"),
        ],
        [f"{size:.0f} MB of CSV, {source.tree.size:,} regions, {ELEMENTS} elements, SQLite, one worker"],
    )  # fmt: skip


def write_rows(data: Data, path: Path, rows: int) -> None:
    """The first ``rows`` stated figures as a long import file."""
    codes = [data.tree.codes[place] for place in data.shape.leaves.tolist()]
    names = figures.names()
    written = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["region", "element", "period", "value"])
        for row, values in enumerate(np.asarray(data.facts.values)):
            element, month = names[row % ELEMENTS], month_key(row // ELEMENTS)
            stated = np.flatnonzero(values != MISSING).tolist()[: rows - written]
            writer.writerows((codes[leaf], element, month, int(values[leaf])) for leaf in stated)
            written += len(stated)
            if written == rows:
                return
    raise ValueError(f"the shape has only {written} figures")


def _main(shape: str, path: Path, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import shape as shapes
    from benchmarks.world import catalogue
    from jingtu.assessment.indicators.services import import_catalogue
    from jingtu.assessment.runs import services as runs
    from jingtu.assessment.runs.books import shelf
    from jingtu.core.accounts.actors import UserActor
    from jingtu.core.accounts.models import Post, User
    from jingtu.core.accounts.rules import Role
    from jingtu.core.facts import store
    from jingtu.core.facts.services import change_fact, import_path, retract_fact, store_elements
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.core.regions.models import Region
    from jingtu.core.regions.queries import root_of
    from jingtu.core.regions.services import load_tree
    from jingtu.core.regions.sources import TreeSpec
    from jingtu.engine.catalogue.writing import dump_yaml
    from jingtu.engine.periods import Period

    call_command("migrate", verbosity=0, interactive=False)
    store_elements(SYSTEM, catalogue().elements.values())
    rows, _ = shapes.shape_rows(shape)
    query = f"COPY (SELECT * FROM read_csv('{path}')) TO '{path.with_suffix('.parquet')}' (FORMAT parquet)"
    found: dict[str, object] = {"before": 0.0}
    units, imports = [], []
    for number in range(rounds + 1):
        # Each round has a tree of its own: the same rows again would change nothing.
        spec = TreeSpec(slug=f"bench-{number}", name_zh="测量", name_en="Benchmark", fictional=True)
        tree = load_tree(SYSTEM, spec, rows).tree
        found["before"] = found["before"] or peak_gib()
        connection = duckdb.connect()
        connection.execute("SET threads = 2")
        unit = timed(lambda connection=connection: connection.execute(query).fetchall())  # type: ignore[misc]
        connection.close()
        passed = timed(lambda tree=tree: import_path(SYSTEM, tree, path))  # type: ignore[misc]
        if number:  # the first round warms up
            units.append(unit)
            imports.append(passed)
    places = list(
        Region.objects.filter(tree=tree, level="township").order_by("pk").values_list("pk", flat=True)[:25]
    )
    changes = []
    for number, place in enumerate(places):
        start = time.perf_counter()
        change_fact(
            SYSTEM, region_id=place, element="e07", period="2023-01", value=str(1000 + number), reason="更正"
        )
        changes.append(time.perf_counter() - start)
    found |= {"unit": units, "import": imports, "after": peak_gib(), "change": changes[5:]}

    # The last whole month, so that the one a year before is there to compare with.
    month = Period.parse(sorted(store.read(tree.pk).period_keys)[-2])
    # After the import: by its shares the invented figures would be refused as parts that exceed their whole.
    import_catalogue(SYSTEM, dump_yaml(catalogue()))
    user = User.objects.create(username="bench", full_name="测量", password="!")
    root = root_of(SYSTEM, tree)
    Post.objects.create(user=user, role=Role.ANALYST, region=root, valid_from=month.start)
    analyst = UserActor(user)
    draft = runs.create_run(analyst, root, None, "card", month.key)
    found["whole"] = timed(lambda: runs.compute(analyst, draft.pk))
    draft.refresh_from_db()

    processor: list[float] = []

    def followed(period: str, value: int | None, place: int) -> float:
        start, began = time.perf_counter(), time.process_time()
        where = {"region_id": place, "element": "e07", "period": period, "reason": "更正"}
        if value is None:
            retract_fact(analyst, **where)
        else:
            change_fact(analyst, **where, value=str(value))
        processor.append(time.process_time() - began)
        return time.perf_counter() - start

    now = [followed(month.key, 2000 + number, place) for number, place in enumerate(places)]
    before = [followed(month.last_year().key, 3000 + number, place) for number, place in enumerate(places)]
    gone = [followed(month.key, None, place) for place in places]
    back = [followed(month.key, 4000 + number, place) for number, place in enumerate(places)]
    if draft.deltas.count() != 4 * len(places):
        raise RuntimeError("not every change was followed")
    found |= {"delta": now[5:], "earlier": before[5:], "stated": gone[5:] + back[5:]}
    found["processor"] = statistics.median(processor)
    found["weight"] = sum(book.weight for book in (shelf.book_of(draft),) if book)
    print(json.dumps(found))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
