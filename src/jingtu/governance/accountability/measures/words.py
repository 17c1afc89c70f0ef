"""Words and marks of proposals and measures."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from .rules import Act

PROPOSAL_STATES = {
    "open": pgettext_lazy("measures", "待整理材料"),
    "filed": pgettext_lazy("measures", "待决定"),
    "taken": pgettext_lazy("measures", "采取"),
    "not_taken": pgettext_lazy("measures", "不采取"),
}
PROPOSAL_MARKS = {
    "open": ("watch", "▲"),
    "filed": ("watch", "▲"),
    "taken": ("below", "◆"),
    "not_taken": ("met", "●"),
}
STATES = {
    "opened": pgettext_lazy("measures", "已立案，待告知"),
    "noticed": pgettext_lazy("measures", "已告知，待送达"),
    "served": pgettext_lazy("measures", "待陈述申辩"),
    "replied": pgettext_lazy("measures", "已申辩，待决定"),
    "decided": pgettext_lazy("measures", "已决定，待送达"),
    "in_force": pgettext_lazy("measures", "执行中"),
    "objected": pgettext_lazy("measures", "异议复核中"),
    "dropped": pgettext_lazy("measures", "不予追责"),
    "revoked": pgettext_lazy("measures", "已撤销"),
    "ended": pgettext_lazy("measures", "已结束"),
}
STATE_NAMES = {
    "in_force": ("执行中", "In force"),
    "objected": ("异议复核中", "Under review"),
    "ended": ("已结束", "Ended"),
}
AGENDA_STATES = {
    "opened": ("已立案，待告知", "opened, notice to come"),
    "noticed": ("已告知，待送达", "notice issued, to be served"),
    "served": ("待陈述申辩", "awaiting reply"),
    "replied": ("已申辩，待决定", "replied, to be decided"),
    "decided": ("已决定，待送达", "decided, to be served"),
    "in_force": ("执行中", "in force"),
    "objected": ("异议复核中", "under review"),
}
MARKS = {
    "opened": ("watch", "▲"),
    "noticed": ("watch", "▲"),
    "served": ("watch", "▲"),
    "replied": ("watch", "▲"),
    "decided": ("below", "◆"),
    "in_force": ("below", "◆"),
    "objected": ("watch", "▲"),
    "dropped": ("met", "●"),
    "revoked": ("none", "–"),
    "ended": ("none", "–"),
}
_REVIEW = pgettext_lazy(
    "measures",
    "复核不得加重，这是本系统自己的规则。这里的复核不是行政复议，也不代替法律、《公务员申诉规定》（2022年修订）等对公职人员"
    "规定的复核、申诉和复审途径。复核期间措施继续执行，期限照常届满。",
)
_STILL = pgettext_lazy(
    "measures", "中止执行中的期限会使措施延后结束，须由有权决定的人作出决定，写明理由、文件和日期。"
)
NOTES = {
    Act.UPHOLD: _REVIEW,
    Act.CHANGE: _REVIEW,
    Act.REVOKE: _REVIEW,
    Act.SUSPEND: _STILL,
    Act.RESUME: _STILL,
}
ACTS = {
    "notice": pgettext_lazy("measures", "发出告知"),
    "serve": pgettext_lazy("measures", "记录告知送达"),
    "reply": pgettext_lazy("measures", "陈述申辩"),
    "hear": pgettext_lazy("measures", "记录听取意见"),
    "suspend": pgettext_lazy("measures", "中止期限"),
    "resume": pgettext_lazy("measures", "恢复期限"),
    "decide": pgettext_lazy("measures", "作出追责决定"),
    "drop": pgettext_lazy("measures", "决定不予追责"),
    "serve_decision": pgettext_lazy("measures", "记录决定送达"),
    "effect": pgettext_lazy("measures", "记录后果"),
    "object": pgettext_lazy("measures", "提出异议"),
    "uphold": pgettext_lazy("measures", "复核维持"),
    "change": pgettext_lazy("measures", "复核变更期限"),
    "revoke": pgettext_lazy("measures", "复核撤销"),
    "lift": pgettext_lazy("measures", "提前解除"),
}
DONE = {
    "open": pgettext_lazy("measures done", "立案"),
    "notice": pgettext_lazy("measures done", "告知"),
    "serve": pgettext_lazy("measures done", "告知送达"),
    "reply": pgettext_lazy("measures done", "陈述申辩"),
    "hear": pgettext_lazy("measures done", "听取意见"),
    "suspend": pgettext_lazy("measures done", "期限中止"),
    "resume": pgettext_lazy("measures done", "期限恢复"),
    "decide": pgettext_lazy("measures done", "追责决定"),
    "drop": pgettext_lazy("measures done", "不予追责"),
    "serve_decision": pgettext_lazy("measures done", "决定送达"),
    "effect": pgettext_lazy("measures done", "记录后果"),
    "object": pgettext_lazy("measures done", "异议"),
    "uphold": pgettext_lazy("measures done", "复核维持"),
    "change": pgettext_lazy("measures done", "复核变更"),
    "revoke": pgettext_lazy("measures done", "复核撤销"),
    "lift": pgettext_lazy("measures done", "提前解除"),
    "end": pgettext_lazy("measures done", "期限届满"),
    "move": pgettext_lazy("measures done", "随区划变更转移"),
}
CLOCKS = {
    "reply": pgettext_lazy("measures", "陈述申辩期"),
    "objection": pgettext_lazy("measures", "异议期"),
    "review": pgettext_lazy("measures", "复核期"),
}
EFFECTS = {
    "no_award": pgettext_lazy("measures", "不得评先评优"),
    "no_promotion": pgettext_lazy("measures", "不得提拔"),
    "no_transfer": pgettext_lazy("measures", "不得转任重用"),
    "removal": pgettext_lazy("measures", "免去职务"),
    "adjustment": pgettext_lazy("measures", "组织调整"),
    "discipline": pgettext_lazy("measures", "纪律处分"),
}
FORMS = {
    "written": pgettext_lazy("measures", "书面"),
    "talk": pgettext_lazy("measures", "谈话并记录"),
    "published": pgettext_lazy("measures", "书面并通报"),
}
ADDRESSEES = {
    "organisation": pgettext_lazy("measures", "单位"),
    "person": pgettext_lazy("measures", "岗位人员"),
    "either": pgettext_lazy("measures", "单位或岗位人员"),
}
TEMPLATES = {
    "criticism": pgettext_lazy("measures", "通报批评"),
    "talk": pgettext_lazy("measures", "约谈"),
    "listing": pgettext_lazy("measures", "挂牌整治"),
    "adjustment": pgettext_lazy("measures", "组织调整"),
    "discipline": pgettext_lazy("measures", "纪律问责"),
    "warning": pgettext_lazy("measures", "通报警示"),
    "yellow_card": pgettext_lazy("measures", "黄牌警告"),
    "admonishing": pgettext_lazy("measures", "诫勉谈话"),
    "general": pgettext_lazy("measures", "通用"),
}
TAGS = {
    "S": pgettext_lazy("measures", "见于公开报告；天数、期限和后果未经核实"),
    "G": pgettext_lazy("measures", "一般做法，未经核实"),
    "": pgettext_lazy("measures", "本机关自定"),
}
