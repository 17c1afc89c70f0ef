"""Words and marks of listings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

Word = str | Promise

STATES: dict[str, Word] = {
    "proposed": pgettext_lazy("listing", "提出"),
    "noticed": pgettext_lazy("listing", "已告知"),
    "heard": pgettext_lazy("listing", "待决定"),
    "listed": pgettext_lazy("listing", "已挂牌"),
    "rectifying": pgettext_lazy("listing", "整治中"),
    "self_assessed": pgettext_lazy("listing", "待验收"),
    "inspected": pgettext_lazy("listing", "已验收"),
    "consulted": pgettext_lazy("listing", "征求意见，待决定"),
    "watch": pgettext_lazy("listing", "已摘牌，巩固期"),
    "closed": pgettext_lazy("listing", "已结案"),
    "relapsed": pgettext_lazy("listing", "反弹，重新挂牌"),
    "raised": pgettext_lazy("listing", "已提级"),
    "revoked": pgettext_lazy("listing", "已撤销"),
    "not_taken": pgettext_lazy("listing", "不予挂牌"),
    "withdrawn": pgettext_lazy("listing", "已撤回"),
}
MARKS: dict[str, tuple[str, str]] = {
    "proposed": ("none", "–"),
    "noticed": ("watch", "▲"),
    "heard": ("watch", "▲"),
    "listed": ("below", "◆"),
    "rectifying": ("below", "◆"),
    "self_assessed": ("watch", "▲"),
    "inspected": ("watch", "▲"),
    "consulted": ("watch", "▲"),
    "watch": ("met", "●"),
    "closed": ("met", "●"),
    "relapsed": ("below", "◆"),
    "raised": ("below", "◆"),
    "revoked": ("none", "–"),
    "not_taken": ("none", "–"),
    "withdrawn": ("none", "–"),
}
STAGES: dict[str, Word] = {
    "before": pgettext_lazy("listing", "决定之前"),
    "running": pgettext_lazy("listing", "挂牌期间"),
    "watch": _("巩固期"),
    "over": pgettext_lazy("listing", "已结束"),
}
PROBLEMS: dict[str, Word] = {
    "outflow": _("外流贩毒"),
    "transit": _("中转集散"),
    "production": pgettext_lazy("listing", "制毒"),
    "use": _("吸毒问题突出"),
    "other": pgettext_lazy("listing", "其他问题"),
}
LEVELS: dict[str, Word] = {
    "county": pgettext_lazy("listing", "县级"),
    "city": pgettext_lazy("listing", "市级"),
    "province": pgettext_lazy("listing", "省级"),
    "nation": pgettext_lazy("listing", "国家级"),
}
MEASURES: dict[str, Word] = {
    "indicator": pgettext_lazy("listing", "已发布指标"),
    "element": _("已发布考核中的数据元素"),
    "bottom": _("已发布排名，自末位起"),
    "entered": _("填写并注明来源"),
}
TAGS: dict[str, Word] = {
    "V": _("已核对原文"),
    "S": _("见于公开网页，未核对原文"),
    "G": _("一般情况，未核实"),
}
ACTS: dict[str, Word] = {
    "classify": _("改变类别和问题"),
    "criteria": _("登记指标值"),
    "suspend": pgettext_lazy("listing", "中止陈述申辩期"),
    "resume": pgettext_lazy("listing", "恢复陈述申辩期"),
    "recall": _("收回告知"),
    "deliver": _("记录决定送达"),
    "object": pgettext_lazy("listing", "提出异议"),
    "review": _("复核异议，维持挂牌"),
    "revoke": _("撤销挂牌"),
    "serve": _("送达告知"),
    "reply": _("陈述申辩"),
    "hear": _("记录听取情况"),
    "list": _("决定挂牌"),
    "decline": _("决定不予挂牌"),
    "withdraw": pgettext_lazy("listing", "撤回提议"),
    "plan": _("建立整治方案"),
    "progress": _("填报进展"),
    "self_assess": _("报送自评"),
    "return": pgettext_lazy("listing", "退回整改"),
    "inspect": _("验收完成"),
    "consult": _("征求意见"),
    "delist": _("决定摘牌"),
    "extend": _("决定延期"),
    "close": _("巩固期满结案"),
    "relapse": pgettext_lazy("listing", "反弹，重新挂牌"),
    "raise": _("提级挂牌"),
}
ON_PAPER: dict[str, Word] = {"reply": _("代录书面陈述"), "object": _("代录书面异议")}
"""The place's own word, as the office takes it in for a place without an account."""
STEPS: dict[str, Word] = {
    "propose": pgettext_lazy("listing", "提出挂牌"),
    "classify": pgettext_lazy("listing done", "改变类别和问题"),
    "criteria": pgettext_lazy("listing done", "登记指标值"),
    "serve": pgettext_lazy("listing done", "送达告知"),
    "reply": pgettext_lazy("listing done", "陈述申辩"),
    "suspend": pgettext_lazy("listing done", "中止陈述申辩期"),
    "resume": pgettext_lazy("listing done", "恢复陈述申辩期"),
    "hear": pgettext_lazy("listing done", "听取意见"),
    "recall": pgettext_lazy("listing done", "收回告知"),
    "list": pgettext_lazy("listing done", "决定挂牌"),
    "decline": pgettext_lazy("listing done", "决定不予挂牌"),
    "withdraw": pgettext_lazy("listing done", "撤回提议"),
    "deliver": pgettext_lazy("listing done", "决定送达"),
    "object": pgettext_lazy("listing done", "提出异议"),
    "review": pgettext_lazy("listing done", "复核，维持挂牌"),
    "revoke": pgettext_lazy("listing done", "撤销挂牌"),
    "plan": pgettext_lazy("listing done", "建立整治方案"),
    "progress": pgettext_lazy("listing done", "填报进展"),
    "self_assess": pgettext_lazy("listing done", "报送自评"),
    "return": pgettext_lazy("listing done", "退回整改"),
    "inspect": pgettext_lazy("listing done", "验收完成"),
    "consult": pgettext_lazy("listing done", "征求意见"),
    "delist": pgettext_lazy("listing done", "决定摘牌"),
    "extend": pgettext_lazy("listing done", "决定延期"),
    "close": pgettext_lazy("listing done", "巩固期满结案"),
    "relapse": pgettext_lazy("listing", "反弹，重新挂牌"),
    "raise": pgettext_lazy("listing done", "提级挂牌"),
    "drawn_up": _("形成验收记录"),
    "signed": pgettext_lazy("listing done", "签署验收记录"),
    "opinion": pgettext_lazy("listing done", "登记意见"),
    "moved": _("区划调整"),
    "paper": pgettext_lazy("listing done", "印制文书"),
}
DESIGNATIONS: dict[str, Word] = {"key": _("禁毒重点督办地区"), "warned": _("禁毒重点通报警示地区")}
DESIGNATION_STATES: dict[str, Word] = {
    "proposed": pgettext_lazy("designation", "待决定"),
    "decided": pgettext_lazy("designation", "已确定"),
    "not_taken": pgettext_lazy("designation", "未采纳"),
}
DESIGNATION_MARKS = {"proposed": ("watch", "▲"), "decided": ("below", "◆"), "not_taken": ("none", "–")}
PAPERS: dict[str, Word] = {
    "notice": _("拟挂牌告知书"),
    "listing": _("挂牌通知"),
    "rectify": _("整治督办函"),
    "review": pgettext_lazy("listing", "复核决定"),
    "acceptance": _("验收表"),
    "delisting": _("摘牌通知"),
    "public": _("公示公告"),
}


