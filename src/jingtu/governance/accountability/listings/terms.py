"""The arithmetic of listings: terms in months, criteria and their forecast, scores of the acceptance. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.notation import plain_number
from jingtu.engine.problems import Problem, register_texts


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months on; the last of the month where that has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def last_day(first: dt.date, months: int) -> dt.date:
    """The last day of a term of so many months that begins on ``first``."""
    return add_months(first, months) - dt.timedelta(days=1)


def extension_problem(months: int, *, term: int, extended: int, most_each: int, cap: int) -> Problem | None:
    """Why a term of ``term`` months, extended by ``extended`` so far, is not extended by ``months`` more."""
    if months < 1 or months > most_each:
        return Problem("listings.extension_each", {"most": most_each}, column="months")
    if term + extended + months > cap:
        return Problem("listings.extension_cap", {"cap": cap, "so_far": term + extended}, column="months")
    return None


def days_left(due: dt.date, today: dt.date) -> int:
    """Days until the last day of the term; negative when it is over."""
    return (due - today).days


# -- criteria ----------------------------------------------------------------------------------------------


def met(required: str, value: Decimal | None) -> bool | None:
    """Whether a value meets what is required at the exit; None without a value or a requirement."""
    if value is None or not required:
        return None
    return Threshold.parse(required).met_by(*value.as_integer_ratio())


def forecast(
    values: Sequence[tuple[dt.date, Decimal]],
    due: dt.date,
    *,
    floor: Decimal | None = Decimal(0),
    ceiling: Decimal | None = None,
) -> Decimal | None:
    """Where a value will stand on ``due`` if it keeps moving as between entry and now: a straight line through the
    first and the last of the values. None with fewer than two days; never below ``floor``
    or above ``ceiling`` (a share has one).

    A line through two points promises nothing: screens say the rule beside the figure.
    """
    days = sorted(values, key=lambda pair: pair[0])
    if len(days) < 2 or days[0][0] == days[-1][0]:
        return None
    (first, start), (last, now_) = days[0], days[-1]
    slope = (now_ - start) / Decimal((last - first).days)
    ahead = max((due - last).days, 0)
    reached = (now_ + slope * ahead).quantize(Decimal("0.01"), ROUND_HALF_UP)
    reached = reached if floor is None else max(floor, reached)
    return reached if ceiling is None else min(ceiling, reached)


# -- acceptance --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scored:
    """One line of the checklist: its points and what was given."""

    code: str
    points: Decimal
    score: Decimal | None


def score_problems(lines: Sequence[Scored]) -> list[Problem]:
    """What is wrong with the scores: every line has one, between nothing and its points."""
    found = []
    for line in lines:
        if line.score is None:
            found.append(Problem("listings.score_missing", column=f"score_{line.code}"))
        elif not Decimal(0) <= line.score <= line.points:
            found.append(
                Problem(
                    "listings.score_range",
                    {"most": plain_number(line.points)},
                    column=f"score_{line.code}",
                )
            )
    return found


def total(lines: Sequence[Scored]) -> Decimal:
    """The points given, of a hundred where the lines add up to that."""
    return sum((line.score or Decimal(0) for line in lines), Decimal(0))


def passes(lines: Sequence[Scored], pass_mark: Decimal) -> bool:
    """Whether the sum reaches the pass mark."""
    return total(lines) >= pass_mark


register_texts(
    {
        "listings.extension_each": (
            "每次延期为1至{most}个月。",
            "An extension is 1 to {most} months.",
        ),
        "listings.extension_cap": (
            "累计不得超过{cap}个月（目前{so_far}个月）。",
            "In all no more than {cap} months ({so_far} so far).",
        ),
        "listings.score_missing": ("请打分。", "Give a score."),
        "listings.score_range": ("应在0到{most}之间。", "Between 0 and {most}."),
    }
)
