"""What people do with ladders, rules, proposals and measures: actor first, rules asked, audit written."""

from .common import NotAbove, require_decider
from .issuing import issue_bulletin
from .ladders import adopt_preset, save_ladder
from .measuring import (
    PURPOSE,
    Given,
    change,
    close_over,
    decide,
    drop,
    hear,
    lift,
    notice,
    object_to,
    record_effect,
    reply,
    resume,
    revoke,
    serve,
    serve_decision,
    suspend,
    uphold,
)
from .proposals import decide_proposal, prepare_file
from .proposing import daily, preview, propose
from .rulebook import set_rule
from .taking import take_bulletin, take_paper

__all__ = [
    "PURPOSE",
    "Given",
    "NotAbove",
    "adopt_preset",
    "change",
    "close_over",
    "daily",
    "decide",
    "decide_proposal",
    "drop",
    "hear",
    "issue_bulletin",
    "lift",
    "notice",
    "object_to",
    "prepare_file",
    "preview",
    "propose",
    "record_effect",
    "reply",
    "require_decider",
    "resume",
    "revoke",
    "save_ladder",
    "serve",
    "serve_decision",
    "set_rule",
    "suspend",
    "take_bulletin",
    "take_paper",
    "uphold",
]
