"""A reason is counted by what can be read of it."""

from __future__ import annotations

from jingtu.assessment.targets import rules as targets
from jingtu.core.kernel.errors import Problem
from jingtu.governance.accountability.listings import rules as listings
from jingtu.governance.accountability.measures import rules as measures
from jingtu.governance.duties.letters import rules as letters
from jingtu.governance.duties.supervising import rules as supervising


def test_four_characters_nobody_sees_are_no_reason() -> None:
    empty = "\u200b\u3164\u2800\ufe0f"
    found: list[Problem | None] = [
        targets.reason_problem(empty),
        listings.text_problem(empty),
        measures.reason_problem(empty),
        letters.reason_problem(letters.LetterAction.REPLACE, empty),
        supervising.reason_problem(supervising.NoticeAction.ANSWER, empty),
    ]
    assert [problem.code.partition(".")[2] if problem else None for problem in found] == [
        "reason_missing"
    ] * 5
