"""Two people at the same moment, at the worst moment: whoever comes second is told, nothing is half done.

Real threads and real transactions, on PostgreSQL (``make test-postgres``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection, transaction

from jingtu.assessment.adjustments import services as adjustments
from jingtu.assessment.adjustments.models import Entry, VetoCase
from jingtu.assessment.appeals import services as appeals
from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.bulletins.models import Bulletin
from jingtu.assessment.indicators import services as indicators
from jingtu.assessment.indicators.models import CatalogueDraft, CatalogueVersion
from jingtu.assessment.reporting import services as reporting
from jingtu.assessment.reporting.definition_text import read_sections
from jingtu.assessment.reporting.models import Cell, Report, ReportEvent
from jingtu.assessment.reporting.services import Chosen
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.schedules.models import Occurrence
from jingtu.assessment.targets import services as targets
from jingtu.assessment.targets.services.proposing import Wanted
from jingtu.core.accounts import proposals, reviews
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, PostProposal, User
from jingtu.core.accounts.services import change_user
from jingtu.core.audit.models import AuditEntry
from jingtu.core.audit.services import verify
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services import change_fact
from jingtu.core.jobs import timers
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.core.notifications.models import Notice
from jingtu.core.numbering import services as numbering
from jingtu.core.numbering.models import OfficialNumber
from jingtu.core.regions.models import Region, RegionSuccession
from jingtu.core.regions.services import (
    Effect,
    Order,
    create_region,
    merge_regions,
    move_region,
    rename_region,
)
from jingtu.engine import targets as engine_targets
from jingtu.engine.catalogue.thresholds import Threshold
from tests.access.cast import SINCE
from tests.assessment.office import BONUS_AND_VETO, CATALOGUE, FIGURES, MONTH, Office, version_of
from tests.assessment.reporting.desk import FORM, PERIOD, Desk, definition, on
from tests.assessment.schedules.test_schedules import OCTOBER_5, make
from tests.together import Meeting, together

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time elsewhere"),
    pytest.mark.django_db(transaction=True),
]

Deed = Callable[[], Any]
NOVEMBER = dt.datetime(2026, 11, 3, 2, tzinfo=dt.UTC)
EVIDENCE = [("表彰.csv", [b"a,b\n1,2\n"])]
DAY = dt.date(2026, 10, 20)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Meeting:
    return Meeting(monkeypatch)


@pytest.fixture
def office(own_store: object) -> Office:
    with frozen(NOVEMBER):
        return Office()


@pytest.fixture
def desk(office: Office) -> Desk:
    with on(3):
        return Desk(office)


@pytest.fixture(autouse=True)
def the_trail_is_whole(office: Office) -> Any:
    """However it went, the audit trail holds together afterwards."""
    yield
    assert verify(SYSTEM) == []


def at(deed: Deed, moment: dt.datetime = NOVEMBER) -> Deed:
    """Threads do not share the frozen clock."""

    def work() -> Any:
        with frozen(moment):
            return deed()

    return work


def one_wins(results: Sequence[Any]) -> Any:
    """What the winner got; everybody else was refused in words."""
    won = [result for result in results if not isinstance(result, Exception)]
    assert len(won) == 1, results
    assert all(isinstance(one, Conflict | InvalidInput) for one in results if one is not won[0]), results
    return won[0]


def nobody_failed(results: Sequence[Any]) -> None:
    assert not [result for result in results if isinstance(result, Exception)], results


def another(office: Office, role: str, place: str = "city") -> UserActor:
    """A second person with such a post."""
    user = User.objects.create(username=f"second-{role.replace('_', '-')}", full_name="第二人", password="!")
    region = None if role.endswith("administrator") else office.cast.places[place]
    Post.objects.create(user=user, role=role, region=region, valid_from=SINCE)
    return UserActor(user)


# -- reports ----------------------------------------------------------------------------------------


def test_two_submit_one_report(desk: Desk, meeting: Meeting) -> None:
    desk.type()
    two = [desk.reporter, desk.cast.actor("reporter", "own")]
    one_wins(meeting.of([at(lambda a=a: reporting.submit(a, FORM, PERIOD, desk.place())) for a in two]))
    assert ReportEvent.objects.filter(action="submit").count() == 1
    assert AuditEntry.objects.filter(action="reporting.submitted").count() == 1


def test_two_submit_a_report_nobody_had_begun(desk: Desk, meeting: Meeting) -> None:
    optional = read_sections("# 案件 | Cases\ncases optional")
    reporting.install_form(SYSTEM, "loose", desk.cast.tree, definition(sections=optional))
    two = [desk.reporter, desk.cast.actor("reporter", "own")]
    one_wins(meeting.of([at(lambda a=a: reporting.submit(a, "loose", PERIOD, desk.place())) for a in two]))
    assert Report.objects.count() == 1


def test_one_submits_while_another_types_on(desk: Desk, meeting: Meeting) -> None:
    desk.type()
    nobody_failed(
        meeting.of(
            [
                at(lambda: reporting.submit(desk.reporter, FORM, PERIOD, desk.place())),
                at(lambda: desk.type({"cases": "7"}, desk.cast.actor("reporter", "own"))),
            ]
        )
    )
    report = Report.objects.get()
    [typed] = ReportEvent.objects.filter(element="cases").order_by("-pk")[:1]
    cell = Cell.objects.get(element="cases")
    submitted = ReportEvent.objects.get(action="submit")
    assert report.state == "submitted"
    # What was typed after the submission was not taken.
    assert cell.value == (7 if typed.value == 7 else 6)
    assert typed.pk < submitted.pk


def test_two_accept_one_report_at_the_last_step(desk: Desk, meeting: Meeting) -> None:
    report = desk.submitted()
    reporting.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    batches = FactBatch.objects.count()
    two = [desk.city_reviewer, desk.cast.actor("analyst", "ancestor")]
    one_wins(meeting.of([at(lambda a=a: reporting.pass_reports(a, [Chosen(report.pk)])) for a in two]))
    report.refresh_from_db()
    assert (report.state, len(report.batches)) == ("accepted", 1)
    assert FactBatch.objects.count() == batches + 1


@pytest.mark.parametrize("first", ["accepts", "returns"])
def test_one_accepts_and_one_returns_the_same_report(desk: Desk, meeting: Meeting, first: str) -> None:
    report = desk.submitted()
    reporting.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    other = desk.cast.actor("analyst", "ancestor")
    deeds = [
        at(lambda: reporting.pass_reports(desk.city_reviewer, [Chosen(report.pk)])),
        at(lambda: reporting.return_cells(other, report.pk, {"due": "与台账不符"})),
    ]
    one_wins(meeting.of(deeds if first == "accepts" else deeds[::-1]))
    report.refresh_from_db()
    assert report.state in {"accepted", "returned"}
    assert bool(report.batches) is (report.state == "accepted")


def test_two_reviewers_accept_overlapping_heaps(desk: Desk, meeting: Meeting) -> None:
    """All or none: whoever comes second with a report that is decided already decides none."""
    first = desk.submitted("township_a")
    second = desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    for report in (first, second):
        reporting.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    heaps = [[Chosen(first.pk), Chosen(second.pk)], [Chosen(second.pk), Chosen(first.pk)]]
    two = [desk.city_reviewer, desk.cast.actor("analyst", "ancestor")]
    one_wins(
        meeting.of(
            [at(lambda a=a, h=h: reporting.pass_reports(a, h)) for a, h in zip(two, heaps, strict=True)]
        )
    )
    assert AuditEntry.objects.filter(action="reporting.accepted").count() == 1


def test_a_report_is_taken_back_while_it_is_being_passed(desk: Desk, meeting: Meeting) -> None:
    report = desk.submitted()
    one_wins(
        meeting.of(
            [
                at(lambda: reporting.withdraw(desk.reporter, FORM, PERIOD, desk.place())),
                at(lambda: reporting.pass_reports(desk.county_analyst, [Chosen(report.pk)])),
            ]
        )
    )


def test_two_decide_on_a_proxy(desk: Desk, meeting: Meeting) -> None:
    place = desk.cast.places["township_a"]
    with on(3):
        proxy = reporting.ask_proxy(
            desk.reporter, place, "reporter.own", dt.date(2026, 11, 4), dt.date(2026, 11, 9), "出差"
        )
    two = [desk.county_analyst, desk.city_reviewer]
    one_wins(meeting.of([at(lambda a=a: reporting.decide_proxy(a, proxy.pk, a is two[0])) for a in two]))


# -- regions ----------------------------------------------------------------------------------------


def merged(office: Office, ending: str, into: str) -> Deed:
    places = office.cast.places
    return at(lambda: merge_regions(SYSTEM, [places[ending]], into=places[into], order=Order(DAY, "批复")))


def test_each_of_two_townships_is_merged_into_the_other(office: Office, meeting: Meeting) -> None:
    one_wins(
        meeting.of([merged(office, "township_a", "township_a2"), merged(office, "township_a2", "township_a")])
    )
    assert RegionSuccession.objects.count() == 1
    assert Region.objects.filter(code__in=("310101001", "310101002"), valid_to__isnull=True).count() == 1


def test_a_township_is_merged_away_while_it_is_moved(office: Office, meeting: Meeting) -> None:
    places = office.cast.places
    results = meeting.of(
        [
            merged(office, "township_a", "township_a2"),
            at(lambda: move_region(SYSTEM, places["township_a"], places["county_b"], order=Order(DAY))),
        ]
    )
    # Moved and then merged is as good as merged and then refused the move; the other way about is not.
    assert not isinstance(results[0], Exception), results
    assert isinstance(results[1], Effect | InvalidInput), results
    assert Region.objects.get(code="310101001").valid_to == DAY


def test_a_county_ends_while_a_township_is_made_below_it(office: Office, meeting: Meeting) -> None:
    places = office.cast.places
    results = meeting.of(
        [
            merged(office, "county_a", "county_b"),
            at(
                lambda: create_region(
                    SYSTEM,
                    places["county_a"],
                    code="310101009",
                    name="甲九镇",
                    level="township",
                    order=Order(DAY),
                )
            ),
        ]
    )
    assert not isinstance(results[0], Exception) or not isinstance(results[1], Exception)
    for region in Region.objects.filter(tree=office.cast.tree, valid_to__isnull=True, parent__isnull=False):
        assert region.parent is not None
        assert region.parent.valid_to is None, f"{region} lies below a region that ended"


def test_two_make_regions_under_one_code(office: Office, meeting: Meeting) -> None:
    places = office.cast.places

    def made(name: str) -> Deed:
        return at(
            lambda: create_region(
                SYSTEM, places["county_a"], code="310101009", name=name, level="township", order=Order(DAY)
            )
        )

    one_wins(meeting.of([made("甲九镇"), made("甲玖镇")]))


def test_changes_of_neighbours_both_hold(office: Office, meeting: Meeting) -> None:
    places = office.cast.places
    nobody_failed(
        meeting.of(
            [
                merged(office, "township_a2", "township_a"),
                at(lambda: rename_region(SYSTEM, places["township_b"], name="乙新镇", order=Order(DAY))),
            ]
        )
    )
    positions = list(
        Region.objects.filter(tree=office.cast.tree, valid_to__isnull=True)
        .order_by("position")
        .values_list("position", flat=True)
    )
    assert positions == list(range(len(positions)))


def test_a_figure_is_changed_while_its_region_is_merged(office: Office, meeting: Meeting) -> None:
    nobody_failed(
        [
            result
            for result in meeting.of(
                [
                    merged(office, "township_a", "township_a2"),
                    at(
                        lambda: change_fact(
                            office.analyst,
                            region_id=office.cast.places["township_a"].pk,
                            element="cases",
                            period=MONTH,
                            value="6",
                            reason="更正",
                        )
                    ),
                ]
            )
            if not isinstance(result, Conflict | InvalidInput)
        ]
    )


def test_two_change_one_figure(office: Office, meeting: Meeting) -> None:
    def changed(value: str) -> Deed:
        return at(
            lambda: change_fact(
                office.analyst,
                region_id=office.cast.places["township_a"].pk,
                element="cases",
                period=MONTH,
                value=value,
                reason="更正",
            )
        )

    nobody_failed(meeting.of([changed("6"), changed("7")]))
    entries = AuditEntry.objects.filter(action="facts.changed").order_by("sequence")
    told = [(entry.before["value"], entry.after["value"]) for entry in entries]
    assert told in ([("5", "6"), ("6", "7")], [("5", "7"), ("7", "6")])


# -- appeals, entries, vetoes, targets, catalogue, posts ----------------------------------------------


def filed(office: Office) -> Appeal:
    run = runs.open_for_appeal(office.reviewer, office.in_review().pk, days=5)
    place = office.cast.places["county_a"].pk
    return appeals.file_appeal(
        office.cast.actor("reporter", "own"),
        run.pk,
        place,
        "RATE",
        "indicator",
        text="到位人数漏报十五人，附台账",
    )


def test_two_accept_one_appeal(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        appeal = filed(office)
    two = [office.analyst, office.reviewer]
    one_wins(meeting.of([at(lambda a=a: appeals.accept(a, appeal.pk)) for a in two]))
    assert AuditEntry.objects.filter(action="appeals.accepted").count() == 1


def test_one_number_is_disputed_by_two(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        run = runs.open_for_appeal(office.reviewer, office.in_review().pk, days=5)
    place = office.cast.places["county_a"].pk
    two = [office.cast.actor("reporter", "own"), office.cast.actor("analyst", "own")]

    def file(actor: UserActor) -> Appeal:
        return appeals.file_appeal(
            actor, run.pk, place, "RATE", "indicator", text="到位人数漏报十五人，附台账"
        )

    one_wins(meeting.of([at(lambda a=a: file(a)) for a in two]))
    assert Appeal.objects.count() == 1


def test_an_appeal_is_withdrawn_while_it_is_accepted(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        appeal = filed(office)
    reporter = office.cast.actor("reporter", "own")
    results = meeting.of(
        [
            at(lambda: appeals.withdraw(reporter, appeal.pk, "已与主管部门核实一致")),
            at(lambda: appeals.accept(office.analyst, appeal.pk)),
        ]
    )
    appeal.refresh_from_db()
    assert appeal.state == "withdrawn"
    assert all(isinstance(one, Appeal | Conflict) for one in results), results


def entered(office: Office) -> Entry:
    version_of(CATALOGUE + BONUS_AND_VETO)
    region = office.cast.places["county_b"]
    return adjustments.enter(
        office.analyst, region, "card", "bonus", "CASES", MONTH, "5", "获省级表彰", EVIDENCE
    )


def test_one_approves_and_one_refuses_an_entry(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        entry = entered(office)
    other = another(office, "reviewer")
    one_wins(
        meeting.of(
            [
                at(lambda: adjustments.approve(office.reviewer, entry.pk)),
                at(lambda: adjustments.refuse_entry(other, entry.pk, "证据不足不予认定")),
            ]
        )
    )


@pytest.mark.parametrize("first", ["decides", "computes"])
def test_a_veto_is_decided_while_its_run_is_computed_anew(
    office: Office, meeting: Meeting, first: str
) -> None:
    with frozen(NOVEMBER):
        version_of(CATALOGUE + BONUS_AND_VETO)
        run = runs.prepare(office.analyst, office.new_run().pk)
        case = VetoCase.objects.get()
        adjustments.reply(office.cast.actor("reporter", "own"), case.pk, "案件系外地流入")
    deeds = [
        at(lambda: adjustments.decide_veto(office.reviewer, case.pk, "答辩不影响认定", applies=True)),
        at(lambda: runs.compute(office.analyst, run.pk)),
    ]
    nobody_failed(meeting.of(deeds if first == "decides" else deeds[::-1], patience=2))
    case.refresh_from_db()
    assert case.state == "applied"


def target(code: str, asked: str) -> engine_targets.Target:
    return engine_targets.Target(
        "RATE", "place", "2026", "each", ("county", code), requirement=Threshold.parse(asked)
    )


def test_two_propose_the_same_target_at_once(office: Office, meeting: Meeting) -> None:
    def propose(asked: str) -> Deed:
        return at(
            lambda: targets.propose(office.analyst, office.cast.tree, target("310101", asked), "市里下达")
        )

    one_wins(meeting.of([propose(">= 95"), propose(">= 96")]))


def test_two_lists_of_targets_in_opposite_order(office: Office, meeting: Meeting) -> None:
    codes = ("310101", "310102")

    def propose(codes: Sequence[str], asked: str) -> Deed:
        wanted = [Wanted(target(code, asked), "市里下达") for code in codes]
        return at(lambda: targets.propose_all(office.analyst, office.cast.tree, wanted))

    one_wins(meeting.of([propose(codes, ">= 95"), propose(codes[::-1], ">= 96")], patience=2))


def test_one_approves_and_one_rejects_a_target(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        made = targets.propose(office.analyst, office.cast.tree, target("310101", ">= 95"), "市里下达")
    other = another(office, "reviewer")
    one_wins(
        meeting.of(
            [
                at(lambda: targets.approve(office.reviewer, made.pk)),
                at(lambda: targets.reject(other, made.pk, "与省里要求不符")),
            ]
        )
    )


def test_two_begin_the_same_draft_of_the_catalogue(office: Office, meeting: Meeting) -> None:
    begun = meeting.of([at(lambda: indicators.open_draft(office.analyst, "调整目标")) for _ in range(2)])
    nobody_failed(begun)
    assert begun[0] == begun[1]
    assert CatalogueDraft.objects.count() == 1


def test_a_draft_of_the_catalogue_does_not_wait_for_whoever_refers_to_its_version(office: Office) -> None:
    def begin() -> CatalogueDraft:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        return indicators.open_draft(office.analyst, "调整目标")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as when the other is about to commit
        CatalogueDraft.objects.create(
            title="另一份",
            base=office.catalogue,
            text="{}",
            opened_by=office.reviewer.user,
            opened_at=NOVEMBER,
            edited_at=NOVEMBER,
        )
        nobody_failed(together([at(begin)]))


def test_two_bring_one_draft_of_the_catalogue_in_force(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        draft = indicators.open_draft(office.analyst, "调整目标")
        entry = {**draft.content["indicators"][0], "target": ">= 91"}
        indicators.put_entry(office.analyst, draft.pk, 0, "indicators", "RATE", entry)
        indicators.validate(office.analyst, draft.pk)
    two = [office.cast.actor("system_administrator"), another(office, "system_administrator")]
    one_wins(
        meeting.of([at(lambda a=a: indicators.enforce(a, draft.pk, "2026-10", "办公会决定")) for a in two])
    )
    assert CatalogueVersion.objects.count() == 2


def test_two_confirm_one_post(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        proposal = proposals.grant(
            office.cast.actor("security_administrator"),
            user_id=office.cast.user("nobody").pk,
            role="analyst",
            region_id=office.city.pk,
            reason="新任",
        )
    assert isinstance(proposal, PostProposal)
    two = [another(office, "security_administrator"), office.cast.actor("leader", "ancestor")]
    one_wins(meeting.of([at(lambda a=a: proposals.confirm(a, proposal.pk)) for a in two]))
    assert Post.objects.filter(user=office.cast.user("nobody")).count() == 1


def test_a_post_is_moved_while_its_holder_is_corrected(office: Office, meeting: Meeting) -> None:
    user = office.cast.user("analyst", "ancestor")
    post = Post.objects.get(user=user)
    with frozen(NOVEMBER):
        proposal = proposals.move(
            office.cast.actor("security_administrator"), post.pk, office.cast.places["county_b"].pk, "轮岗"
        )
    second, system = another(office, "security_administrator"), office.cast.actor("system_administrator")
    nobody_failed(
        meeting.of(
            [
                at(lambda: proposals.confirm(second, proposal.pk)),
                at(lambda: change_user(system, user.pk, full_name="新名", email="")),
            ],
            patience=2,
        )
    )


# -- runs, numbers, bulletins -------------------------------------------------------------------------


def test_two_begin_a_run_of_the_same_period(office: Office, meeting: Meeting) -> None:
    results = meeting.of([at(office.new_run), at(office.new_run)])
    assert all(isinstance(one, Run | Conflict) for one in results), results
    live = Run.objects.exclude(state="withdrawn")
    assert live.count() == 1
    assert len(set(Run.objects.values_list("version", flat=True))) == Run.objects.count()


def test_two_compute_one_run(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        run = office.new_run()
    results = meeting.of([at(lambda: runs.prepare(office.analyst, run.pk)) for _ in range(2)])
    assert any(isinstance(one, Run) for one in results), results
    assert all(isinstance(one, Run | Conflict) for one in results), results
    run.refresh_from_db()
    assert run.ranked.count() == 2


def test_a_run_is_sent_back_while_it_is_signed(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        run = office.in_review()
    other = another(office, "reviewer")
    one_wins(
        meeting.of(
            [
                at(lambda: runs.send_back(other, run.pk, "请再核对到位率")),
                at(lambda: runs.approve_and_publish(office.reviewer, run.pk)),
            ]
        )
    )
    run.refresh_from_db()
    assert hasattr(run, "publication") is (run.state == "published")


def series_of(office: Office) -> int:
    made = numbering.make_series(office.analyst, office.city.pk, name="通报", office="本禁办通")
    runs.set_release_rule(office.reviewer, office.city.pk, appeal_days=0, series_id=made.pk)
    return made.pk


@pytest.mark.parametrize("first", ["publishes", "reserves"])
def test_a_number_is_reserved_while_a_run_takes_the_next(
    office: Office, meeting: Meeting, first: str
) -> None:
    with frozen(NOVEMBER):
        series = series_of(office)
        run = office.in_review()
    deeds = [
        at(lambda: runs.approve_and_publish(office.reviewer, run.pk)),
        at(lambda: numbering.reserve(office.analyst, series, "会议通知", "纸质印发")),
    ]
    nobody_failed(meeting.of(deeds if first == "publishes" else deeds[::-1], patience=2))
    assert sorted(OfficialNumber.objects.values_list("n", flat=True)) == [1, 2]


def test_two_publish_different_runs_in_one_series_and_one_breaks_off(
    office: Office, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No number twice, and none lost where a publication is rolled back."""
    with frozen(NOVEMBER):
        series_of(office)
        office.report("2026-08", FIGURES)
        september, august = office.in_review(MONTH), office.in_review("2026-08")
    told = runs.publishing._tell_readers

    def cut_off(actor: Any, run: Run) -> None:
        if run.pk == september.pk:
            raise RuntimeError("the power is gone")
        told(actor, run)

    monkeypatch.setattr(runs.publishing, "_tell_readers", cut_off)
    other = another(office, "reviewer")
    results = meeting.of(
        [
            at(lambda: runs.approve_and_publish(office.reviewer, september.pk)),
            at(lambda: runs.approve_and_publish(other, august.pk)),
        ]
    )
    assert [type(one).__name__ for one in results] == ["RuntimeError", "Run"], results
    assert list(OfficialNumber.objects.values_list("n", flat=True)) == [1]
    monkeypatch.setattr(runs.publishing, "_tell_readers", told)
    with frozen(NOVEMBER):
        runs.approve_and_publish(office.reviewer, september.pk)
    assert sorted(OfficialNumber.objects.values_list("n", flat=True)) == [1, 2]


