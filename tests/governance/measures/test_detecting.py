"""What the rules find, and what speaks against it: also that it may be of this period only."""

from __future__ import annotations

import datetime as dt
import re
from types import SimpleNamespace

import pytest

from jingtu.assessment.adjustments.models import VetoCase
from jingtu.assessment.runs.models import Run
from jingtu.governance.accountability.measures import detecting, lateness, services
from jingtu.governance.accountability.measures.registry import Found, rule_kinds
from jingtu.governance.accountability.measures.sentences import worded
from tests.governance.measures.scene import START, Scene, on

CHINESE = re.compile(r"[\u4e00-\u9fff]")
pytestmark = pytest.mark.django_db


def said(found: Found) -> set[str]:
    for line in (*found.evidence, *found.against):
        assert worded(line.stored(), "zh") != line.code
        assert not CHINESE.search(worded(line.stored(), "en"))
    return {line.code for line in found.against}


def test_every_rule_of_the_programmes_is_there() -> None:
    assert {"bottom", "red_line", "veto", "overdue"} <= set(rule_kinds())


def test_what_the_period_before_does_not_show_is_said_against_it(scene: Scene) -> None:
    scene.office.report(
        "2026-08", {"township_a": (25, 25, 5), "township_a2": (20, 17, 8), "township_b": (30, 30, 9)}
    )
    scene.office.published("2026-08")
    scene.office.report(
        "2026-09", {"township_a": (8, 3, 5), "township_a2": (20, 3, 8), "township_b": (30, 30, 9)}
    )
    scene.office.published("2026-09")
    with on(START):
        given = {"n": 1, "streak": 1, "cadence": "month", "scope": "all"}
        last = services.preview(scene.secretary, scene.city.pk, "bottom", given)
        crossed = services.preview(
            scene.secretary, scene.city.pk, "red_line", {"least": 1, "streak": 1, "cadence": "month"}
        )
    assert [one.region_id for one in last] == [one.region_id for one in crossed] == [scene.county.pk]
    assert {"measures.ag_only_bottom", "measures.ag_few"} <= said(last[0])
    assert {"measures.ag_only_red", "measures.ag_small"} <= said(crossed[0])


def test_what_two_periods_show_is_not_said_to_be_of_one(scene: Scene) -> None:
    scene.publish()
    with on(START):
        given = {"n": 1, "streak": 1, "cadence": "month", "scope": "all"}
        found = services.preview(scene.secretary, scene.city.pk, "bottom", given)
    assert "measures.ag_only_bottom" not in said(found[0])


def veto(scene: Scene, period: str, end: dt.date) -> VetoCase:
    on_day = dt.datetime(2026, 10, 8, tzinfo=dt.UTC)
    return VetoCase.objects.create(
        tree=scene.cast.tree, region=scene.county, scorecard="card", indicator="CASES", period=period, period_end=end,
        name_zh="案件过多", name_en="Too many cases", effect="cap", value="13", state="applied",
        proposed_by=scene.secretary.user, proposed_at=on_day, reply_until=dt.date(2026, 10, 8),
        decided_by=scene.leader.user, decided_at=on_day, decision="决定适用",
    )  # fmt: skip


def test_a_veto_is_proposed_and_said_to_be_the_first_within_the_year_when_it_is(scene: Scene) -> None:
    run: Run = scene.office.published("2026-09")
    veto(scene, "2026-09", dt.date(2026, 9, 30))
    with on(START):
        found = services.preview(scene.secretary, scene.city.pk, "veto", {"cadence": "month"})
        assert [(one.region_id, one.run_id) for one in found] == [(scene.county.pk, run.pk)]
        assert said(found[0]) == {"measures.ag_only_veto"}
        veto(scene, "2026-07", dt.date(2026, 7, 31))
        found = services.preview(scene.secretary, scene.city.pk, "veto", {"cadence": "month"})
        assert [said(one) for one in found] == [set()]


def test_overdue_supervision_says_when_nothing_else_is_late(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def notice(pk: int, place_id: int, answered: bool) -> SimpleNamespace:
        return SimpleNamespace(
            pk=pk, place_id=place_id, due=dt.date(2026, 9, 1), number="", label="", label_en="", title="专班到位",
            first_answered_on=dt.date(2026, 8, 30) if answered else None,
        )  # fmt: skip

    other = scene.cast.places["county_b"].pk
    late = [notice(1, scene.county.pk, False), notice(2, scene.county.pk, True), notice(3, other, False)]
    monkeypatch.setattr(lateness.supervising, "overdue", lambda *_: late)
    found = lateness.overdue_supervision(scene.city, 5, START)
    assert [{line.code for line in one.against} for one in found] == [
        set(), {"measures.ag_returned"}, {"measures.ag_only_overdue"},
    ]  # fmt: skip
    assert lateness.overdue_supervision(scene.city, 60, START) == []
    assert detecting.FEW == 30
