"""The words of the interface for layers, recipients, states and acts of letters."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from .rules import Kind, Layer, LetterAction, LetterState

LAYERS: dict[str, str | Promise] = {
    Layer.HEAD: pgettext_lazy("letter layer", "主要领导"),
    Layer.DEPUTY: pgettext_lazy("letter layer", "分管领导"),
    Layer.STAFF: pgettext_lazy("letter layer", "工作人员"),
    Layer.DISCIPLINE: pgettext_lazy("letter layer", "纪检监督"),
}
KINDS: dict[str, str | Promise] = {
    Kind.PLACE: pgettext_lazy("letter recipient", "下级地区或单位"),
    Kind.UNIT: pgettext_lazy("letter recipient", "成员单位"),
    Kind.PARTNER: pgettext_lazy("letter recipient", "合作组织"),
    Kind.MEMBER: pgettext_lazy("letter recipient", "单位内人员"),
}
STATES: dict[str, str | Promise] = {
    LetterState.DRAFTED: pgettext_lazy("letter state", "待下达"),
    LetterState.ISSUED: pgettext_lazy("letter state", "待签字"),
    LetterState.SIGNED: pgettext_lazy("letter state", "已签"),
    LetterState.REFUSED: pgettext_lazy("letter state", "拒签"),
    LetterState.REPLACED: pgettext_lazy("letter state", "已换签"),
    LetterState.WITHDRAWN: pgettext_lazy("letter state", "已撤回"),
    LetterState.EXPIRED: pgettext_lazy("letter state", "已到期"),
}
MARKS: dict[str, tuple[str, str]] = {
    LetterState.DRAFTED: ("none", "–"),
    LetterState.ISSUED: ("watch", "▲"),
    LetterState.SIGNED: ("met", "●"),
    LetterState.REFUSED: ("below", "◆"),
    LetterState.REPLACED: ("none", "–"),
    LetterState.WITHDRAWN: ("none", "–"),
    LetterState.EXPIRED: ("none", "–"),
}
"""CSS state and mark of each state: a state is never told by colour alone."""

DONE: dict[str, str | Promise] = {
    LetterAction.DRAFT: pgettext_lazy("letter done", "起草"),
    LetterAction.ISSUE: pgettext_lazy("letter done", "下达"),
    LetterAction.SIGN: pgettext_lazy("letter done", "在系统内签字"),
    LetterAction.SCAN: pgettext_lazy("letter done", "登记纸质签字"),
    LetterAction.REFUSE: pgettext_lazy("letter done", "拒签"),
    LetterAction.WITHDRAW: pgettext_lazy("letter done", "撤回"),
    LetterAction.REPLACE: pgettext_lazy("letter done", "换签"),
    LetterAction.EXPIRE: pgettext_lazy("letter done", "到期"),
}
"""What was done, in a history."""
