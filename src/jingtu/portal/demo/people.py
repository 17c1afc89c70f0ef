"""The people of the demonstration, all invented."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Jingtu-demo-2026"  # noqa: S105  printed on screen; the demo serves on the loopback address only


@dataclass(frozen=True)
class Person:
    """A demo user: ``posts`` are (role, tree, region code, level) or (role,) for administrators."""

    username: str
    full_name: str
    what_zh: str
    what_en: str
    posts: tuple[tuple[str, str, str, str] | tuple[str], ...]


CITY = ("demo", "F", "city")
UNITS = ("demo-units", "FU", "committee")
NATION = ("china", "100000", "nation")

PEOPLE: tuple[Person, ...] = (
    Person(
        "analyst",
        "示例·分析员",
        "市禁毒办分析员：导入数据、编制考核",
        "city analyst: imports figures, prepares assessments",
        (("analyst", *CITY), ("analyst", *UNITS), ("analyst", *NATION)),
    ),
    Person(
        "reviewer",
        "示例·审核员",
        "市禁毒办审核员：审批并发布",
        "city reviewer: approves and publishes",
        (("reviewer", *CITY), ("reviewer", *UNITS), ("reviewer", *NATION)),
    ),
    Person(
        "leader",
        "示例·分管领导",
        "市分管领导：看驾驶舱",
        "city leader: reads the cockpit",
        (("leader", *CITY), ("leader", *UNITS), ("viewer", *NATION)),
    ),
    Person(
        "secretary",
        "示例·秘书",
        "市禁毒办秘书：方案、会议、督办、挂牌材料",
        "city secretary: plans, meetings, supervision, files of listings",
        (("secretary", *CITY), ("secretary", *UNITS)),
    ),
    Person(
        "countysec",
        "示例·县区秘书",
        "县区禁毒办秘书：分解任务、签责任书、答复督办",
        "county secretary: breaks tasks down, answers supervision",
        (("secretary", "demo", "F05", "county"),),
    ),
    Person(
        "countyleader",
        "示例·县区分管领导",
        "县区分管领导：签责任书、决定本县事项",
        "county leader: signs letters, decides for the own county",
        (("leader", "demo", "F05", "county"),),
    ),
    Person(
        "county",
        "示例·县区联络员",
        "县区联络员：只见本县明细",
        "county officer: details of the own county only",
        (("reporter", "demo", "F05", "county"), ("viewer", *NATION)),
    ),
    Person(
        "reporter",
        "示例·乡镇填报员",
        "乡镇填报员：填报本乡镇数据",
        "township reporter: reports the own township",
        (("reporter", "demo", "F05001", "township"),),
    ),
    Person(
        "viewer",
        "示例·查阅人",
        "市级查阅人：只看已发布结果",
        "reads published results of the city",
        (("viewer", *CITY),),
    ),
    Person(
        "sysadmin",
        "示例·系统管理员",
        "系统管理员：用户、区划、目录、运维",
        "system administrator",
        (("system_administrator",),),
    ),
    Person(
        "secadmin",
        "示例·安全管理员",
        "安全管理员：授予和终止岗位",
        "security administrator: grants posts",
        (("security_administrator",),),
    ),
    Person(
        "secadmin2",
        "示例·第二安全管理员",
        "第二安全管理员：确认岗位变更",
        "second security administrator: confirms changes of posts",
        (("security_administrator",),),
    ),
    Person(
        "auditor",
        "示例·审计员",
        "审计员：查看并校验审计记录",
        "auditor: reads and verifies the audit trail",
        (("auditor",),),
    ),
    Person(
        "analyst2",
        "示例·第二分析员",
        "市禁毒办第二分析员：请他人具名编制，互为替补",
        "second city analyst: sets up schedules that others put their name to",
        (("analyst", *CITY),),
    ),
)
