"""A year of the office, lived through its own services; then every published number is worked out by hand.

Runs on whichever database the tests run on, SQLite or PostgreSQL.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import docx
import openpyxl
import pytest
from pytest_django import Settings

from jingtu.assessment.adjustments.models import Entry, VetoCase
from jingtu.assessment.alerts.models import Alert, AlertEvent
from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.reporting.models import ReportEvent
from jingtu.assessment.runs import snapshots
from jingtu.assessment.runs.books import shelf
from jingtu.assessment.runs.models import Publication, Run
from jingtu.assessment.schedules.models import Occurrence
from jingtu.core.audit.services import verify
from jingtu.core.facts import store
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.numbering.models import OfficialNumber
from jingtu.engine.periods import Period
from tests.reference.stored import Version
from tests.year import city
from tests.year.office import at
from tests.year.story import CAMPAIGN, LAST, OFF, Year


@pytest.fixture
def year(
    transactional_db: None, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Year]:
    settings.STORE = tmp_path
    monkeypatch.setattr(
        os, "fsync", lambda _: None
    )  # nobody pulls this machine's plug; a year has many files
    store.clear_cache()
    snapshots.forget()
    shelf.clear()
    lived = Year(monkeypatch)
    lived.run()
    with frozen(at(LAST, "16:00")):
        yield lived
    store.clear_cache()
    snapshots.forget()
    shelf.clear()


def test_every_published_number_of_a_year_is_what_its_stored_facts_say(year: Year) -> None:
    """One test for many statements, because the year takes its time to live."""
    check_the_rhythm(year)
    check_what_was_missed()
    check_the_unusual()
    check_every_number(year)
    check_bulletins(year)
    assert verify(SYSTEM) == []


def check_the_rhythm(year: Year) -> None:
    """Every period of every schedule was dealt with once, in order, and is published."""
    states = Counter(Occurrence.objects.values_list("schedule__name", "state"))
    expected = {
        ("周通报", "produced"): 55,  # from the week of New Year to the second one of the year after
        ("月考核", "produced"): 12,
        ("季排名", "produced"): 4,
        ("成员单位季考核", "produced"): 4,
        ("六月日监测", "produced"): 22,
    }
    assert states == expected, Occurrence.objects.exclude(state="produced").values("period", "note")
    for schedule in year.office.schedules.values():
        done = list(
            schedule.occurrences.order_by("run__prepared_at", "run__pk").values_list("period", flat=True)
        )
        assert done == sorted(done, key=lambda key: Period.parse(key).end)
    assert not Run.objects.exclude(state__in=("published", "superseded")).exists()
    assert set(Publication.objects.values_list("run", flat=True)) == set(year.hashes)


def check_what_was_missed() -> None:
    """A fortnight without the machine was made up for on its first day, each period once."""
    late = Occurrence.objects.filter(due_at__date__gte=OFF[0], due_at__date__lte=OFF[1])
    by_schedule = Counter(late.values_list("schedule__name", flat=True))
    assert by_schedule["六月日监测"] == 14
    assert {reason[0] for reason in late.values_list("late", flat=True)} == {"schedules.late_off"}
    assert CAMPAIGN[0] <= OFF[0] <= OFF[1] <= CAMPAIGN[1]


def check_the_unusual() -> None:
    """What was to happen in the year did happen."""
    versions = dict(Run.objects.filter(version=2).values_list("period", "state"))
    assert versions == dict.fromkeys(("2026-04", "2026-06", "2026-11"), "published")
    assert dict(Appeal.objects.values_list("run__period", "state")) == {
        "2026-01": "upheld",
        "2026-06": "upheld",
        "2026-08": "rejected",
    }
    assert dict(VetoCase.objects.exclude(state="lapsed").values_list("period", "state")) == {
        "2026-05": "applied",
        "2026-08": "not_applied",
    }
    assert Counter(Entry.objects.values_list("state", flat=True)) == {"approved": 2, "refused": 1}
    acts = Counter(ReportEvent.objects.values_list("action", flat=True))
    assert (acts["return"], acts["unlock"], acts["take_over"]) == (4, 1, len(city.townships("F02")))
    waited = Occurrence.objects.get(schedule__name="月考核", period="2026-03")
    assert waited.late[0] == "schedules.late_figures"
    went = Occurrence.objects.get(schedule__name="月考核", period="2026-11")
    assert went.note[0] == "schedules.done_incomplete"
    assert set(Alert.objects.values_list("state", flat=True)) >= {"resolved", "dismissed"}
    assert AlertEvent.objects.filter(kind="woken").exists()
    numbers = list(OfficialNumber.objects.order_by("year", "n").values_list("year", "n", "state"))
    for number, (before, now) in enumerate(pairwise(numbers)):
        assert now[:2] in {(before[0], before[1] + 1), (before[0] + 1, 1)}, number
    assert {state for _, _, state in numbers} == {"issued"}


def check_every_number(year: Year) -> None:
    """All versions of all runs: values, states, points, totals, ranks and who has none, from their own facts."""
    seen: Counter[str] = Counter()
    for run in Run.objects.select_related("publication", "catalogue").order_by("pk"):
        version = Version(snapshots.path_of(run.snapshot_digest))
        assert version.hash == run.publication_hash == run.publication.publication_hash == year.hashes[run.pk]
        stated, mine = version.published["subjects"], version.rows()
        assert [row["region"] for row in stated] == [row["region"] for row in mine]
        for said, expected in zip(stated, mine, strict=True):
            for code, row in expected["indicators"].items():
                assert (str(run), said["region"], code, said["indicators"][code]) == (
                    str(run),
                    said["region"],
                    code,
                    row,
                )
            assert said == expected, str(run)
            count(seen, said)
        places = {row["region"]: row for row in mine}
        assert run.ranked.count() == len(places)
        for place in run.ranked.select_related("region"):
            row = places[place.region.code]
            assert place.rank == row["rank"]
            assert (None if place.total is None else Decimal(place.total)) == (
                None if row["total"] is None else Decimal(row["total"])
            )
            assert place.sections == [section["points"] for section in row["sections"]]
        again = hashlib.sha256((version.folder / "publication.json").read_bytes()).hexdigest()
        assert again == year.hashes[run.pk]
        assert snapshots.damage(run) == ""
    # The year has shown what it is there to show.
    for what in (
        "below_minimum",
        "missing",
        "unranked",
        "assigned",
        "entries",
        "vetoes",
        "proposed",
        "peers",
    ):
        assert seen[what], (what, seen)
    sizes = {
        run.period: len(snapshots.open_run(run).tree.codes) for run in Run.objects.filter(scorecard="monthly")
    }
    assert sizes["2026-06"] == sizes["2026-07"] + 1
    assert Run.objects.filter(scorecard="monthly").values("catalogue").distinct().count() == 2


def count(seen: Counter[str], row: dict[str, object]) -> None:
    """Which of the rarer things a place's row holds."""
    values = list(row["indicators"].values())  # type: ignore[attr-defined]
    seen["below_minimum"] += any(value["state"] == "below_minimum" for value in values)
    seen["missing"] += any(value["state"] == "missing" for value in values)
    seen["assigned"] += any("assigned" in value for value in values)
    seen["unranked"] += row["rank"] is None
    seen["entries"] += "entries" in row
    seen["vetoes"] += bool(row["vetoes"])
    seen["proposed"] += "proposed_vetoes" in row
    seen["peers"] += bool(row["peer_ranks"])


