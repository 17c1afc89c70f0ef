"""Pages read a bounded number of things, however many places there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingtu.assessment.runs import snapshots
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.services import (
    answer_finding,
    approve_and_publish,
    create_run,
    prepare,
    submit_for_review,
)
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.facts import store
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import Region
from jingtu.core.regions.services import load_tree
from jingtu.core.regions.sources import TreeSpec
from jingtu.engine.facttable import FactRow
from jingtu.engine.tree import RegionRow
from tests.access.cast import SINCE
from tests.assessment.office import MONTH, Office, store_batch

MOST_READS = 25


def county_with(count: int) -> tuple[User, Region, Run]:
    """A tree of one county with so many townships, its published run, and its analyst."""
    rows = [RegionRow("1", "大县", None, "county", None, None)]
    rows += [
        RegionRow(f"1{number:03d}", f"第{number}镇", "1", "township", None, None) for number in range(count)
    ]
    tree = load_tree(SYSTEM, TreeSpec(f"tree-{count}", "试区", "Trial"), rows).tree
    county = Region.objects.get(tree=tree, level="county")
    people = {}
    for role in ("analyst", "reviewer"):
        user = User.objects.create(username=f"{role}-{count}", full_name=role, password="!")
        Post.objects.create(user=user, role=role, region=county, valid_from=SINCE)
        people[role] = user
    facts = [
        FactRow(element, region.pk, MONTH, value)
        for region in Region.objects.filter(tree=tree, level="township")
        for element, value in (("due", 20), ("done", 10), ("cases", 3))
    ]
    store_batch(tree, county, facts, "")
    analyst, reviewer = UserActor(people["analyst"]), UserActor(people["reviewer"])
    run = prepare(analyst, create_run(analyst, county, "township", "card", MONTH).pk)
    for finding in run.findings.filter(severity="error"):
        answer_finding(analyst, finding.pk, "已与当地核实")
    return people["analyst"], county, approve_and_publish(reviewer, submit_for_review(analyst, run.pk).pk)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is read inside, from the database and from frozen files; nothing is in memory at the start."""
    snapshots.forget()
    store.clear_cache()
    reads: list[str] = []
    read_text, read_bytes, opened, table = (
        Path.read_text,
        Path.read_bytes,
        pq.ParquetFile.__init__,
        pq.read_table,
    )

    def text(self: Path, *args: Any, **kwargs: Any) -> str:
        if self.suffix in (".json", ".parquet"):
            reads.append(self.name)
        return read_text(self, *args, **kwargs)

    def raw(self: Path) -> bytes:
        if self.suffix in (".json", ".parquet"):
            reads.append(self.name)
        return read_bytes(self)

    def parquet(self: pq.ParquetFile, source: Any, *args: Any, **kwargs: Any) -> None:
        reads.append(Path(str(source)).name)
        opened(self, source, *args, **kwargs)

    def whole(source: Any, *args: Any, **kwargs: Any) -> Any:
        reads.append(Path(str(source)).name)
        return table(source, *args, **kwargs)

    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(Path, "read_text", text)
        patch.setattr(Path, "read_bytes", raw)
        patch.setattr(pq.ParquetFile, "__init__", parquet)
        patch.setattr(pq, "read_table", whole)
        yield reads
    reads += [query["sql"][:150] for query in queries.captured_queries]


@pytest.mark.parametrize("name", ["cockpit:home", "cockpit:explorer", "cockpit:profile", "runs:scorecard"])
def test_reads_do_not_grow_with_the_number_of_places(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def reads_of(count: int) -> list[str]:
        user, county, run = county_with(count)
        client = Client()
        client.force_login(user)
        args = {"runs:scorecard": [run.pk], "cockpit:profile": [county.pk]}.get(name, [])
        address = reverse(name, args=args)
        client.get(address, {"indicator": "RATE"})  # what a process reads once: templates, definitions
        with counted(monkeypatch) as reads:
            response = client.get(address, {"indicator": "RATE"})
        assert response.status_code == 200
        assert "第9镇" in response.content.decode()
        return reads

    few, many = reads_of(10), reads_of(100)
    assert len(few) == len(many), "\n".join(sorted(many))
    assert len(many) <= MOST_READS, "\n".join(sorted(many))
