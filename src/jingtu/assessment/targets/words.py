"""The words and marks of targets and trajectories."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES = {
    "proposed": _("待批准"),
    "in_force": _("有效"),
    "superseded": _("已被新版取代"),
    "rejected": _("未批准"),
    "withdrawn": pgettext_lazy("target", "已撤销"),
}
TONES = {
    "proposed": "watch", "in_force": "met", "superseded": "none", "rejected": "none", "withdrawn": "none",
}  # fmt: skip
ACTS = {"approve": _("批准"), "reject": _("不批准"), "withdraw": _("撤销目标")}
EFFECTS = {
    "approve": _("批准后立即生效，此后计算的考核按它判断；旧版保留。"),
    "reject": _("这一版不生效，留存备查。"),
    "withdraw": _("此后按评分表和指标目录的要求判断；已发布的考核不变。"),
}
STANDINGS = {
    "ahead": (_("超前"), "met"),
    "on": (_("符合进度"), "met"),
    "behind": (_("落后"), "below"),
    "unknown": (_("尚无数据"), "missing"),
    "before": (_("尚未开始"), "none"),
    "base": (_("基期"), "none"),
    "running": (_("本期未结束"), "none"),
}
TURNS = {
    "turned": (_("已出现拐点"), "met"),
    "undone": (_("曾出现拐点，又回升"), "below"),
    "perhaps": (_("可能正在转向，数据还不足以认定"), "watch"),
    "not_yet": (_("未出现拐点"), "watch"),
    "improving": (_("一直好转，数据中没有拐点"), "met"),
    "too_short": (_("数据太少，无法判断"), "missing"),
}
RED_LINE = _("红线")
SCOPES = {
    "place": _("本地目标"),
    "group": _("分类组目标"),
    "level": _("统一目标"),
    "catalogue": _("指标目录"),
}
