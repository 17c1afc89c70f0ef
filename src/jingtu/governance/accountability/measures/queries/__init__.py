"""What is read of ladders, rules, proposals and measures. Every function takes the actor first, or what it was given."""

from __future__ import annotations

from .measuring import (
    READERS,
    ClockFace,
    MeasureFilter,
    clock_faces,
    effects_of_place,
    get_measure,
    history_of_place,
    may_open,
    measures,
    open_acts,
    rung_choices,
    standing_of,
)
from .pending import (
    Waiting,
    waiting,
)
from .proposing import (
    ProposalFilter,
    against_now,
    get_proposal,
    knows_proposal,
    may_decide_proposal,
    may_file,
    measure_of,
    past_cases,
    proposals,
)
from .setting import (
    RuleRow,
    bulletins,
    get_bulletin,
    get_ladder,
    ladder_for,
    ladders,
    offices,
    rule_row,
    rule_rows,
)

__all__ = [
    "READERS",
    "ClockFace",
    "MeasureFilter",
    "ProposalFilter",
    "RuleRow",
    "Waiting",
    "against_now",
    "bulletins",
    "clock_faces",
    "effects_of_place",
    "get_bulletin",
    "get_ladder",
    "get_measure",
    "get_proposal",
    "history_of_place",
    "knows_proposal",
    "ladder_for",
    "ladders",
    "may_decide_proposal",
    "may_file",
    "may_open",
    "measure_of",
    "measures",
    "offices",
    "open_acts",
    "past_cases",
    "proposals",
    "rule_row",
    "rule_rows",
    "rung_choices",
    "standing_of",
    "waiting",
]
