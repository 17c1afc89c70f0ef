"""The fictional city of the demonstration in a simulated year: its places and member units, and for the year its own
people, catalogue, forms and figures."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from jingtu.assessment.reporting.definition import Deadline, Definition, Step, Who
from jingtu.assessment.reporting.definition_text import read_sections
from jingtu.core.regions.sources import TreeSpec
from jingtu.engine.tree import RegionRow
from jingtu.portal.demo_data.places import CITY_TREE, UNITS_TREE, Place, counties, member_units, read_places
from jingtu.portal.demo_data.places import townships as all_townships

ZONE = ZoneInfo("Asia/Shanghai")
PLACES = TreeSpec(CITY_TREE, "示范市（虚构）", "Demo city (fictional)", fictional=True)
UNITS = TreeSpec(
    UNITS_TREE,
    "示范市成员单位（虚构）",
    "Member units of the demo city (fictional)",
    fictional=True,
    kind="units",
)
CITY, COMMITTEE = "F", "FU"
COUNTIES = [place.code for place in counties()]
MEMBERS = [unit.code for unit in member_units()]
GROUPS = {
    "plain": ("平坝组", "Plains", COUNTIES[:2]),
    "hill": ("山区组", "Hills", COUNTIES[2:]),
}


def place_rows() -> list[RegionRow]:
    return [_row(place) for place in read_places("regions.csv")]


def unit_rows() -> list[RegionRow]:
    return [_row(place) for place in read_places("units.csv")]


def _row(place: Place) -> RegionRow:
    return RegionRow(place.code, place.name, place.parent or None, place.level)


def townships(county: str = "") -> list[str]:
    return [place.code for place in all_townships() if place.parent.startswith(county)]


# -- people -------------------------------------------------------------------------------------------

STAFF = (  # user name, role, place (empty: the whole system)
    ("security1", "security_administrator", ""),
    ("security2", "security_administrator", ""),
    ("system1", "system_administrator", ""),
    ("system2", "system_administrator", ""),
    ("analyst1", "analyst", CITY),
    ("analyst2", "analyst", CITY),
    ("reviewer1", "reviewer", CITY),
    ("reviewer2", "reviewer", CITY),
    ("leader1", "leader", CITY),
    *((f"reporter.{county.lower()}", "reporter", county) for county in COUNTIES),
    *((f"checker.{county.lower()}", "reviewer", county) for county in COUNTIES),
)
UNIT_STAFF = (
    ("analyst1", "analyst", COMMITTEE),
    ("reviewer1", "reviewer", COMMITTEE),
    *((f"unit.{code.lower()}", "reporter", code) for code in MEMBERS),
)

# -- catalogue ----------------------------------------------------------------------------------------

CATALOGUE = """
catalogue: {code: year, version: 1, name: {zh: 模拟年目录, en: Catalogue of a simulated year}}
units:
  - {code: persons, name: {zh: 人, en: persons}}
  - {code: cases, name: {zh: 起, en: cases}}
  - {code: vehicles, name: {zh: 辆, en: vehicles}}
  - {code: g, name: {zh: 克, en: g}}
  - {code: times, name: {zh: 场, en: times}}
  - {code: points, name: {zh: 分, en: points}}
  - {code: '%', name: {zh: '%', en: '%'}}
dimensions:
  - {code: age, name: {zh: 年龄, en: age}, values: {u25: {zh: 25岁以下, en: under 25}, o25: {zh: 25岁及以上, en: 25 and over}}}
