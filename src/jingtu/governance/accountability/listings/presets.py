"""Rule sets to begin from, after what places published; every number is to be checked against the own documents.

Sources: accountability.md 6.3–6.5 of the project's notes. [V] read in the text, [S] seen on a public page,
[G] general knowledge or this house's design. The national text (毒品问题严重地区责任考评) is internal.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jingtu.engine.problems import Language

from .definition import CheckItem, Criterion, ListingClass, RuleSetContent


@dataclass(frozen=True)
class Preset:
    """A rule set ready to be taken over and edited."""

    code: str
    zh: str
    en: str
    source: str
    status: str
    content: RuleSetContent

    def name(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


TIERS = (
    ListingClass("reminded", "提醒", "Reminder", 1, 3, 3, 6, 3, source="净土设计 · design of this system", status="G"),
    ListingClass("warned", "通报警示", "Warning notice", 2, 6, 6, 12, 6, source="净土设计 · design of this system", status="G"),
    ListingClass("watched", "重点关注", "Under special attention", 3, 12, 6, 24, 6, source="安居 2018—2021", status="S"),
    ListingClass("focused", "重点整治", "Focused rectification", 4, 12, 6, 24, 12, True, source="福建 2021—2022", status="S"),
    ListingClass("listed", "挂牌整治", "Listed for rectification", 5, 12, 6, 24, 12, True, source="常德 2015", status="S"),
)  # fmt: skip

CHECKLIST = (
    CheckItem("leadership", "组织领导和责任落实", "Leadership and responsibility", Decimal(15)),
    CheckItem("plan", "整治方案任务完成", "Tasks of the rectification plan", Decimal(20)),
    CheckItem("criteria", "退出指标达标", "Exit criteria reached", Decimal(35)),
    CheckItem("control", "重点人员管控和帮扶", "Care and supervision of those concerned", Decimal(15)),
    CheckItem("public", "群众知晓和评价", "Awareness and opinion of the public", Decimal(10)),
    CheckItem("records", "台账资料真实完整", "Records true and complete", Decimal(5)),
)

_USERS = ("人", "persons")
_PERCENT = ("%", "%")
EXIT = (
    Criterion("execution", "社区戒毒社区康复执行率", "Community order execution rate", "indicator", "CDT_EXEC", "< 85", ">= 95", *_PERCENT, source="福州 2014（75%）；永州 2020（98%）", status="S"),
    Criterion("report_in", "社区戒毒康复报到率", "Report-in rate", "indicator", "REPORT_IN", "", ">= 85", *_PERCENT, source="福州 2014", status="S"),
    Criterion("jobs", "就业安置率", "Job placement rate", "indicator", "JOB", "", ">= 85", *_PERCENT, source="福州 2014", status="S"),
    Criterion("outflow", "外流贩毒人数", "Outflow traffickers", "element", "outflow_traffickers", ">= 3", "<= 1", *_USERS, problem="outflow", source="广安 2023；安居 2021", status="G"),
)  # fmt: skip

_TIERED = RuleSetContent(
    classes=TIERS,
    criteria=(
        *EXIT,
        Criterion("bottom", "月度考核排名（自末位起）", "Monthly rank, from the bottom", "bottom", "county_monthly", "<= 2", "", source="常德 2015", status="S", place="county"),
        Criterion("registered", "登记在册吸毒人员", "Registered drug users", "element", "users_registered", ">= 200", "", *_USERS, problem="use", source="福州 2014", status="S", place="township"),
    ),
    checklist=CHECKLIST,
    pass_mark=Decimal(90),
    document="",
)  # fmt: skip

_FUZHOU = RuleSetContent(
    classes=(ListingClass("listed", "挂牌整治", "Listed for rectification", 1, 12, 6, 24, 12, True, source="福州 2014（整改到位为止，期限为假设）", status="S"),),
    criteria=(
        Criterion("registered_county", "登记在册吸毒人员（县级挂牌）", "Registered drug users (listed by the county)", "element", "users_registered", ">= 50", "", *_USERS, level="county", source="福州 2014", status="S", place="township"),
        Criterion("registered_city", "登记在册吸毒人员（市级挂牌）", "Registered drug users (listed by the city)", "element", "users_registered", ">= 200", "", *_USERS, level="city", source="福州 2014", status="S", place="township"),
        Criterion("execution", "社区戒毒社区康复执行率", "Community order execution rate", "indicator", "CDT_EXEC", "", ">= 75", *_PERCENT, source="福州 2014", status="S"),
        Criterion("under_three", "出所未满三年人员管控率", "Care of those released within three years", "entered", "", "", ">= 55", *_PERCENT, source="福州 2014", status="S"),
        Criterion("jobs", "阿片类人员就业安置率", "Job placement of opioid users", "entered", "", "", ">= 85", *_PERCENT, source="福州 2014", status="S"),
        Criterion("report_in", "报到率", "Report-in rate", "indicator", "REPORT_IN", "", ">= 85", *_PERCENT, source="福州 2014", status="S"),
        Criterion("extreme", "因毒引发的极端案事件", "Extreme events caused by drugs", "entered", "", "", "<= 0", "起", "events", source="福州 2014", status="S"),
    ),
    checklist=CHECKLIST,
)  # fmt: skip

_CHANGDE = RuleSetContent(
    classes=(ListingClass("listed", "挂牌整治", "Listed for rectification", 1, 12, 6, 18, 6, True, source="常德 2015", status="S"),),
    criteria=(
        Criterion("bottom", "县级考核排名（自末位起）", "Rank in the county, from the bottom", "bottom", "township_monthly", "<= 2", "", source="常德 2015", status="S"),
        Criterion("field", "实地调查和举报线索", "Field study and hotline reports", "entered", "", ">= 1", "<= 0", "件", "cases", source="常德 2015", status="S"),
    ),
    checklist=CHECKLIST,
)  # fmt: skip

_GUANGAN = RuleSetContent(
    classes=(ListingClass("listed", "挂牌整治", "Listed for rectification", 1, 24, 6, 30, 12, True, source="广安 2023", status="S"),),
    criteria=(
        Criterion("outflow", "外流贩毒人数", "Outflow traffickers", "element", "outflow_traffickers", ">= 3", "<= 1", *_USERS, problem="outflow", source="广安 2023（21项指标未公布，数值为假设）", status="G"),
    ),
    checklist=CHECKLIST,
)  # fmt: skip

_ANJU = RuleSetContent(
    classes=(
        ListingClass("watched", "重点关注", "Under special attention", 1, 24, 6, 36, 12, source="安居 2018—2021", status="S"),
        ListingClass("focused", "重点整治", "Focused rectification", 2, 24, 6, 36, 12, True, source="安居 2018—2021", status="G"),
    ),
    criteria=(
        Criterion("outflow", "外流贩毒人数较基期（%）", "Outflow trafficking against the base (%)", "entered", "", "", "<= -40", *_PERCENT, problem="outflow", source="安居 2021（−43.2%）", status="S"),
        Criterion("control", "重点人员管控率", "Care and supervision rate", "entered", "", "", ">= 100", *_PERCENT, source="安居 2021", status="S"),
        Criterion("execution", "社区戒毒社区康复执行率", "Community order execution rate", "indicator", "CDT_EXEC", "< 85", ">= 100", *_PERCENT, source="安居 2021（83→100%）", status="S"),
        Criterion("new_users", "新发现吸毒人员较基期（%）", "Newly found users against the base (%)", "entered", "", "", "<= -60", *_PERCENT, source="安居 2021（−66.9%）", status="S"),
    ),
    checklist=CHECKLIST,
)  # fmt: skip

PRESETS: dict[str, Preset] = {
    preset.code: preset
    for preset in (
        Preset("tiers", "分级整治", "Classes of rectification", "6.3、6.5", "G", _TIERED),
        Preset("fuzhou", "福州 2014：按吸毒人数定级", "Fuzhou 2014: by registered users", "law.hebei.com.cn", "S", _FUZHOU),
        Preset("changde", "常德 2015：一年，可延半年", "Changde 2015: one year, half a year more", "moment.rednet.cn", "S", _CHANGDE),
        Preset("guangan", "广安 2023：外流贩毒，两年", "Guang'an 2023: outflow, two years", "sckjw.com.cn", "S", _GUANGAN),
        Preset("anju", "安居 2018—2021：国家重点关注", "Anju 2018–2021: national special attention", "sc.sina.com.cn", "S", _ANJU),
    )
}  # fmt: skip
