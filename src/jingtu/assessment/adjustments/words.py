"""Words and marks of entries and vetoes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LINES = {"bonus": _("加分"), "deduction": _("扣分")}
STATES = {
    "proposed": _("待审批"),
    "approved": _("已批准"),
    "refused": pgettext_lazy("state", "不予批准"),
    "withdrawn": _("已撤回"),
}
MARKS = {
    "proposed": ("watch", "▲"),
    "approved": ("met", "●"),
    "refused": ("below", "◆"),
    "withdrawn": ("none", "–"),
}
ACTS = {"approve": _("批准"), "refuse": _("不予批准"), "withdraw": _("撤回申报")}
EFFECTS = {"zero": _("总分记零"), "rank_last": _("排名列末位"), "cap": _("总分封顶")}
VETO_STATES = {
    "proposed": _("待答辩"),
    "replied": _("已答辩，待决定"),
    "applied": _("适用"),
    "not_applied": _("不予适用"),
    "lapsed": _("依据已不存在"),
}
VETO_MARKS = {
    "proposed": ("watch", "▲"),
    "replied": ("watch", "▲"),
    "applied": ("below", "◆"),
    "not_applied": ("met", "●"),
    "lapsed": ("none", "–"),
}
