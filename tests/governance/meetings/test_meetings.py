"""What people do with series and meetings, who may, and what is said to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import chinese_calendar
import pytest
from django.test import Client

from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.regions.services import Order, merge_regions
from jingtu.engine import workdays
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.meetings import services
from jingtu.governance.duties.meetings.duties import waiting_meetings
from jingtu.governance.duties.meetings.forms import MeetingForm
from jingtu.governance.duties.meetings.models import Meeting
from jingtu.governance.duties.meetings.panels import meetings_of_body
from jingtu.governance.duties.meetings.queries import (
    MeetingFilter,
    for_calendar,
    get_meeting,
    meeting_page,
    meetings,
    nearest_first,
    series_rows,
)
from jingtu.governance.duties.meetings.rules import MeetingState, Presence, Rhythm, Rule
from tests.governance.meetings.scene import JULY_1, NINE, Scene, on


def test_a_series_puts_down_one_meeting_for_each_half_month(scene: Scene) -> None:
    found = scene.july()
    assert [(one.period, one.held_on) for one in found] == [
        ("2026-07-B1", dt.date(2026, 7, 6)),  # the 5th is a Sunday
        ("2026-07-B2", dt.date(2026, 7, 20)),
    ]
    assert found[0].moved[0] == "meetings.off_weekend"
    assert found[0].attendees.count() == 3
    assert scene.july() == []


def test_the_timer_puts_meetings_down_ahead_and_only_once(scene: Scene) -> None:
    with on(JULY_1):
        assert services.generate_due() == 3
        assert services.generate_due() == 0
    with on(dt.date(2026, 7, 20)):
        assert services.generate_due() == 1


def test_a_series_that_has_ended_puts_nothing_down(scene: Scene) -> None:
    with on(JULY_1):
        services.end_series(scene.secretary, scene.series.pk, "并入月调度会")
        assert services.generate_due() == 0
        with pytest.raises(Conflict):
            services.generate(scene.secretary, scene.series.pk)


def test_a_series_needs_a_rule_a_chair_and_a_free_name(scene: Scene) -> None:
    with pytest.raises(InvalidInput):
        services.save_series(scene.secretary, scene.wanted(name="月", rule=Rule(Rhythm.MONTH)))
    with pytest.raises(InvalidInput):
        services.save_series(scene.secretary, scene.wanted(name="月", chair_id=10**9))
    with pytest.raises(Conflict):
        services.save_series(scene.secretary, scene.wanted())


def test_a_series_of_a_year_nobody_lives_in_is_refused(scene: Scene) -> None:
    with on(JULY_1), pytest.raises(InvalidInput):
        services.save_series(scene.secretary, scene.wanted(name="远期", starts_on=dt.date(9999, 12, 1)))


def test_an_item_whose_paper_is_refused_does_not_come_onto_the_agenda(scene: Scene) -> None:
    meeting = scene.july()[0]
    with on(JULY_1), pytest.raises(InvalidInput):
        services.add_item(
            scene.secretary, meeting.pk, services.ItemData("专项经费"), [("材料.pdf", [b"no pdf at all"])]
        )
    assert not meeting.items.exists()


def test_only_who_manages_meetings_of_the_place_sets_up_a_series(scene: Scene) -> None:
    for role, relation in (("reporter", "own"), ("leader", "own"), ("secretary", "sibling")):
        with pytest.raises(PermissionDenied):
            services.save_series(scene.cast.actor(role, relation), scene.wanted(name="别的"))


def test_an_invitation_fixes_the_agenda_and_tells_everybody_but_the_sender(scene: Scene) -> None:
    meeting = scene.july()[0]
    with on(JULY_1):
        with pytest.raises(Conflict):
            services.invite(scene.secretary, meeting.pk)
        own = services.add_item(scene.secretary, meeting.pk, services.ItemData("听取汇报", minutes=20))
        services.invite(scene.secretary, meeting.pk)
        told = set(Notice.objects.filter(code="meetings.invited").values_list("recipient_id", flat=True))
        assert told == {scene.chair.user_id, scene.cast.actor("reporter", "own").user_id}
        with pytest.raises(Conflict):
            services.drop_item(scene.secretary, own.pk)
        with pytest.raises(Conflict):
            services.shift_item(scene.secretary, own.pk, -1)
        late = services.add_item(scene.secretary, meeting.pk, services.ItemData("临时议题"))
    assert late.added_late
    assert not own.added_late


def test_items_change_places_by_buttons_and_close_ranks(scene: Scene) -> None:
    meeting = scene.july()[0]
    with on(JULY_1):
        items = [
            services.add_item(scene.secretary, meeting.pk, services.ItemData(f"议题{n}")) for n in range(3)
        ]
        services.shift_item(scene.secretary, items[2].pk, -1)
        services.shift_item(scene.secretary, items[0].pk, -1)
        assert [one.title_zh for one in meeting.items.all()] == ["议题0", "议题2", "议题1"]
        services.drop_item(scene.secretary, items[0].pk)
    assert [(one.position, one.title_zh) for one in meeting.items.all()] == [(1, "议题2"), (2, "议题1")]


def test_a_meeting_is_moved_and_cancelled_with_a_reason_and_stays(scene: Scene) -> None:
    meeting = scene.invited(scene.july()[0])
    with on(JULY_1):
        with pytest.raises(InvalidInput):
            services.move(scene.secretary, meeting.pk, dt.date(2026, 7, 9), NINE, " ")
        with pytest.raises(InvalidInput):
            services.move(scene.secretary, meeting.pk, dt.date(2026, 7, 11), NINE, "主持人外出")
        services.move(scene.secretary, meeting.pk, dt.date(2026, 7, 9), NINE, "主持人外出")
        services.cancel(scene.secretary, meeting.pk, "并入下次")
        with pytest.raises(Conflict):
            services.move(scene.secretary, meeting.pk, dt.date(2026, 7, 10), NINE, "再改")
    kept = Meeting.objects.get(pk=meeting.pk)
    assert (kept.state, kept.planned_on, kept.held_on) == (
        MeetingState.CANCELLED,
        dt.date(2026, 7, 5),
        dt.date(2026, 7, 9),
    )
    assert [one.act for one in kept.steps.all()] == ["plan", "invite", "move", "cancel"]
    codes = set(Notice.objects.values_list("code", flat=True))
    assert {"meetings.moved", "meetings.cancelled"} <= codes
    assert AuditEntry.objects.filter(action="meetings.cancel").exists()


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and 5 and 6 January 2027 (a Tuesday and a Wednesday) are public holidays."""

    def announce() -> None:
        known = chinese_calendar.is_workday
        monkeypatch.setattr(workdays, "is_announced", lambda year: year <= 2027)
        monkeypatch.setattr(
            chinese_calendar,
            "is_workday",
            lambda day: day.day not in (5, 6) if day.year == 2027 else known(day),
        )

    return announce


