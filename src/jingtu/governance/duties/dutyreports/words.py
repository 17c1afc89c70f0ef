"""The words of the interface for where a duty report stands."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from .rules import State

STATES: dict[str, str | Promise] = {
    State.DRAFT: pgettext_lazy("duty report", "撰写中"),
    State.SUBMITTED: pgettext_lazy("duty report", "待讲评"),
    State.COMMENTED: pgettext_lazy("duty report", "已讲评"),
    State.CLOSED: pgettext_lazy("duty report", "已办结"),
}
MARKS: dict[str, tuple[str, str]] = {
    State.DRAFT: ("none", "–"),
    State.SUBMITTED: ("watch", "▲"),
    State.COMMENTED: ("met", "●"),
    State.CLOSED: ("met", "●"),
}
