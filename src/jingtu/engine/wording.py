"""Sentences of explanations, in the Chinese of official notices and in English."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from jingtu.engine.cards import full_mark
from jingtu.engine.catalogue.model import (
    BonusRule,
    Catalogue,
    DeductionRule,
    Indicator,
    Item,
    LinearRule,
    RankRule,
    StepsRule,
    ThresholdRule,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.derivation import fraction_text
from jingtu.engine.elements import unit_after
from jingtu.engine.evaluate import IndicatorValues
from jingtu.engine.formula import Call, ElementRef, Node, format_formula
from jingtu.engine.gap import Gap, Move
from jingtu.engine.notation import plain_number
from jingtu.engine.problems import Language
from jingtu.engine.publication import part_text, target_of, threshold_at
from jingtu.engine.ranking import shared
from jingtu.engine.rational import BELOW_MINIMUM, MISSING, OK, decimal_text, round_half_up
from jingtu.engine.scoring import meets

if TYPE_CHECKING:
    from jingtu.engine.assess import Assessment

ROLES: Mapping[str, tuple[str, str]] = {
    "value": ("数值", "Value"),
    "numerator": ("分子", "Numerator"),
    "denominator": ("分母", "Denominator"),
    "now": ("本期", "This period"),
    "before": ("对比期", "Compared with"),
}
_OPERATORS = {
    ">=": ("不低于", "at least"),
    ">": ("高于", "above"),
    "<=": ("不高于", "at most"),
    "<": ("低于", "below"),
    "==": ("等于", "exactly"),
}


_PERCENTAGE_POINTS: Mapping[Language, str] = {"zh": "个百分点", "en": "percentage points"}


def threshold_text(threshold: Threshold, unit: str, language: Language) -> str:
    """A requirement in words: 不低于98%, at least 98 %."""
    word = _OPERATORS[threshold.op][0 if language == "zh" else 1]
    amount = with_unit(plain_number(threshold.value), unit, language)
    return f"{word}{amount}" if language == "zh" else f"{word} {amount}"


def with_unit(number: str, unit: str, language: Language) -> str:
    """A number followed by the word of its unit as each language writes it."""
    if language == "zh" or unit in ("%", ""):
        return number + unit
    return f"{number} {unit_after(number, unit, language)}"


def node_names(catalogue: Catalogue, node: Node) -> tuple[str, str]:
    """What a formula's part is called: an element's name where it is one, else the formula."""
    match node:
        case ElementRef():
            element = catalogue.elements[node.code]
            suffix = f"〔{node.category}〕" if node.selection else ""
            return element.name("zh") + suffix, element.name("en") + suffix
        case Call(name="sum" | "last"):
            return node_names(catalogue, node.args[0])
        case Call(name="ytd"):
            zh, en = node_names(catalogue, node.args[0])
            return f"{zh}（本年累计）", f"{en} (year to date)"
    text = format_formula(node)
    return text, text


def rule_text(item: Item, indicator: Indicator, assigned: Threshold | None = None) -> tuple[str, str]:
    """How the item is scored, in words; ``assigned`` is what a dated target asks of the place instead."""
    rule, unit_zh, unit_en = item.rule, indicator.unit_name("zh"), indicator.unit_name("en")
    target = assigned or item.target or indicator.target
    match rule:
        case ThresholdRule():
            if target is None:
                return "达标得分", "Points when the requirement is met"
            return (
                f"{threshold_text(target, unit_zh, 'zh')}得满分的{_percent(rule.met)}，否则得{_percent(rule.unmet)}",
                f"{threshold_text(target, unit_en, 'en')}: {_percent(rule.met)} of the points, otherwise "
                f"{_percent(rule.unmet)}",
            )
        case StepsRule():
            zh = "，".join(
                f"{threshold_text(s.when, unit_zh, 'zh')}得{_percent(s.share)}" for s in rule.steps
            )
            en = ", ".join(
                f"{threshold_text(s.when, unit_en, 'en')}: {_percent(s.share)}" for s in rule.steps
            )
            return f"分档计分：{zh}", f"Steps: {en}"
        case LinearRule():
            goal = full_mark(rule, target, assigned=assigned is not None)
            if goal is None and target is not None:
                return (
                    f"{threshold_text(target, unit_zh, 'zh')}得满分，否则不得分",
                    f"{threshold_text(target, unit_en, 'en')}: all points, otherwise none",
                )
            goal = goal if goal is not None else Decimal(0)
            low, high = (plain_number(number) for number in (rule.floor, goal))
            return (
                f"{with_unit(low, unit_zh, 'zh')}得0分，{with_unit(high, unit_zh, 'zh')}得满分，其间按比例",
                f"0 points at {with_unit(low, unit_en, 'en')}, all at {with_unit(high, unit_en, 'en')}, "
                "in proportion between",
            )
        case DeductionRule():
            most_zh = f"，最多扣{rule.cap}分" if rule.cap is not None else "，扣完为止"
            most_en = f", at most {rule.cap}" if rule.cap is not None else ", down to 0"
            return f"每有1{unit_zh}扣{rule.per_event}分{most_zh}", (
                f"{rule.per_event} off for each {unit_en}{most_en}"
            )
        case RankRule():
            return (
                f"按名次计分：第1名得{_percent(rule.best)}，末名得{_percent(rule.worst)}",
                f"By rank: {_percent(rule.best)} for the first, {_percent(rule.worst)} for the last",
            )
        case BonusRule():
            return (
                f"每1{unit_zh}加{rule.per_unit}分",
                f"{rule.per_unit} for each {unit_en}",
            )
    raise TypeError(rule)


def move_text(catalogue: Catalogue, indicator: Indicator, move: Move, language: Language) -> str:
    """What to do, in one clause: “正在执行人数”再增加1人即达到要求。"""
    name = node_names(catalogue, move.node)[0 if language == "zh" else 1]
    unit = _move_unit(catalogue, indicator, move, language)
    amount = fraction_text(move.amount)
    unit = unit_after(amount, unit, language)
    if language == "zh":
        return f"“{name}”{'再增加' if move.more else '减少'}{amount}{unit}即达到要求"
    return f"{amount} {'more' if move.more else 'fewer'} {unit} in “{name}” would meet the requirement"


def beyond_text(catalogue: Catalogue, node: Node, language: Language) -> str:
    """That a side which can be counted cannot be brought to where the requirement is met."""
    name = node_names(catalogue, node)[0 if language == "zh" else 1]
    if language == "zh":
        return f"只改变“{name}”不能达到要求"
    return f"no change of “{name}” alone would meet the requirement"


@dataclass(frozen=True)
class IndicatorSentence:
    """The sentence about one indicator of one region."""

    a: Assessment
    position: int
    code: str
    gap: Gap | None
    index: int | None

    @property
    def definition(self) -> Indicator:
        return self.a.catalogue.indicators[self.code]

    @property
    def values(self) -> IndicatorValues:
        return self.a.current.values[self.code]

    @property
    def place(self) -> int:
        return self.position - self.a.within

    def zh(self) -> str:
        """In Chinese."""
        head = f"{self.a.tree.names[self.position]}{self.a.period.label('zh')}“{self.definition.name('zh')}”"
        state = int(self.values.exact.state[self.place])
        if state == MISSING:
            return head + "无数据。"
        if state not in (OK, BELOW_MINIMUM):
            return head + "分母为零，不适用。"
        parts = [f"{head}为{self._amount('zh')}{self._operands('zh')}"]
        if self.gap is not None:
            wanted = self._wanted("zh")
            if self.gap.met:
                parts.append(f"达到{wanted}的要求")
            else:
                parts.append(f"未达到{wanted}的要求，相差{self._difference('zh')}")
        if self._crossed():
            parts.append("触及红线")
        if state == BELOW_MINIMUM:
            parts.append("分母过小，只列示、不排名")
        parts += self._standing("zh")
        text = "，".join(parts)
        if self.gap is not None and not self.gap.met and self.gap.moves:
            text += f"；{move_text(self.a.catalogue, self.definition, self.gap.moves[0], 'zh')}"
        return text + "。"

    def en(self) -> str:
        """In English."""
        head = f"{self.definition.name('en')} of {self.a.tree.names[self.position]} in {self.a.period.label('en')}"
        state = int(self.values.exact.state[self.place])
        if state == MISSING:
            return head + ": no data."
        if state not in (OK, BELOW_MINIMUM):
            return head + ": not applicable, the denominator is zero."
        parts = [f"{head}: {self._amount('en')}{self._operands('en')}"]
        if self.gap is not None:
            wanted = self._wanted("en")
            if self.gap.met:
                parts.append(f"meets the requirement of {wanted}")
            else:
                parts.append(f"misses the requirement of {wanted} by {self._difference('en')}")
        if self._crossed():
            parts.append("beyond the red line")
        if state == BELOW_MINIMUM:
            parts.append("denominator too small to be ranked")
        parts += self._standing("en")
        text = ", ".join(parts)
        if self.gap is not None and not self.gap.met and self.gap.moves:
            text += f"; {move_text(self.a.catalogue, self.definition, self.gap.moves[0], 'en')}"
        return text + "."

    def _amount(self, language: Language) -> str:
        number = with_unit(self.values.text(self.place) or "", self.definition.unit_name(language), language)
        return self.values.qualifier_at(self.place).mark(number, language)

    def _operands(self, language: Language) -> str:
        top = part_text(self.values.numerator, self.place)
        bottom = part_text(self.values.denominator, self.place)
        if top is None or bottom is None:
            return ""
        return f"（{top}/{bottom}）" if language == "zh" else f" ({top} of {bottom})"

    def _difference(self, language: Language) -> str:
        """The distance in the indicator's unit; percentages differ by percentage points."""
        from jingtu.engine.rational import constant

        gap = self.gap
        if gap is None:
            return ""
        decimals = self.definition.decimals
        scaled = int(round_half_up(constant(abs(gap.difference), 1), decimals)[0])
        # A miss smaller than the last digit must not read as 0.
        number = decimal_text(scaled, decimals) if scaled else f"<{decimal_text(1, decimals)}"
        percent = self.definition.unit == "%"
        unit = _PERCENTAGE_POINTS[language] if percent else self.definition.unit_name(language)
        return with_unit(number, unit, language)

    def _wanted(self, language: Language) -> str:
        """The requirement; one set by a target with its document and the usual one it replaces."""
        unit = self.definition.unit_name(language)
        if self.gap is None:
            return ""
        text = threshold_text(self.gap.threshold, unit, language)
        assigned = self.a.assigned(self.code, self.position)
        if assigned is None:
            return text
        usual = target_of(self.a.scorecard, self.definition)
        other = (
            threshold_text(usual, unit, language)
            if usual is not None and usual != assigned.requirement
            else ""
        )
        if language == "zh":
            by = f"由《{assigned.document}》下达" if assigned.document else "由目标下达"
            return f"{text}（{by}" + (f"，代替{other}）" if other else "）")
        by = f"set by {assigned.document}" if assigned.document else "set by target"
        return f"{text} ({by}" + (f", instead of {other})" if other else ")")

    def _crossed(self) -> bool:
        line = threshold_at(self.a, self.code, self.position, "red_line")
        if line is None:
            return False
        return bool(meets(self.values.exact.take([self.place]), line)[0])

    def _standing(self, language: Language) -> list[str]:
        if self.index is None:
            return []
        said: list[str] = []
        card = self.a.current.card
        for number, item in enumerate(self.a.scorecard.items):
            if item.indicator == self.code:
                points = decimal_text(int(card.points[self.index, number]), card.digits)
                most = decimal_text(int(card.maxima[self.index, number]), card.digits)
                said.append(
                    f"得{points}分（满分{most}分）" if language == "zh" else f"{points} of {most} points"
                )
                break
        ranks = self.a.current.ranks[self.code]
        if ranks[self.index]:
            of = int((ranks > 0).sum())
            rank = int(ranks[self.index])
            tied = shared(ranks, self.index)
            said.append(
                f"按本指标在{of}个{place_word(self.a)}中{'并列' if tied else '列'}第{rank}位"
                if language == "zh"
                else f"ranked {rank}{' (tied)' if tied else ''} of {of} by this indicator"
            )
        return said


