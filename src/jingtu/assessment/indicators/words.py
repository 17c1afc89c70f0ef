"""The words of the interface for strands, directions and how far a definition is verified."""

from __future__ import annotations

from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

STRANDS: dict[str, str | Promise] = {
    "crackdown": _("打击"),
    "prevention": _("防控"),
    "supervision": _("管理"),
    "recovery": _("治疗康复"),
    "education": _("宣传教育"),
    "responsibility": _("责任落实"),
}
DIRECTIONS: dict[str, str | Promise] = {"up": _("越高越好"), "down": _("越低越好"), "none": _("只作描述")}
STATUSES: dict[str, str | Promise] = {
    "V": _("已核对原文"),
    "S": _("据公开报道"),
    "G": _("未核实"),
}
KINDS: dict[str, str | Promise] = {
    "flow": _("流量（按地区和时间累加）"),
    "stock": _("存量（按地区累加，取期末）"),
    "reported": _("填报值（不汇总）"),
}
POLICIES: dict[str, str | Promise] = {
    "redistribute": _("分值摊给其他项目"),
    "full": _("得满分"),
    "zero": _("不得分"),
}
VETOES: dict[str, str | Promise] = {
    "zero": _("总分记零"),
    "rank_last": _("排名末位"),
    "cap": _("总分封顶"),
}


def interface_language() -> Literal["zh", "en"]:
    """The language of the page being drawn, as the engine names it."""
    return "en" if (get_language() or "").startswith("en") else "zh"