def check_bulletins(year: Year) -> None:
    """A sample of bulletins, printed at the year's end, says the numbers of its version."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bulletins, "FORMATS", {name: bulletins.FORMATS[name] for name in ("docx", "xlsx")})
        patched.setattr(bulletins, "LANGUAGES", ("zh",))
        for period, card in (("2026-04", "monthly"), ("2026-Q3", "outcome"), ("2026-W25", "monitor")):
            run = Run.objects.filter(period=period, scorecard=card, state="published").get()
            made = bulletins.issue(year.office.who("reviewer1"), run.pk, number="", issuer_zh="示范市禁毒办")
            assert made.number == run.publication.official_number
            rows = Version(snapshots.path_of(run.snapshot_digest)).rows()
            numbers = {row["total"] for row in rows if row["total"]}
            assert numbers
            for printed in made.files.select_related("file"):
                words = text_of(content_path(printed.file), printed.format)
                assert {number for number in numbers if number not in words} == set(), (
                    period,
                    printed.format,
                )
                assert printed.format != "docx" or run.publication_hash in words


def text_of(path: Path, kind: str) -> str:
    """Everything a document or a workbook says."""
    content = io.BytesIO(path.read_bytes())
    if kind == "docx":
        document = docx.Document(content)
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    book = openpyxl.load_workbook(content, data_only=True)
    values = [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]
    return "\n".join(
        f"{value:.1f}\n{value:.2f}" if isinstance(value, int | float) else str(value) for value in values
    )