def test_two_officers_take_many_numbers(office: Office) -> None:
    with frozen(NOVEMBER):
        series = series_of(office)
    nobody_failed(
        together(
            [
                at(lambda n=n: numbering.reserve(office.analyst, series, f"第{n}件", "纸质印发"))
                for n in range(8)
            ]
        )
    )
    assert sorted(OfficialNumber.objects.values_list("n", flat=True)) == list(range(1, 9))


def test_two_void_one_number(office: Office, meeting: Meeting) -> None:
    with frozen(NOVEMBER):
        number = numbering.reserve(office.analyst, series_of(office), "会议通知", "纸质印发")
    one_wins(
        meeting.of(
            [
                at(lambda: numbering.void_reserved(office.analyst, number.pk, "会议取消，未使用"))
                for _ in range(2)
            ]
        )
    )


def test_two_issue_one_bulletin(office: Office, meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletins, "FORMATS", {"xlsx": bulletins.FORMATS["xlsx"]})
    with frozen(NOVEMBER):
        run = office.published()

    def issue(number: str) -> Deed:
        return at(lambda: bulletins.issue(office.reviewer, run.pk, number=number, issuer_zh="本市禁毒办"))

    one_wins(meeting.of([issue("本禁通〔2026〕1号"), issue("本禁通〔2026〕2号")]))
    assert Bulletin.objects.count() == 1


