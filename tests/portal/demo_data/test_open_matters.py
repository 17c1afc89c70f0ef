"""What the demonstration leaves open for its users to find, and that a second time adds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from jingtu.assessment.adjustments.models import VetoCase
from jingtu.assessment.reporting.clashes import clashes_of
from jingtu.assessment.reporting.models import Report
from jingtu.assessment.runs import snapshots
from jingtu.assessment.runs.services import prepare
from jingtu.assessment.schedules.models import Occurrence, Schedule
from jingtu.assessment.schedules.queries import waiting_schedules
from jingtu.assessment.simulations.retrospecting import of_job
from jingtu.assessment.targets.models import Target, Trajectory
from jingtu.assessment.targets.services import begin_import
from jingtu.core.accounts.models import User
from jingtu.core.facts import store
from jingtu.core.facts.queries import elements
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import outcome_of
from jingtu.core.kernel.actor import SYSTEM, actor_named
from jingtu.portal.demo import goals, looking_back, planning, steps
from jingtu.portal.demo.reporting import CLASH, MONTHLY, load_forms
from jingtu.portal.demo_data import city
from jingtu.portal.demo_data.reports import OPEN_MONTH
from tests.assessment.conftest import own_store  # noqa: F401  (a fixture)
from tests.assessment.office import BONUS_AND_VETO, CATALOGUE, MONTH, Office, version_of


def nothing(done: int, total: int) -> None:
    """No progress to show."""


@pytest.fixture
def forms(db: None, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The city with its people and its forms; posts of the nation are left out with its tree."""
    settings.STORE = tmp_path
    store.clear_cache()
    snapshots.forget()
    here = [
        replace(person, posts=tuple(post for post in person.posts if post[1:2] != ("china",)))
        for person in steps.PEOPLE
    ]
    monkeypatch.setattr(steps, "PEOPLE", here)
    steps.load_city(nothing)
    steps.load_people(nothing)
    steps.load_catalogue()
    load_forms()
    yield
    store.clear_cache()


def test_a_report_clashes_with_a_newer_fact_and_two_schedules_wait(forms: None) -> None:
    waiting = Report.objects.filter(form__code=MONTHLY, period=OPEN_MONTH, state="submitted")
    [(pk, [clash])] = clashes_of(list(waiting.select_related("form")), elements(SYSTEM)).items()
    place, key = CLASH
    assert (Report.objects.get(pk=pk).region.code, clash.key) == (place, key)
    assert clash.value == (clash.cell.value or 0) - 4

    planning.set_out()
    asked = Schedule.objects.get(name=planning.ASKED)
    assert (asked.consent, asked.on_behalf.username, asked.enabled) == ("asked", "analyst", True)
    assert asked.name in [duty.detail.rpartition(" · ")[2] for duty in duties()]
    one = Occurrence.objects.get(schedule__name=planning.WAITING)
    assert (one.period, one.state, one.note[0]) == (OPEN_MONTH, "waiting", "schedules.waiting_reports")
    planning.set_out()
    assert Schedule.objects.count() == 2


def duties() -> list:
    return waiting_schedules(actor_named("analyst"))


@pytest.fixture
def office(db: None, own_store: object) -> Office:  # noqa: F811
    office = Office()
    for role in ("analyst", "reviewer"):
        User.objects.filter(pk=office.cast.user(role, "ancestor").pk).update(username=role)
    return office


def test_one_reply_convinces_and_the_decision_says_why(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_of(CATALOGUE + BONUS_AND_VETO)
    run = prepare(office.analyst, office.new_run().pk)
    case = VetoCase.objects.get()
    convinced = {("card", MONTH, case.region.code): ("附协查函", "系外地流入")}
    monkeypatch.setattr(steps, "NOT_APPLIED", convinced)
    steps.settle_vetoes(run)
    case.refresh_from_db()
    assert (case.state, case.decision) == ("not_applied", "系外地流入")
    assert case.reply.endswith("附协查函")


def test_the_case_that_is_not_applied_is_among_the_figures() -> None:
    [(_card, month, place)] = steps.NOT_APPLIED
    rows = [row for report in city.generate() if report.month == month for row in report.rows]
    assert any(row.region == place and row.element == "user_incidents" and row.value != "0" for row in rows)


def test_a_look_back_has_ended_and_its_job_leads_to_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.published()
    monkeypatch.setattr(steps, "main_run", lambda: run)
    monkeypatch.setattr(looking_back, "CARD", "card")
    monkeypatch.setattr(looking_back, "MOVED", {"RATE": 20, "CASES": -20})
    looking_back.set_out()
    looking_back.set_out()
    job = Job.objects.get()
    assert job.state == "done"
    looked = of_job(actor_named("analyst"), run.pk, job.pk)
    assert looked is not None
    assert looked.found.periods == [MONTH]
    assert outcome_of(job) == ("查看结果", f"/runs/{run.pk}/retrospect/?job={job.pk}")


def test_a_file_kept_without_what_it_states_is_no_reason_to_leave_that_out(
    office: Office, tmp_path: Path
) -> None:
    """The demonstration was broken off in between, or somebody sent a file of that name."""
    head = "指标,地区,下级级别,适用对象,期间,适用方式,目标,说明\n"
    aims = f"{head}RATE,310100,county,level,2027,each,>= 95,演示再提高\n"
    ways = "指标,地区,名称,基期,基期值,里程碑,说明\nRATE,310101,追赶,2025,80,2026 85,演示按文件\n"
    analyst, tree = actor_named("analyst"), office.cast.tree
    for name in ("targets-next-year.csv", "trajectories-demo.csv"):
        begin_import(analyst, tree, [aims.encode()], name)
    for _ in range(2):
        goals._propose(tree.slug, aims, tmp_path)
        goals._load_ways(tree.slug, ways)
        assert (Target.objects.count(), Trajectory.objects.count()) == (1, 1)
