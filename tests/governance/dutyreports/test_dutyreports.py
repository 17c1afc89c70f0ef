"""A duty report is its author's until handed in, is commented on by others, and is closed by one of them."""

from __future__ import annotations

import datetime as dt
import io

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.governance.duties.bodies import services as bodies
from jingtu.governance.duties.dutyreports import queries, services
from jingtu.governance.duties.dutyreports.models import DutyReport
from jingtu.governance.duties.dutyreports.rules import AFTER, Act, State
from jingtu.governance.duties.dutyreports.searching import find_reports
from jingtu.governance.duties.dutyreports.sections import gathered
from jingtu.governance.duties.plans import services as plans
from tests.access.cast import Cast, make_cast

NOON = dt.datetime(2026, 11, 2, 4, tzinfo=dt.UTC)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def begun(cast: Cast) -> DutyReport:
    return services.begin(cast.actor("reporter", "own"), cast.places["county_a"].pk, "县公安局局长", 2026)


def test_a_report_goes_from_its_author_to_comments_and_is_closed(cast):
    author, leader = cast.actor("reporter", "own"), cast.actor("leader", "ancestor")
    with frozen(NOON):
        body = bodies.found_body(
            cast.actor("secretary", "own"),
            cast.places["county_a"].pk,
            bodies.Draft("team", "打击组", team="crackdown"),
        )
        bodies.appoint(
            cast.actor("secretary", "own"),
            body.pk,
            "chair",
            username="reporter.own",
            starts=dt.date(2026, 1, 1),
        )
        report = begun(cast)
        with pytest.raises(InvalidInput):
            begun(cast)
        with pytest.raises(InvalidInput):
            services.submit(author, report.pk)
        services.write(author, report.pk, "一年来抓打击。")
        with pytest.raises(NotFound):
            queries.get_report(leader, report.pk)
        services.submit(author, report.pk)
        with pytest.raises(Conflict):
            services.write(author, report.pk, "改一改")
        with pytest.raises(Conflict):
            services.comment(author, report.pk, "很好")
        with pytest.raises(Conflict):
            services.close(leader, report.pk)
        services.comment(leader, report.pk, "短板在宣传。")
        services.close(leader, report.pk)
    found = queries.get_report(author, report.pk)
    assert found.state == State.CLOSED
    assert found.content[0]["lines"][0]["text"] == ["打击组：组长", "打击组: Head"]


def test_only_the_author_and_who_reads_duty_reports_there_may_read_it(cast):
    author = cast.actor("reporter", "own")
    report = begun(cast)
    services.write(author, report.pk, "一年来。")
    services.submit(author, report.pk)
    for role, relation in (("leader", "own"), ("secretary", "ancestor"), ("reporter", "own")):
        assert queries.get_report(cast.actor(role, relation), report.pk) == report
    for role, relation in (
        ("analyst", "own"),
        ("reporter", "ancestor"),
        ("leader", "sibling"),
        ("viewer", "own"),
    ):
        with pytest.raises(NotFound):
            queries.get_report(cast.actor(role, relation), report.pk)
    with pytest.raises(NotFound):
        services.comment(cast.actor("analyst", "own"), report.pk, "看看")
    with pytest.raises(PermissionDenied):
        services.begin(cast.actor("reporter", "own"), cast.places["county_b"].pk, "职务", 2026)


def test_those_concerned_are_told_and_find_the_report(cast):
    author, leader = cast.actor("reporter", "own"), cast.actor("leader", "own")
    report = begun(cast)
    services.write(author, report.pk, "一年来。")
    assert not find_reports(leader, "公安局", 5)
    services.submit(author, report.pk)
    told = Notice.objects.filter(code="dutyreports.submitted")
    assert told.filter(recipient=leader.user).exists()
    assert not told.filter(recipient__in=[author.user, cast.user("leader", "sibling")]).exists()
    services.comment(leader, report.pk, "短板在宣传。")
    services.close(leader, report.pk)
    assert set(Notice.objects.filter(recipient=author.user).values_list("code", flat=True)) == {
        "dutyreports.commented",
        "dutyreports.closed",
    }
    assert [hit.url for hit in find_reports(leader, "公安局", 5)] == [f"/duty-reports/{report.pk}/"]
    assert not find_reports(cast.actor("leader", "sibling"), "公安局", 5)


def test_tasks_of_the_year_lead_to_their_pages_and_cancelled_ones_are_not_counted(cast):
    giver, city = cast.actor("secretary", "ancestor"), cast.places["city"].pk
    with frozen(NOON):
        plan = plans.create_plan(giver, city, "计划", starts=dt.date(2026, 1, 1), ends=dt.date(2026, 12, 31))
        given = {
            "region_id": cast.places["county_a"].pk,
            "person_id": cast.user("reporter", "own").pk,
            "due": dt.date(2026, 12, 1),
        }
        task, other = (plans.add_task(giver, plan.pk, title, **given) for title in ("办理", "不办"))
        plans.cancel(giver, other.pk, "任务合并")
        sections = gathered(cast.actor("reporter", "own"), begun(cast))
    held = next(section for section in sections if section["label"][1] == "Tasks")
    assert held["sentence"][0] == "本年度到期任务1项，已完成0项。"
    assert [line["url"] for line in held["lines"]] == [f"/plans/tasks/{task.pk}/"]


def test_the_pages_write_submit_comment_and_print(client, cast):
    client.force_login(cast.user("reporter", "own"))
    county = cast.places["county_a"].pk
    begin = {"region": county, "post": "县公安局局长", "year": "2026"}
    address = client.post("/duty-reports/new/", begin).headers["Location"]
    assert client.post(address, {"text": "一年来抓打击。"}).status_code == 302
    report = DutyReport.objects.get()
    services.submit(cast.actor("reporter", "own"), report.pk)
    assert client.post(address, {"text": "改"}).status_code == 403
    client.force_login(cast.user("leader", "own"))
    assert client.post(f"{address}comment/", {"text": "短板在宣传。"}).status_code == 302
    word = docx.Document(io.BytesIO(client.get(f"{address}zh.docx").content))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "一年来抓打击。" in text
    assert "短板在宣传。" in text
    assert client.get(f"{address}zh.pdf").content.startswith(b"%PDF")
    assert client.get(f"{address}zh.exe").status_code == 404
    assert "短板在宣传" in client.get(address).content.decode()


@given(st.lists(st.sampled_from(Act), max_size=8))
def test_no_path_reaches_closed_without_a_comment(acts):
    state, commented = State.DRAFT, False
    for act in acts:
        state = AFTER.get((state, act), state)
        commented = commented or state is State.COMMENTED
    assert state is not State.CLOSED or commented
