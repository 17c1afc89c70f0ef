"""What a row of survey results means, how places rank, and what a streak is. Knows no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import numpy as np

from jingtu.engine.intervals import rank_ranges, wilson
from jingtu.engine.problems import Problem, refuse, register_texts
from jingtu.engine.ranking import competition_ranks

SMALL_SAMPLE = 30
WIDE_INTERVAL = Decimal(5)
"""Half the width of an interval, in percentage points, from which a result is called unsure."""
FIRST_YEAR = 1990
"""Before the first national decision on drug control (28 December 1990) nobody was asked about it."""
_CENT = Decimal("0.01")

COLUMNS: Mapping[str, tuple[str, str]] = {
    "region": ("地区", "Region"),
    "sample": ("样本量", "Sample"),
    "positives": ("满意（知晓）人数", "Positive answers"),
    "value": ("比例（%）", "Percent"),
    "low": ("区间下限", "Interval low"),
    "high": ("区间上限", "Interval high"),
}
_MORE = {
    "地区代码": "region", "地区名称": "ignored", "region code": "region", "region_code": "region", "样本": "sample",
    "有效样本": "sample", "n": "sample", "满意人数": "positives", "知晓人数": "positives", "positive": "positives",
    "比例": "value", "满意度": "value", "知晓率": "value", "结果": "value", "result": "value", "下限": "low",
    "上限": "high", "备注": "ignored", "note": "ignored", "错误说明": "ignored", "errors": "ignored", "名次": "ignored",
    "rank": "ignored",
}  # fmt: skip
_ROLE_OF = {text.lower(): role for role, both in COLUMNS.items() for text in (role, *both)} | _MORE

register_texts(
    {
        "surveys.no_header": (
            "没有找到表头：需要“地区”，以及“比例”或“样本量、满意（知晓）人数”。可下载模板填写。",
            "No header found: a region column is needed, and percent or sample with positive answers. "
            "You can download a template.",
        ),
        "surveys.not_over": (
            "期间“{period}”还没有结束，不会有调查结果；请在“期间”里写调查所问的、已经结束的期间，如 2026-H1",
            'the period "{period}" is not over; it cannot have survey results yet. Write in "Period" the period '
            "asked about, once it is over, such as 2026-H1",
        ),
        "surveys.too_early": (
            "期间“{period}”早于{first}年，多半是年份写错；请在“期间”里改正年份，如 2026-H1",
            'the period "{period}" begins before {first}, most likely a slip in the year; correct the year in '
            '"Period", such as 2026-H1',
        ),
        "surveys.unknown_column": ("不认识的列“{text}”", 'unknown column "{text}"'),
        "surveys.not_a_count": ("“{text}”应为不小于0的整数", '"{text}" must be a whole number not below 0'),
        "surveys.not_a_percentage": ("“{text}”应为0到100之间的数", '"{text}" must be a number from 0 to 100'),
        "surveys.too_many": (
            "满意（知晓）人数{positives}多于样本量{sample}",
            "{positives} positive answers are more than the sample of {sample}",
        ),
        "surveys.does_not_fit": (
            "写的是{said}%，按人数算是{computed}%",
            "{said} % is written, the counts give {computed} %",
        ),
        "surveys.no_result": (
            "既没有比例，也没有样本量和人数",
            "neither a percentage nor sample and positive answers",
        ),
        "surveys.outside_interval": (
            "{value}%不在区间{low}—{high}之内",
            "{value} % lies outside the interval {low}–{high}",
        ),
        "surveys.half_interval": ("区间要同时写下限和上限", "an interval needs both ends"),
        "surveys.twice": ("该地区在第{first}行已有结果", "row {first} already has this region's result"),
        "surveys.no_rows": ("表头下面没有数据", "there is no row below the header"),
        "surveys.too_long": ("最多{most}个字。", "At most {most} characters."),
        "surveys.wave_stands": (
            "{agency}这一期的结果已经入库；如需更正，请打开那一期，写明理由撤回，再重新导入。",
            "The results of {agency} for this period are stored already; to correct them, open that wave, "
            "withdraw it with a reason and import it again.",
        ),
        "surveys.not_a_survey": (
            "“{element}”不是调查类数据元素",
            '"{element}" is not an element of a survey',
        ),
        "surveys.not_yours": ("您无权导入“{region}”的调查结果", "you may not bring in results of {region}"),
        "surveys.not_ready": (
            "该文件已处理或未通过校验，请刷新页面。",
            "This file has been dealt with or was refused. Reload the page.",
        ),
    }
)


def survey_roles(header: Sequence[str]) -> tuple[dict[str, int], list[Problem]]:
    """Column by role and what is wrong with the header. InvalidInput when it is none."""
    roles: dict[str, int] = {}
    problems: list[Problem] = []
    for column, name in enumerate(header):
        text = name.strip()
        role = _ROLE_OF.get(text.lower())
        if not text or role == "ignored":
            continue
        if role is None or role in roles:
            problems.append(Problem("surveys.unknown_column", {"text": text}, row=1, column=text))
        else:
            roles[role] = column
    if "region" not in roles or not ("value" in roles or {"sample", "positives"} <= roles.keys()):
        raise refuse("surveys.no_header")
    return roles, problems


@dataclass(frozen=True)
class Answer:
    """The result of one place in percent; the interval as given, or Wilson's at 95 % from the counts."""

    value: Decimal
    sample: int | None = None
    positives: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    interval_given: bool = False


