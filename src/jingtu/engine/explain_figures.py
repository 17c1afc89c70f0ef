"""The figures under an indicator opened: operands ← regions below ← facts, and what is missing among them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from jingtu.engine import wording
from jingtu.engine.assess import Assessment
from jingtu.engine.derivation import Step, fraction_text
from jingtu.engine.elements import Element, ElementKind, round_half_up
from jingtu.engine.evaluate import Operand, references
from jingtu.engine.formula import ElementRef, Node, format_formula
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language
from jingtu.engine.publication import part_text
from jingtu.engine.rational import STATE_NAMES


def operand_step(a: Assessment, operand: Operand, position: int) -> Step:
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
