"""What may be questionable about the definitions of a catalogue, in words, and how it is said of an entry."""

from __future__ import annotations

from jingtu.engine.problems import Problem, register_texts

register_texts(
    {
        "catalogue.unknown": (
            "“{subject}”引用了不存在的“{name}”",
            '"{subject}" refers to "{name}", which does not exist',
        ),
        "catalogue.unknown_near": (
            "“{subject}”引用了不存在的“{name}”，是否指“{near}”？",
            '"{subject}" refers to "{name}", which does not exist; did you mean "{near}"?',
        ),
        "catalogue.group_in_itself": (
            "指标组“{subject}”包含了它自己",
            'the group "{subject}" contains itself',
        ),
        "catalogue.group_shares": (
            "指标组“{subject}”的预警比例高于达标比例",
            'the group "{subject}" is watched from a higher share than it is met from',
        ),
        "catalogue.unknown_dimension": (
            "“{subject}”的公式用了数据元素“{element}”没有的分类“{category}”",
            'the formula of "{subject}" uses the category "{category}", which the element "{element}" lacks',
        ),
        "catalogue.no_translation": (
            "“{subject}”的说明只有一种语言",
            'the definition of "{subject}" is in one language only',
        ),
        "catalogue.operator_direction": (
            "“{subject}”的要求“{threshold}”与其方向相反，照此越差的地方越算达标",
            'the requirement "{threshold}" of "{subject}" runs against its direction: the worse a place, the sooner '
            "it would meet it",
        ),
        "catalogue.red_line_direction": (
            "“{subject}”的红线“{threshold}”与其方向相反，照此越好的地方越踩红线",
            'the red line "{threshold}" of "{subject}" runs against its direction: the better a place, the sooner '
            "it would cross it",
        ),
        "catalogue.red_line_side": (
            "“{subject}”的红线“{red_line}”与目标“{target}”相交：达到目标也会踩红线",
            'the red line "{red_line}" of "{subject}" overlaps its target "{target}": a place could meet both',
        ),
        "catalogue.target_without_direction": (
            "“{subject}”没有方向（none），不能有目标或红线",
            '"{subject}" has no direction, so it cannot have a target or red line',
        ),
        "catalogue.target_decimals": (
            "“{subject}”的“{threshold}”比显示的{decimals}位小数更细",
            'the "{threshold}" of "{subject}" is finer than the {decimals} decimals shown',
        ),
        "catalogue.unit": (
            "“{subject}”的单位写作“{unit}”，按公式应为“{wanted}”",
            'the unit of "{subject}" is "{unit}", but its formula yields "{wanted}"',
        ),
        "catalogue.unit_unlisted": (
            "“{subject}”的单位“{unit}”不在units一节里",
            'the unit "{unit}" of "{subject}" is not listed in the section "units"',
        ),
        "catalogue.category_unlisted": (
            "“{subject}”的分类“{category}”在dimensions一节里没有名称，页面上只能显示代码",
            'the category "{category}" of "{subject}" has no words in the section "dimensions"; its code is shown',
        ),
        "catalogue.mixed_units": (
            "“{subject}”把单位不同的量相加减：“{left}”和“{right}”",
            '"{subject}" adds or subtracts different units: "{left}" and "{right}"',
        ),
        "catalogue.stock_summed": (
            "“{subject}”对存量“{element}”用了sum()，会把各月重复相加；应改用last()",
            '"{subject}" uses sum() on the stock "{element}", which adds the months twice; use last()',
        ),
        "catalogue.min_denominator": (
            "“{subject}”写了最小分母，但公式没有分母",
            '"{subject}" states a minimum denominator, but its formula has no denominator',
        ),
        "catalogue.lagging": (
            "“{subject}”写了lagging（分子分母统计时段不同），但公式不是share(…)",
            '"{subject}" is marked lagging (numerator and denominator counted at different times), '
            "but its formula is not a share(...)",
        ),
        "catalogue.person_based": (
            "“{subject}”由人员数“{element}”算出，应标明person_based: true，否则小数不会隐去",
            '"{subject}" is computed from persons ("{element}"); mark it person_based: true, '
            "or small counts will not be suppressed",
        ),
        "catalogue.no_elements": (
            "“{subject}”的公式没有用任何数据元素",
            'the formula of "{subject}" uses no element',
        ),
        "catalogue.parts": (
            "“{subject}”是“{whole}”的组成部分，但单位、类型或小数位不同",
            '"{subject}" is a part of "{whole}" but differs in unit, kind or decimals',
        ),
        "catalogue.points": (
            "“{subject}”各项合计{sum}分，应为{total}分",
            'the items of "{subject}" add up to {sum} points, not {total}',
        ),
        "catalogue.repeated_item": (
            "“{subject}”里“{name}”出现了两次",
            '"{name}" occurs twice in "{subject}"',
        ),
        "catalogue.no_target": (
            "“{subject}”的“{item}”按目标计分，但指标和该项都没有目标",
            'the item "{item}" of "{subject}" is scored against a target, but there is none',
        ),
        "catalogue.linear": (
            "“{subject}”的“{item}”：起点{floor}与满分点{target}和方向“{direction}”不符",
            'the item "{item}" of "{subject}": floor {floor} and target {target} contradict '
            'the direction "{direction}"',
        ),
        "catalogue.unreachable_step": (
            "“{subject}”的“{item}”：“{step}”永远轮不到，前面的条件已经包含它",
            'the item "{item}" of "{subject}": the step "{step}" is never reached; earlier ones include it',
        ),
        "catalogue.step_order": (
            "“{subject}”的“{item}”：较差的“{worse}”得分反而高于较好的“{better}”",
            'the item "{item}" of "{subject}": the worse "{worse}" earns more than the better "{better}"',
        ),
        "catalogue.rank_order": (
            "“{subject}”的“{item}”：第一名的得分比例低于最后一名",
            'the item "{item}" of "{subject}": the first earns a smaller share than the last',
        ),
        "catalogue.rank_direction": (
            "“{subject}”的“{item}”按排名计分，但指标没有方向",
            'the item "{item}" of "{subject}" is scored by rank, but its indicator has no direction',
        ),
        "catalogue.cap": (
            "“{subject}”的“{item}”：封顶{cap}超过了{limit}",
            'the item "{item}" of "{subject}": the cap {cap} is above {limit}',
        ),
        "catalogue.bonus_rule": (
            "“{subject}”的“{item}”是计分项，不能用加分规则bonus；请放到bonus一节",
            'the item "{item}" of "{subject}" is a scored item and cannot use the rule "bonus"; '
            'put it into the section "bonus"',
        ),
        "catalogue.veto_cap": (
            "“{subject}”的否决“{item}”：effect为cap时要写cap（低于总分），其他effect不写",
            'the veto "{item}" of "{subject}": effect "cap" needs a cap below the total, other effects none',
        ),
        "catalogue.unused": (
            "数据元素“{subject}”没有被任何指标使用",
            'no indicator uses the element "{subject}"',
        ),
    }
)


def error(code: str, subject: str, field: str, /, **params: object) -> Problem:
    """What makes the catalogue unusable, said of a field of the entry ``subject``."""
    return Problem(code, {"subject": subject, **params}, column=f"{subject}.{field}")


def warning(code: str, subject: str, field: str, /, **params: object) -> Problem:
    """What deserves a look, said of a field of the entry ``subject``."""
    return Problem(code, {"subject": subject, **params}, column=f"{subject}.{field}", severity="warning")
