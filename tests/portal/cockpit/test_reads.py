"""Pages read a bounded number of things, however many places there are."""

from __future__ import annotations

import datetime as dt
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

from jingtu.assessment.alerts.models import Alert, AlertOccurrence
from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.reporting.definition import Who
from jingtu.assessment.reporting.services import install_form
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
from jingtu.core.kernel import clock
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import PeerGroup, Region
from jingtu.core.regions.services import load_tree
from jingtu.core.regions.sources import TreeSpec
from jingtu.engine.facttable import FactRow
from jingtu.engine.tree import RegionRow
from tests.access.cast import SINCE, make_places
from tests.assessment.office import FIGURES, MONTH, Office, store_batch
from tests.assessment.reporting.desk import Desk, definition, on

MOST_READS = 25
FULL_DESK = {"cockpit:home": 22, "cockpit:explorer": 14}
"""What each page may read for somebody with alerts in two trees and forms to watch, once a process is warm."""


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
    with CaptureQueriesContext(connection) as queries, frozen_files(monkeypatch) as reads:
        yield reads
    reads += [query["sql"][:150] for query in queries.captured_queries]


@contextmanager
def frozen_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The frozen files read inside."""
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

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", text)
        patch.setattr(Path, "read_bytes", raw)
        patch.setattr(pq.ParquetFile, "__init__", parquet)
        patch.setattr(pq, "read_table", whole)
        yield reads


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


def alert_at(place: Region) -> Alert:
    """An open alert on published figures that nobody flagged as telling a small count."""
    day = dt.date(2026, 9, 30)
    alert = Alert.objects.create(
        rule="falling", rule_zh="连降", rule_en="Falling", kind="falling", severity="warning",
        tree=place.tree, region=place, within=place.parent, subject="CASES", cadence="month",
        disclosed=True, first_period=MONTH, last_period=MONTH, last_start=day.replace(day=1), last_end=day,
        strength=1, due_on=day, raised_at=clock.now(),
    )  # fmt: skip
    AlertOccurrence.objects.create(
        alert=alert, period=MONTH, period_end=day, code="alert.falling", evidence={"value": "9", "length": 3, "series": [[MONTH, "9"]]}, strength=1,
        at=clock.now(),
    )  # fmt: skip
    return alert


@pytest.mark.parametrize("name", FULL_DESK)
def test_a_leader_with_alerts_in_two_trees_and_forms_to_watch_reads_little(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    CatalogueVersion.objects.update(in_force_from=dt.date(2026, 1, 1))
    with on(20):
        Desk(office)
        group = PeerGroup.objects.create(tree=office.cast.tree, code="rural", name_zh="乡村", name_en="Rural")
        group.members.set([office.cast.places["county_a"], office.cast.places["county_b"]])
        grouped = definition(who=Who(level="township", group="rural"))
        install_form(SYSTEM, "grouped", office.cast.tree, grouped)
        units, rooms = make_places("units")
        leader = office.cast.user("leader", "ancestor")
        Post.objects.create(user=leader, role="leader", region=rooms["city"], valid_from=SINCE)
        office.published()
        office.change("township_b", "cases", 10)  # what was published is then one more state to protect
        office.report("2026-10", FIGURES)
        office.published("2026-10")
        alerts = [alert_at(office.cast.places["county_a"]), alert_at(rooms["county_a"])]
        client = Client()
        client.force_login(leader)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as queries, frozen_files(monkeypatch) as files:
            response = client.get(reverse(name))
    assert {alert.tree_id for alert in alerts} == {office.cast.tree.pk, units.pk}
    if name == "cockpit:home":
        assert response.context["panels"].alerts.total == 1
        assert response.context["panels"].alerts.overdue == 1
        assert [line.form.code for line in response.context["panels"].reporting] == ["grouped", "monthly"]
    reads = [*files, *(query["sql"][:150] for query in queries.captured_queries)]
    assert len(reads) <= FULL_DESK[name], "\n".join(reads)
