"""Meetings and decisions as figures of a place and of a unit."""

from __future__ import annotations

import datetime as dt

from jingtu.core.accounts.models import Unit
from jingtu.engine.periods import Period
from jingtu.governance.duties.meetings import services
from jingtu.governance.duties.meetings.feeds import DECIDED, DUE, HELD, IN_TIME, meetings_counted
from jingtu.governance.duties.plans.models import Task
from tests.governance.meetings.scene import JULY_1, Scene, on
from tests.governance.meetings.test_minutes import confirmed

JULY = Period.parse("2026-07")


def test_meetings_due_and_held_are_counted_where_they_belong_once_the_period_is_over(scene: Scene) -> None:
    first, second = scene.july()
    county, town = (scene.cast.places[name].pk for name in ("county_a", "township_a"))
    confirmed(scene, first, "补齐台账", "开展一次检查")
    Task.objects.filter(title="补齐台账").update(
        state="done", submitted_on=dt.date(2026, 7, 14), done_on=dt.date(2026, 7, 14), progress=10_000
    )
    with on(JULY_1):
        services.cancel(scene.secretary, second.pk, "并入下次")
        assert meetings_counted(scene.secretary, scene.cast.tree, [county, town], JULY) == {}
    with on(dt.date(2026, 8, 3)):
        found = meetings_counted(scene.secretary, scene.cast.tree, [county, town], JULY)
    assert {key: one.value for key, one in found.items()} == {
        (county, DUE, ""): 2,
        (county, HELD, ""): 1,
        (town, DECIDED, ""): 2,
        (town, IN_TIME, ""): 1,
    }


def test_a_units_decisions_are_counted_at_its_own_region(scene: Scene) -> None:
    first, _ = scene.july()
    confirmed(scene, first, "补齐台账")
    own = scene.cast.places["township_b"]
    unit = Unit.objects.create(name="某局", region=scene.cast.places["city"], unit_region=own)
    Task.objects.update(unit=unit)
    with on(dt.date(2026, 8, 3)):
        found = meetings_counted(scene.secretary, scene.cast.tree, [own.pk], JULY)
    assert found[(own.pk, DECIDED, "")].value == 1
