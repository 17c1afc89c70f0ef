"""Every published number opened into its derivation, and turned forward into what would mend it.

rank ← total ← item ← rule ← indicator ← operands ← regions below ← facts. The tree is built for one
region; regions below carry their own code, so a screen can open each of them in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from jingtu.engine import wording
from jingtu.engine.assess import Assessment
from jingtu.engine.catalogue.model import Item, Veto
from jingtu.engine.catalogue.writing import rule_plain
from jingtu.engine.elements import Element, ElementKind, round_half_up
from jingtu.engine.evaluate import Operand, parts_of, references
from jingtu.engine.formula import ElementRef, Node, format_formula
from jingtu.engine.gap import Gap, find_gap
from jingtu.engine.ledger import LINES, Line, Ruling
from jingtu.engine.notation import plain_number
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language
from jingtu.engine.publication import part_text, threshold_at
from jingtu.engine.ranking import shared
from jingtu.engine.rational import STATE_NAMES, decimal_text

StepKind = Literal[
    "rank",
    "score",
    "section",
    "item",
    "bonus",
    "veto",
    "entry",
    "ruling",
    "rule",
    "indicator",
    "operand",
    "child",
    "fact",
    "missing",
]


@dataclass(frozen=True)
class Step:
    """One step of a derivation: what it is (both languages), its value as text, and what it came from.

    ``params`` holds plain values for screens: codes, positions, periods, rows of the source.
    """

    kind: StepKind
    zh: str
    en: str
    value: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Step, ...] = ()

    def label(self, language: Language = "zh") -> str:
        """The text in a language."""
        return self.zh if language == "zh" else self.en

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "kind": self.kind,
            "zh": self.zh,
            "en": self.en,
            "value": self.value,
            "params": dict(self.params),
            "children": [child.plain() for child in self.children],
        }

    def walk(self) -> Iterable[Step]:
        """The step and everything below, top first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Explanation:
    """The derivation of one number of one region, its sentence, and the gap to the requirement."""

    region: str
    position: int
    period: Period
    indicator: str | None
    root: Step
    gap: Gap | None
    sentences: Mapping[str, str]

    def sentence(self, language: Language = "zh") -> str:
        """The number and its standing in one sentence, as an official would write it."""
        return self.sentences[language]

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "region": self.region,
            "period": self.period.key,
            "indicator": self.indicator,
            "sentence": dict(self.sentences),
            "gap": None if self.gap is None else gap_plain(self.gap),
            "steps": self.root.plain(),
        }


def explain(
    assessment: Assessment, position: int, indicator: str | None = None, withheld: Collection[str] = ()
) -> Explanation:
    """Explain a subject's total (no indicator) or one indicator of any region of the assessment.

    ``position`` is a tree position inside the assessment; a total can only be explained for a
    subject. The sentence about a total leaves out what was lost by the indicators ``withheld``.
    KeyError for a position that is none of these or an unknown indicator.
    """
    if indicator is None:
        return _explain_total(assessment, position, withheld)
    return _explain_indicator(assessment, position, indicator)


def gap_of(assessment: Assessment, position: int, indicator: str) -> Gap | None:
    """What is missing to the indicator's requirement; None without a requirement or a value."""
    definition = assessment.catalogue.indicators[indicator]
    target = threshold_at(assessment, indicator, position, "requirement")
    if target is None:
        return None
    place = position - assessment.within
    return find_gap(assessment.evaluator, definition, target, assessment.period, place)


def gap_plain(gap: Gap) -> dict[str, Any]:
    """A gap in JSON types."""
    return {
        "met": gap.met,
        "requirement": str(gap.threshold),
        "difference": fraction_text(gap.difference),
        "moves": [
            {
                "side": move.side,
                "more": move.more,
                "amount": fraction_text(move.amount),
                "formula": format_formula(move.node),
                "before": fraction_text(move.before),
                "after": fraction_text(move.after),
                "elements": list(move.elements),
            }
            for move in gap.moves
        ],
    }


