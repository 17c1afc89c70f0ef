"""A duty report is its author's until handed in, is commented on by others, and is closed by one of them."""

from __future__ import annotations

import datetime as dt
import io
import json

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from jingtu.assessment.runs.models import RunPlace
from jingtu.core.accounts.models import Unit
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.governance.duties.bodies import services as bodies
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.dutyreports import queries, services
from jingtu.governance.duties.dutyreports.commands import app
from jingtu.governance.duties.dutyreports.models import DutyReport
from jingtu.governance.duties.dutyreports.rules import AFTER, Act, State
from jingtu.governance.duties.dutyreports.searching import find_reports
from jingtu.governance.duties.dutyreports.sections import gathered
from jingtu.governance.duties.plans import services as plans
from jingtu.governance.duties.plans.panels import tasks_of_body
from tests.access.cast import Cast, make_cast
from tests.assessment.office import Office

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
    assert held["sentence"][0] == "本年度到期任务1项；截至2026-11-02，已完成0项，逾期0项。"
    assert [line["url"] for line in held["lines"]] == [f"/plans/tasks/{task.pk}/"]


def test_a_report_on_a_past_year_tells_how_tasks_stood_at_its_end(cast):
    giver, doer = cast.actor("secretary", "ancestor"), cast.actor("reporter", "own")
    county, due = cast.places["county_a"], dt.date(2026, 12, 1)
    with frozen(NOON):
        plan = plans.create_plan(
            giver,
            cast.places["city"].pk,
            "计划",
            starts=dt.date(2026, 1, 1),
            ends=dt.date(2026, 12, 31),
        )
        in_time, late, _open = (
            plans.add_task(
                giver, plan.pk, title, region_id=county.pk, person_id=cast.user("reporter", "own").pk, due=due
            )
            for title in ("按期办", "拖到次年", "还没办")
        )
    for task, day in ((in_time, dt.date(2026, 11, 20)), (late, dt.date(2027, 1, 10))):
        with frozen(dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC)):
            plans.submit(doer, task.pk, "已办结")
            plans.accept(giver, task.pk)
    body = Body(region=county, kind="headquarters", name="指挥部", indicators=["x"])
    with frozen(dt.datetime(2027, 3, 1, 4, tzinfo=dt.UTC)):
        sections = gathered(doer, begun(cast))
        panel = tasks_of_body(giver, body, dt.date(2026, 12, 1), dt.date(2026, 12, 31))
    held = next(section for section in sections if section["label"][1] == "Tasks")
    assert held["sentence"] == [
        "本年度到期任务3项；截至2026-12-31，已完成1项，逾期2项。",
        "Tasks due in the year: 3; by 2026-12-31, 1 done and 2 late.",
    ]
    assert {(line["text"][0], line["detail"][1]) for line in held["lines"]} == {
        ("拖到次年", "due 2026-12-01, 30 days late, done later, on 2027-01-10"),
        ("还没办", "due 2026-12-01, 30 days late"),
    }
    assert panel.sentence_zh == (
        "2026-12-01至2026-12-31到期任务3项，其中办结1项；截至2026-12-31逾期未办结2项（含此前到期的）。"
    )


def test_a_report_is_of_a_unit_in_which_one_has_a_post_and_readers_choose_it(client, cast):
    author, county = cast.actor("reporter", "own"), cast.places["county_a"]
    unit = Unit.objects.create(name="甲县教育局", region=county)
    elsewhere = Unit.objects.create(name="乙县教育局", region=cast.places["county_b"])
    with pytest.raises(InvalidInput):
        services.begin(author, county.pk, "局长", 2026, unit_id=elsewhere.pk)
    client.force_login(author.user)
    given = {"region": county.pk, "unit": unit.pk, "post": "局长", "year": 2026}
    assert client.post("/duty-reports/new/", given).status_code == 302
    other = begun(cast)
    for report in DutyReport.objects.all():
        services.write(author, report.pk, "一年来。")
        services.submit(author, report.pk)
    client.force_login(cast.user("leader", "ancestor"))
    page = client.get(f"/duty-reports/?holder=unit:{unit.pk}")
    assert [one.unit for one in page.context["page"]] == [unit]
    assert "甲县教育局" in client.get("/duty-reports/").content.decode()
    whole = client.get(f"/duty-reports/?holder=region:{county.pk}").context["page"]
    assert {one.pk for one in whole} == set(DutyReport.objects.values_list("pk", flat=True))
    assert other.unit is None
    assert client.get("/duty-reports/?holder=unit:x").status_code == 200