def place_word(a: Assessment) -> str:
    """What a card ranks, in Chinese: its subjects are regions or member units."""
    return "成员单位" if a.scorecard.subject == "unit" else "地区"


def total_zh(a: Assessment, index: int, withheld: Collection[str] = ()) -> str:
    """The sentence about a subject's total, in Chinese; losses by the indicators ``withheld`` stay unsaid."""
    card = a.current.card
    head = f"{a.tree.names[int(a.subjects[index])]}{a.period.label('zh')}{a.scorecard.name('zh')}"
    if not card.ranked[index]:
        return f"{head}{_unranked(a, index, 'zh')}，不计总分、不参加排名。"
    text = f"{head}得{decimal_text(int(card.totals[index]), card.digits)}分"
    if card.bonus[index]:
        text += f"（含加分{decimal_text(int(card.bonus[index]), card.digits)}分）"
    tied = "并列" if shared(card.ranks, index) else "列"
    text += f"，在{int(card.ranked.sum())}个{place_word(a)}中{tied}第{int(card.ranks[index])}位"
    moved = int(a.movements[index])
    if moved:
        before = a.period.previous().label("zh")
        text += f"，较上期（{before}）{'上升' if moved > 0 else '下降'}{abs(moved)}位"
    for number, veto in enumerate(a.scorecard.vetoes):
        if card.vetoes[index, number]:
            text += f"，因“{veto.name('zh')}”一票否决"
        elif card.proposed[index, number] and not _ruled(a, index, veto.indicator):
            text += f"；“{veto.name('zh')}”已触发，是否一票否决待决定"
    losses = _largest_losses(a, index, withheld)
    if losses:
        text += "；失分较多的是" + "、".join(f"{zh}（−{lost}分）" for zh, _, lost in losses)
    return text + "。"