elements:
  - {code: residents, name: {zh: 常住人口, en: Residents}, kind: stock, unit: persons, strand: supervision, source: import, status: V, definition: {zh: 常住人口, en: residents}}
  - {code: due, name: {zh: 应到人数, en: People due}, kind: stock, unit: persons, strand: recovery, person_based: true, source: form, status: V, definition: {zh: 应到, en: due}}
  - {code: done, name: {zh: 已到人数, en: People done}, kind: stock, unit: persons, strand: recovery, person_based: true, source: form, status: V, definition: {zh: 已到, en: done}}
  - {code: cases, name: {zh: 案件数, en: Cases}, kind: flow, unit: cases, strand: crackdown, source: form, status: V, definition: {zh: 案件, en: cases}}
  - {code: seized, name: {zh: 缴获, en: Seized}, kind: flow, unit: g, decimals: 2, strand: crackdown, source: form, status: V, definition: {zh: 缴获, en: seized}}
  - {code: found, name: {zh: 新发现人数, en: Newly found}, kind: flow, unit: persons, strand: prevention, person_based: true, source: form, status: V, dimensions: {age: [u25, o25]}, definition: {zh: 新发现, en: found}}
  - {code: accidents, name: {zh: 肇事肇祸, en: Accidents}, kind: flow, unit: cases, strand: supervision, source: form, status: V, definition: {zh: 肇事肇祸, en: accidents}}
  - {code: talks, name: {zh: 宣讲场次, en: Talks}, kind: flow, unit: times, strand: education, source: form, status: V, definition: {zh: 宣讲, en: talks}}
  - {code: stopped, name: {zh: 查验车辆, en: Vehicles stopped}, kind: flow, unit: vehicles, strand: crackdown, source: import, status: V, definition: {zh: 查验, en: stopped}}
  - {code: opened, name: {zh: 开箱查验, en: Vehicles opened}, kind: flow, unit: vehicles, strand: crackdown, source: import, status: V, definition: {zh: 开箱, en: opened}}
  - {code: satisfied, name: {zh: 满意度, en: Satisfaction}, kind: reported, unit: '%', decimals: 2, strand: education, source: import, status: V, definition: {zh: 满意度, en: satisfaction}}
  - {code: tasks, name: {zh: 应办事项, en: Tasks}, kind: flow, unit: cases, strand: supervision, source: form, status: V, definition: {zh: 应办, en: tasks}}
  - {code: settled, name: {zh: 办结事项, en: Tasks settled}, kind: flow, unit: cases, strand: supervision, source: form, status: V, definition: {zh: 办结, en: settled}}
indicators:
  - {code: RATE, name: {zh: 到位率, en: Rate done}, strand: recovery, formula: 'share(done, due)', direction: up, target: '>= 90', red_line: '< 70', unit: '%', decimals: 2, min_denominator: 480, person_based: true, gap_unit: {zh: 人, en: persons}, rows: [A2], status: G, definition: {zh: 到位率, en: rate}}
  - {code: CASE_RATE, name: {zh: 万人案件数, en: Cases per 10 000}, strand: crackdown, formula: 'per(cases, residents, 10000)', direction: up, unit: cases, decimals: 2, rows: [A1], status: G, definition: {zh: 万人案件, en: cases per ten thousand}}
  - {code: CASE_YOY, name: {zh: 案件同比, en: Cases on last year}, strand: crackdown, formula: 'yoy(cases)', direction: up, unit: '%', decimals: 1, rows: [A1], status: G, definition: {zh: 同比, en: on last year}}
  - {code: PER_CASE, name: {zh: 案均缴获, en: Seized per case}, strand: crackdown, formula: 'seized / cases', direction: up, unit: g, decimals: 2, rows: [A1], status: G, definition: {zh: 案均, en: per case}}
  - {code: YOUNG, name: {zh: 青少年占比, en: Share of the young}, strand: prevention, formula: 'share(found[age="u25"], found)', direction: down, target: '<= 40', unit: '%', decimals: 2, person_based: true, rows: [A2], status: G, definition: {zh: 占比, en: share}}
  - {code: ACCIDENTS, name: {zh: 肇事肇祸数, en: Accidents}, strand: supervision, formula: 'accidents', direction: down, red_line: '> 2', unit: cases, decimals: 0, rows: [A8], status: G, definition: {zh: 肇事, en: accidents}}
  - {code: TALKS, name: {zh: 宣讲场次, en: Talks}, strand: education, formula: 'talks', direction: up, unit: times, decimals: 0, rows: [A1], status: G, definition: {zh: 宣讲, en: talks}}
  - {code: SATISFIED, name: {zh: 群众满意度, en: Satisfaction}, strand: education, formula: 'satisfied', direction: up, target: '>= 85', unit: '%', decimals: 2, rows: [A4], status: G, definition: {zh: 满意度, en: satisfaction}}
  - {code: STOPPED, name: {zh: 查验车辆数, en: Vehicles stopped}, strand: crackdown, formula: 'stopped', direction: up, unit: vehicles, decimals: 0, rows: [A1], status: G, definition: {zh: 查验, en: stopped}}
  - {code: OPENED, name: {zh: 开箱率, en: Share opened}, strand: crackdown, formula: 'share(opened, stopped)', direction: up, target: '>= 30', unit: '%', decimals: 2, rows: [A1], status: G, definition: {zh: 开箱率, en: share opened}}
  - {code: SETTLED, name: {zh: 办结率, en: Share settled}, strand: supervision, formula: 'share(settled, tasks)', direction: up, target: '>= 95', unit: '%', decimals: 2, rows: [A1], status: G, definition: {zh: 办结率, en: share settled}}