def fraction_text(value: Fraction) -> str:
    """Plain decimals where they end within nine digits, else ``num/den``."""
    for decimals in range(10):
        if (value * 10**decimals).denominator == 1:
            return decimal_text(int(value * 10**decimals), decimals)
    return f"{value.numerator}/{value.denominator}"


# -- one indicator --------------------------------------------------------------------------------


def _explain_indicator(a: Assessment, position: int, code: str) -> Explanation:
    if not a.tree.contains(a.within, position):
        raise KeyError(position)
    place = position - a.within
    definition = a.catalogue.indicators[code]
    values = a.current.values[code]
    gap = gap_of(a, position, code)
    index = _subject_or_none(a, position)
    standing = {} if index is None else _indicator_standing(a, index, code)
    step = Step(
        "indicator",
        definition.name("zh"),
        definition.name("en"),
        values.text(place),
        {
            "indicator": code,
            "formula": format_formula(definition.formula),
            "state": STATE_NAMES[int(values.exact.state[place])],
            "exact": part_text(values.exact, place, fraction=True),
            "unit": definition.unit,
            "qualifier": values.qualifier_at(place).value,
            "coverage": [int(values.reported[place]), int(values.expected[place])],
            "cites": list(definition.cites),
            "status": definition.status,
            **_assigned(a, code, position),
            **standing,
        },
        tuple(
            _operand_step(a, operand, position) for operand in parts_of(definition.formula, a.period).operands
        ),
    )
    if index is not None:
        for number, item in enumerate(a.scorecard.items):
            if item.indicator == code:
                step = _rank_step(
                    a, index, (_score_step(a, index, (_item_step(a, index, number, item, step),)),)
                )
                break
        else:
            step = _indicator_rank_step(a, index, code, step)
    words = wording.IndicatorSentence(a, position, code, gap, index)
    sentences = {"zh": words.zh(), "en": words.en()}
    return Explanation(a.tree.codes[position], position, a.period, code, step, gap, sentences)


def _assigned(a: Assessment, code: str, position: int) -> dict[str, Any]:
    """The dated target that decided, if one did."""
    asked, line = a.assigned(code, position), a.assigned(code, position, "red_line")
    found = {"requirement": asked, "red_line": line}
    named = {what: target.plain() for what, target in found.items() if target is not None}
    return {"assigned": named} if named else {}


def _operand_step(a: Assessment, operand: Operand, position: int) -> Step:
    """A numerator, a denominator, one side of a comparison: its value, places below, facts, gaps."""
    place = position - a.within
    value = a.evaluator.value(operand.node, operand.period)
    role_zh, role_en = wording.ROLES[operand.role]
    zh, en = wording.node_names(a.catalogue, operand.node)
    children: list[Step] = []
    if _rolls_up(a, operand.node):
        children += _child_steps(a, operand, position)
        children += _missing_steps(a, operand, position)
    for reference, kind, period in _readings(a, operand):
        children += _fact_steps(a, reference.code, reference.selection, kind, period, position)
    return Step(
        "operand",
        f"{role_zh}：{zh}",
        f"{role_en}: {en}",
        part_text(value, place),
        {
            "role": operand.role,
            "formula": format_formula(operand.node),
            "period": operand.period.key,
            "elements": list(dict.fromkeys(ref.code for ref, _ in references(operand.node))),
            "state": STATE_NAMES[int(value.state[place])],
        },
        tuple(children),
    )


def _readings(a: Assessment, operand: Operand) -> list[tuple[ElementRef, ElementKind | None, Period]]:
    """What an operand was read from, each once."""
    return list(dict.fromkeys(a.evaluator.readings(operand.node, operand.period)))