def total_en(a: Assessment, index: int, withheld: Collection[str] = ()) -> str:
    """The sentence about a subject's total, in English; as :func:`total_zh`."""
    card = a.current.card
    head = f"{a.scorecard.name('en')}, {a.tree.names[int(a.subjects[index])]}, {a.period.label('en')}"
    if not card.ranked[index]:
        return f"{head}: no total and no rank because {_unranked(a, index, 'en')}."
    text = f"{head}: {decimal_text(int(card.totals[index]), card.digits)} points"
    if card.bonus[index]:
        text += f" (bonus {decimal_text(int(card.bonus[index]), card.digits)})"
    tied = " (tied)" if shared(card.ranks, index) else ""
    text += f", rank {int(card.ranks[index])}{tied} of {int(card.ranked.sum())}"
    moved = int(a.movements[index])
    if moved:
        before = a.period.previous().label("en")
        text += f", {'up' if moved > 0 else 'down'} {abs(moved)} since {before}"
    for number, veto in enumerate(a.scorecard.vetoes):
        if card.vetoes[index, number]:
            text += f", veto: {veto.name('en')}"
        elif card.proposed[index, number] and not _ruled(a, index, veto.indicator):
            text += f"; veto proposed, not yet decided: {veto.name('en')}"
    losses = _largest_losses(a, index, withheld)
    if losses:
        text += "; most points lost on " + ", ".join(f"{en} (−{lost})" for _, en, lost in losses)
    return text + "."


