from __future__ import annotations

import datetime as dt

import pytest

from jingtu.assessment.adjustments.rules import (
    Case,
    EntryAction,
    EntryState,
    Hands,
    VetoState,
    decision_refusal,
    entry_refusal,
    fired_again,
    reply_refusal,
)

TODAY = dt.date(2026, 10, 8)
BEFORE, AFTER = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


@pytest.mark.parametrize("action", EntryAction)
@pytest.mark.parametrize("state", EntryState)
def test_only_what_waits_is_decided_and_only_what_counts_or_waits_is_withdrawn(
    action: EntryAction, state: EntryState
) -> None:
    allowed = entry_refusal(action, state, Hands(True, True, False)) is None
    withdrawable = action is EntryAction.WITHDRAW and state is EntryState.APPROVED
    assert allowed is (state is EntryState.PROPOSED or withdrawable)


@pytest.mark.parametrize(
    ("hands", "action", "code"),
    [
        (Hands(True, False, True), EntryAction.APPROVE, "adjustments.not_permitted"),
        (Hands(True, True, True), EntryAction.APPROVE, "adjustments.same_person"),
        (Hands(True, False, True), EntryAction.WITHDRAW, None),
        (Hands(True, False, False), EntryAction.WITHDRAW, "adjustments.not_permitted"),
        (Hands(False, True, False), EntryAction.REFUSE, None),
    ],
)
def test_nobody_approves_an_own_entry(hands: Hands, action: EntryAction, code: str | None) -> None:
    refusal = entry_refusal(action, EntryState.PROPOSED, hands)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (Case(VetoState.PROPOSED, AFTER, False, True), "adjustments.reply_open"),
        (Case(VetoState.PROPOSED, TODAY, False, True), "adjustments.reply_open"),
        (Case(VetoState.PROPOSED, BEFORE, False, True), None),
        (Case(VetoState.REPLIED, AFTER, False, True), None),
        (Case(VetoState.REPLIED, AFTER, True, True, replied_it=True), "adjustments.not_a_third"),
        (Case(VetoState.REPLIED, AFTER, True, True, proposed_it=True), "adjustments.not_a_third"),
        (Case(VetoState.REPLIED, AFTER, True, False), "adjustments.not_permitted"),
        (Case(VetoState.APPLIED, BEFORE, False, True), "adjustments.wrong_state"),
        (Case(VetoState.LAPSED, BEFORE, False, True), "adjustments.wrong_state"),
    ],
)
def test_a_veto_is_decided_after_the_reply_by_a_third_person(case: Case, code: str | None) -> None:
    refusal = decision_refusal(case, TODAY)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (Case(VetoState.PROPOSED, TODAY, True, False), None),
        (Case(VetoState.REPLIED, TODAY, True, False), None),
        (Case(VetoState.PROPOSED, BEFORE, True, False), "adjustments.reply_over"),
        (Case(VetoState.PROPOSED, TODAY, False, True), "adjustments.not_permitted"),
        (Case(VetoState.NOT_APPLIED, TODAY, True, False), "adjustments.wrong_state"),
    ],
)
def test_the_place_replies_until_the_day_is_over(case: Case, code: str | None) -> None:
    refusal = reply_refusal(case, TODAY)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("state", "old", "new", "then"),
    [
        (VetoState.APPLIED, "1", "1", VetoState.APPLIED),
        (VetoState.APPLIED, "1", "2", VetoState.PROPOSED),
        (VetoState.NOT_APPLIED, "1", "2", VetoState.PROPOSED),
        (VetoState.REPLIED, "1", "1", VetoState.REPLIED),
        (VetoState.LAPSED, "1", "1", VetoState.PROPOSED),
    ],
)
def test_a_decision_holds_for_the_value_it_was_made_about(
    state: VetoState, old: str, new: str, then: VetoState
) -> None:
    assert fired_again(state, old, new) is then