def test_meetings_on_holidays_announced_later_are_flagged_and_moved_with_one_click(
    scene: Scene, client: Client, announced: Callable[[], None]
) -> None:
    december = dt.date(2026, 12, 1)
    with on(december):
        client.force_login(scene.cast.user("secretary", "own"))
        made = services.generate(scene.secretary, scene.series.pk, dt.date(2027, 1, 31))
        hit = next(one for one in made if one.held_on == dt.date(2027, 1, 5))
        services.add_item(scene.secretary, hit.pk, services.ItemData("听取各社区汇报"))
        services.invite(scene.secretary, hit.pk)
        wanted = services.MeetingData(
            scene.cast.places["county_a"].pk, "值班会", dt.date(2027, 1, 9), NINE, day_off=True
        )
        on_purpose = services.call_meeting(scene.secretary, wanted)
        assert not list(meetings(scene.secretary, MeetingFilter(off=True)))
        announced()
        assert list(meetings(scene.secretary, MeetingFilter(off=True))) == [hit]
        assert on_purpose.day_off
        labels = [str(one.label) for one in waiting_meetings(scene.secretary)]
        assert labels == ["会议落在休息日，须改期"]
        assert 'name="proposed" value="2027-01-07"' in client.get("/meetings/?off=1").content.decode()
        address = f"/meetings/{hit.pk}/move/"
        assert client.post(address, {"proposed": "tomorrow"}).status_code == 404
        client.post(address, {"proposed": "2027-01-08"})
        hit.refresh_from_db()
        assert hit.held_on == dt.date(2027, 1, 5), "another day than the one proposed"
        client.post(address, {"proposed": "2027-01-07"})
        hit.refresh_from_db()
        assert (hit.held_on, hit.planned_on) == (dt.date(2027, 1, 7), dt.date(2027, 1, 5))
        told = Notice.objects.filter(code="meetings.moved")
        assert {one.recipient_id for one in told} == {
            scene.chair.user_id,
            scene.cast.actor("reporter", "own").user_id,
        }
        assert "新公布的放假安排" in told[0].params["reason"]
        assert "holidays announced" in told[0].params["reason_en"]
        assert not list(meetings(scene.secretary, MeetingFilter(off=True)))
        page = client.get(f"/meetings/{hit.pk}/").content.decode()
    assert "2027-01-05成为休息日，改到2027-01-07" in page


