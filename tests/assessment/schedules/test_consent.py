"""A schedule acts in nobody's name without their consent, and whoever set it up does not sign what it prepares."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.schedules import consent, services
from jingtu.assessment.schedules.commands import app
from jingtu.assessment.schedules.models import Occurrence, Schedule
from jingtu.assessment.schedules.queries import waiting_schedules
from jingtu.assessment.schedules.services import planning, rounds
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.rules import Role
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict
from jingtu.core.notifications.models import Notice
from tests.access.cast import SINCE
from tests.assessment.office import MONTH, Office
from tests.assessment.schedules.test_schedules import OCTOBER_5, make, plan, states, tick


@pytest.fixture
def colleague(office: Office) -> UserActor:
    """A second analyst of the city."""
    user = User.objects.create(username="analyst-two", full_name="第二编制人", password="!")
    Post.objects.create(user=user, role=Role.ANALYST, region=office.city, valid_from=SINCE)
    return UserActor(user)


@pytest.fixture
def asked(office: Office, colleague: UserActor) -> Schedule:
    return make(office, on_behalf=colleague.user_id)


def test_nothing_is_prepared_in_a_name_whose_bearer_has_not_agreed(
    office: Office, colleague: UserActor, asked: Schedule
) -> None:
    assert (asked.consent, tick(OCTOBER_5), states()) == ("asked", 0, [])
    assert Notice.objects.get(code="schedules.named").recipient_id == colleague.user_id
    with frozen(OCTOBER_5), pytest.raises(Conflict) as refused:
        services.run_now(office.analyst, asked.pk)
    assert "等待第二编制人本人同意" in refused.value.problem.text("zh")
    assert "Waits for 第二编制人 to agree" in refused.value.problem.text("en")
    assert not Run.objects.exists()
    consent.agree(colleague, asked.pk)
    assert tick(OCTOBER_5 + dt.timedelta(hours=2)) == 1
    assert states() == [(MONTH, "produced")]
    assert Run.objects.get().prepared_by_id == colleague.user_id


def test_who_names_themselves_agrees_by_that(office: Office) -> None:
    assert make(office).consent == "given"


def test_every_change_by_somebody_else_asks_anew_and_an_answer_may_be_taken_back(
    office: Office, colleague: UserActor, asked: Schedule
) -> None:
    consent.agree(colleague, asked.pk)
    same = services.save(office.analyst, plan(office, on_behalf=colleague.user_id), asked.pk)
    assert same.consent == "given"
    changed = services.save(office.analyst, plan(office, on_behalf=colleague.user_id, bulletin=""), asked.pk)
    assert changed.consent == "asked"
    consent.agree(colleague, asked.pk)
    declined = consent.decline(colleague, asked.pk, "本月休假")
    assert (declined.consent, tick(OCTOBER_5), Occurrence.objects.count()) == ("declined", 0, 0)
    told = Notice.objects.get(code="schedules.declined")
    assert told.recipient_id == office.analyst.user_id
    assert "本月休假" in told.body


def test_pressing_save_does_not_write_over_an_answer_given_at_the_same_moment(
    office: Office, colleague: UserActor, asked: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent.agree(colleague, asked.pk)
    read = planning.managed

    def read_just_before(*args: Any, **how: Any) -> Schedule:
        found = read(*args, **how)
        consent.decline(colleague, asked.pk, "本月休假")
        return found

    monkeypatch.setattr(planning, "managed", read_just_before)
    services.save(office.analyst, plan(office, on_behalf=colleague.user_id), asked.pk)
    asked.refresh_from_db()
    assert (asked.consent, asked.answer) == ("declined", "本月休假")


def test_a_refusal_counts_for_a_round_that_has_begun(
    office: Office, colleague: UserActor, asked: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent.agree(colleague, asked.pk)
    note = rounds._note_due

    def refused_meanwhile(schedule: Schedule, **how: Any) -> None:
        note(schedule, **how)
        consent.decline(colleague, asked.pk, "本月休假")

    monkeypatch.setattr(rounds, "_note_due", refused_meanwhile)
    assert tick(OCTOBER_5) == 0
    assert not Run.objects.exists()


def test_whoever_was_replaced_after_a_round_began_is_named_no_more(
    office: Office, colleague: UserActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = make(office)
    note = rounds._note_due

    def replaced_meanwhile(one: Schedule, **how: Any) -> None:
        note(one, **how)
        services.save(colleague, plan(office, on_behalf=colleague.user_id), schedule.pk)

    monkeypatch.setattr(rounds, "_note_due", replaced_meanwhile)
    assert tick(OCTOBER_5) == 1
    run = Run.objects.get()
    assert run.prepared_by_id == colleague.user_id
    assert set(run.hands) == {office.analyst.user_id, colleague.user_id}


def test_only_the_person_named_answers(office: Office, asked: Schedule) -> None:
    with pytest.raises(Conflict, match="only they can answer"):
        consent.agree(office.analyst, asked.pk)
    asked.refresh_from_db()
    assert asked.consent == "asked"


def test_whoever_set_it_up_does_not_sign_what_it_prepared_in_anothers_name(
    office: Office, colleague: UserActor, asked: Schedule
) -> None:
    """One person with two posts: they may make schedules and they may approve."""
    Post.objects.create(user=office.analyst.user, role=Role.REVIEWER, region=office.city, valid_from=SINCE)
    consent.agree(colleague, asked.pk)
    tick(OCTOBER_5)
    run = Run.objects.get()
    for finding in run.findings.filter(severity="error"):
        runs.answer_finding(colleague, finding.pk, "已与当地核实")
    runs.submit_for_review(colleague, run.pk)
    both = UserActor(User.objects.get(pk=office.analyst.user_id))
    with pytest.raises(Conflict):
        runs.approve_and_publish(both, run.pk)
    assert runs.approve_and_publish(office.reviewer, run.pk).state == "published"


def test_the_person_named_finds_it_today_and_answers_on_its_page(
    office: Office, colleague: UserActor, asked: Schedule
) -> None:
    address = reverse("schedules:detail", args=[asked.pk])
    assert [duty.url for duty in waiting_schedules(colleague)] == [address]
    own, other = Client(), Client()
    own.force_login(colleague.user)
    other.force_login(office.analyst.user)
    page = own.get(address).content.decode()
    assert "等待第二编制人本人同意" in page
    assert 'name="agree"' in page
    assert 'name="agree"' not in other.get(address).content.decode()
    answer = reverse("schedules:answer", args=[asked.pk])
    refused = other.post(answer, {"agree": "1"})
    assert refused.status_code == 409
    assert "只有其本人可以答复" in refused.content.decode()
    assert "已同意" in own.post(answer, {"agree": "1"}, follow=True).content.decode()
    assert "已答复不同意" in own.post(answer, {"agree": "0"}, follow=True).content.decode()
    assert "没有同意以其名义执行" in other.get(address).content.decode()


def test_the_command_line_answers_too(office: Office, colleague: UserActor, asked: Schedule) -> None:
    line = [str(asked.pk), "--json", "--as"]
    refused = CliRunner().invoke(app, ["agree", *line, office.analyst.user.username])
    assert refused.exit_code != 0
    agreed = CliRunner().invoke(app, ["agree", *line, "analyst-two"])
    assert json.loads(agreed.output)["consent"] == "given"
    declined = CliRunner().invoke(app, ["decline", *line, "analyst-two", "--reason", "休假"])
    assert json.loads(declined.output)["consent"] == "declined"
