"""Kinds of bodies, titles in them, terms, and what makes a record of capacity whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

from jingtu.engine.problems import Problem, register_texts


class Kind(StrEnum):
    """What a body is."""

    COMMITTEE = "committee"
    LEADING_GROUP = "leading_group"
    HEADQUARTERS = "headquarters"
    OFFICE = "office"
    TEAM = "team"


ANSWERING = frozenset({Kind.COMMITTEE, Kind.LEADING_GROUP, Kind.HEADQUARTERS, Kind.OFFICE})
"""Kinds of bodies that answer for all of their place; a special team answers for what its members do."""


class Team(StrEnum):
    """What a special team is for."""

    PUBLICITY = "publicity"
    EDUCATION = "education"
    RECOVERY = "recovery"
    CRACKDOWN = "crackdown"
    REGULATION = "regulation"
    MONITORING = "monitoring"
    OTHER = "other"


class Title(StrEnum):
    """What a member is in the body, in the order in which they are named."""

    CHAIR = "chair"
    EXECUTIVE = "executive"
    DEPUTY = "deputy"
    MEMBER = "member"
    LIAISON = "liaison"


class CapacityKind(StrEnum):
    """What is kept of an office's means."""

    STAFF = "staff"
    BUDGET = "budget"
    PREMISES = "premises"
    HONOUR = "honour"


class ReportState(StrEnum):
    """Where a body's report stands."""

    DRAFT = "draft"
    ISSUED = "issued"


class Term(StrEnum):
    """Where a member's term stands on a day."""

    FUTURE = "future"
    CURRENT = "current"
    ENDING = "ending"
    OVER = "over"


STAFF_KINDS = ("civil", "institution", "contract", "seconded")
HONOUR_LEVELS = ("nation", "province", "city", "county")
CATEGORIES: Mapping[CapacityKind, tuple[str, ...]] = {
    CapacityKind.STAFF: STAFF_KINDS,
    CapacityKind.HONOUR: HONOUR_LEVELS,
}
TITLE_ORDER = {title: place for place, title in enumerate(Title)}
SOON = dt.timedelta(days=60)
TEXTS = ("overall", "problems", "next")
NAME_MOST = 128
TEXT_MOST = 6000
LARGEST = 10**13

register_texts(
    {
        "bodies.name_missing": ("请填写名称。", "Give the name."),
        "bodies.name_taken": (
            "本地区已有同名机构“{name}”。",
            'The place has a body named "{name}" already.',
        ),
        "bodies.team_missing": ("专项工作组须注明职责领域。", "Say what the special team is for."),
        "bodies.unknown_kind": ("没有这种机构。", "There is no such kind of body."),
        "bodies.not_below_itself": (
            "机构不能隶属于自己或自己的下属机构。",
            "A body cannot answer to itself or to a body below it.",
        ),
        "bodies.reason_missing": ("请写明理由。", "Say why."),
        "bodies.dissolved": (
            "该机构已撤销，只能查看。",
            "The body is dissolved; its records can only be read.",
        ),
        "bodies.has_bodies_below": (
            "还有下属机构，请先撤销或改隶。",
            "Bodies below it still stand; dissolve or move them first.",
        ),
        "bodies.who_missing": ("请填写任职人姓名或选择用户。", "Give the holder's name or user name."),
        "bodies.unknown_user": ("没有用户“{name}”。", 'There is no user "{name}".'),
        "bodies.unit_elsewhere": (
            "该单位不属于本地区。",
            "The unit belongs to another place.",
        ),
        "bodies.term_reversed": (
            "任期截止不得早于起始。",
            "A term cannot end before it begins.",
        ),
        "bodies.one_chair": (
            "任期与现任{title}重叠；请先终止其任期。",
            "The term overlaps that of the present holder ({title}); end that term first.",
        ),
        "bodies.term_over": ("该任期已终止。", "This term is over."),
        "bodies.figure_missing": (
            "请填写数字。",
            "Give the figures.",
        ),
        "bodies.figure_too_large": ("数字过大。", "The figure is too large."),
        "bodies.year_missing": ("请填写预算年度。", "Give the year of the budget."),
        "bodies.category_missing": ("请选择类别。", "Choose the category."),
        "bodies.text_missing": ("请填写内容。", "Say what it is."),
        "bodies.day_in_future": ("日期不得晚于今天。", "The day lies in the future."),
        "bodies.withdrawn": ("该记录已撤回。", "This record is withdrawn."),
        "bodies.no_such_period": (
            "请填写已结束的周、半月、月、季或年，例如 2026-10、2026-Q3。",
            "Give a week, half-month, month, quarter or year that is over, such as 2026-10 or 2026-Q3.",
        ),
        "bodies.no_recipient": (
            "没有上级机构可以报告，请先设置隶属关系。",
            "There is no body above it to report to; say first to which it answers.",
        ),
        "bodies.reported_already": (
            "该周期的报告已印发，不再改动。",
            "The report of this period is issued and stays as it is.",
        ),
        "bodies.two_persons": (
            "起草人不能签发自己起草的报告，请由另一人签发。",
            "Whoever drew the report up does not issue it; another person does.",
        ),
        "bodies.not_the_offices_series": (
            "请选择本机关或上级机关的文号系列。",
            "Choose a series of the office or of one above it.",
        ),
        "bodies.text_too_long": ("文字过长（最多 {most} 字）。", "The text is too long (at most {most})."),
    }
)


def term_on(starts: dt.date, ends: dt.date | None, day: dt.date) -> Term:
    """The state of a term on a day; both its days are inclusive."""
    if day < starts:
        return Term.FUTURE
    if ends is not None and ends < day:
        return Term.OVER
    if ends is not None and ends - day <= SOON:
        return Term.ENDING
    return Term.CURRENT


def terms_overlap(first: tuple[dt.date, dt.date | None], second: tuple[dt.date, dt.date | None]) -> bool:
    """Whether two terms share a day; None is without end."""
    return (first[1] is None or second[0] <= first[1]) and (second[1] is None or first[0] <= second[1])


def capacity_problems(
    kind: CapacityKind,
    *,
    day: dt.date,
    year: int | None,
    category: str,
    planned: int | None,
    actual: int | None,
    text: str,
    today: dt.date,
) -> list[Problem]:
    """What is missing or wrong in a record of this kind."""
    found = []
    if day > today:
        found.append(Problem("bodies.day_in_future", column="day"))
    if kind in CATEGORIES and category not in CATEGORIES[kind]:
        found.append(Problem("bodies.category_missing", column="category"))
    if kind in (CapacityKind.STAFF, CapacityKind.BUDGET) and planned is None and actual is None:
        found.append(Problem("bodies.figure_missing", column="planned"))
    found += [
        Problem("bodies.figure_too_large", column=name)
        for name, value in (("planned", planned), ("actual", actual))
        if value is not None and not 0 <= value <= LARGEST
    ]
    if kind is CapacityKind.BUDGET and (year is None or not 1990 <= year <= 2100):
        found.append(Problem("bodies.year_missing", column="year"))
    if kind in (CapacityKind.PREMISES, CapacityKind.HONOUR) and not text.strip():
        found.append(Problem("bodies.text_missing", column="text"))
    return found