def test_a_report_of_a_place_tells_how_it_stood_in_the_published_assessments_of_the_year(cast):
    office = Office(cast)
    office.published()
    with frozen(NOON):
        report = begun(cast)
        told = {one["label"][0]: one for one in gathered(cast.actor("reporter", "own"), report)}
        before = DutyReport(region=report.region, person=report.person, year=2025)
        assert "本地区考核" not in {
            one["label"][0] for one in gathered(cast.actor("reporter", "own"), before)
        }
    [line] = told["本地区考核"]["lines"]
    ranked = RunPlace.objects.get(region=cast.places["county_a"])
    assert line["detail"][0] == f"{ranked.total:.2f}分，第{ranked.rank}位，共2个"
    assert line["detail"][1].endswith(f"place {ranked.rank} of 2")
    with frozen(NOON):
        report.unit = Unit.objects.create(region=report.region, name="县教育局")
        assert "本地区考核" not in {
            one["label"][0] for one in gathered(cast.actor("reporter", "own"), report)
        }


def test_control_characters_are_refused(client, cast):
    author, county = cast.actor("reporter", "own"), cast.places["county_a"].pk
    report = begun(cast)
    services.write(author, report.pk, "一年来")
    client.force_login(author.user)
    assert client.post(f"/duty-reports/{report.pk}/", {"text": "一年\x07来"}).status_code == 400
    services.submit(author, report.pk)
    for deed in (
        lambda: services.begin(author, county, "局\x07长", 2026),
        lambda: services.comment(cast.actor("leader", "own"), report.pk, "短\x1b板"),
    ):
        with pytest.raises(InvalidInput) as refused:
            deed()
        assert refused.value.problems[0].code == "dutyreports.unprintable"


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
    english = docx.Document(io.BytesIO(client.get(f"{address}en.docx").content))
    assert "Duty report 2026" in [paragraph.text for paragraph in english.paragraphs]
    assert f"{address}en.pdf" in client.get(address).content.decode()
    assert client.get(f"{address}zh.exe").status_code == 404
    assert "短板在宣传" in client.get(address).content.decode()


def test_reports_are_listed_drafted_and_written_out_in_the_terminal(cast, tmp_path):
    def run(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--as", "reporter.own"])

    text = tmp_path / "text.txt"
    text.write_text("一年来抓打击。\n明年抓宣传。", "utf-8")
    drafted = run("draft", "cast", "310101", "县公安局局长", "--year", "2025", "--text", str(text), "--json")
    number = str(json.loads(drafted.stdout)["id"])
    assert DutyReport.objects.get().text == "一年来抓打击。\n明年抓宣传。"
    again = run("draft", "cast", "310101", "县公安局局长", "--year", "2025", "--text", str(text))
    assert (again.exit_code, len(again.stderr.splitlines())) == (2, 1)
    assert [row["state"] for row in json.loads(run("list", "--json").stdout)] == ["draft"]
    assert json.loads(run("list", "--year", "2024", "--json").stdout) == []
    assert "明年抓宣传。" in run("show", number).stdout
    target = tmp_path / "report.docx"
    assert run("export", number, str(target)).exit_code == 0
    assert "明年抓宣传。" in [paragraph.text for paragraph in docx.Document(str(target)).paragraphs]
    assert AuditEntry.objects.filter(action="dutyreports.printed").count() == 1
    other = CliRunner().invoke(app, ["show", number, "--as", "leader.own"])
    assert other.exit_code == 2


@pytest.mark.parametrize(
    ("post", "text"), [("职\x01务", "话"), ("职务", "话\x01"), ("职务", "x" * 12_001), (" ", "话")]
)
def test_a_draft_with_words_that_cannot_be_kept_leaves_nothing(cast, post, text):
    with pytest.raises(InvalidInput):
        services.draft(cast.actor("reporter", "own"), cast.places["county_a"].pk, post, 2025, text)
    assert not DutyReport.objects.exists()


@given(st.lists(st.sampled_from(Act), max_size=8))
def test_no_path_reaches_closed_without_a_comment(acts):
    state, commented = State.DRAFT, False
    for act in acts:
        state = AFTER.get((state, act), state)
        commented = commented or state is State.COMMENTED
    assert state is not State.CLOSED or commented
