"""Two people sign at once: real threads, real transactions, on PostgreSQL (``make test-postgres``)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from jingtu.assessment.runs.models import Publication, Run
from jingtu.assessment.runs.services import approve_and_publish, publishing
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.rules import Role
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict
from tests.access.cast import SINCE
from tests.assessment.office import FIGURES, MONTH, Office

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time elsewhere"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def office(own_store: object) -> Office:
    return Office()


def second_reviewer(office: Office) -> UserActor:
    user = User.objects.create(username="reviewer-two", full_name="第二审批人", password="!")
    Post.objects.create(user=user, role=Role.REVIEWER, region=office.city, valid_from=SINCE)
    return UserActor(user)


def at_once(monkeypatch: pytest.MonkeyPatch, works: list[tuple[Actor, Run]]) -> list[Run | BaseException]:
    """Sign in threads of their own that all wait for each other right before the deciding transaction."""
    gate = threading.Barrier(len(works), timeout=20)
    checked = publishing.snapshots.require_intact

    def together(run: Run) -> None:
        checked(run)
        gate.wait()

    monkeypatch.setattr(publishing.snapshots, "require_intact", together)
    ended: list[Run | BaseException] = []

    def sign(actor: Actor, run: Run) -> None:
        try:
            ended.append(approve_and_publish(actor, run.pk))
        except BaseException as error:
            ended.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ended


def test_of_two_who_sign_the_same_run_one_wins_and_the_other_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.in_review()
    ended = at_once(monkeypatch, [(office.reviewer, run), (second_reviewer(office), run)])
    won = [one for one in ended if isinstance(one, Run)]
    lost = [one for one in ended if isinstance(one, Conflict)]
    assert (len(won), len(lost)) == (1, 1), ended
    assert lost[0].problem.code in {"runs.wrong_state", "runs.somebody_faster"}
    run.refresh_from_db()
    assert (run.state, run.approved_by_id) == ("published", won[0].approved_by_id)
    assert Publication.objects.count() == 1
    assert AuditEntry.objects.filter(action="runs.published").count() == 1


def test_two_different_runs_signed_at_once_are_both_published_under_numbers_of_their_own(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.report("2026-08", FIGURES)
    runs = [office.in_review(MONTH), office.in_review("2026-08")]
    ended = at_once(monkeypatch, [(office.reviewer, runs[0]), (second_reviewer(office), runs[1])])
    assert all(isinstance(one, Run) for one in ended), ended
    assert sorted(Publication.objects.values_list("number", flat=True)) == [1, 2]