scorecards:
  - code: monitor
    name: {zh: 查验监测表, en: Monitor of checks}
    subject: region
    level: county
    total: 100
    decimals: 2
    cadence: [day, week]
    sections:
      - code: checks
        name: {zh: 查验, en: Checks}
        items:
          - {indicator: STOPPED, points: 40, rule: {kind: rank, best: 1, worst: 0.6}, missing: zero, not_applicable: redistribute}
          - {indicator: OPENED, points: 60, rule: {kind: linear, floor: 10, target: 40}, missing: zero, not_applicable: redistribute}
    tie_breaks: [STOPPED]
  - code: monthly
    name: {zh: 月度百分表, en: Monthly card}
    subject: region
    level: county
    total: 100
    decimals: 2
    cadence: [month, quarter]
    min_coverage: 0.7
    sections:
      - code: crackdown
        name: {zh: 打击, en: Crackdown}
        items:
          - {indicator: CASE_RATE, points: 20, rule: {kind: rank, best: 1, worst: 0.7}, missing: zero, not_applicable: redistribute}
          - {indicator: CASE_YOY, points: 10, rule: {kind: steps, steps: [{when: '>= 10', share: 1}, {when: '>= 0', share: 0.8}, {when: '< 0', share: 0.5}]}, missing: redistribute, not_applicable: redistribute}
          - {indicator: PER_CASE, points: 10, rule: {kind: linear, floor: 0, target: 60}, missing: zero, not_applicable: redistribute}
      - code: care
        name: {zh: 管理与康复, en: Care}
        items:
          - {indicator: RATE, points: 40, rule: {kind: linear, floor: 50, target: 98}, missing: zero, not_applicable: redistribute}
          - {indicator: YOUNG, points: 10, rule: {kind: threshold, met: 1, unmet: 0.4}, missing: redistribute, not_applicable: full}
          - {indicator: ACCIDENTS, points: 10, rule: {kind: deduction, per_event: 1.5, cap: 6}, missing: full, not_applicable: full}
    bonus:
      cap: 3
      items:
        - {indicator: TALKS, rule: {kind: bonus, per_unit: 0.05, cap: 2}}
    vetoes:
      - {indicator: ACCIDENTS, when: '> 3', effect: cap, cap: 60, name: {zh: 肇事肇祸过多, en: Too many accidents}}
      - {indicator: RATE, when: '< 55', effect: rank_last, name: {zh: 到位率过低, en: Rate far too low}}
    tie_breaks: [RATE]
  - code: outcome
    name: {zh: 季度成效表, en: Quarterly outcome}
    subject: region
    level: county
    total: 100
    decimals: 1
    cadence: [quarter, year]
    sections:
      - code: outcome
        name: {zh: 成效, en: Outcome}
        items:
          - {indicator: SATISFIED, points: 40, rule: {kind: linear, floor: 70, target: 95}, missing: redistribute, not_applicable: redistribute}
          - {indicator: RATE, points: 30, rule: {kind: threshold}, missing: zero, not_applicable: zero}
          - {indicator: CASE_YOY, points: 30, rule: {kind: rank}, missing: zero, not_applicable: full}
  - code: member
    name: {zh: 成员单位季度表, en: Member units by quarter}
    subject: unit
    level: unit
    total: 100
    decimals: 2
    cadence: [quarter]
    sections:
      - code: work
        name: {zh: 履职, en: Work}
        items:
          - {indicator: SETTLED, points: 100, rule: {kind: linear, floor: 60, target: 100}, missing: zero, not_applicable: full}
