"""What stands beside the course: papers read back, rule sets, designations, changes of regions, reminders, feeds, pages."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from typer.testing import CliRunner

from jingtu.core.facts.feeds import feeds_for
from jingtu.core.files.queries import content_path, get_file
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.numbering.services import make_series
from jingtu.core.regions.services import Order, merge_regions
from jingtu.core.ui.agenda import points_for
from jingtu.engine.periods import Period
from jingtu.governance.accountability.listings.commands import app
from jingtu.governance.accountability.listings.composing import available, compose
from jingtu.governance.accountability.listings.definition import Criterion, faults, read
from jingtu.governance.accountability.listings.models import Designation, Listing
from jingtu.governance.accountability.listings.presets import PRESETS
from jingtu.governance.accountability.listings.queries import listings, waiting
from jingtu.governance.accountability.listings.queries.candidates import candidates
from jingtu.governance.accountability.listings.queries.page import listing_page
from jingtu.governance.accountability.listings.reading import MARK, reading_copy
from jingtu.governance.accountability.listings.services import (
    deciding,
    designating,
    papers,
    rectifying,
    reviewing,
    rule_sets,
)
from jingtu.governance.accountability.listings.services.proposing import Given, VenueData
from jingtu.governance.accountability.listings.services.rectifying import PlanTask
from jingtu.governance.accountability.listings.services.reminding import remind
from jingtu.governance.accountability.measures.models import Proposal
from jingtu.governance.accountability.measures.registry import handover_of
from jingtu.governance.duties.plans.queries.tasks import tasks_of_origin
from tests.access.cast import make_cast
from tests.assessment import office as assessing

from .office import START, Office, fresh, on

pytestmark = pytest.mark.django_db


# -- papers


def words_of(stored_id: int, office: Office) -> str:
    """The text of a printed Word file, its tables with it."""
    stored = get_file(office.secretary, stored_id)
    read_back = docx.Document(io.BytesIO(content_path(stored).read_bytes()))
    cells = [cell.text for table in read_back.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in read_back.paragraphs), *cells])


def test_every_paper_says_what_was_decided_and_bears_the_next_number_of_its_series() -> None:
    office = Office()
    series = make_series(SYSTEM, office.cast.places["city"].pk, name="挂牌", office="市禁毒办挂")
    listing = office.watched()
    says = {
        "notice": "拟将甲县列为吸毒突出问题市级挂牌整治对象",
        "listing": "期限12个月，自2026年3月2日起至2027年3月1日止",
        "rectify": "请于每月10日前报告上月进展",
        "public": "巩固期至2027年3月1日",
        "acceptance": "得分94分，结论：合格",
        "delisting": "自2026年3月2日起解除甲县",
    }
    assert available(listing, listing.acceptances.get()) == list(says)
    with on(START):
        for number, (kind, sentence) in enumerate(says.items(), start=1):
            paper = papers.print_paper(
                office.secretary, listing.pk, kind, issuer="本市禁毒办", series_id=series.pk
            )
            assert paper.number == f"市禁毒办挂〔2026〕{number}号"
            text = words_of(paper.word_id, office)
            assert sentence in text
            assert paper.number in text
            assert content_path(get_file(office.secretary, paper.pdf_id)).read_bytes().startswith(b"%PDF")
            assert paper.reading_id is not None


def test_the_reading_copy_is_marked_as_a_translation_and_says_the_same_in_english() -> None:
    listing = Office().watched()
    says = {
        "notice": "It is proposed to list 甲县 as “Listed for rectification” for drug use (city level).",
        "listing": "for 12 months, from 2 March 2026 to 1 March 2027",
        "rectify": "by day 10 of each month",
        "acceptance": "Total 94; passed.",
        "delisting": "from 2 March 2026 (示禁毒委〔2026〕2号)",
        "public": "the watch period runs until 1 March 2027",
        "review": "is upheld on review",
    }
    for kind, sentence in says.items():
        copy = reading_copy(
            kind, listing, issuer="市禁毒办", number="1", day=START, acceptance=listing.acceptances.get()
        )
        assert MARK in copy.text()
        assert sentence in copy.text()


def test_a_revocation_is_printed_as_a_decision_on_review() -> None:
    office = Office()
    listing = office.listed()
    with on(START):
        reviewing.revoke(office.leader, listing.pk, "依据不足，予以撤销", office.paper("示〔2026〕2号"))
    found = fresh(listing)
    assert "review" in available(found, None)
    made = compose("review", found, issuer="市禁毒办", number="2", day=START)
    assert "经复核，予以撤销" in made.text()
    assert "依据不足" in made.text()


def test_the_paper_of_a_listing_names_what_was_decided_with_it_and_the_criteria() -> None:
    office = Office()
    listing = office.listed()
    with on(START):
        paper = papers.print_paper(
            office.leader, listing.pk, "listing", issuer="本市禁毒委员会", number="示禁毒委〔2026〕1号"
        )
    text = words_of(paper.word_id, office)
    assert "取消评先评优资格" in text
    assert "暂缓提拔使用" not in text
    assert "≥95" in text.replace(" ", "")


def test_papers_are_for_those_above_to_print_and_for_those_who_see_the_listing_to_open() -> None:
    office = Office()
    listing = office.listed()
    with on(START):
        with pytest.raises(PermissionDenied):
            papers.print_paper(
                office.cast.actor("secretary", "own"),
                listing.pk,
                "listing",
                issuer="甲县",
                number="甲〔2026〕1号",
            )
        with pytest.raises(Conflict):
            papers.print_paper(
                office.secretary, listing.pk, "delisting", issuer="本市禁毒办", number="示〔2026〕1号"
            )
        paper = papers.print_paper(
            office.secretary, listing.pk, "listing", issuer="本市禁毒办", number="示〔2026〕1号"
        )
    assert get_file(office.cast.actor("reporter", "own"), paper.pdf_id)
    with pytest.raises(NotFound):
        get_file(office.cast.actor("reporter", "sibling"), paper.pdf_id)


# -- rule sets


@pytest.mark.parametrize("code", sorted(PRESETS))
def test_every_preset_holds_and_reads_back_as_it_was_written(code: str) -> None:
    content = PRESETS[code].content
    assert faults(content) == []
    assert read(content.plain()) == content


def test_a_revision_is_a_new_version_and_a_listing_keeps_its_own() -> None:
    office = Office()
    listing = office.proposed()
    content = office.version.rules
    shorter = tuple(replace(one, term=6) if one.code == "listed" else one for one in content.classes)
    made = rule_sets.revise(
        office.secretary, office.rule_set.pk, replace(content, classes=shorter), "缩短期限"
    )
    assert made.number == 2
    assert fresh(listing).version.number == 1
    assert made.rules.the_class("listed").term == 6
    with pytest.raises(InvalidInput):
        rule_sets.revise(office.secretary, office.rule_set.pk, made.rules, "没有变化")
    with pytest.raises(PermissionDenied):
        rule_sets.revise(office.cast.actor("analyst", "ancestor"), office.rule_set.pk, content, "无权")


def test_rules_that_do_not_hold_are_refused_with_the_field() -> None:
    office = Office()
    content = office.version.rules
    wrong = replace(
        content,
        criteria=(*content.criteria, Criterion("x", "错误", "Wrong", entry="about 5")),
        classes=(replace(content.classes[0], cap=1, term=12), *content.classes[1:]),
        pass_mark=Decimal(500),
    )
    with pytest.raises(InvalidInput) as refused:
        rule_sets.revise(office.secretary, office.rule_set.pk, wrong, "")
    columns = {problem.column for problem in refused.value.problems}
    assert {"classes-0-term", f"criteria-{len(content.criteria)}-entry", "pass_mark"} <= columns


def test_the_editor_on_screen_saves_a_new_version() -> None:
    office = Office()
    client = Client()
    client.force_login(office.cast.user("secretary", "ancestor"))
    address = reverse("listings:edit-rule", args=[office.rule_set.pk])
    page = client.get(address)
    editor = page.context["editor"]
    sent: dict[str, object] = {
        name: field.value() for name, field in ((bound.html_name, bound) for bound in editor.basics)
    }
    for _label, _key, part in editor.parts:
        sent |= {bound.html_name: bound.value() for bound in part.management_form}
        sent |= {
            bound.html_name: bound.value()
            for form in part
            for bound in form
            if bound.value() not in (None, False)
        }
    sent["key_areas"] = 3
    assert (
        client.post(address, {key: "" if value is None else value for key, value in sent.items()}).status_code
        == 302
    )
    assert office.version.rules.key_areas == 3
    sent["classes-0-term"] = 0
    assert (
        client.post(address, {key: "" if value is None else value for key, value in sent.items()}).status_code
        == 400
    )


# -- designations


def test_no_more_areas_are_named_than_the_rules_allow_and_by_another_person() -> None:
    cast = make_cast()
    office = Office(cast)
    content = replace(office.version.rules, key_areas=1)
    rule_sets.revise(office.secretary, office.rule_set.pk, content, "")
    with on(START):
        first, second = (
            designating.name_area(
                office.secretary, cast.places[key].pk, office.version.pk, 2026, "key", "上年度考核意见"
            )
            for key in ("county_a", "county_b")
        )
        with pytest.raises(Conflict):
            designating.name_area(
                office.secretary, cast.places["county_a"].pk, office.version.pk, 2026, "key", "再次提出"
            )
        designating.decide_area(office.leader, first.pk, "同意确定", office.paper())
        with pytest.raises(Conflict) as full:
            designating.decide_area(office.leader, second.pk, "同意确定", office.paper())
        assert full.value.problem.code == "listings.named_full"
        designating.decide_area(office.leader, second.pk, "名额已满，不予确定", None)
    assert list(Designation.objects.order_by("pk").values_list("state", flat=True)) == [
        "decided",
        "not_taken",
    ]


# -- what happens around them


def test_a_listing_of_a_region_that_is_merged_goes_on_at_its_successor_with_a_note() -> None:
    office = Office()
    places = office.cast.places
    with on(START):
        listing = office.rectifying()
        hidden = office.proposed(class_code="warned", venue=VenueData("星光歌舞厅", "歌舞娱乐场所"))
        merge_regions(
            SYSTEM,
            [places["county_a"], places["county_b"]],
            code="310109",
            name="新县",
            order=Order(START, "民政〔2026〕1号"),
        )
    moved = fresh(listing)
    assert moved.region.name == "新县"
    assert moved.state == "rectifying"
    step = moved.steps.last()
    assert step is not None
    assert (step.act, step.note["old"], step.note["new"]) == ("moved", "甲县", "新县")
    assert fresh(hidden).venue is not None
    assert fresh(hidden).venue.region.name == "新县"  # type: ignore[union-attr]


def test_people_are_told_once_of_a_term_that_ends_and_of_progress_that_is_due() -> None:
    office = Office()
    listing = office.rectifying(class_code="warned")
    assert listing.due_on is not None
    with on(dt.date(2026, 5, 4)):
        assert remind() == 1
        assert remind() == 0
    assert (
        Notice.objects.filter(
            code="listings.progress_due", recipient=office.cast.user("reporter", "own")
        ).count()
        == 1
    )
    with on(listing.due_on - dt.timedelta(days=20)):
        remind()
        remind()
    ended = Notice.objects.filter(code="listings.term_ending", recipient=office.cast.user("reporter", "own"))
    assert ended.count() == 1


def test_the_plan_of_a_listing_stands_among_the_tasks_of_the_place() -> None:
    office = Office()
    listing = office.listed()
    with on(START):
        tasks = [
            PlanTask("走访在册人员", START + dt.timedelta(days=60)),
            PlanTask("联合检查", START + dt.timedelta(days=90)),
        ]
        rectifying.begin(office.cast.actor("secretary", "own"), listing.pk, "整治方案已审定", tasks)
    origin = f"listing:{listing.pk}"
    found = tasks_of_origin(office.cast.actor("secretary", "own"), [origin])[origin]
    assert [task.title for task in found] == ["走访在册人员", "联合检查"]
    assert found[0].plan.origin == origin


def test_the_feed_counts_what_stands_at_the_end_and_what_was_taken_off_in_time() -> None:
    office = Office()
    office.watched()
    office.day = START.replace(day=20)
    office.listed(class_code="focused")
    (feed,) = feeds_for(["acct_listed", "acct_delisted"])
    with on(dt.date(2026, 4, 2)):
        found = feed.derive(SYSTEM, office.cast.tree, [office.county.pk], Period.parse("2026-03"))
        early = feed.derive(SYSTEM, office.cast.tree, [office.county.pk], Period.parse("2026-04"))
    counts = {(key[1], key[2]): derived.value for key, derived in found.items()}
    assert counts == {
        ("acct_listed", "listing_class=focused"): 1, ("acct_delisted", ""): 1, ("acct_delisted_on_time", ""): 1,
    }  # fmt: skip
    assert early == {}


def test_a_meeting_may_talk_about_a_term_that_ends_soon() -> None:
    office = Office()
    listing = office.rectifying()
    assert listing.due_on is not None
    for day, wanted in ((START, []), (listing.due_on, [str(listing.pk)])):
        offered = points_for(office.secretary, office.cast.places["city"].pk, day)
        keys = [point.key for source, points in offered if source.key == "listings" for point in points]
        assert keys == wanted


def test_what_waits_is_counted_for_who_is_to_do_it() -> None:
    office = Office()
    office.noticed()
    with on(START):
        assert waiting(office.place).to_reply == 1
        assert waiting(office.cast.actor("reporter", "ancestor")).to_reply == 0
    office.day = START + dt.timedelta(days=1)
    office.heard(class_code="focused")
    with on(office.day):
        assert waiting(office.leader).to_decide == 1
        assert waiting(office.cast.actor("leader", "own")).to_decide == 0


def test_the_page_forecasts_by_the_line_from_entry_to_now() -> None:
    office = Office()
    listing = office.rectifying()
    row = listing.criteria.get(code="execution")
    row.entry_value, row.entry_source, row.entry_day = Decimal(80), "县报表", START
    row.save()
    with on(START + dt.timedelta(days=40)):
        rectifying.report_progress(
            office.place,
            listing.pk,
            dt.date(2026, 3, 1),
            "新增岗位",
            {"execution": Given(Decimal(83), "县报表")},
        )
        page = listing_page(office.place, listing.pk)
    shown = next(one for one in page.criteria if one.row.code == "execution")
    assert (shown.now, shown.met) == (Decimal(83), False)
    assert shown.forecast is not None
    assert shown.forecast > 95
    assert shown.forecast_met is True


# -- candidates from publications


def test_places_that_meet_a_criterion_are_shown_with_their_publication_and_what_speaks_against() -> None:
    figures = assessing.Office()
    run = figures.published()
    office = Office(figures.cast)
    criteria = (
        Criterion("cases", "案件数", "Cases", "indicator", "CASES", ">= 10", "<= 5", "起", "cases"),
        Criterion("users", "应到人数", "People due", "element", "due", ">= 50", "", "人", "persons"),
        Criterion("bottom", "末位", "Bottom", "bottom", "card", "<= 1"),
    )
    rule_sets.revise(
        office.secretary, office.rule_set.pk, replace(office.version.rules, criteria=criteria), ""
    )
    found = candidates(office.secretary, office.version, "county")
    hits = {one.region.name: {hit.criterion.code: hit.measured for hit in one.hits} for one in found}
    assert {name: set(codes) for name, codes in hits.items()} == {
        "甲县": {"cases", "users"},
        "乙县": {"bottom"},
    }
    assert {measured.value for measured in hits["甲县"].values()} == {Decimal(13), Decimal(60)}
    assert {measured.run_id for codes in hits.values() for measured in codes.values()} == {run.pk}
    assert not Listing.objects.exists()
    office.after_now()
    listing = office.proposed()
    assert listing.criteria.get(code="cases").entry_run_id == run.pk
    again = candidates(office.secretary, office.version, "county")
    assert {"code": "standing"} in again[0].against
    with pytest.raises(PermissionDenied):
        candidates(office.leader, office.version, "county")


# -- pages and commands


def test_the_board_asks_as_many_queries_for_many_as_for_few() -> None:
    office = Office()
    client = Client()
    client.force_login(office.cast.user("secretary", "ancestor"))
    office.proposed(class_code="reminded")

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(reverse("listings:list")).status_code == 200
        return len(captured)

    asked()
    few = asked()
    for code in ("warned", "watched", "focused", "listed"):
        office.noticed(class_code=code)
    assert asked() == few


def test_a_decision_on_screen_asks_who_sits_there_when_the_sign_in_is_stale() -> None:
    office = Office()
    listing = office.heard()
    client = Client()
    client.force_login(office.cast.user("leader", "ancestor"))
    session = client.session
    session.clear()
    client.force_login(office.cast.user("leader", "ancestor"))
    session = client.session
    for key in list(session.keys()):
        if not key.startswith("_auth"):
            del session[key]
    session.save()
    sent = {
        "decision": "同意挂牌",
        "document_number": "示〔2026〕1号",
        "document_date": "2026-03-02",
        "leader": "县长",
    }
    answer = client.post(reverse("listings:act", args=[listing.pk, "list"]), sent)
    assert answer.status_code == 403
    assert fresh(listing).state == "heard"


def test_the_commands_list_show_and_propose_with_the_users_rights() -> None:
    office = Office()
    listing = office.rectifying()
    run = CliRunner()
    listed = run.invoke(app, ["list", "--as", "secretary.ancestor", "--json"])
    assert listed.exit_code == 0
    assert f'"id": {listing.pk}' in listed.output
    shown = run.invoke(app, ["show", str(listing.pk), "--as", "reporter.own"])
    assert shown.exit_code == 0
    assert run.invoke(app, ["show", str(listing.pk), "--as", "reporter.sibling"]).exit_code == 2
    proposing = [
        "propose",
        "--region",
        "310102",
        "--tree",
        "cast",
        "--class",
        "warned",
        "--problem",
        "use",
        "--level",
        "city",
        "--grounds",
        "举报线索较多",
    ]
    assert run.invoke(app, [*proposing, "--as", "secretary.ancestor"]).exit_code == 0
    assert run.invoke(app, [*proposing, "--as", "reporter.own"]).exit_code == 2
    assert listings(office.secretary).count() == 2


def test_a_closed_case_is_closed_only_after_its_watch() -> None:
    office = Office()
    listing = office.watched()
    with on(START), pytest.raises(Conflict) as refused:
        deciding.close(office.leader, listing.pk, "提前结案")
    assert refused.value.problem.code == "listings.watch_runs"


def test_a_proposal_of_accountability_taken_as_listing_opens_a_case_that_is_still_to_be_heard_and_decided() -> (
    None
):
    office = Office()
    proposal = Proposal.objects.create(
        office=office.cast.places["city"], region=office.county, kind="bottom", key="bottom-2026",
        proposed_at=now(), rung="listing", facts="连续两季度末位", prepared_by=office.cast.user("secretary", "ancestor"),
    )  # fmt: skip
    handover = handover_of("listing")
    assert handover is not None
    with on(START):
        suggested = {one.key: one.proposed for one in handover.choices(office.leader, proposal.pk)}
        address = handover.start(
            office.leader, proposal.pk, "同意转为挂牌", {"class": "listed", "problem": "use"}
        )
    listing = Listing.objects.get()
    assert address == reverse("listings:detail", args=[listing.pk])
    assert suggested == {"class": "focused", "problem": "other"}
    assert (listing.state, listing.class_code, listing.problem) == ("proposed", "listed", "use")
    assert listing.grounds == "连续两季度末位"
    assert listing.proposed_by == office.cast.user("secretary", "ancestor")
    with on(START), pytest.raises(Conflict):
        handover.start(office.leader, proposal.pk, "再转一次", {"class": "listed", "problem": "use"})
    with pytest.raises(PermissionDenied):
        handover.start(office.cast.actor("leader", "own"), proposal.pk, "本县自转", {})
    assert handover.choices(office.cast.actor("leader", "own"), proposal.pk) == ()