def test_series_and_unfinished_meetings_go_to_the_successor_and_past_ones_are_read_there(
    scene: Scene,
) -> None:
    held, coming = scene.july()
    scene.held(held)
    Meeting.objects.filter(pk=held.pk).update(
        state=MeetingState.CONFIRMED, confirmed_by=scene.chair.user, confirmed_at=now()
    )
    heir, office = scene.cast.places["county_b"], scene.cast.actor("secretary", "sibling")
    with on(JULY_1):
        services.save_series(office, scene.wanted(region_id=heir.pk))
        with pytest.raises(NotFound):
            get_meeting(office, held.pk)
    with on(dt.date(2026, 7, 10)):
        order = Order(dt.date(2026, 7, 10))
        merge_regions(SYSTEM, [scene.cast.places["county_a"]], into=heir, order=order)
        scene.series.refresh_from_db()
        assert (scene.series.region, scene.series.name) == (heir, "半月调度会（原甲县）")
        assert get_meeting(office, coming.pk).region == heir
        assert meeting_page(office, coming.pk).history[-1].told == "随区划变更由甲县转到乙县。"
        past = get_meeting(office, held.pk)
        assert past.region == scene.cast.places["county_a"]
        services.cancel(office, coming.pk, "并入本县的半月调度会")
        services.end_series(office, scene.series.pk, "区划调整")
        with pytest.raises(NotFound):
            get_meeting(scene.cast.actor("secretary", "outsider"), held.pk)


def test_who_came_is_noted_on_the_day_and_not_before(scene: Scene) -> None:
    meeting = scene.invited(scene.july()[0])
    chair, member, guest = meeting.attendees.all()
    deputy = scene.cast.actor("analyst", "own").user_id
    came = {
        chair.pk: services.Came(Presence.PRESENT),
        member.pk: services.Came(Presence.SUBSTITUTED, substitute_id=deputy),
    }
    with on(JULY_1), pytest.raises(Conflict):
        services.hold(scene.secretary, meeting.pk, came)
    with on(meeting.held_on):
        nameless = {member.pk: services.Came(Presence.SUBSTITUTED)}
        with pytest.raises(InvalidInput):
            services.hold(scene.secretary, meeting.pk, nameless)
        services.hold(scene.secretary, meeting.pk, came)
    found = {one.pk: one for one in meeting.attendees.all()}
    assert found[member.pk].substitute_person_id == deputy
    assert found[guest.pk].presence == Presence.ABSENT


def test_whoever_is_asked_or_stood_in_sees_the_meeting_and_nobody_else(scene: Scene) -> None:
    meeting = scene.july()[0]
    viewer = scene.cast.actor("viewer", "own")
    with pytest.raises(NotFound):
        get_meeting(viewer, meeting.pk)
    with on(JULY_1):
        services.change(
            scene.secretary,
            meeting.pk,
            place="二楼",
            chair_id=scene.chair.user_id,
            minutes=90,
            people=[services.Named(viewer.user_id)],
        )
    assert get_meeting(viewer, meeting.pk).place == "二楼"
    for stranger in (("leader", "sibling"), ("leader", "outsider"), ("leader", "descendant")):
        with pytest.raises(NotFound):
            get_meeting(scene.cast.actor(*stranger), meeting.pk)


