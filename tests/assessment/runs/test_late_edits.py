"""Figures changed late: named where their own place gains, with what the change did, and by nobody's fault."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.assessment.runs import late, registry, services
from jingtu.assessment.runs.models import Run, RunFinding
from jingtu.core.kernel.clock import frozen, now
from jingtu.engine import lateedits
from jingtu.engine.problems import Problem
from tests.assessment.office import CATALOGUE, Office, version_of

RULE = """
checks:
  - {code: late, name: {zh: 截止后改数, en: Late}, kind: late_edit, severity: error, at_least: 1, status: G}
"""


@pytest.fixture
def ranked(office: Office) -> Run:
    """A draft whose ranks have been seen, by a catalogue that asks for the check."""
    version_of(CATALOGUE.replace("version: 1", "version: 2") + RULE)
    return services.prepare(office.analyst, office.new_run().pk)


def later(office: Office, run: Run, *changes: tuple[str, str, int]) -> list[RunFinding]:
    with frozen(now() + dt.timedelta(hours=1)):
        for place, element, value in changes:
            office.change(place, element, value)
        services.prepare(office.analyst, run.pk)
    return list(run.findings.filter(code__startswith="check.late_edit").order_by("region__position"))


def test_a_first_ranking_finds_nothing(office: Office, ranked: Run) -> None:
    assert not ranked.findings.filter(code__startswith="check.late_edit").exists()


def test_a_place_that_gains_by_its_own_late_change_is_named_with_the_effect(
    office: Office, ranked: Run
) -> None:
    found = later(office, ranked, ("township_a2", "cases", 7), ("township_b", "cases", 20))
    assert [one.region_id for one in found] == [office.cast.places["county_b"].pk]
    one = found[0]
    assert one.code == "check.late_edit_ranked"
    assert one.severity == "error"
    assert (one.params["count"], one.params["old"], one.params["new"]) == (1, "9", "20")
    assert one.params["rank"] <= one.params["rank_before"]
    # The office looks at it first.
    assert (one.owner_id, one.with_unit) == (office.analyst.user_id, False)


def test_losing_by_a_late_change_is_no_finding(office: Office, ranked: Run) -> None:
    assert later(office, ranked, ("township_b", "cases", 1)) == []


def test_a_change_taken_back_is_none(office: Office, ranked: Run) -> None:
    assert later(office, ranked, ("township_b", "cases", 20), ("township_b", "cases", 9)) == []


def test_what_was_first_stated_late_is_no_change(office: Office, ranked: Run) -> None:
    assert later(office, ranked, ("county_b", "cases", 9)) == []


def test_a_catalogue_without_the_rule_does_not_ask(office: Office) -> None:
    run = services.prepare(office.analyst, office.new_run().pk)
    assert later(office, run, ("township_b", "cases", 20)) == []


def test_it_holds_the_run_back_like_any_error(office: Office, ranked: Run) -> None:
    later(office, ranked, ("township_b", "cases", 20))
    assert services.refusal_for(office.analyst, Run.objects.get(pk=ranked.pk), services.acts.RunAction.SUBMIT)


def test_a_place_with_too_many_changes_is_named_with_their_number(
    office: Office, ranked: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lateedits, "MOST", 1)
    found = later(office, ranked, ("township_b", "cases", 20), ("township_b", "done", 29))
    assert [(one.code, one.region_id) for one in found] == [
        ("check.late_edit_many", office.cast.places["county_b"].pk)
    ]
    assert (found[0].params["count"], found[0].severity) == (2, "error")


def test_too_many_batches_to_look_through_are_a_finding(
    office: Office, ranked: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "MOST_BATCHES", 1)
    (found,) = later(office, ranked, ("township_b", "cases", 20), ("township_b", "cases", 21))
    assert (found.code, found.params["count"]) == ("check.late_edit_batches", 2)
    for language in ("zh", "en"):
        assert "2" in Problem(found.code, {**found.params, "region": "x"}).text(language)


def test_what_an_upheld_appeal_corrected_is_nobodys_late_change(
    office: Office, ranked: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._owed, "decided", lambda batches: [max(batches)])
    assert later(office, ranked, ("township_b", "cases", 20)) == []
    # Not even where the place had changed the figure before; a change of its own after that counts.
    assert later(office, ranked, ("township_b", "cases", 8), ("township_b", "cases", 5)) == []
    monkeypatch.setitem(registry._owed, "decided", lambda batches: sorted(batches)[:-1])
    (found,) = later(office, ranked, ("township_b", "cases", 30))
    assert (found.params["old"], found.params["new"]) == ("5", "30")
