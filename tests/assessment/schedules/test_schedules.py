"""What a schedule makes, in whose name, when it waits, what it catches up, and that it never makes it twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from jingtu.assessment.bulletins.models import BulletinDraft, DistributionList
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.schedules import services
from jingtu.assessment.schedules.coverage import coverage_of
from jingtu.assessment.schedules.models import Occurrence, Schedule
from jingtu.assessment.schedules.queries import (
    calendar,
    occurrence_rows,
    schedule_rows,
    schedules,
    waiting_schedules,
)
from jingtu.assessment.schedules.rules import Cadence, Timing
from jingtu.assessment.schedules.telling import _late_words
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post
from jingtu.core.kernel.clock import frozen, now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.engine.periods import Period
from tests.assessment.office import FIGURES, MONTH, Office
from tests.together import together

NINE = dt.time(9, 0)
# Nine in the morning in China.
OCTOBER_5 = dt.datetime(2026, 10, 5, 1, tzinfo=dt.UTC)


def plan(office: Office, **changes: object) -> services.Plan:
    wanted = services.Plan(
        region_id=office.city.pk,
        name="月考核",
        scorecard="card",
        timing=Timing(Cadence.MONTH, 5, False, NINE, 2),
        min_coverage=100,
        on_behalf=office.analyst.user_id,
        starts_on=dt.date(2026, 9, 1),
        bulletin="full",
    )
    return replace(wanted, **changes)  # type: ignore[arg-type]


def make(office: Office, **changes: object) -> Schedule:
    return services.save(office.analyst, plan(office, **changes))


def tick(moment: dt.datetime) -> int:
    with frozen(moment):
        return services.tick()


def states() -> list[tuple[str, str]]:
    return list(Occurrence.objects.order_by("period_end").values_list("period", "state"))


def test_when_due_a_draft_is_made_in_the_persons_name_and_nothing_is_published(office: Office) -> None:
    make(office)
    assert tick(OCTOBER_5 - dt.timedelta(minutes=1)) == 0
    assert tick(OCTOBER_5) == 1
    assert tick(OCTOBER_5 + dt.timedelta(minutes=1)) == 0
    run = Run.objects.get()
    assert (run.period, run.state, run.prepared_by_id) == (MONTH, "checked", office.analyst.user_id)
    assert "月考核" in run.note
    assert BulletinDraft.objects.get().run_id == run.pk
    one = Occurrence.objects.get()
    assert (one.state, one.run_id, one.note[0], one.late) == ("produced", run.pk, "schedules.done", [])
    assert Notice.objects.filter(code="schedules.produced", recipient=office.analyst.user).exists()


def test_a_list_of_another_office_is_refused(office: Office) -> None:
    own, other = (
        DistributionList.objects.create(region=office.cast.places[place], name=place, updated_at=now())
        for place in ("city", "county_b")
    )
    assert make(office, list_id=own.pk).send_to == own
    county = plan(office, region_id=office.cast.places["county_a"].pk, level="township", name="县")
    for chosen in (other.pk, other.pk + 1):
        with pytest.raises(InvalidInput) as refused:
            services.save(office.analyst, replace(county, list_id=chosen))
        assert [problem.code for problem in refused.value.problems] == ["schedules.unfit_list"]
    # An analyst of the county does not look after the city's list.
    analyst = office.cast.actor("analyst", "own")
    with pytest.raises(InvalidInput):
        services.save(analyst, replace(county, on_behalf=analyst.user_id, list_id=own.pk))


def test_it_waits_for_figures_and_goes_on_when_they_come(office: Office) -> None:
    office.report("2026-08", {**FIGURES})
    office.report(MONTH, FIGURES)
    schedule = make(office, starts_on=dt.date(2026, 10, 1))
    due = dt.datetime(2026, 11, 5, 1, tzinfo=dt.UTC)
    office.report("2026-10", {"township_a": (40, 39, 5)})
    assert coverage_of(office.city, "card", Period.parse("2026-10")).percent == 33.3
    assert tick(due) == 0
    one = Occurrence.objects.get()
    assert (one.state, str(one.coverage), one.note[0]) == ("waiting", "33.3", "schedules.waiting")
    office.report("2026-10", FIGURES)
    assert tick(due + dt.timedelta(hours=30)) == 1
    one.refresh_from_db()
    assert (one.state, one.late) == ("produced", ["schedules.late_figures", {"hours": 30}])
    assert schedule.enabled


def test_at_the_latest_moment_it_goes_with_what_there_is_and_says_so(office: Office) -> None:
    make(office, starts_on=dt.date(2026, 10, 1))
    office.report("2026-10", {"township_a": (40, 39, 5)})
    due = dt.datetime(2026, 11, 5, 1, tzinfo=dt.UTC)
    assert tick(due + dt.timedelta(days=1)) == 0
    assert tick(due + dt.timedelta(days=2)) == 1
    one = Occurrence.objects.get()
    assert (one.state, one.note) == (
        "produced",
        ["schedules.done_incomplete", {"coverage": "33.3", "least": "100"}],
    )
    assert one.run is not None
    assert "33.3%" in one.run.note


def test_what_a_stopped_machine_missed_is_made_once_and_in_order(office: Office) -> None:
    for month in ("2026-06", "2026-07", "2026-08"):
        office.report(month, FIGURES)
    make(office, starts_on=dt.date(2026, 6, 1))
    assert tick(OCTOBER_5 + dt.timedelta(days=1)) == 4
    assert states() == [(month, "produced") for month in ("2026-06", "2026-07", "2026-08", MONTH)]
    made = list(Run.objects.order_by("pk").values_list("period", flat=True))
    assert made == ["2026-06", "2026-07", "2026-08", MONTH]
    late = Occurrence.objects.get(period="2026-06").late
    assert late[0] == "schedules.late_off"
    assert _late_words(late, "zh").startswith("到期93天后补办")
    assert _late_words(["schedules.late_figures", {"hours": 30}], "en").endswith("30 hours later.")
    assert tick(OCTOBER_5 + dt.timedelta(days=2)) == 0
    told = Notice.objects.get(recipient=office.analyst.user)
    assert (told.code, told.params["count"]) == ("schedules.caught_up", 4)
    assert "2026年6月、2026年7月、2026年8月、2026年9月" in told.body


def test_a_later_period_waits_for_an_earlier_one(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 39, 5)})
    office.report("2026-07", FIGURES)
    # The waiting time of August reaches past the day September falls due.
    make(office, starts_on=dt.date(2026, 8, 1), timing=Timing(Cadence.MONTH, 5, False, NINE, 40))
    assert tick(OCTOBER_5) == 0
    assert states() == [("2026-08", "waiting"), (MONTH, "waiting")]
    assert tick(dt.datetime(2026, 10, 15, 1, tzinfo=dt.UTC)) == 2
    assert [state for _, state in states()] == ["produced", "produced"]


def test_a_period_that_somebody_has_assessed_already_is_not_made_again(office: Office) -> None:
    run = office.published()
    make(office)
    assert tick(OCTOBER_5) == 1
    one = Occurrence.objects.get()
    assert (one.state, one.run_id) == ("skipped", run.pk)
    assert Run.objects.count() == 1


def test_when_the_persons_post_has_ended_it_stops_and_says_so(office: Office) -> None:
    schedule = make(office)
    Post.objects.filter(user_id=office.analyst.user_id).update(valid_to=dt.date(2026, 9, 30))
    assert tick(OCTOBER_5) == 1
    schedule.refresh_from_db()
    assert (schedule.enabled, schedule.stopped[0]) == (False, "schedules.post_ended")
    assert not Run.objects.exists()
    told = set(Notice.objects.filter(code="schedules.stopped").values_list("recipient__username", flat=True))
    assert "analyst.ancestor" in told
    Post.objects.filter(user_id=office.analyst.user_id).update(valid_to=None)
    assert [duty.url for duty in waiting_schedules(office.analyst)] == [f"/schedules/{schedule.pk}/"]
    services.enable(office.analyst, schedule.pk)
    assert tick(OCTOBER_5 + dt.timedelta(hours=2)) == 1
    assert states() == [(MONTH, "produced")]


def test_what_cannot_be_made_fails_with_its_reason_and_can_be_tried_again(office: Office) -> None:
    make(office, starts_on=dt.date(2026, 10, 1), min_coverage=0)
    due = dt.datetime(2026, 11, 5, 1, tzinfo=dt.UTC)
    assert tick(due) == 1
    one = Occurrence.objects.get()
    assert (one.state, one.note[0]) == ("failed", "schedules.failed")
    assert Notice.objects.filter(code="schedules.failed").exists()
    told = occurrence_rows(UserActor(office.analyst.user, "en"), one.schedule, [one])[0].note
    assert told == "Could not be made: 本市 has none of the scorecard's figures in 2026-10"
    office.report("2026-10", FIGURES)
    with frozen(due + dt.timedelta(hours=1)):
        again = services.run_now(office.analyst, one.schedule_id)
    assert (again.pk, again.state) == (one.pk, "produced")
    assert Run.objects.filter(state="checked").count() == 1


def test_run_now_does_not_wait_and_refuses_when_nothing_has_ended(office: Office) -> None:
    schedule = make(office)
    with frozen(dt.datetime(2026, 9, 20, 1, tzinfo=dt.UTC)), pytest.raises(Conflict):
        services.run_now(office.analyst, schedule.pk)
    with frozen(dt.datetime(2026, 10, 1, 1, tzinfo=dt.UTC)):
        assert services.run_now(office.analyst, schedule.pk).state == "produced"
    with pytest.raises(PermissionDenied):
        services.run_now(office.reviewer, schedule.pk)
    with pytest.raises(NotFound):
        services.run_now(office.cast.actor("analyst", "own"), schedule.pk)


def test_a_worker_that_died_in_the_middle_leaves_its_draft_to_the_next(office: Office) -> None:
    make(office)
    with pytest.MonkeyPatch.context() as patched:

        def power_cut(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(runs, "prepare", power_cut)
        with pytest.raises(KeyboardInterrupt):
            tick(OCTOBER_5)
    begun = Run.objects.get()
    assert (begun.state, states()) == ("draft", [(MONTH, "running")])
    assert tick(OCTOBER_5 + dt.timedelta(minutes=5)) == 0
    assert tick(OCTOBER_5 + dt.timedelta(minutes=31)) == 1
    assert states() == [(MONTH, "produced")]
    assert [run.pk for run in Run.objects.all()] == [begun.pk]


def test_a_paused_schedule_rests_and_catches_up_afterwards(office: Office) -> None:
    schedule = make(office)
    services.pause(office.analyst, schedule.pk, "换人")
    assert tick(OCTOBER_5) == 0
    services.enable(office.analyst, schedule.pk)
    assert tick(OCTOBER_5 + dt.timedelta(days=1)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"scorecard": "nothing"},
        {"timing": Timing(Cadence.DAY, 1, False, NINE, 0)},  # the card is for months and quarters
        {"timing": Timing(Cadence.ODD, 1, False, NINE, 0, ("2026-H1",))},
        {"min_coverage": 101},
        {"on_behalf": 0},
    ],
)
def test_a_schedule_that_cannot_work_is_refused(office: Office, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        make(office, **changes)


def test_nobody_acts_for_a_person_without_the_right_or_over_a_foreign_region(office: Office) -> None:
    with pytest.raises(InvalidInput):
        make(office, on_behalf=office.reviewer.user_id)
    with pytest.raises(PermissionDenied):
        services.save(office.cast.actor("analyst", "own"), plan(office))
    with pytest.raises(PermissionDenied):
        services.save(office.reviewer, plan(office))
    make(office)
    with pytest.raises(Conflict):
        make(office)


def test_schedules_are_seen_by_those_who_look_after_the_region(office: Office) -> None:
    make(office)
    assert schedules(office.analyst).count() == schedules(office.reviewer).count() == 1
    for role, relation in (("analyst", "own"), ("leader", "ancestor"), ("analyst", "outsider")):
        assert not schedules(office.cast.actor(role, relation)).exists()
    with frozen(OCTOBER_5):
        [row] = schedule_rows(office.analyst)
        assert row.next is not None
        assert row.next.period == MONTH
        rows = calendar(office.analyst, dt.date(2026, 10, 1), dt.date(2027, 1, 1))
    assert [one.period for one in rows] == [MONTH, "2026-10", "2026-11"]


def test_the_list_loads_the_latest_occurrence_of_each_schedule_and_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    schedule = make(office)
    for month in range(1, 10):
        end = dt.date(2026, month, 28)
        Occurrence.objects.create(
            schedule=schedule,
            period=f"2026-{month:02}",
            period_end=end,
            due_at=OCTOBER_5,
            latest_at=OCTOBER_5,
        )
    loaded: list[str] = []
    usual = Occurrence.from_db.__func__
    monkeypatch.setattr(
        Occurrence,
        "from_db",
        classmethod(lambda cls, *args: (loaded.append(args[1][0]), usual(cls, *args))[1]),
    )
    actor = office.analyst
    with django_assert_num_queries(3):  # one of them asks for the posts of the actor
        [row] = schedule_rows(actor)
    assert row.last is not None
    assert (row.last.period, len(loaded)) == ("2026-09", 1)


@pytest.mark.usefixtures("own_store")
@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_run() -> None:
    office = Office()
    make(office)
    results = together([lambda: tick(OCTOBER_5), lambda: tick(OCTOBER_5)])
    assert not [result for result in results if isinstance(result, Exception)]
    assert Run.objects.count() == 1
    assert states() == [(MONTH, "produced")]