def _child_steps(a: Assessment, operand: Operand, position: int) -> list[Step]:
    """Direct children with a value, the largest contribution first; facts under those without children."""
    value = a.evaluator.value(operand.node, operand.period)
    whole = value.fraction(position - a.within)
    found: list[tuple[Fraction, int, Step]] = []
    for child in a.tree.children(position).tolist():
        part = value.fraction(child - a.within)
        if part is None:
            continue
        facts: list[Step] = []
        if a.tree.is_leaf(child):
            for reference, kind, period in _readings(a, operand):
                facts += _fact_steps(a, reference.code, reference.selection, kind, period, child)
        share = None if not whole else str(round_half_up(part / whole * 100, 2))
        step = Step(
            "child",
            a.tree.names[child],
            a.tree.names[child],
            fraction_text(part),
            {
                "region": a.tree.codes[child],
                "level": a.tree.levels[child],
                "position": child,
                "percent": share,
            },
            tuple(facts),
        )
        found.append((-part, child, step))
    return [step for _, _, step in sorted(found, key=lambda entry: entry[:2])]


def _missing_steps(a: Assessment, operand: Operand, position: int) -> list[Step]:
    """Regions below that are due to report an element of the operand and did not."""
    part = slice(position - a.within, int(a.tree.last[position]) - a.within + 1)
    steps: list[Step] = []
    for reference, kind, period in _readings(a, operand):
        rows = a.view.chosen_rows(reference.code, period, (), kind)
        absent = a.view.due(reference.code).copy()
        absent[a.view.position[rows]] = False
        for place in (np.flatnonzero(absent[part]) + part.start).tolist():
            at = place + a.within
            element = a.catalogue.elements[reference.code]
            steps.append(
                Step(
                    "missing",
                    f"{a.tree.names[at]}未报“{element.name('zh')}”",
                    f"{a.tree.names[at]} has not reported “{element.name('en')}”",
                    None,
                    {
                        "region": a.tree.codes[at],
                        "level": a.tree.levels[at],
                        "position": at,
                        "element": reference.code,
                        "period": period.key,
                    },
                )
            )
    return steps


def _fact_steps(
    a: Assessment, element: str, selection: Any, kind: Any, period: Period, position: int
) -> list[Step]:
    """The facts given for the region itself that stand for the element in the period."""
    rows = a.view.chosen_rows(element, period, selection, kind)
    rows = rows[a.view.position[rows] == position - a.within]
    definition = a.catalogue.elements[element]
    steps: list[Step] = []
    for row in a.view.table_rows(rows).tolist():
        fact = a.facts.row(row)
        value = definition.format(fact.value or 0, "en").replace(",", "")
        steps.append(
            Step(
                "fact",
                definition.name("zh") + _in_brackets(definition, fact.category, "zh"),
                definition.name("en") + _in_brackets(definition, fact.category, "en"),
                value,
                {
                    "element": element,
                    "region": a.tree.codes[position],
                    "region_id": fact.region_id,
                    "position": position,
                    "period": fact.period,
                    "category": fact.category,
                    "qualifier": fact.qualifier.value,
                    "source_row": fact.source_row,
                    "batch": fact.batch,
                },
            )
        )
    return sorted(steps, key=lambda step: (step.params["period"], step.params["category"]))


def _in_brackets(element: Element, category: str, language: Language) -> str:
    label = element.category_label(category, language)
    if not label:
        return ""
    return f"〔{label}〕" if language == "zh" else f" [{label}]"


def _rolls_up(a: Assessment, node: Node) -> bool:
    kinds = {a.catalogue.elements[ref.code].kind for ref, _ in references(node)}
    return bool(kinds) and "reported" not in kinds


# -- the card -------------------------------------------------------------------------------------