def act(code: str, *, on_paper: bool) -> Word:
    """What an act is called for whoever does it; ``on_paper``: it is not the place itself."""
    return ON_PAPER.get(code, ACTS[code]) if on_paper else ACTS[code]


def against(one: Mapping[str, Any]) -> str:
    """An argument against, in the reader's language."""
    texts = {
        "small": gettext("数量少，数值容易受个别情况影响"),
        "band": gettext("名次区间为第%(low)s至第%(high)s位，与相邻地区可能不相上下"),
        "appeal": gettext("对这次考核的申诉还没有办结"),
        "finding": gettext("这次考核的数据核查意见还没有办结"),
        "standing": gettext("已有挂牌在办"),
        "watch": gettext("刚摘牌，尚在巩固期"),
        "only_now": gettext("“%(name)s”仅本期达到，此前%(count)s期（自%(since)s起）都未达到"),
    }
    params = dict(one.get("params", {}))
    if "since" in params:
        language: Language = "en" if get_language() == "en" else "zh"
        params["since"] = Period.parse(params["since"]).label(language)
        params["name"] = params["en"] if language == "en" and params["en"] else params["zh"]
    return texts.get(one["code"], one["code"]) % params


def note(one: Mapping[str, Any], names: Mapping[int, str] | None = None) -> str:
    """What the machine added to a step, in the reader's language; ``names``: of people by own id."""
    match one.get("code"):
        case "classified":
            old = one["en"] if get_language() == "en" and one["en"] else one["zh"]
            said = {"old": old, "problem": PROBLEMS[one["problem"]], "level": LEVELS[one["level"]]}
            return gettext("原为%(old)s，%(problem)s，%(level)s") % said
        case "on_paper":
            said = {"day": one["received"], "name": (names or {}).get(one["receiver"], "")}
            return gettext("书面提交，%(day)s收到，收件人%(name)s") % said
        case "heard":
            return gettext("%(day)s听取") % {"day": one["on"]}
        case "despite":
            return gettext("未达标指标%(criteria)s项、未办结任务%(tasks)s项，写明理由后摘牌") % one
        case "month":
            return gettext("%(month)s 进展") % {"month": one["month"]}
        case "opinion":
            return f"{one['unit']}：{gettext('同意') if one['agrees'] else gettext('不同意')}"
        case "followed_by":
            return gettext("由第%(listing)s号挂牌接续") % {"listing": one["listing"]}
        case "moved":
            return gettext("由%(old)s并入%(new)s，挂牌随之转移") % {"old": one["old"], "new": one["new"]}
        case "paper":
            return f"{PAPERS[one['kind']]} {one['number']}"
        case "plan":
            return gettext("任务%(tasks)s项") % {"tasks": one["tasks"]}
    return ""
