"""The sentences evidence and counter-arguments are told in; they are kept as codes with their parameters, so that
both languages can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jingtu.engine.problems import Language, Problem, register_texts

register_texts(
    {
        "measures.ev_bottom": (
            "{period}“{card}”{group}第{rank}位（共{size}个），总分{total}。",
            "{period}, {card}: rank {rank} of {size} in {group}, total {total}.",
        ),
        "measures.ev_red_line": (
            "{period}“{name}”为{value}，越过红线（{line}），连续{streak}期。",
            "{period}: {name} is {value}, beyond the red line ({line}), {streak} period(s) running.",
        ),
        "measures.ev_veto": (
            "{period}“{card}”一票否决“{name}”经决定适用。",
            "{period}, {card}: the veto “{name}” was decided to apply.",
        ),
        "measures.ev_overdue": (
            "督办{number}（{what}）应于{due}前答复，已逾期{late}个工作日。",
            "Supervision {number} ({what}) was to be answered by {due} and is {late} working days late.",
        ),
        "measures.ag_returned": (
            "答复过一次，被退回后逾期。",
            "It was answered once; the answer was returned and the next is late.",
        ),
        "measures.ev_publication": (
            "依据：第{run}号考核第{version}版，发布校验值 {hash}。",
            "Stands in: run {run}, version {version}, publication hash {hash}.",
        ),
        "measures.ag_tie": (
            "{period}末位有{count}个并列，仅凭位次不能区分。",
            "{period}: {count} share the last rank; the rank alone does not tell them apart.",
        ),
        "measures.ag_group_small": (
            "{group}只有{size}个参加排名，末位总会有一个。",
            "Only {size} are ranked in {group}; somebody is always last.",
        ),
        "measures.ag_gap": (
            "{period}与前一位总分只差{gap}分。",
            "{period}: only {gap} points behind the place before.",
        ),
        "measures.ag_ranges": (
            "{period}有{count}项指标（共{of}项）的位次区间与末位以外的地区重叠。",
            "{period}: for {count} of {of} indicators the range of ranks overlaps with places outside the bottom.",
        ),
        "measures.ag_minimum": (
            "{period}有{count}项指标的分母低于最小值，不作评判。",
            "{period}: {count} indicators have a denominator below the minimum and are not judged.",
        ),
        "measures.ag_few": (
            "{period}有{count}项指标的分母不足{least}，一两例就会改变位次。",
            "{period}: {count} indicators have denominators below {least}; one or two cases change their ranks.",
        ),
        "measures.ag_only_bottom": (
            "只有最近{streak}期如此：{period}不在末位。",
            "Only the last {streak} period(s) show it: in {period} it was not at the bottom.",
        ),
        "measures.ag_only_red": (
            "只有最近{streak}期如此：{period}没有越线的有{name}。",
            "Only the last {streak} period(s) show it: in {period} the line was not crossed for {name}.",
        ),
        "measures.ag_only_veto": (
            "近一年内没有更早的同样情形：{name}。",
            "No earlier case of the same kind within the year: {name}.",
        ),
        "measures.ag_only_overdue": (
            "该单位没有其他逾期的督办。",
            "No other supervision of this organisation is late.",
        ),
        "measures.ag_interval": (
            "按95%置信区间不能排除未越过红线：{name}。",
            "By a 95% interval the right side of the red line cannot be excluded: {name}.",
        ),
        "measures.ag_small": (
            "分母不足{least}，一两例就会使数值大变：{name}。",
            "Denominators below {least}, where one or two cases change much: {name}.",
        ),
        "measures.ag_estimated": (
            "含估计或暂定数据：{name}。",
            "Includes estimated or provisional figures: {name}.",
        ),
        "measures.ag_appeal": (
            "{period}有{count}项申诉尚未裁定。",
            "{period}: {count} appeal(s) not decided yet.",
        ),
        "measures.ag_finding": (
            "{period}有{count}项数据核查意见尚未答复。",
            "{period}: {count} data finding(s) not answered yet.",
        ),
        "measures.ag_superseded": (
            "{period}依据的发布已有更正版或已撤回，请对照新版核对。",
            "{period}: the publication it rests on was corrected or withdrawn; check against the new one.",
        ),
        "measures.ag_moved": (
            "{name}已并入{into}，数据和位次是并入前的。",
            "{name} has gone into {into}; figures and ranks are those before.",
        ),
        "measures.ag_ended": (
            "该地区已撤并，措施可能不再有对象。",
            "The place has ended by a change of regions; there may be nobody left to address.",
        ),
    }
)


def worded(kept: Mapping[str, Any], language: Language) -> str:
    """A kept line in a language; a parameter that reads differently in English comes with its twin."""
    params = dict(kept["params"])
    if language == "en":
        params |= {name: params[f"{name}_en"] for name in list(params) if f"{name}_en" in params}
    try:
        return Problem(kept["code"], params).text(language)
    except KeyError:
        return str(kept["code"])


def lines(kept: Iterable[Mapping[str, Any]], language: Language) -> list[tuple[str, str]]:
    """(sentence, address) of kept lines."""
    return [(worded(one, language), str(one.get("url", ""))) for one in kept]
