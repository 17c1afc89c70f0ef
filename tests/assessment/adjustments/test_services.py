"""From an entry or a fired veto to the published figures, through the services of both apps."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.assessment.adjustments import queries, services
from jingtu.assessment.adjustments.models import Entry, VetoCase
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.content import Note
from jingtu.assessment.bulletins.gathering import source_of
from jingtu.assessment.bulletins.queries import draft_for
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.services import approve_and_publish, prepare, send_back, submit_for_review
from jingtu.assessment.runs.snapshots import damage, open_run
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import Language
from tests.assessment.office import BONUS_AND_VETO, CATALOGUE, MONTH, Office, version_of

pytestmark = pytest.mark.django_db
EVIDENCE = [("表彰.csv", [b"a,b\n1,2\n"])]


@pytest.fixture
def office(db: None, own_store: object) -> Office:
    office = Office()
    version_of(CATALOGUE + BONUS_AND_VETO)
    return office


def entered(office: Office, count: str = "5", place: str = "county_b") -> Entry:
    region = office.cast.places[place]
    return services.enter(
        office.analyst, region, "card", "bonus", "CASES", MONTH, count, "获省级表彰", EVIDENCE
    )


def submitted(office: Office) -> Run:
    return submit_for_review(office.analyst, prepare(office.analyst, office.new_run().pk).pk)


def test_only_an_approved_entry_counts_and_it_is_explained(office: Office) -> None:
    entry = entered(office)
    before = prepare(office.analyst, office.new_run().pk)
    position = open_run(before).tree.position("310102")
    bonus = open_run(before).subject(position)["bonus"]
    services.approve(office.reviewer, entry.pk)
    after = prepare(office.analyst, before.pk)
    assert float(open_run(after).subject(position)["bonus"]) == float(bonus) + 0.5
    said = open_run(after).explain(position).root.plain()
    assert "获省级表彰" in str(said)
    assert not damage(after)


def test_the_same_is_not_stated_twice_until_the_first_is_turned_down(office: Office, client: Client) -> None:
    first = entered(office)
    with pytest.raises(Conflict) as twice:
        entered(office)
    assert twice.value.problem.params == {"number": first.pk}
    assert entered(office, count="4").pk
    services.approve(office.reviewer, first.pk)
    with pytest.raises(Conflict):
        entered(office)
    client.force_login(office.reviewer.user)
    again = client.post(reverse("adjustments:approve", args=[first.pk]), {"reason": ""})
    assert again.status_code == 409  # pressed twice: not a matter of posts
    services.withdraw(office.reviewer, first.pk, "重复申报，撤回")
    assert entered(office).pk


def test_an_entry_needs_evidence_a_line_of_the_card_and_a_second_person(office: Office) -> None:
    region = office.cast.places["county_a"]
    with pytest.raises(InvalidInput):
        services.enter(office.analyst, region, "card", "bonus", "CASES", MONTH, "1", "获省级表彰", [])
    with pytest.raises(InvalidInput):
        services.enter(office.analyst, region, "card", "bonus", "RATE", MONTH, "1", "获省级表彰", EVIDENCE)
    coming = Period.of(PeriodKind.MONTH, today()).next().key
    with pytest.raises(InvalidInput) as early:
        services.enter(office.analyst, region, "card", "bonus", "CASES", coming, "1", "获省级表彰", EVIDENCE)
    assert [one.code for one in early.value.problems] == ["adjustments.not_begun"]
    mine = services.enter(
        office.reviewer, region, "card", "bonus", "CASES", MONTH, "1", "获省级表彰", EVIDENCE
    )
    with pytest.raises(Conflict):
        services.approve(office.reviewer, mine.pk)
    with pytest.raises(PermissionDenied):
        services.approve(office.analyst, mine.pk)
    with pytest.raises(NotFound):
        services.refuse_entry(office.cast.actor("reviewer", "sibling"), mine.pk, "无权过问")


def test_a_veto_waits_for_a_decision_before_anything_is_published(office: Office) -> None:
    run = submitted(office)
    case = VetoCase.objects.get()
    assert (case.region.code, case.state) == ("310101", "proposed")
    assert Notice.objects.filter(code="adjustments.veto_proposed").exists()
    assert not open_run(run).subject(open_run(run).tree.position("310101"))["vetoes"]
    with pytest.raises(Conflict) as refusal:
        approve_and_publish(office.reviewer, run.pk)
    assert refusal.value.problem.code == "runs.vetoes_open"
    with pytest.raises(Conflict):
        services.decide_veto(office.reviewer, case.pk, "事实清楚", applies=True)
    services.reply(office.cast.actor("reporter", "own"), case.pk, "案件系外地流入")
    services.decide_veto(office.reviewer, case.pk, "答辩不影响认定", applies=True)
    with pytest.raises(Conflict) as refusal:
        approve_and_publish(office.reviewer, run.pk)
    assert refusal.value.problem.code == "runs.vetoes_decided_since"
    send_back(office.reviewer, run.pk, "重新计算")
    prepare(office.analyst, run.pk)
    submit_for_review(office.analyst, run.pk)
    done = approve_and_publish(office.reviewer, run.pk)
    subject = open_run(done).subject(open_run(done).tree.position("310101"))
    assert (subject["vetoes"], subject["total"]) == (["CASES"], "50.00")
    assert not damage(done)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_veto_that_is_not_applied_is_printed_in_the_notes_with_who_and_why(
    office: Office, language: Language
) -> None:
    run = prepare(office.analyst, office.new_run().pk)
    case = VetoCase.objects.get()
    services.reply(office.cast.actor("reporter", "own"), case.pk, "案件系外地流入")
    decider = office.reviewer
    services.decide_veto(decider, case.pk, "答辩成立，案件系外地流入", applies=False)
    submitted = submit_for_review(office.analyst, prepare(office.analyst, run.pk).pk)
    done = approve_and_publish(office.reviewer, submitted.pk)
    composed = compose(source_of(draft_for(office.analyst, done.pk)), language)
    notes = [block.text for block in composed.blocks if isinstance(block, Note)]
    told = [text for text in notes if "答辩成立，案件系外地流入" in text]
    assert len(told) == 1
    assert "甲县" in told[0]
    assert decider.user.full_name in told[0]
    assert ("案件过多" if language == "zh" else "Too many cases") in told[0]


def test_a_veto_that_is_applied_is_not_called_waived(office: Office) -> None:
    run = prepare(office.analyst, office.new_run().pk)
    case = VetoCase.objects.get()
    services.reply(office.cast.actor("reporter", "own"), case.pk, "案件系外地流入")
    services.decide_veto(office.reviewer, case.pk, "事实清楚，予以适用", applies=True)
    submitted = submit_for_review(office.analyst, prepare(office.analyst, run.pk).pk)
    done = approve_and_publish(office.reviewer, submitted.pk)
    assert not source_of(draft_for(office.analyst, done.pk)).waived


def test_a_veto_lapses_with_its_ground_and_is_proposed_again_for_another_value(office: Office) -> None:
    run = prepare(office.analyst, office.new_run().pk)
    case = VetoCase.objects.get()
    services.reply(office.cast.actor("reporter", "own"), case.pk, "案件系外地流入")
    services.decide_veto(office.reviewer, case.pk, "答辩成立", applies=False)
    prepare(office.analyst, run.pk)
    case.refresh_from_db()
    assert case.state == "not_applied"
    office.change("township_a", "cases", 6)
    prepare(office.analyst, run.pk)
    case.refresh_from_db()
    assert (case.state, case.value, case.decided_by) == ("proposed", "14", None)
    office.change("township_a", "cases", 1)
    prepare(office.analyst, run.pk)
    case.refresh_from_db()
    assert case.state == "lapsed"


def test_what_waits_for_whom(office: Office) -> None:
    entered(office)
    prepare(office.analyst, office.new_run().pk)
    assert queries.waiting(office.analyst)[:2] == (0, 0)
    assert queries.waiting(office.reviewer) == (1, 0, 0)
    assert queries.waiting(office.cast.actor("reporter", "own")) == (0, 0, 1)
    assert queries.waiting(office.cast.actor("reporter", "sibling")) == (0, 0, 0)


def test_lists_ask_the_same_number_of_questions_whatever_they_hold(
    office: Office, django_assert_max_num_queries: object
) -> None:
    for count in ("1", "2", "3"):
        entered(office, count)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert [entry.region.name for entry in queries.entries(office.analyst)]
