"""Entries and vetoes from the command line: the same rules and refusals as on screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jingtu.assessment.adjustments.commands import app
from jingtu.assessment.adjustments.models import Entry, VetoCase
from jingtu.assessment.runs.services import prepare
from tests.assessment.office import BONUS_AND_VETO, CATALOGUE, MONTH, Office, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(db: None, own_store: object) -> Office:
    office = Office()
    version_of(CATALOGUE + BONUS_AND_VETO)
    return office


def call(user: Any, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--as", user.username])


def test_an_entry_is_stated_with_evidence_and_approved_by_somebody_else(
    office: Office, tmp_path: Path
) -> None:
    paper = tmp_path / "award.csv"
    paper.write_text("a,b\n1,2\n")
    words = ["propose", "--tree", office.cast.tree.slug, "--region", office.cast.places["county_b"].code]
    words += ["--scorecard", "card", "--line", "bonus", "--indicator", "CASES", "--period", MONTH]
    words += ["--count", "5", "--reason", "获省级表彰", "--evidence", str(paper), "--json"]
    made = json.loads(call(office.reviewer.user, *words).stdout)
    assert (made["state"], made["count"]) == ("proposed", "5")
    own = call(office.reviewer.user, "approve", str(made["id"]))
    assert own.exit_code == 2
    assert len(own.stderr.strip().splitlines()) == 1
    entry = Entry.objects.get()
    assert entry.state == "proposed"
    listed = json.loads(call(office.analyst.user, "list", "--json").stdout)
    assert [row["id"] for row in listed] == [entry.pk]
    assert json.loads(call(office.cast.user("viewer", "outsider"), "list", "--json").stdout or "[]") == []


def test_a_veto_is_answered_by_the_place_and_decided_by_a_named_person(office: Office) -> None:
    prepare(office.analyst, office.new_run().pk)
    case = VetoCase.objects.get()
    place = office.cast.user("reporter", "own")
    assert call(place, "reply", str(case.pk), "--text", "案件系外地流入").exit_code == 0
    assert call(place, "decide", str(case.pk), "--waive", "--reason", "自行决定").exit_code == 2
    done = call(office.reviewer.user, "decide", str(case.pk), "--waive", "--reason", "答辩成立", "--json")
    assert json.loads(done.stdout)["state"] == "not_applied"
    case.refresh_from_db()
    assert (case.decided_by, case.decision) == (office.reviewer.user, "答辩成立")


@pytest.mark.parametrize(
    "words",
    [
        ["decide", "1", "--reason", "x"],
        ["approve", "999999"],
        ["propose", "--line", "gift"],
    ],
)
def test_wrong_use_is_refused(office: Office, words: list[str]) -> None:
    assert call(office.analyst.user, *words).exit_code == 2
