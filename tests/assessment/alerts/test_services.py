"""Alerts as runs raise them and people settle them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jingtu.assessment.alerts import services
from jingtu.assessment.alerts.models import Alert, AlertEvent, AlertReading, WatchedRun
from jingtu.assessment.alerts.queries import alert_detail, alerts, open_alerts, open_counts
from jingtu.assessment.alerts.rules import AlertState
from jingtu.assessment.alerts.services import sweeping
from jingtu.assessment.alerts.visibility import can_see
from jingtu.assessment.runs.services import approve_and_publish, withdraw
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from tests.assessment.alerts.watched import FIGURES, WatchedOffice


def test_a_published_run_raises_alerts_once_and_tells_their_owner(watched: WatchedOffice) -> None:
    run = watched.publish()
    alert = watched.alert("township_a2")
    assert alert.disclosed
    assert alert.owner == watched.cast.user("reporter", "own")  # nobody reports for the township itself
    assert alert.strength == 20
    assert [event.kind for event in alert.events.all()] == ["raised"]
    told = Notice.objects.filter(code="alerts.raised")
    assert [notice.recipient for notice in told] == [alert.owner]
    assert AuditEntry.objects.filter(action="alerts.raised").count() == 1
    assert services.watch_run(watched.analyst, run.pk).raised == 0
    assert Alert.objects.filter(rule="red", region=alert.region).count() == 1


def test_a_draft_shows_its_alerts_to_those_who_see_drafts_only(watched: WatchedOffice) -> None:
    watched.draft()
    alert = watched.alert("township_a2")
    assert not alert.disclosed
    assert not Notice.objects.filter(code="alerts.raised").exists()
    assert can_see(watched.analyst, alert.pk)
    assert not can_see(watched.cast.actor("reporter", "own"), alert.pk)
    assert not can_see(watched.cast.actor("leader", "ancestor"), alert.pk)
    watched.publish()
    alert.refresh_from_db()
    assert alert.disclosed
    assert {event.kind for event in alert.events.all()} == {"raised", "disclosed"}


def test_a_draft_leaves_what_readers_know_alone(watched: WatchedOffice) -> None:
    watched.publish()
    before = watched.alert("township_a2")
    watched.report("2026-10", {**FIGURES, "township_a2": (20, 6, 8)})
    watched.draft("2026-10")
    after = watched.alert("township_a2")
    assert (after.last_period, after.strength, after.times) == (before.last_period, before.strength, 1)


def test_a_continuing_episode_is_one_alert_with_a_history(watched: WatchedOffice) -> None:
    watched.publish()
    watched.report("2026-10", FIGURES)
    watched.publish("2026-10")
    alert = watched.alert("township_a2")
    assert (alert.first_period, alert.last_period, alert.times) == ("2026-09", "2026-10", 2)
    assert alert.events.order_by("pk").values_list("kind", flat=True)[1] == "continued"
    assert [one.period for one in alert.occurrences.all()] == ["2026-10", "2026-09"]


def test_an_earlier_month_assessed_after_a_later_one_counts_too(watched: WatchedOffice) -> None:
    watched.report("2026-10", FIGURES)
    watched.publish("2026-10")
    watched.publish("2026-09")
    alert = watched.alert("township_a2")
    assert (alert.first_period, alert.last_period, alert.times) == ("2026-09", "2026-10", 2)
    assert alert.occurrences.count() == alert.times


def test_a_resolved_alert_comes_back_with_the_next_period(watched: WatchedOffice) -> None:
    watched.publish()
    alert = watched.alert("township_a2")
    services.resolve(watched.cast.actor("reporter", "own"), alert.pk, "已派专人补访")
    watched.report("2026-10", FIGURES)
    watched.publish("2026-10")
    alert.refresh_from_db()
    assert (alert.state, alert.closed_at) == (AlertState.NEW, None)


def test_a_dismissed_alert_speaks_again_only_when_worse(watched: WatchedOffice) -> None:
    watched.publish()
    alert = watched.alert("township_a2")
    services.dismiss(watched.analyst, alert.pk, "辖区正在搬迁")
    watched.report("2026-10", FIGURES)
    watched.publish("2026-10")
    alert.refresh_from_db()
    assert alert.state == AlertState.DISMISSED
    assert alert.times == 2
    watched.report("2026-11", {**FIGURES, "township_a2": (50, 14, 8)})
    watched.publish("2026-11")
    alert.refresh_from_db()
    assert alert.state == AlertState.NEW


def test_a_correction_closes_what_it_no_longer_shows(watched: WatchedOffice) -> None:
    run = watched.publish()
    watched.change("township_a2", "done", 15)
    watched.corrected(run)
    alert = watched.alert("township_a2")
    assert alert.state == AlertState.RESOLVED
    assert alert.events.first().kind == "lapsed"  # type: ignore[union-attr]


def test_alerts_of_a_run_that_was_withdrawn_are_closed_with_its_reason(watched: WatchedOffice) -> None:
    run = watched.publish()
    opened = set(Alert.objects.filter(state="new").values_list("pk", flat=True))
    assert opened
    withdraw(watched.reviewer, run.pk, "台账有误，撤回重核")
    closed = Alert.objects.filter(pk__in=opened)
    assert {alert.state for alert in closed} == {"resolved"}
    for alert in closed:
        event = alert.events.first()
        assert event is not None
        assert (event.kind, event.from_state, event.to_state) == ("withdrawn", "new", "resolved")
        assert event.reason == "台账有误，撤回重核"
    entry = AuditEntry.objects.get(action="alerts.closed_with_run")
    assert (entry.target_id, entry.after) == (str(run.pk), {"alerts": len(opened)})
    watched.publish()  # the same figures again: the alerts speak again
    assert set(Alert.objects.filter(state="new").values_list("pk", flat=True)) == opened


def test_an_alert_whose_rule_the_new_version_no_longer_has_is_closed_as_superseded(
    watched: WatchedOffice,
) -> None:
    run = watched.publish()
    alert = watched.alert("township_a2")
    Alert.objects.filter(pk=alert.pk).update(rule="of an older catalogue")
    watched.change("township_a2", "done", 7)
    watched.corrected(run)
    alert.refresh_from_db()
    assert alert.state == "resolved"
    assert alert.events.first().kind == "superseded"  # type: ignore[union-attr]
    assert Alert.objects.filter(rule="red", region=alert.region, state="new").exists()


def test_a_better_month_says_that_it_has_eased_and_closes_nothing(watched: WatchedOffice) -> None:
    watched.publish()
    watched.report("2026-10", {**FIGURES, "township_a2": (20, 15, 8)})
    watched.publish("2026-10")
    alert = watched.alert("township_a2")
    assert alert.state == AlertState.NEW
    assert alert.eased_in == "2026-10"


def test_an_alert_about_a_small_count_does_not_exist_for_those_without_the_right(
    watched: WatchedOffice,
) -> None:
    watched.report("2026-09", {**FIGURES, "township_a2": (4, 1, 8)})  # a rate of 4 persons tells the count
    watched.publish()
    alert = watched.alert("township_a2")
    assert alert.sensitive
    assert can_see(watched.analyst, alert.pk)
    for actor in (watched.cast.actor("reporter", "own"), watched.cast.actor("leader", "ancestor")):
        assert not can_see(actor, alert.pk)
        with pytest.raises(NotFound):
            alert_detail(actor, alert.pk)
        assert not open_alerts(actor).filter(pk=alert.pk).exists()
    assert alert.owner == watched.cast.user("analyst", "own")  # not the reporter, who may not see it


def test_what_is_small_is_asked_when_an_alert_is_read(watched: WatchedOffice, settings: Any) -> None:
    watched.publish()
    alert = watched.alert("township_a2")  # 8 of 20
    reporter, analyst = watched.cast.actor("reporter", "own"), watched.analyst
    assert not alert.sensitive
    assert can_see(reporter, alert.pk)
    settings.SMALL_CELL_LIMIT = 12
    assert not can_see(reporter, alert.pk)
    with pytest.raises(NotFound):
        alert_detail(reporter, alert.pk)
    assert not alerts(reporter).filter(pk=alert.pk).exists()
    with pytest.raises(NotFound):
        services.acknowledge(reporter, alert.pk)
    assert can_see(analyst, alert.pk)
    settings.SMALL_CELL_LIMIT = 5
    assert can_see(reporter, alert.pk)


def test_an_alert_about_no_persons_stays_whatever_is_small(watched: WatchedOffice, settings: Any) -> None:
    watched.report("2026-08", {**FIGURES, "township_a2": (20, 8, 9)})
    watched.report("2026-07", {**FIGURES, "township_a2": (20, 8, 10)})
    for month in ("2026-07", "2026-08", "2026-09"):
        watched.publish(month)
    falling = Alert.objects.filter(rule="falling").first()
    assert falling is not None
    settings.SMALL_CELL_LIMIT = 1000
    assert can_see(watched.cast.actor("reporter", "own"), falling.pk)


def test_siblings_and_outsiders_see_nothing(watched: WatchedOffice) -> None:
    watched.publish()
    alert = watched.alert("township_a2")
    for relation in ("sibling", "outsider", "descendant"):
        for role in ("analyst", "reviewer", "leader", "reporter", "viewer"):
            assert not can_see(watched.cast.actor(role, relation), alert.pk)
    assert can_see(watched.cast.actor("viewer", "own"), alert.pk)
    assert not can_see(watched.cast.actor("system_administrator"), alert.pk)


def test_acts_need_the_right_the_state_and_a_reason(watched: WatchedOffice) -> None:
    watched.publish()
    alert = watched.alert("township_a2")
    reporter = watched.cast.actor("reporter", "own")
    with pytest.raises(PermissionDenied):
        services.acknowledge(watched.cast.actor("viewer", "own"), alert.pk)
    with pytest.raises(PermissionDenied):
        services.dismiss(reporter, alert.pk, "不成问题")
    with pytest.raises(InvalidInput):
        services.resolve(reporter, alert.pk, "")
    services.acknowledge(reporter, alert.pk)
    with pytest.raises(Conflict):
        services.acknowledge(reporter, alert.pk)
    services.take_in_hand(reporter, alert.pk)
    services.resolve(reporter, alert.pk, "已补访并录入")
    services.reopen(watched.analyst, alert.pk, "仍未到位")
    kinds = list(alert.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["raised", "acknowledge", "take", "resolve", "reopen"]
    assert AuditEntry.objects.filter(action__startswith="alerts.", target_type="alert").count() == 4


def test_a_delay_ends_by_itself(watched: WatchedOffice) -> None:
    watched.publish()
    alert = watched.alert("township_a2")
    noon = dt.datetime(2026, 11, 22, 12, tzinfo=timezone.get_default_timezone())
    with frozen(noon):
        with pytest.raises(InvalidInput):
            services.snooze(watched.analyst, alert.pk, dt.date(2026, 11, 22), "等待搬迁完成")
        services.snooze(watched.analyst, alert.pk, dt.date(2026, 11, 24), "等待搬迁完成")
        services.on_time()
    alert.refresh_from_db()
    assert alert.state == AlertState.SNOOZED
    with frozen(noon + dt.timedelta(days=2)):
        services.on_time()
    alert.refresh_from_db()
    assert (alert.state, alert.snoozed_until) == (AlertState.NEW, None)


def test_an_alert_is_handed_only_to_somebody_who_may_see_it(watched: WatchedOffice) -> None:
    watched.publish()
    alert = watched.alert("township_a2")
    for role, relation in (("reporter", "sibling"), ("viewer", "own"), ("analyst", "descendant")):
        with pytest.raises(InvalidInput):
            services.assign(watched.analyst, alert.pk, watched.cast.user(role, relation).pk)
    services.assign(watched.analyst, alert.pk, watched.cast.user("leader", "own").pk)
    alert.refresh_from_db()
    assert alert.owner == watched.cast.user("leader", "own")
    assert Notice.objects.filter(code="alerts.assigned", recipient=alert.owner).exists()


def test_many_are_acknowledged_at_once_as_far_as_the_actor_may(watched: WatchedOffice) -> None:
    watched.publish()
    everything = list(Alert.objects.values_list("pk", flat=True))
    assert services.acknowledge_many(watched.cast.actor("reporter", "sibling"), everything) == 0
    mine = alerts(watched.cast.actor("reporter", "own")).filter(state="new").count()
    assert services.acknowledge_many(watched.cast.actor("reporter", "own"), everything) == mine > 0
    entry = AuditEntry.objects.filter(action="alerts.acknowledge").get()
    assert len(entry.after["alerts"]) == mine
    assert AlertEvent.objects.filter(kind="acknowledge", from_state="new").count() == mine


def test_acknowledging_thirty_asks_no_more_than_acknowledging_one(watched: WatchedOffice) -> None:
    watched.publish()
    first = watched.alert("township_a2")
    actor = watched.cast.actor("reporter", "own")

    def queries(ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert services.acknowledge_many(actor, ids) == len(ids)
        return len(asked)

    one = queries([first.pk])
    Alert.objects.filter(pk=first.pk).update(state="new")
    copies = [first.pk]
    for number in range(29):
        first.pk, first.rule = None, f"rule {number}"
        first.save(force_insert=True)
        copies.append(first.pk)
    assert queries(copies) <= one


def test_opening_leaves_one_receipt(watched: WatchedOffice) -> None:
    watched.publish()
    alert = watched.alert("township_a2")
    for _ in range(2):
        services.mark_read(watched.analyst, alert)
    assert AlertReading.objects.filter(alert=alert).count() == 1


def test_missing_reports_are_noticed_without_a_run(db: None, own_store: Path) -> None:
    moment = dt.datetime(2026, 11, 22, 12, tzinfo=timezone.get_default_timezone())
    with frozen(moment):
        watched = WatchedOffice()
        watched.publish()
        watched.report("2026-10", {"township_a": FIGURES["township_a"], "township_b": FIGURES["township_b"]})
        assert services.sweep(watched.analyst.__class__(watched.cast.user("system_administrator"))) == 1
        assert services.on_time() == 0
    alert = watched.alert("township_a2", "missing")
    assert alert.last_period == "2026-10"
    assert alert.occurrences.get().run is None


def test_nothing_is_missing_while_reports_may_still_be_on_their_way(watched: WatchedOffice) -> None:
    watched.publish()
    watched.report("2026-10", {"township_a": FIGURES["township_a"]})
    moment = dt.datetime(2026, 11, 5, 12, tzinfo=timezone.get_default_timezone())
    with frozen(moment):
        services.on_time()
    assert not Alert.objects.filter(rule="missing").exists()


def test_runs_left_unwatched_are_caught_up_once(watched: WatchedOffice) -> None:
    run = watched.published()
    assert not WatchedRun.objects.filter(run=run).exists()
    services.on_time()
    assert WatchedRun.objects.get(run=run).disclosed
    assert Alert.objects.exists()
    services.on_time()
    assert watched.alert("township_a2").times == 1


def test_runs_caught_up_in_one_round_are_told_to_an_owner_in_one_notice(watched: WatchedOffice) -> None:
    # Each month another place of the same reporter crosses the red line.
    watched.report("2026-08", {**FIGURES, "township_a": (40, 8, 6), "township_a2": (20, 19, 8)})
    for month in ("2026-08", "2026-09"):
        watched.published(month)
    services.on_time()
    told = Notice.objects.get(code="alerts.raised", recipient=watched.alert("township_a2").owner)
    assert (told.params["count"], told.params["period"]) == (2, "2026年8月至2026年9月")


def test_the_feed_counts_published_alerts_of_a_subtree(watched: WatchedOffice) -> None:
    watched.publish()
    counts = open_counts(watched.analyst, watched.cast.places["county_a"].pk)
    assert counts["critical"] == 1
    assert counts["all"] >= counts["critical"]
    assert open_counts(watched.analyst, watched.cast.places["county_b"].pk)["all"] == 0


def test_lists_ask_a_constant_number_of_queries(
    watched: WatchedOffice, django_assert_max_num_queries: object
) -> None:
    from jingtu.assessment.alerts.queries import rows

    watched.publish()
    actor = watched.cast.actor("reporter", "own")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        assert rows(actor, list(alerts(actor)))


def test_rules_are_applied_once_the_deed_is_committed(
    watched: WatchedOffice, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = watched.in_review()
        assert not Alert.objects.exists()
    assert not watched.alert("township_a2").disclosed
    with django_capture_on_commit_callbacks(execute=True):
        approve_and_publish(watched.reviewer, run.pk)
    assert watched.alert("township_a2").disclosed


def test_alerts_that_fail_do_not_fail_the_deed_they_follow(
    watched: WatchedOffice, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(sweeping, "watch_run", fail)
        with django_capture_on_commit_callbacks(execute=True) as called:
            run = watched.published("2026-09")
    assert called
    assert run.state == "published"
    assert not Alert.objects.exists()
    services.on_time()
    assert WatchedRun.objects.filter(run=run, disclosed=True).exists()
    assert watched.alert("township_a2").disclosed
