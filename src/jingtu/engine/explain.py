"""Every published number opened into its derivation, and turned forward into what would mend it.

rank ← total ← item ← rule ← indicator ← operands ← regions below ← facts. The tree is built for one
region; regions below carry their own code, so a screen can open each of them in turn.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from jingtu.engine import wording
from jingtu.engine.assess import Assessment
from jingtu.engine.derivation import Explanation, Step
from jingtu.engine.evaluate import parts_of
from jingtu.engine.explain_card import (
    entry_steps,
    indicator_leaf,
    indicator_rank_step,
    indicator_standing,
    item_step,
    rank_step,
    score_step,
    veto_step,
)
from jingtu.engine.explain_figures import operand_step
from jingtu.engine.formula import format_formula
from jingtu.engine.gap import Gap, find_gap
from jingtu.engine.publication import part_text, threshold_at
from jingtu.engine.rational import STATE_NAMES, decimal_text


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


def _explain_indicator(a: Assessment, position: int, code: str) -> Explanation:
    if not a.tree.contains(a.within, position):
        raise KeyError(position)
    place = position - a.within
    definition = a.catalogue.indicators[code]
    values = a.current.values[code]
    gap = gap_of(a, position, code)
    index = _subject_or_none(a, position)
    standing = {} if index is None else indicator_standing(a, index, code)
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
            operand_step(a, operand, position) for operand in parts_of(definition.formula, a.period).operands
        ),
    )
    if index is not None:
        for number, item in enumerate(a.scorecard.items):
            if item.indicator == code:
                step = rank_step(
                    a, index, (score_step(a, index, (item_step(a, index, number, item, step),)),)
                )
                break
        else:
            step = indicator_rank_step(a, index, code, step)
    words = wording.IndicatorSentence(a, position, code, gap, index)
    sentences = {"zh": words.zh(), "en": words.en()}
    return Explanation(a.tree.codes[position], position, a.period, code, step, gap, sentences)


def _assigned(a: Assessment, code: str, position: int) -> dict[str, Any]:
    """The dated target that decided, if one did."""
    asked, line = a.assigned(code, position), a.assigned(code, position, "red_line")
    found = {"requirement": asked, "red_line": line}
    named = {what: target.plain() for what, target in found.items() if target is not None}
    return {"assigned": named} if named else {}


def _explain_total(a: Assessment, position: int, withheld: Collection[str]) -> Explanation:
    index = a.subject_index(position)
    card = a.current.card
    items = a.scorecard.items
    lost = card.maxima[index] - card.points[index]
    steps = [
        item_step(a, index, number, items[number], indicator_leaf(a, position, items[number].indicator))
        for number in np.argsort(-lost, kind="stable").tolist()
    ]
    if a.scorecard.bonus is not None:
        for number, bonus in enumerate(a.scorecard.bonus.items):
            points = int(card.bonus_items[index, number])
            entered = entry_steps(a, index, "bonus", bonus.indicator)
            if points or entered:
                leaf = indicator_leaf(a, position, bonus.indicator)
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
            steps.append(veto_step(a, index, veto, applies=bool(card.vetoes[index, number])))
    root = rank_step(a, index, (score_step(a, index, tuple(steps)),))
    sentences = {
        "zh": wording.total_zh(a, index, withheld),
        "en": wording.total_en(a, index, withheld),
    }
    return Explanation(a.tree.codes[position], position, a.period, None, root, None, sentences)


def _subject_or_none(a: Assessment, position: int) -> int | None:
    try:
        return a.subject_index(position)
    except KeyError:
        return None
