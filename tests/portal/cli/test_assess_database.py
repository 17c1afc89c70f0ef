"""``jingtu assess`` on the database: the same deeds as on the screens, with the same rights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from pytest_django import Settings
from typer.testing import CliRunner

from jingtu.assessment.runs import snapshots
from jingtu.core.facts import store
from jingtu.portal.cli.assess import app
from tests.assessment.office import MONTH, Office

Command = Callable[..., Result]


@pytest.fixture
def office(db: None, tmp_path: Path, settings: Settings) -> Office:
    settings.STORE = tmp_path
    store.clear_cache()
    snapshots.forget()
    return Office()


@pytest.fixture
def jingtu(office: Office, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("JINGTU_LANG", "en")

    def command(*words: str, by: str = "analyst.ancestor") -> Result:
        return CliRunner().invoke(app, [*words, "--as", by])

    return command


def run(jingtu: Command, *more: str) -> int:
    done = jingtu(
        "run",
        "--tree",
        "cast",
        "--region",
        "310100",
        "--scorecard",
        "card",
        "--period",
        MONTH,
        "--json",
        *more,
    )
    assert done.exit_code == 0, done.stderr
    return int(json.loads(done.stdout)["run"])


def test_a_run_is_made_shown_submitted_and_published(jingtu: Command) -> None:
    number = str(run(jingtu))
    shown = json.loads(jingtu("show", number, "--json").stdout)
    assert [(row["name"], row["rank"]) for row in shown["ranking"]] == [("甲县", 1), ("乙县", 2)]
    assert jingtu("submit", number).exit_code == 0
    refused = jingtu("publish", number)
    assert refused.exit_code == 2
    assert "posts do not allow" in refused.stderr
    done = json.loads(jingtu("publish", number, "--json", by="reviewer.ancestor").stdout)
    assert done["state"] == "published"
    listed = json.loads(jingtu("list", "--json", by="viewer.own").stdout)
    assert [row["run"] for row in listed] == [int(number)]


def test_a_number_is_explained_as_far_as_the_user_may_see(jingtu: Command) -> None:
    number = str(run(jingtu))
    assert "甲二镇" in jingtu("explain", number, "--region", "310101", "--indicator", "RATE").stdout
    jingtu("submit", number)
    jingtu("publish", number, by="reviewer.ancestor")
    foreign = jingtu("explain", number, "--region", "310101", "--indicator", "RATE", by="viewer.sibling")
    assert foreign.exit_code == 0
    assert "甲二镇" not in foreign.stdout


def test_running_again_makes_a_version_whose_difference_can_be_read(jingtu: Command, office: Office) -> None:
    first = run(jingtu)
    office.change("township_a2", "done", 18, note="found 15 more")
    second = run(jingtu)
    told = jingtu("diff", str(first), str(second))
    assert told.exit_code == 0, told.stderr
    assert "found 15 more" in told.stdout
    assert "95.00" in told.stdout


def test_a_draft_does_not_exist_for_others(jingtu: Command) -> None:
    number = str(run(jingtu))
    for words in (("show", number), ("explain", number, "--region", "310101"), ("submit", number)):
        refused = jingtu(*words, by="viewer.ancestor")
        assert refused.exit_code == 2
        assert refused.stdout == ""
        assert len(refused.stderr.strip().splitlines()) == 1


def test_neither_files_nor_a_tree_is_wrong_use(jingtu: Command) -> None:
    refused = jingtu("run", "--scorecard", "card", "--period", MONTH)
    assert refused.exit_code == 2
    assert "--tree" in refused.stderr