def _explain_total(a: Assessment, position: int, withheld: Collection[str]) -> Explanation:
    index = a.subject_index(position)
    card = a.current.card
    items = a.scorecard.items
    lost = card.maxima[index] - card.points[index]
    steps = [
        _item_step(a, index, number, items[number], _indicator_leaf(a, position, items[number].indicator))
        for number in np.argsort(-lost, kind="stable").tolist()
    ]
    if a.scorecard.bonus is not None:
        for number, bonus in enumerate(a.scorecard.bonus.items):
            points = int(card.bonus_items[index, number])
            entered = _entry_steps(a, index, "bonus", bonus.indicator)
            if points or entered:
                leaf = _indicator_leaf(a, position, bonus.indicator)
                steps.append(
                    Step(
                        "bonus",
                        f"加分：{leaf.zh}",
                        f"Bonus: {leaf.en}",
                        decimal_text(points, card.digits),
                        {"indicator": bonus.indicator},
                        (leaf, *entered),
                    )
                )
    for number, veto in enumerate(a.scorecard.vetoes):
        if card.fired[index, number]:
            steps.append(_veto_step(a, index, veto, applies=bool(card.vetoes[index, number])))
    root = _rank_step(a, index, (_score_step(a, index, tuple(steps)),))
    sentences = {
        "zh": wording.total_zh(a, index, withheld),
        "en": wording.total_en(a, index, withheld),
    }
    return Explanation(a.tree.codes[position], position, a.period, None, root, None, sentences)


def _veto_step(a: Assessment, index: int, veto: Veto, *, applies: bool) -> Step:
    """A veto that fired: what it rests on, and who decided what."""
    leaf = _indicator_leaf(a, int(a.subjects[index]), veto.indicator)
    rulings = [] if a.ledger is None else a.ledger.rulings_of(a.scorecard.code, a.period, _place(a, index))
    ruling = next((one for one in rulings if one.indicator == veto.indicator), None)
    zh, en = ("一票否决", "Veto") if applies else ("一票否决（未适用）", "Veto, not applied")
    if not applies and ruling is None:
        zh, en = "一票否决（待决定）", "Veto proposed, not decided"
    said = () if ruling is None else (_ruling_step(ruling),)
    return Step(
        "veto",
        f"{zh}：{veto.name('zh') or leaf.zh}",
        f"{en}: {veto.name('en') or leaf.en}",
        leaf.value,
        {"indicator": veto.indicator, "effect": veto.effect, "when": str(veto.when), "applies": applies},
        (leaf, *said),
    )


def _ruling_step(ruling: Ruling) -> Step:
    zh = f"决定{'适用' if ruling.applies else '不适用'}：{ruling.reason}（{ruling.decided_by}）"
    en = f"Decided {'to apply' if ruling.applies else 'not to apply'}: {ruling.reason} ({ruling.decided_by})"
    return Step("ruling", zh, en, None, {"reference": ruling.reference, "reply": ruling.reply})


def _entry_steps(a: Assessment, index: int, line: Line, indicator: str) -> tuple[Step, ...]:
    """What people entered on a line for a subject, with who approved it and the evidence behind it."""
    entries = [] if a.ledger is None else a.ledger.entries_of(a.scorecard.code, a.period, _place(a, index))
    return tuple(
        Step(
            "entry",
            f"{LINES[line][0]}申报：{entry.reason}（{entry.entered_by}申报，{entry.approved_by}批准）",
            f"Entry: {entry.reason} (by {entry.entered_by}, approved by {entry.approved_by})",
            plain_number(entry.count),
            {"reference": entry.reference, "evidence": list(entry.evidence), "indicator": indicator},
        )
        for entry in entries
        if (entry.line, entry.indicator) == (line, indicator)
    )


def _place(a: Assessment, index: int) -> tuple[str, str]:
    position = int(a.subjects[index])
    return a.tree.levels[position], a.tree.codes[position]


def _rank_step(a: Assessment, index: int, children: tuple[Step, ...]) -> Step:
    card = a.current.card
    rank, of, tied = int(card.ranks[index]), int(card.ranked.sum()), shared(card.ranks, index)
    params = {
        "rank": rank or None,
        "of": of,
        "tied": tied,
        "sibling_rank": int(a.sibling_ranks[index]) or None,
        "peer_ranks": {name: int(ranks[index]) for name, ranks in a.peer_ranks.items() if ranks[index]},
        "previous_rank": (int(a.previous.card.ranks[index]) or None) if a.previous else None,
        "moved": int(a.movements[index]),
        "tie_breaks": list(a.scorecard.tie_breaks),
    }
    if not rank:
        return Step("rank", "不参加排名", "Not ranked", None, params, children)
    zh, en = ("并列", " (tied)") if tied else ("", "")
    return Step(
        "rank", f"{zh}第{rank}位（共{of}个）", f"Rank {rank}{en} of {of}", str(rank), params, children
    )