alerts:
  - {code: red, name: {zh: 触及红线, en: Red line crossed}, kind: red_line, severity: critical, cadence: [month], owner: reporter, due_days: 5, levels: [county]}
  - {code: falling, name: {zh: 连续变差, en: Falling}, kind: worsening, severity: warning, cadence: [month], owner: analyst, due_days: 5, indicators: [RATE, PER_CASE], periods: 2, levels: [county]}
  - {code: missing, name: {zh: 缺报, en: Missing}, kind: missing_report, severity: warning, cadence: [month], owner: reporter, due_days: 3}
"""

# -- forms --------------------------------------------------------------------------------------------

MONTHLY = Definition(
    name_zh="禁毒月报",
    name_en="Monthly report",
    cadence="month",
    who=Who(level="township", within=CITY),
    deadline=Deadline(4, "working_days", "18:00"),
    review=(Step("county"), Step("city")),
    sections=read_sections(
        "# 人员 | People\ndue\ndone\nfound by=age\n# 工作 | Work\ncases\nseized\naccidents\ntalks optional"
    ),
    valid_from=dt.date(2026, 1, 1),
)
QUARTERLY = Definition(
    name_zh="成员单位季报",
    name_en="Quarterly report of member units",
    cadence="quarter",
    who=Who(level="unit", within=COMMITTEE),
    deadline=Deadline(5, "working_days", "18:00"),
    review=(Step("city"),),
    sections=read_sections("# 事项 | Tasks\ntasks\nsettled"),
    valid_from=dt.date(2026, 1, 1),
)

# -- figures ------------------------------------------------------------------------------------------


def dice(*about: object) -> int:
    """A number from 0 to 999 that is always the same for the same things."""
    text = "/".join(map(str, about))
    number = 17
    for letter in text:
        number = (number * 131 + ord(letter)) % 1_000_003
    return number % 1000


def month_of(place: str, year: int, month: int) -> dict[str, int]:
    """What a township has to report for a month, by cell."""
    seed = (place, year, month)
    due = 24 + dice(place) % 20 + month // 3
    missing = dice("missing", *seed) % 6 + (8 if place.startswith("F03") and month in (4, 5) else 0)
    young = dice("young", *seed) % 4
    return {
        "due": due,
        "done": due - missing,
        "found|age=u25": young,
        "found|age=o25": 2 + dice("old", *seed) % 5,
        "cases": 3 + dice("cases", *seed) % 9,
        "seized": 4000 + dice("seized", *seed) * 31,  # in hundredths of a gram
        "accidents": int(dice("accident", *seed) < 12) + (4 if (place, month) in STORMS else 0),
        "talks": 2 + dice("talks", *seed) % 9,
    }


STORMS = {("F03002", 5), ("F01004", 8)}
"""So many accidents at once that the veto of the card fires."""


def day_of(county: str, day: dt.date) -> tuple[int, int]:
    """Vehicles a county stopped and opened on a day."""
    stopped = 20 + dice("stopped", county, day) % 40
    return stopped, stopped * (15 + dice("opened", county, day) % 25) // 100
