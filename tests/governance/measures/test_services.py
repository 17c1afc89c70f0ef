"""From the proposal to the last step: who may, when, and what is kept."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.core.audit.models import AuditEntry
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.regions.services import Order, merge_regions
from jingtu.governance.accountability.measures import queries, services
from jingtu.governance.accountability.measures.duties import open_points
from jingtu.governance.accountability.measures.ladders import Rung
from jingtu.governance.accountability.measures.models import Measure, Proposal
from jingtu.governance.accountability.measures.queries import MeasureFilter
from jingtu.governance.accountability.measures.registry import (
    EvidenceSource,
    Found,
    Handover,
    Line,
    register_evidence_source,
)
from jingtu.governance.accountability.measures.registry import _handovers as handovers
from jingtu.governance.accountability.measures.registry import _sources as sources
from jingtu.governance.accountability.measures.sentences import worded
from jingtu.governance.accountability.measures.services import Given, NotAbove
from tests.core.files.test_pictures import WRITTEN_BESIDE, photograph
from tests.governance.measures.scene import REASON, START, Scene, on

pytestmark = pytest.mark.django_db


def days(count: int) -> dt.date:
    return START + dt.timedelta(days=count)


# --- proposals


def test_the_last_of_two_months_is_proposed_once_with_links_into_the_publications(scene: Scene) -> None:
    august, september = scene.publish()
    proposal = scene.proposal()
    assert proposal.run_id == september.pk
    assert proposal.publication_hash == september.publication_hash
    urls = [line["url"] for line in proposal.evidence]
    assert any(f"/runs/{september.pk}/" in url for url in urls)
    assert any(f"/runs/{august.pk}/" in url for url in urls)
    hashes = [line["params"].get("hash") for line in proposal.evidence]
    assert september.publication_hash[:16] in hashes
    with on(days(1)):
        assert services.propose(scene.secretary) == []
        assert services.daily() == 0
    assert Proposal.objects.count() == 1


def test_what_speaks_against_is_said_in_both_languages(scene: Scene) -> None:
    scene.publish()
    proposal = scene.proposal()
    codes = {line["code"] for line in proposal.against}
    assert "measures.ag_group_small" in codes
    for line in [*proposal.evidence, *proposal.against]:
        assert worded(line, "zh") != line["code"]
        assert worded(line, "en").isascii()


def test_one_period_at_the_bottom_is_not_two(scene: Scene) -> None:
    scene.office.published("2026-09")
    with on(START):
        assert services.propose(scene.secretary) == []


def test_a_red_line_crossed_is_proposed_and_the_preview_writes_nothing(scene: Scene) -> None:
    scene.office.change("township_a", "done", 20)
    scene.office.published("2026-09")
    with on(START):
        parameters = {"least": 1, "streak": 1, "cadence": "month"}
        found = services.preview(scene.secretary, scene.city.pk, "red_line", parameters)
        assert [one.region_id for one in found] == [scene.county.pk]
        assert not Proposal.objects.exists()
        assert not services.preview(scene.secretary, scene.city.pk, "red_line", {**parameters, "least": 2})
        with pytest.raises(InvalidInput):
            services.preview(scene.secretary, scene.city.pk, "red_line", {**parameters, "streak": 0})


def test_overdue_work_of_another_app_is_proposed_through_its_source(scene: Scene) -> None:
    def late(office: object, least: int, day: dt.date) -> list[Found]:
        assert least == 7
        line = Line("measures.ag_ended")
        return [Found(scene.county.pk, "overdue:supervision:3", (line,))]

    register_evidence_source(EvidenceSource("test", late))
    try:
        with on(START):
            scene.rule("overdue", {"days": 7})
            made = services.propose(scene.secretary)
    finally:
        sources.pop("test")
    assert [one.key for one in made] == ["overdue:supervision:3"]


def test_a_proposal_is_nobodys_below_until_a_measure_is_noticed(scene: Scene) -> None:
    made = scene.filed()
    for who in ("leader", "secretary"):
        assert not queries.proposals(scene.cast.actor(who, "own")).exists()
        assert not queries.proposals(scene.cast.actor(who, "sibling")).exists()
    with pytest.raises(NotFound):
        services.decide_proposal(scene.cast.actor("leader", "own"), made.pk, REASON, takes=True)


def test_the_decider_is_named_above_and_another(scene: Scene) -> None:
    region = scene.county
    assert services.require_decider(scene.leader, region, None) == scene.leader.user_id
    with pytest.raises(PermissionDenied):
        services.require_decider(SYSTEM, region, None)
    with pytest.raises(PermissionDenied):
        services.require_decider(scene.secretary, region, None)
    with pytest.raises(NotAbove):
        services.require_decider(scene.cast.actor("leader", "own"), region, None)
    with pytest.raises(Conflict):
        services.require_decider(scene.leader, region, [scene.leader.user_id])
    assert services.require_decider(scene.leader, region, None, "city")
    with pytest.raises(NotAbove):
        services.require_decider(scene.leader, region, None, "province")


def test_only_a_filed_proposal_is_taken_and_only_once(scene: Scene) -> None:
    bare = scene.bare_proposal()
    with on(START):
        with pytest.raises(Conflict):
            services.decide_proposal(scene.leader, bare.pk, REASON, takes=True)
        kept = services.decide_proposal(scene.leader, bare.pk, "位次区间重叠，不予追责", takes=False)
        assert (kept.state, kept.decision) == ("not_taken", "位次区间重叠，不予追责")
        with pytest.raises(Conflict):
            services.decide_proposal(scene.second, bare.pk, REASON, takes=False)
    assert not Measure.objects.exists()


def test_past_cases_are_decided_ones_without_those_of_persons(scene: Scene) -> None:
    first, second, third = scene.filed(), scene.filed(), scene.filed("admonishing", "主任")
    with on(START):
        services.decide_proposal(scene.leader, first.pk, REASON, takes=False)
        services.decide_proposal(scene.leader, third.pk, REASON, takes=False)
    assert [one.pk for one in queries.past_cases(scene.leader, second)] == [first.pk]


def test_who_a_kind_is_for_is_held_to(scene: Scene) -> None:
    with pytest.raises(InvalidInput):
        scene.filed("yellow_card", "主任")
    with pytest.raises(InvalidInput):
        scene.filed("admonishing")


def test_a_listing_goes_to_who_carries_it_out(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(handovers, "listing", raising=False)
    made = scene.filed("listing")
    with on(START), pytest.raises(Conflict):
        services.decide_proposal(scene.leader, made.pk, REASON, takes=True)
    carried = Handover("listing", lambda actor, pk, reasons, chosen: f"/listings/{pk}/")
    monkeypatch.setitem(handovers, "listing", carried)
    with on(START):
        taken = services.decide_proposal(scene.leader, made.pk, REASON, takes=True)
    assert taken.handed_to == f"/listings/{made.pk}/"
    assert not Measure.objects.exists()


# --- the due process


def test_the_whole_course_with_every_step_dated(scene: Scene) -> None:
    measure = scene.in_force()
    assert (measure.state, measure.ends_on) == ("in_force", dt.date(2027, 5, 11))
    acts = list(measure.steps.values_list("act", flat=True))
    assert acts == ["open", "notice", "serve", "reply", "decide", "serve_decision"]
    assert all(step.on and step.person_id for step in measure.steps.all())
    assert AuditEntry.objects.filter(action="measures.decide", target_id=str(measure.pk)).exists()


def test_no_decision_before_the_time_to_reply_is_over(scene: Scene) -> None:
    measure = scene.served()
    due = measure.reply_clock().due()
    assert due == dt.date(2026, 10, 19)
    with on(due), pytest.raises(Conflict):
        services.decide(scene.leader, measure.pk, Given(REASON))
    with on(due + dt.timedelta(days=1)):
        with pytest.raises(Conflict):
            services.reply(scene.reporter, measure.pk, Given("迟到的申辩"))
        assert services.decide(scene.leader, measure.pk, Given(REASON)).state == "decided"


def test_suspended_days_are_not_counted_and_the_clock_runs_on(scene: Scene) -> None:
    measure = scene.served()
    with on(days(1)):
        services.suspend(scene.secretary, measure.pk, Given("当地遭遇灾情"))
    assert queries.get_measure(scene.leader, measure.pk).reply_clock().due() is None
    with on(days(60)), pytest.raises(Conflict):
        services.decide(scene.leader, measure.pk, Given(REASON))
    with on(days(14)):
        services.resume(scene.secretary, measure.pk, Given("灾情结束"))
    # Tuesday the 13th to Sunday the 25th did not count: five working days from Monday the 26th on.
    assert queries.get_measure(scene.leader, measure.pk).reply_clock().due() == dt.date(2026, 10, 30)


def test_a_term_in_force_stands_still_only_by_a_decision_with_its_document(scene: Scene) -> None:
    measure = scene.in_force()
    with on(days(40)):
        for actor, given, error in (
            (scene.secretary, Given("专班外派", number="1号"), PermissionDenied),
            (scene.leader, Given("专班外派"), InvalidInput),
            (scene.leader, Given("", number="1号"), InvalidInput),
            (scene.leader, Given("专班外派", on=days(29), number="1号"), InvalidInput),
            (scene.leader, Given("专班外派", on=days(41), number="1号"), InvalidInput),
        ):
            with pytest.raises(error):
                services.suspend(actor, measure.pk, given)
        services.suspend(
            scene.leader, measure.pk, Given("专班外派", on=days(38), number="示禁办中〔2026〕1号")
        )
    with on(days(60)):
        with pytest.raises(PermissionDenied):
            services.resume(scene.secretary, measure.pk, Given("已经返回", number="2号"))
        found = services.resume(scene.second, measure.pk, Given("已经返回", on=days(48), number="2号"))
    assert found.ends_on == measure.ends_on + dt.timedelta(days=10)
    step = measure.steps.get(act="suspend")
    assert (step.on, step.number, step.person_id) == (days(38), "示禁办中〔2026〕1号", scene.leader.user_id)


def test_what_stood_still_for_the_reply_does_not_hold_up_the_term(scene: Scene) -> None:
    measure = scene.served()
    with on(days(2)):
        services.reply(scene.reporter, measure.pk, Given("已经整改"))
        services.suspend(scene.secretary, measure.pk, Given("当地遭遇灾情"))
    with on(days(30)):
        services.decide(scene.leader, measure.pk, Given(REASON))
        served = services.serve_decision(scene.secretary, measure.pk, Given())
    assert served.ends_on == dt.date(2027, 5, 11)
    assert not measure.suspensions.filter(last__isnull=True).exists()
    with on(served.ends_on + dt.timedelta(days=1)):
        assert services.close_over() == 1


def test_a_term_that_ends_before_its_review_leaves_the_lists_and_is_still_reviewed(scene: Scene) -> None:
    person = scene.cast.user("viewer", "own")
    measure = scene.in_force("admonishing", "分管副县长", person.username)
    with on(days(32)):
        services.object_to(scene.cast.actor("viewer", "own"), measure.pk, Given("事实有误"))
    with on(measure.ends_on + dt.timedelta(days=1)):
        services.close_over()
        ended = queries.get_measure(scene.second, measure.pk)
        assert ended.state == "ended"
        assert ended.sealed_at
        assert [face.key for face in queries.clock_faces(scene.second, ended)] == ["review"]
        for reader in (scene.secretary, scene.second, scene.cast.actor("viewer", "own")):
            assert not queries.measures(reader).exists()
        assert queries.waiting(scene.second).to_review == (measure.pk,)
        assert queries.waiting(scene.leader).to_review == ()  # made the decision
        told = Notice.objects.filter(code="measures.kept", link=f"/measures/{measure.pk}/")
        assert (
            told.filter(recipient_id=scene.second.user_id).order_by("-pk").first().params["step"]
            == "期限届满"
        )
        revoked = services.revoke(scene.second, measure.pk, Given("事实有误，予以撤销"))
        assert (revoked.state, revoked.objected_on) == ("revoked", None)
        assert queries.waiting(scene.second).to_review == ()
        with pytest.raises(Conflict):
            services.uphold(scene.second, measure.pk, Given(REASON))


def test_upheld_after_its_term_it_stays_ended(scene: Scene) -> None:
    measure = scene.in_force()
    with on(days(32)):
        services.object_to(scene.reporter, measure.pk, Given("期限过长"))
    assert [one.pk for one in queries.measures(scene.leader, MeasureFilter("review"))] == [measure.pk]
    with on(measure.ends_on + dt.timedelta(days=1)):
        services.close_over()
        assert services.uphold(scene.second, measure.pk, Given(REASON)).state == "ended"
    assert not queries.measures(scene.leader, MeasureFilter("review")).exists()


def test_one_without_a_term_ends_when_the_time_to_object_and_to_review_is_over(scene: Scene) -> None:
    measure = scene.in_force()
    ladder = measure.ladder
    ladder.rungs = [{**kept, "term": 0} for kept in ladder.rungs]
    ladder.save()
    Measure.objects.filter(pk=measure.pk).update(ends_on=None)
    with on(days(32)):
        services.object_to(scene.reporter, measure.pk, Given("事实有误"))
    found = queries.get_measure(scene.leader, measure.pk)
    assert found.last_day() == found.review_clock().due() > found.objection_clock().due()
    with on(found.last_day()):
        assert services.close_over() == 0
    with on(found.last_day() + dt.timedelta(days=1)):
        assert services.close_over() == 1


def test_what_came_late_to_the_office_counts_from_the_day_of_its_paper(scene: Scene) -> None:
    measure, paper = scene.served(), ("申辩.jpg", [photograph()])
    with on(days(30)):
        with pytest.raises(Conflict):
            services.reply(scene.secretary, measure.pk, Given("书面申辩", file=paper))
        with pytest.raises(InvalidInput):
            services.reply(scene.reporter, measure.pk, Given("倒填日期", on=days(3)))
        services.reply(scene.secretary, measure.pk, Given("书面申辩", on=days(3), file=paper))
    step = measure.steps.get(act="reply")
    assert step.on == days(3)
    assert WRITTEN_BESIDE not in content_path(step.file).read_bytes()


def test_steps_do_not_go_back_in_time(scene: Scene) -> None:
    measure = scene.opened()
    with on(days(3)):
        services.notice(scene.secretary, measure.pk, Given())
        for day in (days(2), days(4)):
            with pytest.raises(InvalidInput):
                services.serve(scene.secretary, measure.pk, Given(on=day))


def test_a_service_of_an_earlier_day_needs_its_receipt(scene: Scene) -> None:
    measure = scene.opened()
    with on(START):
        services.notice(scene.secretary, measure.pk, Given())
    with on(days(30)):
        with pytest.raises(InvalidInput) as refused:
            services.serve(scene.secretary, measure.pk, Given(on=START))
        assert refused.value.problems[0].code == "measures.receipt_needed"
        receipt = ("回证.csv", [b"a,b\n1,2\n"])
        assert services.serve(scene.secretary, measure.pk, Given(on=START, file=receipt)).served_on == START


def test_whom_a_measure_concerns_stands_aside(scene: Scene) -> None:
    own = scene.second.user.username
    filed = scene.filed("admonishing", "分管副县长", own)
    with on(START), pytest.raises(Conflict) as refused:
        services.decide_proposal(scene.second, filed.pk, REASON, takes=False)
    assert refused.value.problem.code == "measures.own_case"
    measure = scene.served("admonishing", "分管副县长", own)
    with on(days(30)), pytest.raises(Conflict) as refused:
        services.drop(scene.second, measure.pk, Given(REASON))
    assert refused.value.problem.code == "measures.own_case"


def test_a_review_makes_nothing_worse(scene: Scene) -> None:
    measure = scene.in_force()
    with on(days(32)):
        services.object_to(scene.reporter, measure.pk, Given("期限过长"))
    with on(days(35)), pytest.raises(InvalidInput) as refused:
        services.change(scene.second, measure.pk, Given("从重处理"), 12)
    assert refused.value.problems[0].code == "measures.term_worse"
    assert Measure.objects.get(pk=measure.pk).state == "objected"


def test_an_objection_is_reviewed_by_another_than_who_decided(scene: Scene) -> None:
    measure = scene.in_force()
    with on(days(32)):
        services.object_to(scene.reporter, measure.pk, Given("数据已经更正"))
    with on(days(35)):
        with pytest.raises(Conflict):
            services.revoke(scene.leader, measure.pk, Given(REASON))
        assert services.revoke(scene.second, measure.pk, Given("数据有误，予以撤销")).state == "revoked"


def test_what_was_decided_above_is_not_undone_below(scene: Scene) -> None:
    place = scene.cast.places["township_a"]
    lower = scene.cast.actor("leader", "own")
    decided = {}
    for decider in (scene.leader, lower):
        made = scene.filed()
        Proposal.objects.filter(pk=made.pk).update(region=place)
        with on(START):
            services.decide_proposal(scene.leader, made.pk, REASON, takes=True)
            measure = Measure.objects.get(proposal=made)
            services.notice(scene.secretary, measure.pk, Given())
            services.serve(scene.secretary, measure.pk, Given())
        with on(days(30)):
            services.decide(decider, measure.pk, Given(REASON))
            services.serve_decision(scene.secretary, measure.pk, Given())
        decided[decider.actor_id] = measure.pk
    above, below = decided[scene.leader.actor_id], decided[lower.actor_id]
    with on(days(31)):
        for act in (services.lift, services.suspend):
            with pytest.raises(Conflict) as refused:
                act(lower, above, Given(REASON, number="1号"))
            assert refused.value.problem.code == "measures.decided_above"
        assert services.lift(scene.second, above, Given(REASON)).state == "ended"
        assert services.lift(lower, below, Given(REASON)).state == "ended"


def test_a_persons_record_is_sealed_the_moment_it_closes(scene: Scene) -> None:
    measure = scene.served("admonishing", "分管副县长", scene.cast.user("viewer", "own").username)
    with on(days(1)):
        assert services.drop(scene.leader, measure.pk, Given("查无此事")).sealed_at
        assert not queries.measures(scene.secretary).exists()


def test_review_may_change_the_term(scene: Scene) -> None:
    measure = scene.in_force()
    with on(days(32)):
        services.object_to(scene.reporter, measure.pk, Given("期限过长"))
    with on(days(35)):
        changed = services.change(scene.second, measure.pk, Given("整改见效"), 3)
    assert (changed.state, changed.ends_on) == ("in_force", dt.date(2027, 2, 11))


def test_an_effect_needs_the_competent_body_and_its_document(scene: Scene) -> None:
    measure = scene.in_force()
    given = {"document_date": days(31), "starts_on": days(31)}
    with on(days(31)):
        for body, number in (("", "组通〔2026〕1号"), ("市委组织部", "")):
            with pytest.raises(InvalidInput):
                services.record_effect(
                    scene.secretary, measure.pk, "no_award", body=body, document_number=number, **given
                )
        with pytest.raises(InvalidInput):
            services.record_effect(
                scene.secretary, measure.pk, "removal", body="市委", document_number="1号", **given
            )
        for wrong in ({"document_date": days(29)}, {"starts_on": days(30)}):
            with pytest.raises(InvalidInput):
                services.record_effect(
                    scene.secretary,
                    measure.pk,
                    "no_award",
                    body="市委",
                    document_number="1号",
                    **{**given, **wrong},
                )
        services.record_effect(
            scene.secretary, measure.pk, "no_award", body="市委", document_number="1号", **given
        )
        assert [one.effect for one in queries.effects_of_place(scene.leader, scene.county.pk)] == ["no_award"]


def test_the_term_ends_by_the_timer_and_not_before(scene: Scene) -> None:
    measure = scene.in_force()
    with on(measure.ends_on):
        assert services.close_over() == 0
    with on(measure.ends_on + dt.timedelta(days=1)):
        assert services.close_over() == 1
        assert services.close_over() == 0
    ended = queries.get_measure(scene.leader, measure.pk)
    assert (ended.state, ended.sealed_at) == ("ended", None)
    assert queries.history_of_place(scene.leader, scene.county.pk) == [ended]


def test_a_persons_record_is_for_few_and_leaves_the_lists_when_it_ends(scene: Scene) -> None:
    person = scene.cast.user("viewer", "own")
    measure = scene.in_force("admonishing", "分管副县长", person.username)

    def sees(role: str, relation: str) -> bool:
        return queries.measures(scene.cast.actor(role, relation)).filter(pk=measure.pk).exists()

    assert sees("secretary", "ancestor")
    assert not sees("secretary", "own")
    assert sees("viewer", "own")
    assert sees("leader", "own")
    assert not sees("reporter", "own")
    assert not sees("analyst", "ancestor")
    assert not sees("secretary", "sibling")
    with on(measure.ends_on + dt.timedelta(days=1)):
        services.close_over()
    for role, relation in (("viewer", "own"), ("leader", "own"), ("leader", "ancestor")):
        assert not sees(role, relation)
    assert queries.get_measure(scene.leader, measure.pk).sealed_at
    assert queries.get_measure(scene.cast.actor("viewer", "own"), measure.pk)
    with pytest.raises(NotFound):
        queries.get_measure(scene.cast.actor("leader", "own"), measure.pk)


def test_the_proposal_of_a_persons_measure_leaves_the_lists_with_it(scene: Scene) -> None:
    measure = scene.in_force("admonishing", "分管副县长", scene.cast.user("viewer", "own").username)
    refused = scene.filed("admonishing", "分管副县长")
    with on(START):
        services.decide_proposal(scene.leader, refused.pk, "证据不足，不予追责", takes=False)
    assert not queries.proposals(scene.secretary).filter(pk=refused.pk).exists()
    assert queries.get_proposal(scene.leader, refused.pk).decision
    assert queries.proposals(scene.secretary).filter(measure=measure).exists()
    with on(measure.ends_on + dt.timedelta(days=1)):
        services.close_over()
    for reader in (scene.secretary, scene.leader):
        assert not queries.proposals(reader).filter(measure=measure).exists()
    assert queries.get_proposal(scene.leader, measure.proposal_id)
    with pytest.raises(NotFound):
        queries.get_proposal(scene.secretary, measure.proposal_id)


def test_an_agenda_does_not_tell_of_a_measure_before_its_notice(scene: Scene) -> None:
    measure = scene.opened()
    assert open_points(scene.secretary, scene.city.pk, START) == []
    with on(START):
        services.notice(scene.secretary, measure.pk, Given())
    assert [point.key for point in open_points(scene.secretary, scene.city.pk, START)] == [str(measure.pk)]


def test_a_number_with_leading_zeros_does_not_slip_past_its_bounds(scene: Scene) -> None:
    for text in ("0000000019999", "1" + "0" * 5000):
        with on(START), pytest.raises(InvalidInput):
            scene.rule("red_line", {"least": text, "streak": 1, "cadence": "month"})


def test_no_notice_names_a_person_or_a_post(scene: Scene) -> None:
    person = scene.cast.user("viewer", "own")
    scene.in_force("admonishing", "分管副县长", person.username)
    said = [str(notice.params) for notice in Notice.objects.filter(code__startswith="measures.")]
    assert said
    named = ("副县长", person.full_name, "诫勉")
    assert not any(word in text for text in said for word in named)
    trail = AuditEntry.objects.filter(
        action__startswith="measures.", target_type__in=["measure", "measure_proposal"]
    )
    assert trail.exists()
    told = [f"{row.reason}{row.before}{row.after}" for row in trail]
    assert not any(word in text for text in told for word in (*named, "已经整改", REASON))


def test_an_opened_case_is_not_the_addressees_to_know_before_its_notice(scene: Scene) -> None:
    measure = scene.opened()
    assert not queries.measures(scene.reporter).exists()
    assert not queries.measures(scene.cast.actor("leader", "own")).exists()
    with on(START):
        services.notice(scene.secretary, measure.pk, Given())
    assert queries.measures(scene.reporter).exists()
    assert not queries.measures(scene.cast.actor("reporter", "descendant")).exists()
    assert not queries.measures(scene.cast.actor("reporter", "ancestor")).exists()


def test_the_number_comes_from_the_offices_series(scene: Scene) -> None:
    series = NumberSeries.objects.create(
        region=scene.city, name="告知", office="示禁办", pattern="{office}〔{year}〕{n}号",
        created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    measure = scene.opened()
    with on(START):
        services.notice(scene.secretary, measure.pk, Given(series_id=series.pk))
    assert measure.steps.get(act="notice").number == "示禁办〔2026〕1号"


def test_what_came_on_paper_is_entered_with_the_paper(scene: Scene) -> None:
    measure = scene.served()
    with on(days(1)):
        with pytest.raises(InvalidInput):
            services.reply(scene.secretary, measure.pk, Given("书面申辩"))
        paper = ("申辩.csv", [b"a,b\n1,2\n"])
        services.reply(scene.secretary, measure.pk, Given("书面申辩", file=paper))
    step = measure.steps.get(act="reply")
    assert step.person_id == scene.secretary.user_id
    assert queries.may_open(scene.leader, step.file)
    assert not queries.may_open(scene.cast.actor("leader", "sibling"), step.file)


# --- ladders


def test_a_ladder_changes_by_versions_and_measures_keep_theirs(scene: Scene) -> None:
    measure = scene.opened()
    ladder = measure.ladder
    rungs = [Rung("yellow_card", "黄牌", "Yellow", reply_days=9, basis="report_linshui_2022")]
    with on(START):
        newer = services.save_ladder(
            scene.secretary, scene.city.pk, 1, "本市清单", "City ladder", rungs, "改"
        )
        with pytest.raises(Conflict):
            services.save_ladder(scene.secretary, scene.city.pk, 1, "又改", "Again", rungs, "改")
    assert (newer.version, queries.ladder_for(scene.county)) == (2, newer)
    assert Measure.objects.get(pk=measure.pk).kind.reply_days == ladder.steps[2].reply_days == 5
    assert newer.steps[0].tag == ""


@pytest.mark.parametrize(
    "rung",
    [
        Rung("a", "甲", "A", reply_days=0),
        Rung("a", "甲", "A", term=99),
        Rung("a", "甲", "A", level="moon"),
        Rung("a", "甲", "A", basis="nowhere"),
        Rung("a", "甲", ""),
        Rung("a", "甲", "A", effects=("exile",)),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(scene: Scene, rung: Rung) -> None:
    with pytest.raises(InvalidInput):
        services.save_ladder(scene.secretary, scene.city.pk, 1, "清单", "Ladder", [rung], "改")


def test_a_county_sets_its_own_ladder_and_nobody_elses(scene: Scene) -> None:
    own = scene.cast.actor("secretary", "own")
    with pytest.raises(PermissionDenied):
        services.adopt_preset(own, scene.city.pk, "hubei")
    made = services.adopt_preset(own, scene.county.pk, "hubei")
    assert queries.ladder_for(scene.cast.places["township_a"]) == made
    assert queries.ladder_for(scene.county) == made
    assert NormativeDocument.objects.filter(code=made.steps[0].basis).exists()


# --- regions


def test_files_go_where_a_merged_region_goes(scene: Scene) -> None:
    measure, proposal = scene.in_force(), scene.bare_proposal("other")
    into = scene.cast.places["county_b"]
    with on(days(40)):
        merge_regions(SYSTEM, [scene.county], into=into, order=Order(days(40)))
        assert queries.get_measure(scene.leader, measure.pk).region_id == into.pk
        assert queries.get_proposal(scene.leader, proposal.pk).region_id == into.pk
    assert measure.steps.filter(act="move").exists()
    assert queries.measures(scene.leader, MeasureFilter("open")).count() == 1
