"""The life of a letter as a machine that plays any sequence of acts, and the texts of templates."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from jingtu.governance.duties.letters.rules import (
    FIELDS,
    TABLE,
    Hand,
    LetterAction,
    LetterFacts,
    LetterState,
    digest_of,
    letter_text,
    merged,
    reason_problem,
    refusal,
    reminder_due,
    scan_problem,
    sign_by,
    template_problems,
)

DAY = dt.date(2026, 3, 2)


class Life(RuleBasedStateMachine):
    """Anybody tries anything in any order; the calendar only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.state = LetterState.DRAFTED
        self.history = [LetterState.DRAFTED]
        self.day = DAY

    @rule(action=st.sampled_from(list(TABLE)), manages=st.booleans(), signer=st.booleans())
    def act(self, action: LetterAction, manages: bool, signer: bool) -> None:
        facts = LetterFacts(self.state, 2026, manages, signer, signer)
        if refusal(action, facts, self.day) is not None:
            return
        row = TABLE[action]
        assert manages or row.hand is not Hand.OFFICE
        assert signer or row.hand is not Hand.SIGNER
        assert action is not LetterAction.EXPIRE or self.day.year > 2026
        self.state = row.target
        self.history.append(self.state)

    @rule(days=st.integers(1, 200))
    def wait(self, days: int) -> None:
        self.day += dt.timedelta(days=days)

    @invariant()
    def nothing_is_signed_or_refused_without_having_been_issued(self) -> None:
        for state in (LetterState.SIGNED, LetterState.REFUSED, LetterState.REPLACED, LetterState.EXPIRED):
            if state in self.history:
                assert LetterState.ISSUED in self.history[: self.history.index(state)]

    @invariant()
    def what_was_signed_is_not_withdrawn(self) -> None:
        if LetterState.SIGNED in self.history:
            assert LetterState.WITHDRAWN not in self.history

    @invariant()
    def an_end_is_an_end(self) -> None:
        ends = (LetterState.REPLACED, LetterState.WITHDRAWN, LetterState.EXPIRED)
        assert all(state not in ends for state in self.history[:-1])


TestLife = Life.TestCase


@given(st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)), st.integers(0, 400))
def test_clocks_run_forward_only(issued: dt.date, later: int) -> None:
    due = sign_by(issued).day
    assert due > issued
    day = issued + dt.timedelta(days=later)
    assert reminder_due(due, None, day) == (day >= due)
    assert not reminder_due(due, day, day) or day < due
    assert (scan_problem(issued, day, day) is None) == (day >= issued)
    assert scan_problem(issued, day + dt.timedelta(days=1), day) is not None


def test_a_reminder_waits_some_working_days_for_the_next() -> None:
    due = dt.date(2026, 3, 16)
    assert reminder_due(due, due, dt.date(2026, 3, 20)) is False
    assert reminder_due(due, due, dt.date(2026, 3, 23)) is True


def test_an_unknown_field_is_refused_by_its_name_and_stray_braces_too() -> None:
    [problem] = template_problems("致{recipient}：{deputy}", "text")
    assert (problem.code, problem.params["field"], problem.column) == (
        "letters.unknown_field",
        "deputy",
        "text",
    )
    assert "deputy" in problem.text("zh")
    assert "recipient" in problem.text("en")
    assert [one.code for one in template_problems("{year", "text")] == ["letters.stray_brace"]
    assert template_problems("".join(f"{{{name}}}" for name in FIELDS), "text") == []


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=20), min_size=len(FIELDS)))
def test_what_is_filled_in_is_not_read_as_a_field_again(values: dict[str, str]) -> None:
    text = "|".join(f"{{{name}}}" for name in sorted(FIELDS))
    assert merged(text, values) == "|".join(values[name] for name in sorted(FIELDS))


def test_the_hash_names_the_exact_text_whose_first_line_is_the_title() -> None:
    values = dict.fromkeys(FIELDS, "甲")
    text = letter_text("{year}年责任书", "正文 \r\n二", values)
    assert text == "甲年责任书\n\n正文\n二"
    assert digest_of(text) != digest_of(text + " ")


@pytest.mark.parametrize("action", [action for action, row in TABLE.items() if row.needs_reason])
def test_acts_that_must_be_explained_want_a_reason(action: LetterAction) -> None:
    assert reason_problem(action, "  ") is not None
    assert reason_problem(action, "签字人变动") is None
    assert reason_problem(action, "签字\x07人变动") is not None
