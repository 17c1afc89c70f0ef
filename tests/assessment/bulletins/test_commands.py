"""``jingtu bulletin`` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jingtu.assessment.bulletins.commands import app
from jingtu.assessment.bulletins.services import issue
from jingtu.assessment.runs import services as runs
from jingtu.core.audit.models import AuditEntry
from tests.assessment.office import FIGURES, MONTH, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(office: Office) -> int:
    analyst, reviewer = office.cast.actor("analyst", "own"), office.cast.actor("reviewer", "own")
    office.report("2026-08", {**FIGURES, "township_a": (40, 41, 5)})
    run = runs.prepare(
        analyst, runs.create_run(analyst, office.cast.places["county_a"], "township", "card", MONTH).pk
    )
    for finding in run.findings.filter(state="open", severity="error"):
        runs.override_finding(reviewer, finding.pk, "已电话核实")
    runs.submit_for_review(analyst, run.pk)
    return runs.approve_and_publish(reviewer, run.pk).pk


def call(office: Office, *words: str, role: str = "analyst", relation: str = "own"):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, [*words, "--as", office.cast.user(role, relation).username])


def test_a_bulletin_is_issued_listed_shown_and_written(
    office: Office, published: int, tmp_path: Path
) -> None:
    issued = call(
        office, "issue", str(published), "--issuer", "甲县禁毒办", "--number", "甲〔2026〕1号", "--json"
    )
    assert issued.exit_code == 0, issued.output
    number = json.loads(issued.output)["id"]
    assert json.loads(call(office, "list", "--json").output)[0]["number"] == "甲〔2026〕1号"
    assert "甲〔2026〕1号" in call(office, "show", str(number)).output
    written = call(office, "write", str(number), "--out", str(tmp_path), "--format", "xlsx", "--json")
    assert sorted(Path(name).suffix for name in json.loads(written.output)) == [".xlsx", ".xlsx"]
    assert AuditEntry.objects.filter(action="files.downloaded").count() == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("issue", "999999", "--issuer", "甲"), "999999"),
        (("write", "999999"), "999999"),
        (("write", "1", "--format", "exe"), "exe"),
        (("write", "1", "--out", "/no/such/folder"), "/no/such/folder"),
        (("write", "1", "--language", "fr"), "fr"),
        (("show", "1"), "1"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(office: Office, words: tuple[str, ...], said: str) -> None:
    done = call(office, *words)
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_a_sibling_neither_lists_nor_writes_it(office: Office, published: int, tmp_path: Path) -> None:
    bulletin = issue(office.cast.actor("analyst", "own"), published, number="", issuer_zh="甲县禁毒办")
    assert json.loads(call(office, "list", "--json", relation="sibling").output) == []
    refused = call(office, "write", str(bulletin.pk), "--out", str(tmp_path), relation="sibling")
    assert refused.exit_code == 2
    assert not list(tmp_path.glob("*.docx"))
