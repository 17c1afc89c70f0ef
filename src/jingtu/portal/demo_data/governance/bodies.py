"""Bodies of the fictional city and of one county. Every person is invented and is named so."""

from __future__ import annotations

from dataclasses import dataclass

COUNTY = ("F05", "county")
COUNTY_NAME = "槐岫县"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"

COUNTY_UNITS: tuple[str, ...] = (
    "县委办公室",
    "县政府办公室",
    "县纪委监委",
    "县委组织部",
    "县委宣传部",
    "县委政法委",
    "县法院",
    "县检察院",
    "县公安局",
    "县司法局",
    "县教育局",
    "县卫生健康局",
    "县人力资源社会保障局",
    "县民政局",
    "县财政局",
    "县应急管理局",
    "县市场监督管理局",
    "县交通运输局",
    "县邮政管理局",
    "县文化广电旅游局",
    "县农业农村局",
    "县林业局",
    "县工业和信息化局",
    "县住房城乡建设局",
    "县退役军人事务局",
    "县总工会",
    "团县委",
    "县妇联",
    "县融媒体中心",
    "县税务局",
)


@dataclass(frozen=True)
class Rules:
    """A document of the city: code, titles, kind, number, in force from, articles."""

    code: str
    title_zh: str
    title_en: str
    kind: str
    number: str
    since: str
    articles: tuple[tuple[str, str], ...]


RESPONSIBILITY_OLD = Rules(
    "demo-responsibility",
    "示范市禁毒工作责任制规定（虚构）",
    "Responsibility rules for drug control of the Demonstration City (fictional)",
    "responsibility",
    "示禁委〔2023〕3号",
    "2023-03-01",
    (
        ("第一条", "各县区、各成员单位主要负责人是本地区、本单位禁毒工作第一责任人。"),
        ("第二条", "禁毒工作责任书每年签订一次。"),
    ),
)
RESPONSIBILITY = Rules(
    "demo-responsibility-v2",
    "示范市禁毒工作责任制规定（2026年修订，虚构）",
    "Responsibility rules for drug control of the Demonstration City, revised 2026 (fictional)",
    "responsibility",
    "示禁委〔2026〕1号",
    "2026-01-15",
    (
        ("第一条", "为落实禁毒工作责任，制定本规定。"),
        ("第二条", "市禁毒委员会统一领导全市禁毒工作，主任由市人民政府主要负责人担任。"),
        ("第三条", "指挥部按月研判，设宣传、预防教育、戒治管控、打击、监管、毒情监测六个专项工作组。"),
        ("第四条", "禁毒委员会办公室承担日常工作，人员、经费、场所应与任务相适应。"),
        ("第五条", "成员单位按职责分工承担任务，主要负责人每年向禁毒委员会述职。"),
        ("第六条", "县区、乡镇、成员单位每年签订责任书，未完成的依规约谈、督办、挂牌整治。"),
    ),
)
OTHERS: tuple[Rules, ...] = (
    Rules(
        "demo-city-plan",
        "示范市禁毒示范城市创建三年行动方案（虚构）",
        "Three-year plan of the Demonstration City to become a model city of drug control (fictional)",
        "notice",
        "示禁发〔2026〕1号",
        "2026-01-01",
        (
            ("一", "围绕预防教育、毒品查缉、戒毒康复、源头监管、组织保障五个体系推进创建。"),
            ("二", "年度任务逐项明确责任单位、责任人、完成时限和佐证材料，按月调度。"),
        ),
    ),
    Rules(
        "demo-deliberation",
        "示范市禁毒委员会议事规则（虚构）",
        "Rules of deliberation of the city's drug control committee (fictional)",
        "deliberation",
        "示禁委〔2026〕2号",
        "2026-01-15",
        (
            ("第一条", "全体会议每半年召开一次，指挥部每月调度一次，专项工作组每半月碰头一次。"),
            ("第二条", "议定事项明确责任单位、责任人和时限，由办公室督办。"),
        ),
    ),
    Rules(
        "demo-ten-measures",
        "示范市禁毒攻坚十项措施（虚构）",
        "Ten measures for drug control of the Demonstration City (fictional)",
        "measures",
        "示禁委〔2026〕4号",
        "2026-03-01",
        (
            ("第一条", "每周通报外流贩毒、肇事肇祸等重点情况。"),
            ("第二条", "对登记在册人员逐人核查，户籍地与居住地双向核实。"),
        ),
    ),
    Rules(
        "demo-evaluation",
        "示范市禁毒工作考评办法（虚构）",
        "Evaluation rules for drug control of the Demonstration City (fictional)",
        "evaluation",
        "示禁委〔2026〕5号",
        "2026-01-01",
        (("第一条", "考评结果只用于地区和单位，不对个人排名。"),),
    ),
)
EVALUATION_ENDS = "2026-12-31"


@dataclass(frozen=True)
class TeamData:
    """A special team: what for, names, lead unit's post, duties, indicators."""

    team: str
    name: str
    name_en: str
    lead: str
    duties: str
    indicators: tuple[str, ...] = ()


TEAMS: tuple[TeamData, ...] = (
    TeamData(
        "publicity",
        "宣传工作组",
        "Publicity team",
        "市委宣传部副部长",
        "组织媒体宣传和“六进”活动，管好永久性宣传阵地。",
    ),
    TeamData(
        "education",
        "预防教育工作组",
        "Education team",
        "市教育局副局长",
        "落实学校毒品预防教育课时、师资和活动。",
    ),
    TeamData(
        "recovery",
        "戒治管控工作组",
        "Recovery control team",
        "市卫生健康局副局长",
        "推动社区戒毒社区康复执行，落实分级管控和帮扶。",
    ),
    TeamData(
        "crackdown",
        "打击工作组",
        "Crackdown team",
        "市公安局副局长",
        "组织破案攻坚，压降外流贩毒。",
    ),
    TeamData(
        "regulation",
        "监管工作组",
        "Regulation team",
        "市应急管理局副局长",
        "管住易制毒化学品、麻精药品、寄递物流和娱乐场所。",
    ),
    TeamData(
        "monitoring",
        "毒情监测工作组",
        "Monitoring team",
        "市禁毒委员会办公室副主任",
        "汇总监测数据，每月提出研判意见。",
    ),
)