def _unranked(a: Assessment, index: int, language: Language) -> str:
    """Why a subject has no rank."""
    reported, expected = (int(counts[index]) for counts in a.coverage)
    if expected and reported < Fraction(str(a.scorecard.min_coverage)) * expected:
        least = _percent(a.scorecard.min_coverage)
        if language == "zh":
            return f"应报{expected}项、已报{reported}项，不足{least}"
        return f"{reported} of {expected} figures due were reported, fewer than {least}"
    return "没有可计分的数据" if language == "zh" else "there is nothing to score"


def _largest_losses(a: Assessment, index: int, withheld: Collection[str]) -> list[tuple[str, str, str]]:
    card, items = a.current.card, a.scorecard.items
    lost = (card.maxima[index] - card.points[index]).tolist()
    told = (n for n, points in enumerate(lost) if points > 0 and items[n].indicator not in withheld)
    worst = sorted(told, key=lambda n: (-lost[n], n))
    return [
        (
            a.catalogue.indicators[items[number].indicator].name("zh"),
            a.catalogue.indicators[items[number].indicator].name("en"),
            decimal_text(lost[number], card.digits),
        )
        for number in worst[:3]
    ]


def _move_unit(catalogue: Catalogue, indicator: Indicator, move: Move, language: Language) -> str:
    if indicator.gap_unit(language):
        return indicator.gap_unit(language)
    return catalogue.elements[move.elements[0]].unit_name(language)


def _percent(share: object) -> str:
    return fraction_text(Fraction(str(share)) * 100) + "%"


def _ruled(a: Assessment, index: int, indicator: str) -> bool:
    """Whether somebody has decided about a veto that fired for a subject."""
    position = int(a.subjects[index])
    place = a.tree.levels[position], a.tree.codes[position]
    rulings = [] if a.ledger is None else a.ledger.rulings_of(a.scorecard.code, a.period, place)
    return any(ruling.indicator == indicator for ruling in rulings)