def read_answer(said: Mapping[str, str]) -> tuple[Answer | None, list[Problem]]:
    """What a row states, or everything wrong in it; ``column`` of a problem is a role."""
    problems: list[Problem] = []
    sample, positives = (_count(said, role, problems) for role in ("sample", "positives"))
    value, low, high = (_percent(said, role, problems) for role in ("value", "low", "high"))
    if sample is not None and positives is not None and positives > sample:
        problems.append(
            Problem("surveys.too_many", {"positives": positives, "sample": sample}, column="positives")
        )
    if problems:
        return None, problems
    computed = None
    if sample and positives is not None:
        computed = (Decimal(positives) * 100 / sample).quantize(_CENT, ROUND_HALF_UP)
    if value is None and computed is None:
        return None, [Problem("surveys.no_result", column="value")]
    if value is not None and computed is not None:
        # The printed figure may be rounded to fewer digits, but must be the same figure.
        digits = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent)) if value % 1 else Decimal(1)
        if abs(value - computed) > digits / 2 + _CENT:
            return None, [
                Problem("surveys.does_not_fit", {"said": value, "computed": computed}, column="value")
            ]
    shown = computed if computed is not None else (value or Decimal(0)).quantize(_CENT, ROUND_HALF_UP)
    if (low is None) != (high is None):
        return None, [Problem("surveys.half_interval", column="low")]
    given = low is not None
    if low is not None and high is not None and not low <= shown <= high:
        return None, [
            Problem("surveys.outside_interval", {"value": shown, "low": low, "high": high}, column="low")
        ]
    if not given and sample and positives is not None:
        ends = wilson(positives, sample)
        low, high = (Decimal(repr(end * 100)).quantize(_CENT, ROUND_HALF_UP) for end in (ends.low, ends.high))
    return Answer(shown, sample, positives, low, high, given), []


def is_unsure(answer: Answer) -> bool:
    """Whether readers must be warned: few were asked, or the interval is wide."""
    if answer.sample is not None and answer.sample < SMALL_SAMPLE:
        return True
    return (
        answer.low is not None and answer.high is not None and (answer.high - answer.low) / 2 > WIDE_INTERVAL
    )


@dataclass(frozen=True)
class Standing:
    """A place among others: its rank by the value, and the ranks its interval leaves open."""

    rank: int
    of: int
    best: int | None
    worst: int | None


def standings(answers: Sequence[Answer]) -> list[Standing]:
    """Where each of some places stands among all of them; the highest percentage is first, equals share.

    The range counts only places with an interval; it is not told when any lacks one.
    """
    values = np.array([int(answer.value * 100) for answer in answers], dtype=np.int64)
    most = int(values.max()) if values.size else 0
    ranks = competition_ranks([most - values], np.ones(len(answers), dtype=bool))
    lows = np.array([np.nan if answer.low is None else float(answer.low) for answer in answers])
    highs = np.array([np.nan if answer.high is None else float(answer.high) for answer in answers])
    told = bool(len(answers)) and not (np.isnan(lows) | np.isnan(highs)).any()
    best, worst = rank_ranges(lows, highs, True) if told else (ranks, ranks)
    return [
        Standing(
            int(ranks[at]), len(answers), int(best[at]) if told else None, int(worst[at]) if told else None
        )
        for at in range(len(answers))
    ]


@dataclass(frozen=True)
class Streak:
    """Rises in a row (negative: falls) up to the last wave, and how many of these steps are more than
    chance: their intervals do not overlap."""

    length: int
    certain: int


def streak(series: Sequence[Answer]) -> Streak:
    """The streak at the end of a series of waves, oldest first; an equal value ends it."""
    length, certain = 0, 0
    for later, earlier in zip(reversed(series), reversed(series[:-1]), strict=False):
        sign = (later.value > earlier.value) - (later.value < earlier.value)
        if sign == 0 or length * sign < 0:
            break
        length += sign
        if (
            later.low is not None
            and later.high is not None
            and earlier.low is not None
            and earlier.high is not None
        ):
            certain += later.low > earlier.high or later.high < earlier.low
    return Streak(length, certain)


def _count(said: Mapping[str, str], role: str, problems: list[Problem]) -> int | None:
    text = said.get(role, "").replace(",", "").replace("，", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        problems.append(Problem("surveys.not_a_count", {"text": text}, column=role))
        return None
    return int(text)


def _percent(said: Mapping[str, str], role: str, problems: list[Problem]) -> Decimal | None:
    text = said.get(role, "").replace("%", "").replace("％", "").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or not 0 <= number <= 100:
        problems.append(Problem("surveys.not_a_percentage", {"text": text}, column=role))
        return None
    return number
