"""The words of the interface for the states of a number."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .rules import NumberState

STATES: dict[str, str | Promise] = {
    NumberState.ISSUED: _("已用"),
    NumberState.RESERVED: pgettext_lazy("state", "预留"),
    NumberState.VOID: _("作废"),
}
MARKS: dict[str, tuple[str, str]] = {
    NumberState.ISSUED: ("met", "●"),
    NumberState.RESERVED: ("watch", "▲"),
    NumberState.VOID: ("none", "–"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""
