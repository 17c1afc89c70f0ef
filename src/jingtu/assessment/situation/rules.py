"""What a situation report says of a series, by stated rules. Pure; knows no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from jingtu.engine.notation import plain_number
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, register_texts


class ReportState(StrEnum):
    """Where a report stands."""

    DRAFT = "draft"
    REVIEW = "review"
    ISSUED = "issued"


CADENCES = ("year", "quarter")
LENGTH = {"year": 6, "quarter": 9}
"""How many periods a series goes back."""

register_texts(
    {
        "situation.no_such_period": (
            "毒情形势分析按年度或季度编写，例如 2026 或 2026-Q3。",
            "Situation reports are for a year or a quarter, such as 2026 or 2026-Q3.",
        ),
        "situation.running": (
            "{period}尚未结束，结束后再编写。",
            "{period} has not ended yet; write the report afterwards.",
        ),
        "situation.open_already": (
            "该地区该时期已有一份未办结的分析稿，请先办结。",
            "There is an unfinished report of this region and period already; finish it first.",
        ),
        "situation.wrong_state": (
            "该分析稿当前状态下不能这样办理，请刷新页面。",
            "The report does not stand where this could be done; reload the page.",
        ),
        "situation.two_persons": (
            "编写人不能审批自己编写的分析稿。",
            "Whoever prepared the report does not approve it.",
        ),
        "situation.issuer_missing": ("请填写发文机关名称。", "Give the issuing office's name."),
        "situation.not_the_offices_series": (
            "该文号系列不属于本机关或其上级机关。",
            "That series of numbers does not belong to this office or one above it.",
        ),
        "situation.reason_missing": ("请写明退回的理由。", "Say why it is sent back."),
        "situation.nothing_known": (
            "该地区该时期没有可用的数据。",
            "Nothing is known of the region in this period.",
        ),
    }
)


@dataclass(frozen=True)
class Said:
    """A sentence with the rule it comes from."""

    rule: str
    text: str


RULES: dict[str, tuple[str, str]] = {
    "value": (
        "有值的指标写出数值；百分率与上期、去年同期、基期的差用百分点，其他用百分比；对比期缺报、为零或受小数保护时不写变化",
        "A value is written where there is one; changes of percentages in points, of others in per cent; none "
        "against a period that is missing, zero or protected",
    ),
    "gaps": (
        "期内有月份没有任何数据的，写明是哪些月份，不与其他时期比较，不判断连续变化和拐点",
        "Months of the period of which nothing is known are named; its values are then not compared with other "
        "periods, and streaks and turning points are not judged",
    ),
    "part": (
        "某项指标某一时期只有部分月份的数据的，写明，该项不与该期比较；这样的时期不作基期，中断连续变化和拐点的判断",
        "A period of which some months of an indicator are unknown is named; the indicator is not compared with it, "
        "and it is no base and breaks streaks and turning points",
    ),
    "missing": (
        "没有值的指标逐项列名，写明原因，不当作零",
        "Indicators without a value are named with the reason and never taken for zero",
    ),
    "streak": (
        "连续三期及以上同向变化的写出期数；中间缺报即中断",
        "Three or more changes the same way in a row are told; a missing period breaks them",
    ),
    "turning": (
        "连续两期变差后连续两期好转，判为拐点；其后又回到最差值的写“已反复”；不足五期连续数据的不判断",
        "Two steps for the worse and then two for the better make a turning point; back at the worst means "
        "undone; fewer than five values in a row are not judged",
    ),
    "composition": (
        "按类别写占比；涉人类别中有小于限值的数时整项不列",
        "Shares by category; a count of persons below the limit withholds the whole composition",
    ),
    "zero": (
        "报送为零写“为零”，没有报送写“缺报”，两者不混",
        "Reported zero is written as zero, no report as missing",
    ),
    "alerts": ("只计已发布考核产生的未了结预警", "Only open alerts from published assessments are counted"),
}


def change(now: Decimal, before: Decimal | None, unit: str, language: Language) -> str:
    """How a value stands to an earlier one, in words; "" where nothing can be compared."""
    if before is None:
        return ""
    difference = now - before
    if difference == 0:
        return "持平" if language == "zh" else "unchanged"
    up = difference > 0
    if unit == "%":
        size = plain_number(abs(difference))
        if language == "zh":
            return f"{'上升' if up else '下降'}{size}个百分点"
        return f"{'up' if up else 'down'} {size} points"
    if before == 0:
        return ""
    percent = (abs(difference) / abs(before) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return (
        f"{'增长' if up else '下降'}{percent}%"
        if language == "zh"
        else f"{'up' if up else 'down'} {percent}%"
    )


def stretches(months: Sequence[Period]) -> list[tuple[Period, Period]]:
    """First and last of each unbroken run of months, which come in order."""
    found: list[tuple[Period, Period]] = []
    for month in months:
        if found and found[-1][1].next() == month:
            found[-1] = (found[-1][0], month)
        else:
            found.append((month, month))
    return found


def streak(values: Sequence[Decimal | None]) -> int:
    """How many changes the same way end the series: positive up, negative down, 0 when the last two are equal or
    one is missing."""
    count = 0
    for later, earlier in zip(values[::-1], values[-2::-1], strict=False):
        if later is None or earlier is None or later == earlier:
            break
        step = 1 if later > earlier else -1
        if count and (count > 0) != (step > 0):
            break
        count += step
    return count


def shares(parts: Sequence[Decimal]) -> list[Decimal]:
    """Shares in per cent to one decimal; they need not add up to 100 after rounding."""
    whole = sum(parts, Decimal(0))
    if not whole:
        return [Decimal(0) for _ in parts]
    return [(part / whole * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) for part in parts]
