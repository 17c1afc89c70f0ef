"""The whole course through the services: who may, what is frozen, what the second of two is told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post
from jingtu.core.accounts.rules import Role
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.governance.accountability.listings.models import Listing
from jingtu.governance.accountability.listings.rules import ListingState
from jingtu.governance.accountability.listings.services import (
    accepting,
    deciding,
    hearing,
    proposing,
    rectifying,
)
from jingtu.governance.accountability.listings.services.common import Paper
from jingtu.governance.accountability.listings.services.proposing import Given, VenueData
from jingtu.governance.accountability.listings.terms import last_day
from tests.access.cast import SINCE

from .office import START, Office, fresh, on

pytestmark = pytest.mark.django_db


def test_a_listing_goes_its_whole_way_and_leaves_a_step_and_an_audit_entry_for_each_act() -> None:
    office = Office()
    listing = office.watched()
    assert (listing.state, listing.delisted_on) == (ListingState.WATCH, START)
    assert listing.watch_until == last_day(START, 12)
    with on(listing.watch_until + dt.timedelta(days=1)):
        closed = deciding.close(office.leader, listing.pk, "巩固期满，未反弹")
    assert closed.state == ListingState.CLOSED
    acts = list(closed.steps.values_list("act", flat=True))
    assert acts == [
        "propose", "serve", "reply", "hear", "list", "plan", "self_assess", "drawn_up", "signed", "signed",
        "inspect", "consult", "opinion", "opinion", "delist", "close",
    ]  # fmt: skip
    assert AuditEntry.objects.filter(target_type="listing", target_id=str(listing.pk)).count() == len(acts)


def test_the_values_at_entry_are_frozen_when_it_is_listed() -> None:
    office = Office()
    listing = office.proposed()
    with on(START):
        proposing.set_criteria(
            office.secretary, listing.pk, {"execution": Given(Decimal("83"), "县禁毒办报表")}
        )
        hearing.serve(office.secretary, listing.pk, "拟列入，请陈述申辩")
        hearing.reply(office.place, listing.pk, "情况属实，请求从轻")
        hearing.hear(office.secretary, listing.pk, "已听取，未提出新事实")
        deciding.decide_listing(office.leader, listing.pk, "同意挂牌", office.paper(), leader="县长")
        with pytest.raises(Conflict):
            proposing.set_criteria(office.secretary, listing.pk, {"execution": Given(Decimal("90"), "改")})
    row = listing.criteria.get(code="execution")
    assert (row.entry_value, row.required) == (Decimal("83"), ">= 95")


def test_a_value_without_its_source_is_refused() -> None:
    office = Office()
    listing = office.proposed()
    with pytest.raises(InvalidInput) as refused:
        proposing.set_criteria(office.secretary, listing.pk, {"execution": Given(Decimal("83"), " ")})
    assert refused.value.problems[0].column == "source_execution"


def test_only_somebody_strictly_above_the_place_prepares_and_decides() -> None:
    office = Office()
    with pytest.raises(PermissionDenied):
        proposing.propose(
            office.cast.actor("secretary", "own"),
            office.county.pk,
            office.version.pk,
            "listed",
            "use",
            "county",
            "本县自提",
        )
    listing = office.heard()
    with on(START), pytest.raises(PermissionDenied):
        deciding.decide_listing(
            office.cast.actor("leader", "own"), listing.pk, "同意挂牌", office.paper(), leader="县长"
        )
    with on(START), pytest.raises(NotFound):
        deciding.decide_listing(
            office.cast.actor("leader", "sibling"), listing.pk, "同意挂牌", office.paper(), leader="县长"
        )
    with on(START), pytest.raises(PermissionDenied):
        deciding.decide_listing(SYSTEM, listing.pk, "同意挂牌", office.paper(), leader="县长")
    assert fresh(listing).state == ListingState.HEARD


def test_a_decision_needs_a_document_of_today_or_before() -> None:
    office = Office()
    listing = office.heard()
    with on(START), pytest.raises(InvalidInput) as refused:
        deciding.decide_listing(
            office.leader, listing.pk, "同意挂牌", Paper("", START + dt.timedelta(days=1)), leader=""
        )
    assert {problem.column for problem in refused.value.problems} == {
        "document_number",
        "document_date",
        "leader",
    }


def test_whoever_had_a_hand_in_it_does_not_decide_also_with_the_power_to() -> None:
    office = Office()
    both = office.cast.user("analyst", "ancestor")
    for role in (Role.SECRETARY, Role.LEADER):
        Post.objects.create(user=both, role=role, region=office.cast.places["city"], valid_from=SINCE)
    listing = office.noticed()
    with on(START):
        hearing.reply(office.place, listing.pk, "情况属实，请求从轻")
        hearing.hear(UserActor(both), listing.pk, "已听取，未提出新事实")
        with pytest.raises(Conflict) as refused:
            deciding.decide_listing(UserActor(both), listing.pk, "同意挂牌", office.paper(), leader="县长")
        assert refused.value.problem.code == "listings.had_part"
        deciding.decide_listing(office.leader, listing.pk, "同意挂牌", office.paper(), leader="县长")


def test_the_second_of_two_who_decide_is_told_that_it_is_decided() -> None:
    office = Office()
    listing = office.heard()
    with on(START):
        deciding.decide_listing(office.leader, listing.pk, "同意挂牌", office.paper(), leader="县长")
        with pytest.raises(Conflict):
            deciding.decline(office.leader, listing.pk, "不予挂牌，情节轻微")
    assert fresh(listing).state == ListingState.LISTED


def test_before_the_notice_the_place_knows_of_nothing() -> None:
    office = Office()
    listing = office.proposed()
    with on(START), pytest.raises(NotFound):
        hearing.reply(office.place, listing.pk, "我们还不知道")
    with on(START):
        hearing.serve(office.secretary, listing.pk, "拟列入，请陈述申辩")
        hearing.reply(office.place, listing.pk, "现在知道了")
    assert Notice.objects.filter(
        code="listings.noticed", recipient=office.cast.user("reporter", "own")
    ).exists()


def test_whoever_signed_the_acceptance_does_not_decide_on_the_delisting() -> None:
    office = Office()
    listing = office.self_assessed()
    with on(START):
        accepting.draw_up(
            office.secretary, listing.pk, START, "实地检查",
            {code: Decimal(score) for code, score in {"leadership": 15, "plan": 20, "criteria": 35, "control": 15, "public": 10, "records": 5}.items()},
            [office.cast.user("leader", "ancestor").pk, office.cast.user("reviewer", "ancestor").pk],
        )  # fmt: skip
        accepting.sign(office.leader, listing.pk)
        accepting.sign(office.cast.actor("reviewer", "ancestor"), listing.pk)
        accepting.ask_opinions(office.secretary, listing.pk, ["市公安局"], "请提意见")
        accepting.enter_opinion(office.secretary, listing.pk, listing.opinions.get().pk, True, "同意摘牌")
        with pytest.raises(Conflict) as refused:
            deciding.delist(office.leader, listing.pk, "同意摘牌", office.paper())
    assert refused.value.problem.code == "listings.had_part"


def test_a_failed_acceptance_does_not_delist_but_may_be_extended_up_to_the_cap() -> None:
    office = Office()
    low = {"leadership": 5, "plan": 5, "criteria": 5, "control": 5, "public": 5, "records": 5}
    listing = office.consulted(low)
    with on(START):
        with pytest.raises(Conflict) as refused:
            deciding.delist(office.leader, listing.pk, "同意摘牌", office.paper())
        assert refused.value.problem.code == "listings.not_accepted"
        deciding.extend(office.leader, listing.pk, 6, "指标未达标，延期半年", office.paper())
        deciding.extend(office.leader, listing.pk, 6, "仍未达标，再延半年", office.paper())
        with pytest.raises(InvalidInput):
            deciding.extend(office.leader, listing.pk, 1, "还要延期一个月", office.paper())
    extended = fresh(listing)
    assert (extended.state, extended.due_on) == (ListingState.RECTIFYING, last_day(START, 24))
    assert not extended.acceptances.filter(dropped_at__isnull=True).exists()


def test_an_acceptance_counts_only_when_the_whole_team_has_signed() -> None:
    office = Office()
    listing = office.drawn_up()
    with on(START):
        accepting.sign(office.cast.actor("analyst", "ancestor"), listing.pk)
        with pytest.raises(Conflict):
            accepting.sign(office.cast.actor("analyst", "ancestor"), listing.pk)
        assert fresh(listing).state == ListingState.SELF_ASSESSED
        with pytest.raises(Conflict):
            accepting.ask_opinions(office.secretary, listing.pk, ["市公安局"], "请提意见")
        accepting.sign(office.cast.actor("reviewer", "ancestor"), listing.pk)
    assert fresh(listing).state == ListingState.INSPECTED


def test_the_team_is_taken_from_those_above() -> None:
    office = Office()
    listing = office.self_assessed()
    with on(START), pytest.raises(InvalidInput) as refused:
        accepting.draw_up(
            office.secretary, listing.pk, START, "实地检查", {},
            [office.cast.user("reporter", "own").pk, office.cast.user("reviewer", "ancestor").pk],
        )  # fmt: skip
    assert "team" in {problem.column for problem in refused.value.problems}


def test_a_relapse_lists_anew_with_its_own_notice_and_ends_the_former() -> None:
    office = Office()
    former = office.watched()
    again = office.listed(former_id=former.pk)
    assert (again.former_id, again.following) == (former.pk, "relapse")
    assert fresh(former).state == ListingState.RELAPSED


def test_raising_needs_a_heavier_class_and_a_running_term() -> None:
    office = Office()
    former = office.rectifying(class_code="warned")
    with on(START), pytest.raises(InvalidInput):
        proposing.propose(
            office.secretary,
            office.county.pk,
            office.version.pk,
            "reminded",
            "use",
            "city",
            "降级不是提级",
            former_id=former.pk,
        )
    heavier = office.listed(class_code="focused", former_id=former.pk)
    assert heavier.following == "raise"
    assert fresh(former).state == ListingState.RAISED


def test_the_same_listing_is_not_proposed_twice_while_one_stands() -> None:
    office = Office()
    office.proposed()
    with pytest.raises(Conflict):
        office.proposed()


def test_a_month_is_reported_once_and_not_before_the_listing() -> None:
    office = Office()
    listing = office.rectifying()
    with on(START + dt.timedelta(days=40)):
        made = rectifying.report_progress(
            office.place,
            listing.pk,
            dt.date(2026, 4, 1),
            "新增帮扶岗位二十个",
            {"execution": Given(Decimal(88), "县报表")},
        )
        assert made.values.get().value == 88
        with pytest.raises(Conflict):
            rectifying.report_progress(office.place, listing.pk, dt.date(2026, 4, 9), "又报一次")
        with pytest.raises(InvalidInput):
            rectifying.report_progress(office.place, listing.pk, dt.date(2026, 2, 1), "挂牌之前")


def test_a_venue_is_listed_with_its_name_and_kind() -> None:
    office = Office()
    listing = office.proposed(venue=VenueData("星光歌舞厅", "歌舞娱乐场所", "一镇中街1号"))
    assert listing.subject == "甲县 · 星光歌舞厅"
    with pytest.raises(InvalidInput):
        office.proposed(venue=VenueData("", ""))


def test_no_listing_is_written_as_listed_without_a_decider(django_db_blocker: object) -> None:
    from django.db import IntegrityError, transaction

    office = Office()
    listing = office.proposed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Listing.objects.filter(pk=listing.pk).update(state="listed")