def test_an_extraordinary_meeting_stands_outside_every_series(scene: Scene) -> None:
    county = scene.cast.places["county_a"].pk
    with on(JULY_1):
        wanted = services.MeetingData(county, "专题会", dt.date(2026, 7, 4), NINE)
        with pytest.raises(InvalidInput):
            services.call_meeting(scene.secretary, wanted)
        meeting = services.call_meeting(
            scene.secretary, services.MeetingData(county, "专题会", dt.date(2026, 7, 4), NINE, day_off=True)
        )
    assert meeting.series_id is None
    assert meeting_page(scene.secretary, meeting.pk).items == []


def test_the_next_meeting_stands_first_and_what_has_been_comes_after_the_last_one_first(scene: Scene) -> None:
    early, late = scene.july()
    found = meetings(scene.secretary)
    assert list(nearest_first(found, early.held_on)) == [early, late]
    assert list(nearest_first(found, late.held_on)) == [late, early]
    assert list(nearest_first(found, late.held_on + dt.timedelta(days=1))) == [late, early]


def test_the_calendar_holds_what_one_is_asked_to(scene: Scene) -> None:
    scene.july()
    mine = for_calendar(scene.chair, JULY_1, dt.date(2026, 7, 31))
    assert [one.start.isoformat() for one in mine] == [
        "2026-07-06T09:00:00+08:00",
        "2026-07-20T09:00:00+08:00",
    ]
    assert for_calendar(scene.secretary, JULY_1, dt.date(2026, 7, 31)) == []


def test_lists_cost_the_same_for_one_meeting_and_for_many(
    scene: Scene, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    scene.july()
    actor = scene.cast.actor("leader", "ancestor")
    with on(JULY_1):
        services.generate(scene.secretary, scene.series.pk, dt.date(2026, 12, 31))
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(list(meetings(actor, MeetingFilter()))) == 12
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert series_rows(actor)[0].meetings == 12


def test_today_tells_who_manages_and_who_is_asked(scene: Scene) -> None:
    first, second = scene.july()
    scene.invited(first)
    with on(dt.date(2026, 7, 5)):
        assert [str(one.label) for one in waiting_meetings(scene.chair)] == ["近日会议"]
    with on(dt.date(2026, 7, 18)):
        labels = [str(one.label) for one in waiting_meetings(scene.secretary)]
    assert labels == ["会议临近，通知未发", "会议已过，未登记到会情况"]
    assert second.state == MeetingState.PLANNED


def test_a_bodys_page_tells_of_its_meetings_and_their_decisions(scene: Scene) -> None:
    body = Body.objects.create(
        region=scene.cast.places["county_a"], kind="office", name="县禁毒办", created_at="2026-01-01T00:00Z"
    )
    elsewhere = Body.objects.create(
        region=scene.cast.places["city"], kind="office", name="市禁毒办", created_at="2026-01-01T00:00Z"
    )
    with pytest.raises(InvalidInput):
        services.save_series(
            scene.cast.actor("secretary", "ancestor"), scene.wanted(body_id=elsewhere.pk), scene.series.pk
        )
    services.save_series(scene.secretary, scene.wanted(body_id=body.pk), scene.series.pk)
    scene.held(scene.july()[0])
    panel = meetings_of_body(scene.secretary, body, JULY_1, dt.date(2026, 7, 31))
    assert panel is not None
    assert panel.sentence_zh.startswith("召开会议1次")
    assert len(panel.lines) == 2
    assert meetings_of_body(scene.cast.actor("leader", "sibling"), body, JULY_1, dt.date(2026, 7, 31)) is None


def test_nobody_chairs_a_meeting_by_being_first_in_the_list(scene: Scene) -> None:
    people = [(1, "甲"), (2, "乙")]
    region = scene.cast.places["county_a"]
    form = MeetingForm({"day": "2026-07-06"}, regions=[(region.pk, region.name)], people=people)
    assert "chair" in form.errors
    assert [value for value, _label in form.fields["chair"].choices] == ["", 1, 2]  # type: ignore[attr-defined]
