"""The words of the interface for strands, directions and how far a definition is verified."""

from __future__ import annotations

from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
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


SOURCES: dict[str, str | Promise] = {"form": _("报表"), "import": _("导入"), "feed": _("接口")}
SUBJECTS: dict[str, str | Promise] = {"region": _("地区"), "unit": pgettext_lazy("one", "成员单位")}
ALERT_KINDS: dict[str, str | Promise] = {
    "red_line": _("触及红线"),
    "worsening": _("连续变差"),
    "gap_growing": _("与目标的差距扩大"),
    "missing_report": pgettext_lazy("kind", "缺报"),
    "sudden_change": _("突变"),
    "first_case": _("首次出现"),
    "inactivity": _("长期无动静"),
}
SEVERITIES: dict[str, str | Promise] = {"info": _("提示"), "warning": _("警告"), "critical": _("严重")}
OWNERS: dict[str, str | Promise] = {
    "reporter": _("填报员"),
    "analyst": _("分析员"),
    "reviewer": _("审核员"),
    "leader": _("分管领导"),
}
CHECK_KINDS: dict[str, str | Promise] = {
    "outlier_history": _("偏离自身以往"),
    "outlier_peers": _("偏离同类地区"),
    "sudden_zero": _("突然为零"),
    "copied_period": _("与上期雷同"),
    "round_numbers": _("整数偏多"),
    "late_edit": _("截止后改数"),
}
CHECK_SEVERITIES: dict[str, str | Promise] = {
    "warning": pgettext_lazy("finding", "提醒"),
    "error": _("错误（处理前不能发布）"),
}
TESTS: dict[str, str | Promise] = {"auto": _("自动选择"), "values": _("数值检验"), "counts": _("计数检验")}
SIDES: dict[str, str | Promise] = {"worse": _("只看变差"), "both": _("两个方向")}
RULE_KINDS: dict[str, str | Promise] = {
    "linear": _("按比例"),
    "threshold": pgettext_lazy("kind", "达标"),
    "steps": _("分档"),
    "deduction": _("扣分"),
    "rank": _("按名次"),
}
DEFINITION_KINDS: dict[str, str | Promise] = {
    "indicators": _("指标"),
    "elements": _("数据元素"),
    "scorecards": _("评分表"),
    "groups": pgettext_lazy("one", "指标组"),
    "alerts": pgettext_lazy("one", "预警规则"),
    "checks": pgettext_lazy("one", "核查规则"),
    "units": pgettext_lazy("one", "计量单位"),
    "dimensions": _("分类"),
    "documents": pgettext_lazy("one", "制度文件"),
    "catalogue": _("目录名称"),
}
DRAFT_STATES: dict[str, str | Promise] = {
    "draft": _("起草中"),
    "validated": _("已校验，待施行"),
    "enforced": _("已施行"),
    "discarded": _("已作废"),
}
DRAFT_ACTS: dict[str, str | Promise] = {
    "edit": pgettext_lazy("done", "修改"),
    "import": _("导入 YAML"),
    "undo": pgettext_lazy("done", "撤销"),
    "redo": _("重做"),
    "rebase": _("更新到最新版"),
}
FIELDS: dict[str, str | Promise] = {
    "name/zh": _("中文名称"), "name/en": _("英文名称"), "definition/zh": _("口径（中文）"),
    "definition/en": _("口径（英文）"), "formula": _("算法"), "unit": _("单位"), "decimals": _("小数位"),
    "direction": _("方向"), "target": _("要求"), "red_line": _("红线"), "strand": _("条线"), "status": _("口径依据"),
    "min_denominator": _("最小分母"), "points": _("分值"), "total": _("满分"), "bonus_cap": _("加分上限"),
    "level": _("排名级别"), "veto": _("一票否决"), "severity": _("程度"), "due_days": _("处置期限（工作日）"),
}  # fmt: skip
"""What the fields of definitions are called in the forms, by the end of their path."""
CHANGES: dict[str, str | Promise] = {
    "added": pgettext_lazy("done", "新增"),
    "changed": pgettext_lazy("done", "修改"),
    "removed": pgettext_lazy("done", "删除"),
}
TOPICS: dict[str, str | Promise] = {
    "other": _("校验意见"),
    "units": _("单位不符"),
    "duplicate": _("公式重复"),
    "silent": _("长期没有数据"),
    "unreachable": _("无处使用的指标"),
    "unused": _("没有使用"),
    "idle": _("无数据且无使用方"),
}
TOPIC_ADVICE: dict[str, str | Promise] = {
    "other": _("校验时提出的问题，结果可能因此不对，最好在下一版里改。"),
    "units": _("单位或小数位与公式对不上：看写错的是公式还是单位。"),
    "duplicate": _("两个指标说的是同一件事：留一个，停用另一个。"),
    "silent": _("有报表、评分表、指标组或预警规则在等这些数：催报，或者换一个来源。"),
    "unreachable": _("每次都算，却没有评分表、指标组、预警规则、目标或外报表用它：用起来，或者停用。"),
    "unused": _("没有公式、报表或页面用到：补上用它的指标，或者停用。"),
    "idle": _("不影响任何结果，多为目录里备用的定义和只由公报给出的数字，仅供参考。"),
}


def interface_language() -> Literal["zh", "en"]:
    """The language of the page being drawn, as the engine names it."""
    return "en" if (get_language() or "").startswith("en") else "zh"
