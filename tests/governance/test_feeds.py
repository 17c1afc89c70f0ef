"""What duties count by place, by member unit and by day is what somebody counts who reads the rows one by one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random

import pytest

from jingtu.core.accounts.models import Post, Unit
from jingtu.core.facts.feeds import Derived, Key, feeds_for
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.periods import Period
from jingtu.governance.duties.letters import drafting
from jingtu.governance.duties.letters.feeds import letters_counted
from jingtu.governance.duties.letters.models import Letter
from jingtu.governance.duties.meetings.feeds import meetings_counted
from jingtu.governance.duties.meetings.models import Attendee, Meeting
from jingtu.governance.duties.plans import services as plans
from jingtu.governance.duties.plans.feeds import tasks_counted
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.supervising.feeds import notices_counted
from jingtu.governance.duties.supervising.models import Supervision
from tests.access.cast import Cast, make_cast
from tests.governance.letters.office import template_data

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
FIRST = dt.date(2026, 9, 1)
PERIODS = ("2026-10-07", "2026-W41", "2026-09", "2026-10", "2026-Q3")
Counts = Mapping[tuple[int, str], int]


@dataclass
class World:
    """Places, and two member units that are regions of a tree of their own."""

    cast: Cast
    units_tree: RegionTree
    units: list[Unit]
    chance: Random

    def trees(self) -> Iterable[tuple[RegionTree, list[int]]]:
        yield self.cast.tree, [self.cast.places[name].pk for name in ("city", "county_a", "county_b")]
        yield self.units_tree, [unit.unit_region_id or 0 for unit in self.units]

    def day(self, most: int = 60) -> dt.date:
        return FIRST + dt.timedelta(days=self.chance.randrange(most))

    def derived(
        self, derive: Callable[..., Mapping[Key, Derived]], period: Period, actor: Actor = SYSTEM
    ) -> Counts:
        found: dict[tuple[int, str], int] = {}
        with frozen(NOON):
            for tree, ids in self.trees():
                found |= {
                    (place, element): one.value
                    for (place, element, _), one in derive(actor, tree, ids, period).items()
                }
        return found


@pytest.fixture
def world() -> World:
    cast = make_cast()
    tree = RegionTree.objects.create(slug="cast-units", name_zh="成员单位", name_en="Units", kind="units")
    root = Region.objects.create(
        tree=tree, code="U", name="委员会", level="committee", depth=0, position=0, last=2
    )
    units = []
    for number, name in enumerate(("教育局", "民政局"), start=1):
        place = Region.objects.create(
            tree=tree,
            parent=root,
            code=f"U{number}",
            name=name,
            level="unit",
            depth=1,
            position=number,
            last=number,
        )
        units.append(Unit.objects.create(name=name, region=cast.places["city"], unit_region=place))
    return World(cast, tree, units, Random(20261007))


def holders(place: int, unit: Unit | None) -> set[int]:
    return {place} if unit is None else {place, unit.unit_region_id or 0}


def make_tasks(world: World) -> None:
    city = world.cast.places["city"].pk
    plan = plans.create_plan(SYSTEM, city, "计划", starts=FIRST, ends=dt.date(2026, 12, 31))
    places = [world.cast.places[name] for name in ("county_a", "county_b", "township_a")]
    places += [unit.unit_region for unit in world.units if unit.unit_region]
    rows = []
    for number in range(90):
        unit = world.chance.choice([None, *world.units])
        state = world.chance.choice(
            [
                "not_started",
                "under_way",
                "returned",
                "submitted",
                "done",
                "done",
                "done",
                "paused",
                "cancelled",
            ]
        )
        submitted = world.day() if state in {"submitted", "done"} else None
        rows.append(
            Task(
                plan=plan,
                path=f"{number + 1:05}",
                title=f"任务{number}",
                unit=unit,
                due=world.day(),
                region=world.chance.choice(places),
                state=state,
                submitted_on=submitted,
                done_on=submitted if state == "done" else None,
                state_reason="按部署" if state in {"paused", "cancelled"} else "",
            )
        )
    Task.objects.bulk_create(rows)


def tasks_by_hand(period: Period) -> Counts:
    counted: Counter[tuple[int, str]] = Counter()
    for task in Task.objects.select_related("unit").exclude(state__in=["paused", "cancelled"]):
        finished = task.done_on if task.state == "done" else None
        handed_in = task.submitted_on is not None and task.submitted_on <= period.end
        for holder in holders(task.region_id, task.unit):
            if period.start <= task.due <= period.end:
                counted[holder, "tasks_due"] += 1
                counted[holder, "tasks_on_time"] += finished is not None and finished <= task.due
            counted[holder, "tasks_done"] += finished is not None and period.start <= finished <= period.end
            counted[holder, "tasks_late"] += task.due <= period.end and not handed_in
    return counted


def agree(derived: Counts, by_hand: Counts, wanted: set[int]) -> None:
    """The same numbers; what is left out is nought."""
    assert set(derived) <= {(place, element) for place in wanted for _, element in derived}
    assert {key: number for key, number in derived.items() if number} == {
        key: number for key, number in by_hand.items() if number and key[0] in wanted
    }


def test_tasks_due_done_and_late_are_counted_by_place_unit_and_day(world: World) -> None:
    make_tasks(world)
    wanted = {place for _, ids in world.trees() for place in ids}
    for key in PERIODS:
        period = Period.parse(key)
        found = world.derived(tasks_counted, period)
        agree(found, tasks_by_hand(period), wanted)
        assert period.days < 28 or any(
            place not in {p.pk for p in world.cast.places.values()} for place, _ in found
        )
    dekad = world.derived(tasks_counted, Period.parse("2026-10-D1"))
    days = [world.derived(tasks_counted, Period.parse(f"2026-10-{day:02}")) for day in range(1, 11)]
    for (place, element), number in dekad.items():
        by_day = [found.get((place, element), 0) for found in days]
        assert number == (by_day[-1] if element == "tasks_late" else sum(by_day))
    assert world.derived(tasks_counted, Period.parse("2026-11")) == {}  # its end has not come


def test_supervision_answered_in_time_is_counted_by_place_unit_and_day(world: World) -> None:
    city = world.cast.places["city"]
    for number in range(40):
        due, out = world.day(), world.chance.random() < 0.8
        answered = due + dt.timedelta(days=world.chance.randrange(-2, 3)) if out and number % 3 else None
        state = (
            "drafted" if not out else "withdrawn" if number % 7 == 0 else "answered" if answered else "issued"
        )
        Supervision.objects.create(
            region=city, place=world.cast.places[world.chance.choice(["county_a", "county_b"])],
            unit=world.chance.choice([None, *world.units]), subject="matter", title="事项", text="说明",
            issuer="市禁毒办", state=state, first_due=due, due=due, drafted_at=NOON,
            issued_at=NOON if out else None, first_answered_on=answered,
        )  # fmt: skip
    wanted = {place for _, ids in world.trees() for place in ids}
    for key in PERIODS:
        period = Period.parse(key)
        counted: Counter[tuple[int, str]] = Counter()
        for notice in Supervision.objects.exclude(state__in=["drafted", "withdrawn"]).select_related("unit"):
            if period.start <= notice.first_due <= period.end:
                in_time = (
                    notice.first_answered_on is not None and notice.first_answered_on <= notice.first_due
                )
                for holder in holders(notice.place_id, notice.unit):
                    counted[holder, "supervision_due"] += 1
                    counted[holder, "supervision_in_time"] += in_time
        agree(world.derived(notices_counted, period), counted, wanted)


def test_letters_signed_are_counted_by_office_unit_and_day(world: World) -> None:
    city, people = world.cast.places["city"], Random(7)
    with frozen(dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)):
        template = drafting.save_template(SYSTEM, city.pk, template_data(year=2026))
    for number in range(30):
        unit = people.choice([None, *world.units])
        out = world.day(30)
        signed = out + dt.timedelta(days=people.randrange(1, 40)) if number % 4 else None
        at = dt.datetime.combine(out, dt.time(4), dt.UTC)
        Letter.objects.create(
            template=template, region=city, year=2026, layer="head", kind="unit" if unit else "place",
            place=city, unit=unit, recipient=f"r{number}", recipient_name="某", subject=f"s{number}",
            signer_name="某", issuer="市禁毒办", text="责任书\n正文", digest="0" * 64,
            state="signed" if signed else "issued", drafted_at=at, issued_at=at, sign_by=out,
            signed_at=dt.datetime.combine(signed, dt.time(4), dt.UTC) if signed else None, signed_on=signed,
            signed_digest="0" * 64 if signed else "",
        )  # fmt: skip
    wanted = {place for _, ids in world.trees() for place in ids}
    for key in PERIODS:
        period = Period.parse(key)
        counted: Counter[tuple[int, str]] = Counter()
        for letter in Letter.objects.select_related("unit"):
            assert letter.issued_at is not None
            if letter.issued_at.date() <= period.end:
                for holder in holders(letter.region_id, letter.unit):
                    counted[holder, "letters_due"] += 1
                    counted[holder, "letters_signed"] += (
                        letter.signed_on is not None and letter.signed_on <= period.end
                    )
        agree(world.derived(letters_counted, period), counted, wanted)


def test_meetings_held_are_counted_by_unit_and_day_for_who_held_its_post_then(world: World) -> None:
    cast, [education, civil] = world.cast, world.units
    head, other, moved = (cast.user("reporter", name) for name in ("own", "sibling", "outsider"))
    since = {head: (education, None), other: (civil, None), moved: (civil, dt.date(2026, 9, 20))}
    for user, (unit, until) in since.items():
        Post.objects.create(
            user=user,
            role="reporter",
            region=cast.places["city"],
            unit=unit,
            valid_from=FIRST,
            valid_to=until,
        )
    for _ in range(24):
        day = world.day(50)
        meeting = Meeting.objects.create(
            region=cast.places["city"], title="联席会议", planned_on=day, held_on=day, at=dt.time(9),
            state=world.chance.choice(["held", "minuted", "invited"]), agenda_at=NOON, created_at=NOON,
        )  # fmt: skip
        for position, user in enumerate(world.chance.sample([head, other, moved], 2)):
            presence = world.chance.choice(["present", "substituted", "absent"])
            Attendee.objects.create(
                meeting=meeting, person=user, presence=presence, position=position, substitute="某"
            )
    for key in PERIODS:
        period = Period.parse(key)
        called: dict[tuple[int, int], bool] = {}
        for one in Attendee.objects.exclude(meeting__state="invited").select_related("meeting", "person"):
            assert one.person is not None
            unit, until = since[one.person]
            day = one.meeting.held_on
            if period.start <= day <= period.end and (until is None or day <= until):
                pair = (unit.unit_region_id or 0, one.meeting_id)
                called[pair] = called.get(pair, False) or one.presence == "present"
        counted: Counter[tuple[int, str]] = Counter()
        for (place, _), came in called.items():
            counted[place, "unit_meetings_due"] += 1
            counted[place, "unit_meetings_attended"] += came
        agree(
            world.derived(meetings_counted, period),
            counted,
            {unit.unit_region_id or 0 for unit in world.units},
        )


def test_every_element_that_comes_from_duties_has_one_feed() -> None:
    for element in (
        "tasks_due", "tasks_on_time", "tasks_done", "tasks_late", "letters_due", "letters_signed", "meetings_due",
        "meetings_held", "unit_meetings_due", "unit_meetings_attended", "decisions_due", "decisions_on_time",
        "supervision_due", "supervision_in_time",
    ):  # fmt: skip
        assert len(feeds_for([element])) == 1, element
