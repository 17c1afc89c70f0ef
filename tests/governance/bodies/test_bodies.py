"""Bodies, their members by post, what an office has, and the report to the body above."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.audit.models import AuditEntry
from jingtu.core.documents import keeping
from jingtu.core.documents.registry import cited_by
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.regions.services.changes import Order, merge_regions
from jingtu.engine.periods import Period
from jingtu.governance.duties.bodies import feeds, panels, queries, reports, searching, services
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.rules import CapacityKind, Term, term_on, terms_overlap
from jingtu.governance.duties.bodies.services import Draft
from tests.access.cast import Cast, make_cast

NOON = dt.datetime(2026, 11, 2, 4, tzinfo=dt.UTC)
COMMITTEE = Draft("committee", "甲县禁毒委员会", name_en="Committee of county A")
SINCE = dt.date(2026, 1, 1)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def found(cast: Cast, draft: Draft = COMMITTEE) -> Body:
    return services.found_body(cast.actor("secretary", "own"), cast.places["county_a"].pk, draft)


def test_a_body_is_entered_over_the_own_area_and_read_there(cast):
    body = found(cast)
    for relation in ("own", "ancestor"):
        assert queries.get_body(cast.actor("reporter", relation), body.pk) == body
    for relation in ("sibling", "descendant", "outsider"):
        with pytest.raises(NotFound):
            queries.get_body(cast.actor("secretary", relation), body.pk)
    with pytest.raises(PermissionDenied):
        services.found_body(cast.actor("leader", "own"), cast.places["county_a"].pk, COMMITTEE)
    with pytest.raises(InvalidInput):
        found(cast)


def test_a_body_never_answers_to_itself_or_to_one_below_it(cast):
    upper = found(cast)
    lower = found(cast, Draft("team", "打击组", team="crackdown", parent_id=upper.pk))
    with pytest.raises(InvalidInput):
        services.change_body(SYSTEM, upper.pk, replace(COMMITTEE, parent_id=lower.pk), "调整")
    with pytest.raises(InvalidInput):
        found(cast, Draft("team", "无领域组"))


def test_a_body_has_one_chair_at_a_time_and_all_who_ever_were_stay_on_record(cast):
    body = found(cast)
    first = services.appoint(SYSTEM, body.pk, "chair", name="示例甲", post="县长", starts=SINCE)
    with pytest.raises(InvalidInput):
        services.appoint(SYSTEM, body.pk, "chair", name="示例乙", starts=dt.date(2026, 6, 1))
    with frozen(NOON):
        services.set_term(SYSTEM, first.pk, dt.date(2026, 5, 31), "调离")
        services.appoint(SYSTEM, body.pk, "chair", name="示例乙", starts=dt.date(2026, 6, 1))
        with pytest.raises(Conflict):
            services.set_term(SYSTEM, first.pk, dt.date(2026, 12, 31), "又来")
    assert [each.who for each in queries.members(SYSTEM, body, dt.date(2026, 5, 31))] == ["示例甲"]
    assert [each.who for each in queries.members(SYSTEM, body, dt.date(2026, 6, 1))] == ["示例乙"]
    assert len(queries.members(SYSTEM, body)) == 2
    assert AuditEntry.objects.filter(action="bodies.term_changed", reason="调离").exists()


def test_a_dissolved_body_ends_its_members_terms_and_takes_no_more(cast):
    body = found(cast)
    services.appoint(SYSTEM, body.pk, "member", name="示例丙", starts=SINCE)
    with frozen(NOON):
        services.dissolve_body(SYSTEM, body.pk, dt.date(2026, 10, 1), "机构改革")
        with pytest.raises(Conflict):
            services.appoint(SYSTEM, body.pk, "member", name="示例丁", starts=SINCE)
    assert queries.members(SYSTEM, body)[0].ends == dt.date(2026, 10, 1)
    assert not queries.bodies(SYSTEM).exists()
    assert queries.bodies(SYSTEM, queries.Wanted(dissolved=True)).get() == body


def test_who_keeps_the_body_sees_terms_ending_soon_today(cast):
    body = found(cast)
    with frozen(NOON):
        services.appoint(SYSTEM, body.pk, "deputy", name="示例甲", starts=SINCE, ends=dt.date(2026, 12, 31))
        services.appoint(SYSTEM, body.pk, "member", name="示例乙", starts=SINCE, ends=dt.date(2027, 6, 30))
        assert [duty.count for duty in searching.waiting(cast.actor("secretary", "own"))] == [1]
        assert searching.waiting(cast.actor("secretary", "sibling")) == []


def test_a_body_is_among_those_who_cite_the_article_it_rests_on(cast):
    rules = keeping.Draft("责任制", "responsibility")
    keeping.add_document(SYSTEM, rules, keeper_id=cast.places["county_a"].pk, code="rules")
    body = found(cast, replace(COMMITTEE, document="rules#第三条"))
    mine = cited_by(cast.actor("viewer", "own"), "rules")
    assert mine == []
    cited = cited_by(cast.actor("secretary", "own"), "rules")
    assert [(one.label, one.article) for one in cited] == [(body.name, "第三条")]


def test_the_latest_record_counts_and_figures_follow_the_records(cast):
    office = found(cast, Draft("office", "甲县禁毒办"))

    def staff(day: dt.date, planned: int, actual: int, category: str = "civil") -> None:
        services.record_capacity(
            SYSTEM, office.pk, CapacityKind.STAFF, day, category=category, planned=planned, actual=actual
        )

    with frozen(NOON):
        staff(SINCE, 8, 6)
        staff(dt.date(2026, 9, 1), 9, 8)
        staff(SINCE, 0, 3, "seconded")
        services.record_capacity(
            SYSTEM, office.pk, CapacityKind.BUDGET, dt.date(2026, 9, 30), year=2026, planned=900, actual=500
        )
        honour = services.record_capacity(
            SYSTEM, office.pk, CapacityKind.HONOUR, dt.date(2026, 9, 9), category="province", text="先进集体"
        )
        with pytest.raises(InvalidInput):
            services.record_capacity(SYSTEM, office.pk, CapacityKind.BUDGET, SINCE, planned=1)
    county = cast.places["county_a"]
    actor = cast.actor("reporter", "own")

    def derived(period: str) -> dict[str, int]:
        rows = feeds.capacity_counted(actor, cast.tree, [county.pk], Period.parse(period))
        return {element: figure.value for (_, element, _), figure in rows.items()}

    assert derived("2026-08") == {feeds.ESTABLISHMENT: 8, feeds.STAFF: 9}
    september = {feeds.ESTABLISHMENT: 9, feeds.STAFF: 11, feeds.BUDGET: 900, feeds.SPENT: 500}
    assert derived("2026-09") == september | {feeds.HONOURS: 1}
    services.withdraw_capacity(SYSTEM, honour.pk, "登记有误")
    assert derived("2026-09") == september
    stranger = cast.actor("reporter", "sibling")
    assert feeds.capacity_counted(stranger, cast.tree, [county.pk], Period.parse("2026-09")) == {}


def test_a_report_is_drawn_up_by_one_and_issued_by_another_and_then_stays(cast, monkeypatch):
    monkeypatch.setattr(panels, "_sources", {})
    line = panels.Line(
        "任务甲逾期", "Task A is late", tone="below", detail_zh="逾期3天", detail_en="3 days late"
    )
    told = panels.Panel("逾期任务1项。", "1 task is late.", [line])
    panels.register_panel("tasks", ("任务", "Tasks"), lambda actor, body, start, end: told)
    group = found(cast, Draft("leading_group", "甲县禁毒工作领导小组"))
    headquarters = found(cast, Draft("headquarters", "甲县禁毒指挥部", parent_id=group.pk))
    found(cast, Draft("team", "打击组", team="crackdown", parent_id=headquarters.pk))
    secretary, leader = cast.actor("secretary", "own"), cast.actor("leader", "own")
    with frozen(NOON):
        with pytest.raises(InvalidInput):
            reports.draft_report(secretary, headquarters.pk, "2026-11")
        with pytest.raises(Conflict):
            reports.draft_report(secretary, group.pk, "2026-10")
        report = reports.draft_report(secretary, headquarters.pk, "2026-10")
        reports.write_texts(
            secretary, report.pk, {"overall": "总体平稳。", "problems": "", "next": "抓整改。"}
        )
        again = reports.draft_report(secretary, headquarters.pk, "2026-10")
        assert (again.pk, again.texts["overall"]) == (report.pk, "总体平稳。")
        with pytest.raises(Conflict):
            reports.issue_report(secretary, report.pk)
        with pytest.raises(NotFound):
            queries.get_report(cast.actor("reporter", "own"), report.pk)
        reports.issue_report(leader, report.pk)
        with pytest.raises(Conflict):
            reports.draft_report(secretary, headquarters.pk, "2026-10")
        with pytest.raises(Conflict):
            reports.write_texts(secretary, report.pk, {"overall": "改"})
    issued = queries.get_report(cast.actor("reporter", "own"), report.pk)
    assert {(one.language, one.format) for one in issued.files.all()} == {
        (language, extension) for language in ("zh", "en") for extension in ("docx", "pdf")
    }
    word = issued.files.get(language="zh", format="docx")
    printed = docx.Document(io.BytesIO(content_path(word.file).read_bytes()))
    text = "\n".join(paragraph.text for paragraph in printed.paragraphs)
    for part in ("甲县禁毒指挥部", "总体平稳。", "逾期任务1项。", "打击组", "抓整改。"):
        assert part in text
    cells = [cell.text for table in printed.tables for row in table.rows for cell in row.cells]
    assert "任务甲逾期" in cells
    assert queries.may_open_file(cast.actor("reporter", "own"), word.file)
    assert not queries.may_open_file(cast.actor("reporter", "sibling"), word.file)


def test_a_merged_county_hands_its_bodies_over_and_a_taken_name_is_told_apart(cast):
    body = found(cast)
    services.found_body(SYSTEM, cast.places["county_b"].pk, COMMITTEE)
    order = Order(date=dt.date(2026, 1, 1))
    merge_regions(SYSTEM, [cast.places["county_a"]], into=cast.places["county_b"], order=order)
    body.refresh_from_db()
    assert (body.region, body.name) == (cast.places["county_b"], "甲县禁毒委员会（原甲县）")


def test_the_pages_found_appoint_and_show(client, cast, django_assert_max_num_queries):
    client.force_login(cast.user("secretary", "own"))
    county = cast.places["county_a"].pk
    body = {"region": county, "kind": "office", "name": "甲县禁毒办"}
    assert client.post("/bodies/new/", body | {"kind": "team"}).status_code == 400
    made = client.post("/bodies/new/", body)
    address = made.headers["Location"]
    assert made.status_code == 302
    member = {"title": "chair", "name": "示例主任", "post": "县公安局副局长", "starts": "2026-01-01"}
    assert client.post(f"{address}members/new/", member).status_code == 302
    assert client.post(f"{address}members/new/", member).status_code == 400
    staff = {"day": "2026-01-01", "category": "civil", "planned": "8", "actual": "7"}
    assert client.post(f"{address}capacity/staff/", staff).status_code == 302
    assert client.get(f"{address}capacity/nothing/").status_code == 404
    shown = client.get(address).content.decode()
    assert "示例主任" in shown
    assert "县公安局副局长" in shown
    office = Body.objects.get()
    for number in range(30):
        services.appoint(SYSTEM, office.pk, "member", name=f"示例{number}", starts=SINCE)
        services.found_body(SYSTEM, county, Draft("team", f"第{number}组", team="other", parent_id=office.pk))
    with django_assert_max_num_queries(30):
        assert client.get(address).status_code == 200
    with django_assert_max_num_queries(14):
        assert client.get("/bodies/").status_code == 200


DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


TERMS = st.tuples(DAYS, st.none() | st.integers(0, 2000)).map(
    lambda term: (term[0], None if term[1] is None else term[0] + dt.timedelta(term[1]))
)


@given(TERMS, TERMS)
def test_two_terms_overlap_exactly_when_some_day_lies_in_both(first, second):
    begins = max(first[0], second[0])
    ends = [end for _, end in (first, second) if end is not None]
    assert terms_overlap(first, second) == all(begins <= end for end in ends)


@given(DAYS, st.none() | DAYS, DAYS)
def test_a_term_counts_on_both_its_days(starts, ends, day):
    running = starts <= day and (ends is None or day <= ends)
    assert (term_on(starts, ends, day) in (Term.CURRENT, Term.ENDING)) == running
