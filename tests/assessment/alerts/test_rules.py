"""The life of an alert, and what a further detection does to one there is."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.assessment.alerts.rules import (
    CLOSED_STATES,
    TABLE,
    AlertAction,
    AlertState,
    Standing,
    continuation,
    due_on,
    is_worse,
    reason_problem,
    refusal,
    snooze_problem,
)
from jingtu.assessment.alerts.services.raising import spans_of
from jingtu.core.kernel.actor import Permission
from jingtu.engine.periods import Period

ALL = frozenset({Permission.ALERTS_HANDLE, Permission.ALERTS_DISMISS})


def test_every_act_leads_somewhere_else() -> None:
    for action, row in TABLE.items():
        assert row.target not in row.sources, action


@pytest.mark.parametrize("action", list(AlertAction))
@pytest.mark.parametrize("state", list(AlertState))
def test_the_table_is_the_rule(action: AlertAction, state: AlertState) -> None:
    found = refusal(action, state, ALL)
    assert (found is None) is (state in TABLE[action].sources)


def test_whoever_answers_for_a_figure_does_not_wave_its_alert_away() -> None:
    held = frozenset({Permission.ALERTS_HANDLE})
    assert refusal(AlertAction.RESOLVE, AlertState.NEW, held) is None
    for action in (AlertAction.DISMISS, AlertAction.SNOOZE, AlertAction.REOPEN):
        state = AlertState.RESOLVED if action is AlertAction.REOPEN else AlertState.NEW
        problem = refusal(action, state, held)
        assert problem is not None
        assert problem.code == "alerts.not_permitted"


def test_what_closes_or_delays_is_explained() -> None:
    for action in (AlertAction.RESOLVE, AlertAction.DISMISS, AlertAction.SNOOZE, AlertAction.REOPEN):
        assert reason_problem(action, " 无 ") is not None
    assert reason_problem(AlertAction.ACKNOWLEDGE, "") is None


@pytest.mark.parametrize(("days", "fine"), [(0, False), (1, True), (185, True), (186, False)])
def test_a_delay_ends_some_day(days: int, fine: bool) -> None:
    today = dt.date(2026, 11, 22)
    assert (snooze_problem(today + dt.timedelta(days=days), today) is None) is fine


def test_terms_are_working_days() -> None:
    # The National Day holiday of 2025 was eight days long.
    assert due_on(dt.date(2025, 9, 30), 3).day == dt.date(2025, 10, 11)


@pytest.mark.parametrize(
    ("before", "now", "worse"), [(4, 5, True), (4, 4.9, False), (0, 0.1, True), (0, 0, False), (5, 4, False)]
)
def test_worse_means_a_quarter_more(before: float, now: float, worse: bool) -> None:
    assert is_worse(before, now) is worse


@pytest.mark.parametrize(
    ("state", "same", "follows", "strength", "wanted"),
    [
        (AlertState.NEW, False, True, 3, "add"),
        (AlertState.IN_HAND, False, False, 9, "add"),
        (AlertState.NEW, True, False, 3, "add"),
        (AlertState.SNOOZED, False, True, 4, "add"),
        (AlertState.SNOOZED, False, True, 5, "raise_again"),
        (AlertState.RESOLVED, True, False, 4, "same"),
        (AlertState.RESOLVED, True, False, 5, "raise_again"),
        (AlertState.RESOLVED, False, True, 1, "raise_again"),
        (AlertState.RESOLVED, False, False, 9, "fresh"),
        (AlertState.DISMISSED, True, False, 4, "same"),
        (AlertState.DISMISSED, False, True, 4, "add"),
        (AlertState.DISMISSED, False, True, 5, "raise_again"),
        (AlertState.DISMISSED, False, False, 4, "fresh"),
    ],
)
def test_a_continuing_episode_is_one_alert(
    state: AlertState, same: bool, follows: bool, strength: float, wanted: str
) -> None:
    standing = Standing(state, same_period=same, follows=follows, settled_strength=4)
    assert continuation(standing, strength) == wanted


def test_without_an_alert_there_is_a_fresh_one() -> None:
    assert continuation(None, 1) == "fresh"
    assert frozenset({AlertState.RESOLVED, AlertState.DISMISSED}) == CLOSED_STATES


def test_a_notice_names_the_periods_of_each_kind_in_their_order() -> None:
    found = [Period.parse(key) for key in ("2026-10", "2026-Q3", "2026-09", "2026-10")]
    assert [[period.key for period in span] for span in spans_of(found)] == [
        ["2026-Q3"],
        ["2026-09", "2026-10"],
    ]
