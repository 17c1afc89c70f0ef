"""Due process: what was told is decided about, days keep their order, the place is heard also on paper, nobody judges
the own work, and what nothing came of is named to nobody."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts.models import Post
from jingtu.core.accounts.rules import Role
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.governance.accountability.listings.models import Listing
from jingtu.governance.accountability.listings.queries import ListingFilter, get_listing, listings
from jingtu.governance.accountability.listings.queries.boards import waiting
from jingtu.governance.accountability.listings.queries.page import listing_page, outstanding
from jingtu.governance.accountability.listings.services import (
    accepting,
    deciding,
    hearing,
    proposing,
    rectifying,
    reviewing,
)
from jingtu.governance.accountability.listings.services.common import Paper, Received
from jingtu.governance.accountability.listings.services.proposing import Given, VenueData
from jingtu.governance.accountability.listings.services.rectifying import PlanTask
from jingtu.governance.duties.plans.models import Plan
from jingtu.governance.duties.plans.words import KINDS
from tests.access.cast import SINCE

from .office import DESPITE, SCORES, START, Office, fresh, on

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
PDF = ("书面意见.pdf", [b"%PDF-1.4\n%%EOF\n"])


def code_of(refused: pytest.ExceptionInfo[Conflict]) -> str:
    return refused.value.problem.code


def columns_of(refused: pytest.ExceptionInfo[InvalidInput]) -> set[str | None]:
    return {problem.column for problem in refused.value.problems}


# -- what was told is what is decided about


def test_class_and_values_change_only_before_the_notice_or_with_a_new_one() -> None:
    office = Office()
    listing = office.heard()
    given = {"execution": Given(Decimal(83), "县报表")}
    with on(START):
        for again in (
            lambda: proposing.set_criteria(office.secretary, listing.pk, given),
            lambda: proposing.classify(
                office.secretary, listing.pk, "warned", "outflow", "city", "改为通报警示"
            ),
        ):
            with pytest.raises(Conflict) as refused:
                again()
            assert code_of(refused) == "listings.told_already"
        hearing.recall(office.secretary, listing.pk, "指标值登记有误")
        recalled = fresh(listing)
        assert (recalled.state, recalled.reply, recalled.hearing, recalled.hear_until) == (
            "proposed",
            "",
            "",
            None,
        )
        proposing.set_criteria(office.secretary, listing.pk, given)
        changed = proposing.classify(
            office.secretary, listing.pk, "warned", "outflow", "city", "改为通报警示"
        )
        with pytest.raises(Conflict):
            deciding.decide_listing(office.leader, listing.pk, "同意挂牌", office.paper(), leader="县长")
        hearing.serve(office.secretary, listing.pk, "重新告知，请陈述申辩")
    assert (changed.class_code, changed.problem, changed.class_rank) == ("warned", "outflow", 2)
    assert changed.criteria.get(code="execution").entry_value == 83
    assert changed.criteria.filter(code="outflow").exists()
    step = changed.steps.get(act="classify")
    assert (step.note["zh"], step.note["problem"]) == ("挂牌整治", "use")
    assert get_listing(office.place, listing.pk).state == "noticed"


def test_a_choice_that_changes_nothing_or_is_none_is_refused() -> None:
    office = Office()
    listing = office.proposed()
    with on(START):
        with pytest.raises(InvalidInput) as same:
            proposing.classify(office.secretary, listing.pk, "listed", "use", "city", "没有变化")
        with pytest.raises(InvalidInput) as none:
            proposing.classify(office.secretary, listing.pk, "heaviest", "drugs", "world", "没有这些")
    assert columns_of(same) == {"class_code"}
    assert columns_of(none) == {"class_code", "problem", "level"}


# -- days in their order


def test_no_document_is_dated_before_what_it_decides_on() -> None:
    office = Office()
    listing = office.heard()
    with on(START), pytest.raises(InvalidInput) as refused:
        deciding.decide_listing(
            office.leader, listing.pk, "同意挂牌", Paper("示〔2026〕1号", START - DAY), leader="县长"
        )
    assert columns_of(refused) == {"document_date"}
    assert refused.value.problems[0].params == {"earliest": START.isoformat()}


def test_a_hearing_held_earlier_than_it_was_entered_lets_the_decision_be_of_that_day() -> None:
    office = Office()
    listing = office.noticed()
    with on(START + 3 * DAY):
        hearing.reply(office.place, listing.pk, "情况属实，请求从轻")
        with pytest.raises(InvalidInput):
            hearing.hear(office.secretary, listing.pk, "已经当面听取", held_on=START - DAY)
        hearing.hear(office.secretary, listing.pk, "已经当面听取", held_on=START + DAY)
        made = deciding.decide_listing(
            office.leader, listing.pk, "同意挂牌", Paper("示〔2026〕1号", START + 2 * DAY), leader="县长"
        )
    assert made.state == "listed"


def test_the_acceptance_lies_neither_before_the_self_assessment_nor_ahead() -> None:
    office = Office()
    listing = office.self_assessed()
    team = [office.cast.user("analyst", "ancestor").pk, office.cast.user("reviewer", "ancestor").pk]
    scores = {code: Decimal(score) for code, score in SCORES.items()}
    with on(START + DAY):
        for day in (START - DAY, START + 2 * DAY):
            with pytest.raises(InvalidInput) as refused:
                accepting.draw_up(office.secretary, listing.pk, day, "实地检查", scores, team)
            assert columns_of(refused) == {"held_on"}
        assert accepting.draw_up(office.secretary, listing.pk, START, "实地检查", scores, team).passed


def test_no_step_lies_before_an_earlier_one_also_with_a_clock_set_back() -> None:
    office = Office()
    listing = office.heard()
    with on(START - DAY), pytest.raises(Conflict) as refused:
        deciding.decline(office.leader, listing.pk, "不予挂牌，情节轻微")
    assert code_of(refused) == "listings.clock_back"
    with pytest.raises(IntegrityError), transaction.atomic():
        Listing.objects.filter(pk=listing.pk).update(hear_until=START - DAY)


def test_the_days_on_which_the_clock_stands_still_are_not_counted() -> None:
    office = Office()
    listing = office.noticed()
    before = listing.hear_until
    assert before is not None
    with on(START + DAY):
        assert hearing.suspend(office.secretary, listing.pk, "应急响应期间中止").hear_until is None
        with pytest.raises(Conflict):
            hearing.suspend(office.secretary, listing.pk, "再次中止")
    with on(START + 7 * DAY), pytest.raises(Conflict) as still:
        hearing.hear(office.secretary, listing.pk, "期满未陈述")
    assert code_of(still) == "listings.suspended"
    with on(START + 8 * DAY):
        resumed = hearing.resume(office.secretary, listing.pk, "应急响应结束")
    assert resumed.hear_until == before + 7 * DAY


# -- heard on paper


def test_what_a_place_without_an_account_says_comes_in_on_paper_with_scan_day_and_receiver() -> None:
    office = Office()
    listing = office.noticed(venue=VenueData("星光歌舞厅", "歌舞娱乐场所"))
    receiver = office.cast.user("secretary", "ancestor")
    with on(START + 2 * DAY):
        with pytest.raises(InvalidInput) as bare:
            hearing.reply(office.secretary, listing.pk, "请求从轻", received=Received(START + DAY))
        with pytest.raises(InvalidInput) as early:
            hearing.reply(
                office.secretary, listing.pk, "请求从轻", received=Received(START - DAY), files=[PDF]
            )
        with pytest.raises(InvalidInput) as stranger:
            hearing.reply(
                office.secretary,
                listing.pk,
                "请求从轻",
                received=Received(START, office.cast.user("reporter", "sibling").pk),
                files=[PDF],
            )
        made = hearing.reply(
            office.secretary,
            listing.pk,
            "请求从轻",
            received=Received(START + DAY, receiver.pk),
            paper=Paper("星光〔2026〕1号", START + DAY),
            files=[PDF],
        )
        page = listing_page(office.secretary, listing.pk)
    assert [columns_of(one) for one in (bare, early, stranger)] == [
        {"evidence"},
        {"received_on"},
        {"receiver"},
    ]
    assert (made.reply, made.replied_by) == ("请求从轻", receiver)
    step, files = page.steps[-1]
    assert step.note == {
        "code": "on_paper",
        "received": (START + DAY).isoformat(),
        "receiver": receiver.pk,
    }
    assert (step.document_number, len(files)) == ("星光〔2026〕1号", 1)
    assert page.receivers == {receiver.pk: receiver.full_name}


def test_the_office_does_not_speak_for_a_place_that_can_itself() -> None:
    office = Office()
    listing = office.noticed()
    with on(START), pytest.raises(PermissionDenied):
        hearing.reply(office.secretary, listing.pk, "请求从轻", received=Received(START), files=[PDF])


def test_the_form_for_paper_takes_the_scan() -> None:
    office = Office()
    listing = office.noticed(venue=VenueData("星光歌舞厅", "歌舞娱乐场所"))
    client = Client()
    client.force_login(office.cast.user("secretary", "ancestor"))
    address = reverse("listings:act", args=[listing.pk, "reply"])
    with on(START):
        assert {"received_on", "receiver"} <= set(client.get(address).context["form"].fields)
        sent = {
            "text": "请求从轻",
            "received_on": START.isoformat(),
            "receiver": office.cast.user("secretary", "ancestor").pk,
            "evidence": SimpleUploadedFile("陈述.pdf", b"%PDF-1.4\n%%EOF\n"),
        }
        assert client.post(address, sent).status_code == 302
    assert fresh(listing).reply == "请求从轻"


# -- nobody judges the own work


def test_who_holds_a_post_in_the_place_or_leads_it_is_not_of_the_team() -> None:
    office = Office()
    listing = office.self_assessed()
    analyst, reviewer = (office.cast.user(role, "ancestor") for role in ("analyst", "reviewer"))
    scores = {code: Decimal(score) for code, score in SCORES.items()}
    Post.objects.create(user=analyst, role=Role.REPORTER, region=office.county, valid_from=SINCE)
    Listing.objects.filter(pk=listing.pk).update(leader=f"副市长 {reviewer.full_name}")
    with on(START):
        assert not {analyst, reviewer} & set(accepting.eligible(fresh(listing)))
        with pytest.raises(InvalidInput) as refused:
            accepting.draw_up(
                office.secretary,
                listing.pk,
                START,
                "实地检查",
                scores,
                [analyst.pk, reviewer.pk, office.cast.user("leader", "ancestor").pk],
            )
    (problem,) = refused.value.problems
    assert problem.code == "listings.team_own"
    assert analyst.full_name in problem.params["names"]
    assert reviewer.full_name in problem.params["names"]


def test_an_objection_is_reviewed_by_another_leader_and_may_end_in_revocation() -> None:
    office = Office()
    listing = office.listed()
    second = office.cast.user("analyst", "ancestor")
    Post.objects.create(user=second, role=Role.LEADER, region=office.cast.places["city"], valid_from=SINCE)
    other = office.cast.actor("analyst", "ancestor")
    with on(START):
        reviewing.deliver(office.secretary, listing.pk, "直接送达")
        with pytest.raises(Conflict):
            reviewing.review(other, listing.pk, "没有异议可复核", office.paper("示〔2026〕2号"))
    with on(START + 3 * DAY):
        office.day = START + 3 * DAY
        reviewing.object_to(office.place, listing.pk, "统计口径有误，请复核")
        for act in (reviewing.review, reviewing.revoke):
            with pytest.raises(Conflict) as own:
                act(office.leader, listing.pk, "维持原决定", office.paper("示〔2026〕2号"))
            assert code_of(own) == "listings.reviews_own"
        reviewing.review(other, listing.pk, "口径无误，维持原决定", office.paper("示〔2026〕2号"))
        reviewing.object_to(office.place, listing.pk, "补充材料，再次请求复核")
        revoked = reviewing.revoke(other, listing.pk, "补充材料属实，予以撤销", office.paper("示〔2026〕3号"))
    assert (revoked.state, revoked.ended_on) == ("revoked", office.day)
    with on(office.day), pytest.raises(Conflict):
        rectifying.begin(office.place, listing.pk, "已经撤销")


def test_an_objection_is_still_reviewed_after_the_delisting() -> None:
    office = Office()
    listing = office.consulted()
    Post.objects.create(
        user=office.cast.user("viewer", "ancestor"),
        role=Role.LEADER,
        region=office.cast.places["city"],
        valid_from=SINCE,
    )
    other = office.cast.actor("viewer", "ancestor")
    with on(office.day):
        reviewing.object_to(office.place, listing.pk, "统计口径有误，请复核")
        deciding.delist(
            office.leader, listing.pk, "验收合格，予以摘牌", office.paper("示〔2026〕2号"), despite=DESPITE
        )
        assert waiting(other).to_review == 1
        reviewing.review(other, listing.pk, "口径无误，维持原决定", office.paper("示〔2026〕3号"))
        assert waiting(other).to_review == 0
    assert fresh(listing).state == "watch"


def test_the_time_to_object_runs_from_the_service() -> None:
    office = Office()
    listing = office.listed()
    with on(START):
        reviewing.deliver(office.secretary, listing.pk, "直接送达")
        until = listing_page(office.secretary, listing.pk).object_until
    assert until is not None
    with on(until + DAY), pytest.raises(Conflict) as over:
        reviewing.object_to(office.place, listing.pk, "期满之后")
    assert code_of(over) == "listings.objection_over"


# -- delisting despite


def test_delisting_with_something_missing_needs_its_reason_and_says_so() -> None:
    office = Office()
    listing = office.listed()
    with on(START):
        rectifying.begin(
            office.cast.actor("secretary", "own"),
            listing.pk,
            "整治方案已审定",
            [PlanTask("走访在册人员", START + 60 * DAY)],
        )
        plan = Plan.objects.get(origin=f"listing:{listing.pk}")
        assert plan.title == f"{listing.subject}挂牌整治方案"
        assert KINDS[plan.kind] == "整治方案"
        rectifying.self_assess(office.place, listing.pk, "申请验收")
        accepting.draw_up(
            office.secretary,
            listing.pk,
            START,
            "实地检查",
            {code: Decimal(score) for code, score in SCORES.items()},
            [office.cast.user("analyst", "ancestor").pk, office.cast.user("reviewer", "ancestor").pk],
        )
        accepting.sign(office.cast.actor("analyst", "ancestor"), listing.pk)
        accepting.sign(office.cast.actor("reviewer", "ancestor"), listing.pk)
        accepting.ask_opinions(office.secretary, listing.pk, ["市公安局"], "请提意见")
        accepting.enter_opinion(office.secretary, listing.pk, listing.opinions.get().pk, True, "同意摘牌")
        left = outstanding(office.leader, fresh(listing))
        assert [task.title for task in left.tasks] == ["走访在册人员"]
        assert {row.row.code for row in left.criteria} == {"execution", "report_in", "jobs"}
        client = Client()
        client.force_login(office.cast.user("leader", "ancestor"))
        page = client.get(reverse("listings:act", args=[listing.pk, "delist"])).content.decode()
        assert "走访在册人员" in page
        assert "仍然摘牌的理由" in page
        with pytest.raises(InvalidInput) as refused:
            deciding.delist(office.leader, listing.pk, "同意摘牌", office.paper())
        made = deciding.delist(office.leader, listing.pk, "同意摘牌", office.paper(), despite=DESPITE)
    assert columns_of(refused) == {"despite"}
    assert refused.value.problems[0].params == {"criteria": 3, "tasks": 1}
    step = made.steps.get(act="delist")
    assert step.note == {"code": "despite", "criteria": 3, "tasks": 1}
    assert DESPITE in step.text


# -- what nothing came of


def test_a_venue_that_was_not_listed_leaves_the_lists_of_those_who_need_not_know() -> None:
    office = Office()
    listing = office.noticed(venue=VenueData("星光歌舞厅", "歌舞娱乐场所"))
    reader, place = office.cast.actor("analyst", "ancestor"), office.place
    everybody = (reader, place, office.secretary, office.leader)

    def found(actor: object) -> bool:
        return listings(actor, ListingFilter(text="星光")).exists()  # type: ignore[arg-type]

    assert all(found(actor) for actor in everybody)
    with on(START):
        deciding.decline(office.leader, listing.pk, "举报不实，不予挂牌")
    assert [found(actor) for actor in everybody] == [False, True, True, True]
    with pytest.raises(NotFound):
        get_listing(reader, listing.pk)
