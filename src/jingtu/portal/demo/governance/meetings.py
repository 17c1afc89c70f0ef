"""The meetings of the demonstration: series, what was held and decided, what was done, one pack of papers."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Sequence
from itertools import count
from zoneinfo import ZoneInfo

from django.conf import settings

from jingtu.assessment.bulletins.content import Block, Bulletin, Heading, Paragraph
from jingtu.assessment.bulletins.pdf import render
from jingtu.core.kernel.actor import Actor, actor_named, user_id_of
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions import queries as regions
from jingtu.core.regions.models import Region
from jingtu.core.ui.agenda import Point
from jingtu.engine.workdays import add_working_days
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.meetings import services
from jingtu.governance.duties.meetings.decided import last_decisions, points_of
from jingtu.governance.duties.meetings.models import Decision, Meeting, Series
from jingtu.governance.duties.meetings.proposing import proposals
from jingtu.governance.duties.meetings.rules import MeetingState, Presence
from jingtu.governance.duties.meetings.services.packs import keep_pack
from jingtu.governance.duties.plans import services as plans
from jingtu.governance.duties.plans.models import Task
from jingtu.portal.demo.people import CITY
from jingtu.portal.demo_data.governance import meetings as data

COUNTY = "F05"
MOST_RED, MOST_DECISIONS = 3, 4
RED_MEETINGS = ("monthly", "quarterly")


def set_out() -> None:
    """Everything in the order of its days; what stands is left as it is."""
    secretary = actor_named("secretary")
    tree = regions.tree_by_slug(secretary, CITY[0])
    city = regions.root_of(secretary, tree)
    if Series.objects.filter(region=city).exists():
        return
    year = Year(secretary, city)
    for wanted in data.SERIES:
        year.plan(secretary, city, wanted, wanted.begin)
    county = year.place(COUNTY)
    year.plan(actor_named("countysec"), county, data.COUNTY_SERIES, data.COUNTY_BEGIN)
    year.run()
    _next_monthly(secretary)


class Year:
    """What happens, in the order of its moments."""

    def __init__(self, secretary: Actor, city: Region) -> None:
        self.secretary, self.city = secretary, city
        self._events: list[tuple[dt.datetime, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, day: dt.date, hour: int, deed: Callable[[], None]) -> None:
        """Put something down for a day; what lies after the last day shown does not happen."""
        if day <= data.SEEN:
            heapq.heappush(self._events, (_moment(day, hour), next(self._order), deed))

    def run(self) -> None:
        """Let it happen."""
        while self._events:
            moment, _, deed = heapq.heappop(self._events)
            with frozen(moment):
                deed()

    def place(self, code: str) -> Region:
        """A region of the city by its code."""
        if code == self.city.code:
            return self.city
        return regions.find_region(self.secretary, self.city.tree, code, "county")

    def plan(self, manager: Actor, region: Region, wanted: data.SeriesData, begin: dt.date) -> None:
        """A series with its meetings until the end of the year."""
        with frozen(_moment(begin, 8)):
            people = [services.Named(_id(name)) for name in data.USUAL if region == self.city]
            people += [
                services.Named(name=name, role=role) for name, role in data.GUESTS if region == self.city
            ]
            if region != self.city:
                people = [services.Named(_id(name)) for name in ("countyleader", "county")]
            team = data.HEADQUARTERS if wanted.preset == "monthly" else wanted.name.removesuffix("半月调度会")
            body = Body.objects.filter(region=region, name=team).first()
            series = services.save_series(
                manager,
                services.SeriesData(
                    region.pk,
                    wanted.name,
                    wanted.rule,
                    wanted.at,
                    _id(wanted.chair),
                    begin,
                    wanted.minutes,
                    wanted.place,
                    wanted.preset,
                    body.pk if body else None,
                    people,
                ),
            )
            meetings = services.generate(manager, series.pk, data.AHEAD)
        for number, meeting in enumerate(meetings, start=1):
            self._course(manager, wanted, meeting, number)

    def _course(self, manager: Actor, wanted: data.SeriesData, meeting: Meeting, number: int) -> None:
        day = meeting.held_on
        if day > data.SEEN:
            return
        before = max(add_working_days(day, -2).day, data.BEGIN)
        if (wanted.name, number) == data.CANCELLED[:2]:
            self.at(before, 9, lambda: _done(services.cancel(manager, meeting.pk, data.CANCELLED[2])))
            return
        if (wanted.name, number) == data.MOVED[:2]:
            moved = add_working_days(day, 1).day
            self.at(
                before,
                9,
                lambda: _done(services.move(manager, meeting.pk, moved, meeting.at, data.MOVED[2])),
            )
            day = moved
        self.at(before, 10, lambda: self._invite(manager, wanted, meeting.pk, number))
        self.at(day, 17, lambda: self._hold(manager, wanted, meeting.pk, number))
        self.at(add_working_days(day, 1).day, 9, lambda: self._confirm(actor_named(wanted.chair), meeting.pk))

    def _invite(self, manager: Actor, wanted: data.SeriesData, meeting_id: int, number: int) -> None:
        meeting = Meeting.objects.select_related("region__tree", "series").get(pk=meeting_id)
        services.take_points(manager, meeting_id, _taken(_points(manager, wanted, meeting)))
        title, _, _ = _work(wanted, meeting, number)
        services.add_item(
            manager, meeting_id, services.ItemData(title, presenter=data.GUESTS[number % 3][0], minutes=20)
        )
        services.invite(manager, meeting_id)

    def _hold(self, manager: Actor, wanted: data.SeriesData, meeting_id: int, number: int) -> None:
        meeting = Meeting.objects.get(pk=meeting_id)
        services.hold(manager, meeting_id, _came(meeting, number))
        title, record, decided = _work(wanted, meeting, number)
        items = list(meeting.items.all())
        services.record_items(
            manager,
            meeting_id,
            {
                item.pk: record if item.title_zh == title else "会议听取了情况，要求继续抓好落实。"
                for item in items
            },
        )
        for one in decided:
            services.add_decision(
                manager,
                meeting_id,
                services.DecisionData(
                    one.text,
                    meeting.held_on + dt.timedelta(days=one.days),
                    self.place(one.county).pk,
                    person_id=_id(one.person) if one.person else None,
                    item_id=items[-1].pk,
                ),
            )
        services.hand_in(manager, meeting_id)

    def _confirm(self, chair: Actor, meeting_id: int) -> None:
        meeting = services.confirm(chair, meeting_id)
        known = {one.text: one for one in _all_decided()}
        for decision in Decision.objects.filter(meeting=meeting):
            self._carry_out(decision, known[decision.text])

    def _carry_out(self, decision: Decision, wanted: data.Decided) -> None:
        task = Task.objects.get(origin=decision.origin)
        held = decision.meeting.held_on
        person = actor_named(wanted.person)
        after = wanted.done_after
        if after is None:
            # How far each has come differs from one to the next.
            half, share = held + dt.timedelta(days=wanted.days // 2), 25 + held.toordinal() * 7 % 60
            self.at(
                half,
                11,
                lambda: _done(plans.report(person, task.pk, share, "部分已办，其余正在核对（演示）")),
            )
            if held >= data.STILL_OPEN:
                return
            after = wanted.days + data.TAKES_LONG
        handed_in = held + dt.timedelta(days=after)
        self.at(handed_in, 16, lambda: _done(plans.submit(person, task.pk, "已按要求办结，材料齐全（演示）")))
        self.at(
            handed_in + dt.timedelta(days=1),
            10,
            lambda: _done(plans.accept(self.secretary, task.pk, "核对无误（演示）")),
        )


def _next_monthly(secretary: Actor) -> None:
    """The monthly meeting to come: its agenda put together, invited, its papers bound, one item added since."""
    meeting = (
        Meeting.objects.filter(
            series__preset="monthly", held_on__gt=data.SEEN, state=MeetingState.PLANNED.value
        )
        .select_related("region__tree", "series")
        .earliest("held_on")
    )
    with frozen(_moment(data.SEEN, 15)):
        services.take_points(secretary, meeting.pk, _taken(_points(secretary, data.SERIES[0], meeting)))
        item = services.add_item(
            secretary,
            meeting.pk,
            services.ItemData("研究年底前重点工作安排", "各工作组分别汇报，材料附后。", minutes=30),
        )
        services.add_papers(secretary, item.pk, [(f"{data.PAPER}.pdf", [_paper()])])
        services.invite(secretary, meeting.pk)
        services.add_item(secretary, meeting.pk, services.ItemData("传达上级会议精神", minutes=10))
        keep_pack(secretary, meeting.pk, "zh")


def _paper() -> bytes:
    return render(
        Bulletin(
            language="zh",
            issuer="会议参阅材料",
            number="示禁办参阅〔2026〕1号",
            title=data.PAPER,
            recipient="",
            blocks=_paper_blocks(),
            signature="示范市禁毒委员会办公室",
            date="2026年11月20日",
            distribution="",
            fictional_notice="虚构示范数据：其中的地区和数字均非真实。",
            running_foot=data.PAPER,
        )
    )


def _paper_blocks() -> tuple[Block, ...]:
    blocks: list[Block] = []
    for line in data.PAPER_LINES:
        blocks.append(Heading(line))
        blocks += [Paragraph("本段文字为虚构示范，只用来说明材料如何装订。")] * 6
    return tuple(blocks)


def _points(manager: Actor, wanted: data.SeriesData, meeting: Meeting) -> list[Point]:
    """What somebody takes up of what is proposed: the open decisions, in the large meetings red lines too."""
    if wanted.preset not in RED_MEETINGS:
        return points_of(last_decisions(manager, meeting))[:MOST_DECISIONS]
    offered = [one.point for group in proposals(manager, meeting) for one in group.points]
    decisions = [one for one in offered if one.kind == "decision"][:MOST_DECISIONS]
    return decisions + [one for one in offered if one.kind == "red_indicator"][:MOST_RED]


def _taken(points: Sequence[Point]) -> list[services.Taken]:
    return [
        services.Taken(one.kind, one.key, one.title_zh, one.title_en, one.detail_zh, one.detail_en, one.url)
        for one in points
    ]


def _work(
    wanted: data.SeriesData, meeting: Meeting, number: int
) -> tuple[str, str, tuple[data.Decided, ...]]:
    """What a meeting talks about, what was said, what it decides; after September only what was said."""
    detailed = meeting.held_on <= data.DETAIL_END
    if wanted.preset == "monthly":
        return "通报上月考核结果", data.MONTHLY_RECORD, data.MONTHLY if detailed else data.MONTHLY[:1]
    if wanted.preset == "quarterly":
        return "讲评上季度工作", data.QUARTERLY_RECORD, data.QUARTERLY
    if wanted.preset == "weekly":
        return "通报上周工作、安排本周工作", "各股室汇报了本周安排。", ()
    themes = data.WORK[wanted.name]
    title, record, decided = themes[number % len(themes)]
    return title, record, decided if detailed and (number % 2 == 0 or len(themes) > 1) else ()


def _all_decided() -> list[data.Decided]:
    themes = [decided for rows in data.WORK.values() for _, _, decided in rows]
    return [one for decided in (*themes, data.MONTHLY, data.QUARTERLY) for one in decided]


def _came(meeting: Meeting, number: int) -> dict[int, services.Came]:
    """Who came: everybody, but now and then somebody is excused or sends somebody else."""
    attendees = list(meeting.attendees.all())
    came = {one.pk: services.Came(Presence.PRESENT) for one in attendees}
    guests = [one for one in attendees if one.person_id is None]
    if guests:
        away = guests[number % len(guests)]
        came[away.pk] = services.Came(Presence.SUBSTITUTED, f"示例·代{away.name[-1]}")
        if number % 4 == 0:
            other = guests[(number + 1) % len(guests)]
            came[other.pk] = services.Came(Presence.EXCUSED)
    return came


def _id(username: str) -> int:
    found = user_id_of(actor_named(username))
    assert found is not None
    return found


def _moment(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(settings.TIME_ZONE))


def _done(_outcome: object) -> None:
    """What a deed gives back is not needed here."""