# -- time ---------------------------------------------------------------------------------------------


def test_two_machines_wake_up_at_once_and_everything_happens_once(office: Office, meeting: Meeting) -> None:
    with frozen(OCTOBER_5 - dt.timedelta(days=1)):
        make(office)
        security = office.cast.actor("security_administrator")
        reviews.open_campaign(security, title="年度确认", due_on=dt.date(2026, 10, 20))
        proposals.grant(
            security,
            user_id=office.cast.user("nobody").pk,
            role="analyst",
            region_id=office.city.pk,
            reason="新任",
        )
        run = runs.open_for_appeal(office.reviewer, office.in_review("2026-09").pk, days=5)
        assert run.state == "appeal"
    late = OCTOBER_5 + dt.timedelta(days=20)
    rounds = meeting.of([at(lambda: timers.tick(SYSTEM), late) for _ in range(2)])
    nobody_failed(rounds)
    assert not [rung for done in rounds for rung in done if rung.failure]
    assert Occurrence.objects.count() == Run.objects.exclude(pk=run.pk).count() + 1 == 1
    assert PostProposal.objects.get().state == "lapsed"
    for action in ("accounts.change_lapsed", "schedules.produced"):
        assert AuditEntry.objects.filter(action=action).count() <= 1, action
    suspended = AuditEntry.objects.filter(action="accounts.post_suspended")
    assert suspended.count() == Post.objects.filter(suspended_at__isnull=False).count()
    for notice in Notice.objects.filter(code="accounts.post_suspended").values("recipient", "params"):
        same = Notice.objects.filter(code="accounts.post_suspended", recipient=notice["recipient"])
        assert same.filter(params=notice["params"]).count() == 1