def _indicator_rank_step(a: Assessment, index: int, code: str, child: Step) -> Step:
    params = _indicator_standing(a, index, code)
    rank, of = params["rank"], params["of"]
    if rank is None:
        return child
    return Step(
        "rank",
        f"按此指标{'并列' if params['tied'] else '列'}第{rank}位（共{of}个）",
        f"Rank {rank}{' (tied)' if params['tied'] else ''} of {of} by this indicator",
        str(rank),
        {"indicator": code, **params},
        (child,),
    )


def _indicator_standing(a: Assessment, index: int, code: str) -> dict[str, Any]:
    """Rank of a subject by one indicator, and the range of ranks its interval leaves open."""
    ranks = a.current.ranks[code]
    possible = a.rank_range(code)
    best, worst = (0, 0) if possible is None else (int(possible[0][index]), int(possible[1][index]))
    return {
        "rank": int(ranks[index]) or None,
        "of": int((ranks > 0).sum()),
        "tied": shared(ranks, index),
        "rank_range": [best, worst] if best else None,
    }


def _score_step(a: Assessment, index: int, children: tuple[Step, ...]) -> Step:
    card = a.current.card
    reported, expected = a.coverage
    params = {
        "before_veto": decimal_text(int(card.before_veto[index]), card.digits),
        "bonus": decimal_text(int(card.bonus[index]), card.digits),
        "coverage": [int(reported[index]), int(expected[index])],
        "sections": [
            {
                "code": section.code,
                "zh": section.name("zh"),
                "en": section.name("en"),
                "points": decimal_text(int(card.section_points[index, number]), card.digits),
                "maximum": decimal_text(int(card.section_maxima[index, number]), card.digits),
            }
            for number, section in enumerate(a.scorecard.sections)
        ],
    }
    total = decimal_text(int(card.totals[index]), card.digits)
    return Step("score", a.scorecard.name("zh"), a.scorecard.name("en"), total, params, children)


def _item_step(a: Assessment, index: int, number: int, item: Item, child: Step) -> Step:
    card = a.current.card
    definition = a.catalogue.indicators[item.indicator]
    points, maximum = (decimal_text(int(of[index, number]), card.digits) for of in (card.points, card.maxima))
    assigned = a.assigned(item.indicator, int(a.subjects[index]))
    zh, en = wording.rule_text(item, definition, assigned.requirement if assigned else None)
    entered = _entry_steps(a, index, "deduction", item.indicator)
    rule = Step("rule", zh, en, None, {"rule": rule_plain(item.rule)["kind"]}, (child, *entered))
    return Step(
        "item",
        f"{definition.name('zh')}（满分{maximum}分）",
        f"{definition.name('en')} (of {maximum})",
        points,
        {
            "indicator": item.indicator,
            "maximum": maximum,
            "lost": decimal_text(int(card.maxima[index, number] - card.points[index, number]), card.digits),
        },
        (rule,),
    )


def _indicator_leaf(a: Assessment, position: int, code: str) -> Step:
    place = position - a.within
    definition, values = a.catalogue.indicators[code], a.current.values[code]
    return Step(
        "indicator",
        definition.name("zh"),
        definition.name("en"),
        values.text(place),
        {
            "indicator": code,
            "unit": definition.unit,
            "state": STATE_NAMES[int(values.exact.state[place])],
            "numerator": part_text(values.numerator, place),
            "denominator": part_text(values.denominator, place),
            "qualifier": values.qualifier_at(place).value,
        },
    )


def _subject_or_none(a: Assessment, position: int) -> int | None:
    try:
        return a.subject_index(position)
    except KeyError:
        return None
