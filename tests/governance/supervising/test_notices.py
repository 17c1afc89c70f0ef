"""Notices from the office that asks to the unit that answers, late ones, and everybody who must not see them."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document
from pypdf import PdfReader
from typer.testing import CliRunner

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, Unit, User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.numbering.models import OfficialNumber
from jingtu.core.numbering.services import make_series
from jingtu.core.regions.services import Order, merge_regions
from jingtu.core.ui.agenda import points_for
from jingtu.engine.periods import Period
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.rules import Kind
from jingtu.governance.duties.plans import services as plans
from jingtu.governance.duties.supervising import services
from jingtu.governance.duties.supervising.beside import notices_of_place
from jingtu.governance.duties.supervising.commands import app
from jingtu.governance.duties.supervising.feeds import DUE, IN_TIME, notices_counted
from jingtu.governance.duties.supervising.forms import unit_choice
from jingtu.governance.duties.supervising.models import Supervision
from jingtu.governance.duties.supervising.printing import printed
from jingtu.governance.duties.supervising.queries import get_notice, may_open_evidence, notices, overdue
from jingtu.governance.duties.supervising.rules import Days
from jingtu.governance.duties.supervising.searching import find_notices
from jingtu.governance.duties.supervising.services import Asked
from jingtu.governance.duties.supervising.waiting import notices_waiting
from tests.access.cast import SINCE, Cast, make_cast

MORNING = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)  # a Monday
DAY = dt.timedelta(days=1)
LAST = dt.date(2026, 3, 9)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def asked(cast: Cast, **changes: object) -> Asked:
    given: dict[str, object] = {
        "title": "落实网格巡查",
        "text": "连续两月未报巡查记录，请说明原因并补齐。",
        "due": LAST,
        "issuer": "本市禁毒委员会办公室",
        "place_id": cast.places["county_a"].pk,
    }
    return Asked(**{**given, **changes})  # type: ignore[arg-type]


def issued(cast: Cast, **changes: object) -> Supervision:
    secretary = cast.actor("secretary", "ancestor")
    notice = services.draft(secretary, cast.places["city"].pk, asked(cast, **changes))
    return services.issue(secretary, notice.pk)


def test_a_notice_goes_from_the_office_to_the_unit_and_back_until_it_is_accepted(cast: Cast) -> None:
    secretary, unit = cast.actor("secretary", "ancestor"), cast.actor("reporter", "own")
    with frozen(MORNING):
        notice = services.draft(secretary, cast.places["city"].pk, asked(cast))
        with pytest.raises(NotFound):
            get_notice(unit, notice.pk)  # a draft is the office's own
        services.issue(secretary, notice.pk)
        assert Notice.objects.filter(code="supervising.issued", recipient=unit.user).exists()
        assert not Notice.objects.filter(recipient=cast.user("reporter", "sibling")).exists()
        with pytest.raises(PermissionDenied):
            services.answer(secretary, notice.pk, "自己答复自己")
    with frozen(MORNING + 3 * DAY):
        evidence = [("巡查记录.csv", [b"a,b\n1,2\n"])]
        services.answer(unit, notice.pk, "已补齐记录，今后按周报送", evidence)
        with pytest.raises(Conflict):
            services.answer(unit, notice.pk, "再答一次")
        with pytest.raises(PermissionDenied):
            services.accept(unit, notice.pk)
        returned = services.return_answer(secretary, notice.pk, "记录缺二月份")
        assert (returned.state, returned.due, returned.first_due) == ("returned", dt.date(2026, 3, 10), LAST)
    with frozen(MORNING + 4 * DAY):
        services.answer(unit, notice.pk, "二月份记录已补")
        settled = services.accept(cast.actor("leader", "ancestor"), notice.pk)
    assert (settled.state, settled.first_answered_on) == ("accepted", dt.date(2026, 3, 5))
    assert [step.action for step in settled.steps.all()] == [
        "draft", "issue", "answer", "return", "answer", "accept",
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action__startswith="supervising.").count() == 6
    file = settled.steps.get(action="answer", text__startswith="已补齐").files.get().file
    assert may_open_evidence(cast.actor("leader", "ancestor"), file)
    assert not may_open_evidence(cast.actor("leader", "sibling"), file)


def test_only_places_of_the_office_are_asked_and_not_for_tomorrow(cast: Cast) -> None:
    secretary, city = cast.actor("secretary", "ancestor"), cast.places["city"].pk
    with frozen(MORNING):
        for wrong in (
            {"place_id": cast.places["outside"].pk},
            {"place_id": None},
            {"place_id": city},
            {"due": dt.date(2026, 3, 2)},
            {"title": " "},
            {"text": "\x00"},
            {"unit_id": 999},
            {"task_id": 999},
            {"run_id": 999, "indicator": "RATE"},
        ):
            with pytest.raises(InvalidInput):
                services.draft(secretary, city, asked(cast, **wrong))
        for other in (cast.actor("reporter", "ancestor"), cast.actor("secretary", "own")):
            with pytest.raises(PermissionDenied):
                services.draft(other, city, asked(cast))


def test_a_late_task_is_supervised_where_it_lies(cast: Cast) -> None:
    secretary, county = cast.actor("secretary", "ancestor"), cast.places["county_a"]
    city = cast.places["city"].pk
    with frozen(MORNING):
        plan = plans.create_plan(
            secretary, city, "计划", starts=dt.date(2026, 1, 1), ends=dt.date(2026, 12, 31)
        )
        task = plans.add_task(secretary, plan.pk, "完善阵地", region_id=county.pk, due=dt.date(2026, 2, 1))
        notice = issued(cast, task_id=task.pk, place_id=None)
    assert (notice.subject, notice.place_id, notice.label) == ("task", county.pk, "完善阵地")
    assert task.supervisions.get() == notice


def test_where_a_unit_is_named_only_its_people_answer(cast: Cast) -> None:
    county = cast.places["county_a"]
    unit, other = (Unit.objects.create(name=name, region=county) for name in ("甲县教育局", "甲县交通局"))
    people = {}
    for one in (unit, other):
        user = User.objects.create_user(f"u{one.pk}", full_name=one.name)
        Post.objects.create(
            user=user, role="reporter", region=county, unit=one, module="duties", valid_from=SINCE
        )
        people[one.pk] = UserActor(user)
    secretary = cast.actor("secretary", "own")
    with frozen(MORNING):
        notice = services.draft(secretary, county.pk, asked(cast, unit_id=unit.pk))
        services.issue(secretary, notice.pk)
        told = set(
            Notice.objects.filter(code="supervising.issued").values_list("recipient__username", flat=True)
        )
        assert f"u{unit.pk}" in told
        assert f"u{other.pk}" not in told
        assert get_notice(people[other.pk], notice.pk)
        with pytest.raises(PermissionDenied):
            services.answer(people[other.pk], notice.pk, "代为答复")
        assert services.answer(people[unit.pk], notice.pk, "已经办理").state == "answered"


def test_who_speaks_for_one_unit_does_not_answer_for_the_whole_place(cast: Cast) -> None:
    county = cast.places["county_a"]
    unit = Unit.objects.create(name="甲县教育局", region=county)
    user = User.objects.create_user("of-one-unit", full_name=unit.name)
    Post.objects.create(
        user=user, role="reporter", region=county, unit=unit, module="duties", valid_from=SINCE
    )
    speaker = UserActor(user)
    with frozen(MORNING):
        notice = issued(cast)
        assert not Notice.objects.filter(code="supervising.issued", recipient=user).exists()
        assert notices_waiting(speaker) == []
        assert len(notices_waiting(cast.actor("reporter", "own"))) == 1
        with pytest.raises(PermissionDenied):
            services.answer(speaker, notice.pk, "代全县答复")


def test_reminders_rise_from_the_unit_to_its_leader_to_the_leader_of_the_office(cast: Cast) -> None:
    with frozen(MORNING):
        notice = issued(cast)

    def reminded(days: int) -> set[str]:
        Notice.objects.all().delete()
        with frozen(MORNING + days * DAY):
            services.remind()
            services.remind()
        return set(Notice.objects.values_list("recipient__username", flat=True))

    assert reminded(2) == set()
    unit = {"reporter.own", "secretary.own"}
    assert reminded(3) == unit
    assert reminded(4) == set()
    assert reminded(7) == unit | {"leader.own"}
    assert reminded(8) == unit | {"leader.own", "leader.ancestor"}
    assert reminded(9) == set()
    assert reminded(15) == unit | {"leader.own", "leader.ancestor"}
    notice.refresh_from_db()
    assert (notice.level, notice.reminded_on) == (3, dt.date(2026, 3, 17))


def test_late_notices_are_offered_to_meetings_and_to_accountability(cast: Cast) -> None:
    city, county = cast.places["city"].pk, cast.places["county_a"].pk
    with frozen(MORNING):
        notice = issued(cast)
    leader = cast.actor("leader", "ancestor")
    assert overdue(leader, city, LAST) == []
    assert overdue(leader, city, LAST + DAY) == [notice]
    assert overdue(leader, cast.places["county_b"].pk, LAST + DAY) == []
    assert overdue(cast.actor("leader", "sibling"), county, LAST + DAY) == []
    [(_source, points)] = [
        (source, points)
        for source, points in points_for(leader, city, LAST + DAY)
        if source.key == "supervising"
    ]
    assert [(point.kind, point.key) for point in points] == [("supervision", str(notice.pk))]
    assert "逾期" in points[0].detail_zh
    with frozen(MORNING + 10 * DAY):
        assert [duty.tone for duty in notices_waiting(cast.actor("reporter", "own"))] == ["below"]
        assert notices_waiting(cast.actor("reporter", "sibling")) == []


def test_a_committees_page_shows_what_its_office_still_asks(cast: Cast) -> None:
    with frozen(MORNING):
        issued(cast)
    body = Body(region=cast.places["city"], kind=Kind.COMMITTEE, name="本市禁毒委员会")
    panel = notices_of_place(cast.actor("leader", "ancestor"), body, LAST, LAST + DAY)
    assert panel is not None
    assert panel.sentence_zh == "未办结的督办1件，逾期未答复1件。"
    assert [line.tone for line in panel.lines] == ["below"]
    assert notices_of_place(cast.actor("leader", "sibling"), body, LAST, LAST) is None


def test_a_report_on_a_past_time_tells_what_was_open_at_its_end(cast: Cast) -> None:
    secretary, county = cast.actor("secretary", "ancestor"), cast.actor("reporter", "own")
    with frozen(MORNING):
        notice = issued(cast)
    with frozen(MORNING + 10 * DAY):
        services.answer(county, notice.pk, "已补齐记录")
        services.accept(secretary, notice.pk)
    body = Body(region=cast.places["city"], kind=Kind.COMMITTEE, name="本市禁毒委员会")
    told = {}
    with frozen(MORNING + 60 * DAY):
        for day in (dt.date(2026, 3, 1), LAST, dt.date(2026, 3, 11), dt.date(2026, 3, 31)):
            panel = notices_of_place(secretary, body, dt.date(2026, 3, 1), day)
            told[day.day] = panel.sentence_zh if panel else ""
    assert told == {
        1: "",
        9: "未办结的督办1件，逾期未答复0件。",
        11: "未办结的督办1件，逾期未答复1件。",
        31: "",
    }


def test_a_number_is_given_at_issue_and_void_after_withdrawal(cast: Cast) -> None:
    secretary, city = cast.actor("secretary", "ancestor"), cast.places["city"].pk
    series = make_series(SYSTEM, city, name="督办", office="本禁办督")
    foreign = make_series(SYSTEM, cast.places["outside"].pk, name="督办", office="外禁办督")
    with frozen(MORNING):
        notice = services.draft(secretary, city, asked(cast))
        with pytest.raises(InvalidInput):
            services.issue(secretary, notice.pk, foreign.pk)
        notice = services.issue(secretary, notice.pk, series.pk)
    assert notice.number == "本禁办督〔2026〕1号"
    services.withdraw(secretary, notice.pk, "事项已经办结")
    assert OfficialNumber.objects.get().state == "void"


def test_word_and_pdf_carry_the_notice(cast: Cast) -> None:
    with frozen(MORNING):
        notice = issued(cast)
    _, word = printed(cast.actor("reporter", "own"), notice.pk, "docx")
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(word)).paragraphs)
    _, pdf = printed(cast.actor("reporter", "own"), notice.pk, "pdf")
    read = (
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
        .replace("\n", "")
        .replace(" ", "")
    )
    for words in ("落实网格巡查", "连续两月未报巡查记录", "2026年3月9日前", "甲县："):
        assert words in text
        assert words in read


def test_notices_are_figures_of_the_place_asked(cast: Cast) -> None:
    county = cast.places["county_a"].pk
    with frozen(MORNING):
        issued(cast)
        late = issued(cast, title="另一件")
        notice = Supervision.objects.order_by("pk").first()
        assert notice is not None
        services.answer(cast.actor("reporter", "own"), notice.pk, "已经办理")
    with frozen(MORNING + 20 * DAY):
        services.answer(cast.actor("reporter", "own"), late.pk, "已经办理")

    def counted(period: str) -> dict[tuple[int, str, str], int]:
        found = notices_counted(SYSTEM, cast.tree, [county], Period.parse(period))
        return {key: one.value for key, one in found.items()}

    assert counted("2026-03") == {(county, DUE, ""): 2, (county, IN_TIME, ""): 1}
    assert counted("2026-04") == {}


def test_search_list_pages_and_commands_show_what_may_be_known(cast: Cast, client: Client) -> None:
    with frozen(MORNING):
        issued(cast)
    assert len(find_notices(cast.actor("leader", "own"), "网格", 5)) == 1
    assert find_notices(cast.actor("leader", "sibling"), "网格", 5) == []
    assert not notices(cast.actor("viewer", "own")).exists()
    client.force_login(cast.user("leader", "ancestor"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/supervision/").status_code == 200
        return len(captured)

    queries()
    few = queries()
    with frozen(MORNING):
        for number in range(8):
            issued(cast, title=f"事项{number}")
    assert queries() == few
    listed = CliRunner().invoke(app, ["list", "--overdue", "--as", "leader.ancestor", "--json"])
    assert "落实网格巡查" in listed.stdout
    assert CliRunner().invoke(app, ["list", "--state", "x", "--as", "leader.ancestor"]).exit_code == 2


def test_a_notice_is_written_and_issued_on_screen(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("secretary", "ancestor"))
    with frozen(MORNING):
        page = client.post(
            "/supervision/new/",
            {
                "region": cast.places["city"].pk,
                "addressee": f"place:{cast.places['county_a'].pk}",
                "issuer": "本市禁毒办",
                "title": "落实网格巡查",
                "text": "请说明原因并补齐。",
                "due": "2026-03-09",
                "before": 1,
                "repeat": 2,
                "after_return": 4,
            },
        )
        assert page.status_code == 302
        address = page.headers["Location"]
        assert "期限前1个工作日起提醒，逾期每2个工作日再提醒；退回后至少再给4个工作日" in words_of(
            client, address
        )
        # What an office chose once, its next notice proposes.
        assert 'name="repeat" value="2"' in words_of(client, "/supervision/new/")
        # Whoever decides for the office is asked again who it is, once the sign-in is old.
        assert client.post(f"{address}issue/", {"series": ""}).status_code in {302, 403}
    notice = Supervision.objects.get()
    assert notice.state in {"issued", "drafted"}


def words_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_notice_keeps_to_its_own_days(cast: Cast) -> None:
    with frozen(MORNING):
        with pytest.raises(InvalidInput) as refused:
            issued(cast, days=Days(before=0, repeat=31, after_return=3))
        assert [problem.column for problem in refused.value.problems] == ["before", "repeat"]
        notice = issued(cast, days=Days(before=1, repeat=1, after_return=8))
    told = []
    for days in range(10):
        with frozen(MORNING + days * DAY):
            told.append(services.remind())
    # Friday before the Monday it is due on, that Monday, and every working day after.
    assert told == [0, 0, 0, 0, 1, 0, 0, 1, 1, 1]
    with frozen(MORNING + 9 * DAY):
        services.answer(cast.actor("reporter", "own"), notice.pk, "已补齐记录")
        back = services.return_answer(cast.actor("secretary", "ancestor"), notice.pk, "记录缺二月份")
    assert back.due == dt.date(2026, 3, 23)


def test_open_notices_go_to_the_successor_of_a_merged_county_and_settled_ones_stay(cast: Cast) -> None:
    city, reporter = cast.actor("secretary", "ancestor"), cast.actor("reporter", "own")
    with frozen(MORNING):
        open_, settled = issued(cast), issued(cast, title="已办的事项")
        services.answer(reporter, settled.pk, "已经办结")
        services.accept(city, settled.pk)
        below = asked(cast, place_id=cast.places["township_a"].pk, issuer="甲县禁毒办", title="县里督办的事")
        own = services.draft(cast.actor("secretary", "own"), cast.places["county_a"].pk, below)
        order = Order(date=dt.date(2026, 3, 2), document="示例〔2026〕1号")
        merge_regions(SYSTEM, [cast.places["county_a"]], into=cast.places["county_b"], order=order)
    for notice in (open_, settled, own):
        notice.refresh_from_db()
    heir = cast.places["county_b"].pk
    assert (open_.place_id, settled.place_id) == (heir, cast.places["county_a"].pk)
    assert own.region_id == heir
    assert open_.steps.last().text == "甲县 → 乙县"
    with frozen(MORNING + 2 * DAY):
        answered = services.answer(cast.actor("reporter", "sibling"), open_.pk, "接办后已补齐")
    assert answered.state == "answered"
    assert AuditEntry.objects.filter(action="supervising.followed").count() == 1


def test_a_task_leads_to_its_notices_and_to_a_new_one(client: Client, cast: Cast) -> None:
    secretary, city = cast.actor("secretary", "ancestor"), cast.places["city"].pk
    with frozen(MORNING):
        plan = plans.create_plan(secretary, city, "计划", starts=SINCE, ends=LAST + 100 * DAY)
        unit = Unit.objects.create(region=cast.places["county_a"], name="县公安局")
        given = {"region_id": cast.places["county_a"].pk, "due": MORNING.date() - DAY}
        task = plans.add_task(secretary, plan.pk, "网格巡查", unit_id=unit.pk, **given)
        own = plans.add_task(secretary, plan.pk, "市禁毒办自办", region_id=city, due=given["due"])
        new = f"/supervision/new/?task={task.pk}"
        client.force_login(cast.user("secretary", "ancestor"))
        for address in (f"/plans/tasks/{task.pk}/", "/plans/late/"):
            assert new in client.get(address).content.decode()
        assert "/supervision/new/" not in client.get(f"/plans/tasks/{own.pk}/").content.decode()
        chosen = client.get(new).context["form"]["addressee"].as_widget()
        assert f'value="{unit_choice(unit)}" selected' in chosen
        notice = services.draft(secretary, city, asked(cast, place_id=None, task_id=task.pk))
        services.issue(secretary, notice.pk)
        for address in (f"/plans/tasks/{task.pk}/", "/plans/late/"):
            body = client.get(address).content.decode()
            assert f"/supervision/{notice.pk}/" in body
            assert new not in body
        client.force_login(cast.user("reporter", "own"))
        body = client.get(f"/plans/tasks/{task.pk}/").content.decode()
        assert f"/supervision/{notice.pk}/" in body
        assert "/supervision/new/" not in body
