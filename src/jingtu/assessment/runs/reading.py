"""What the explanation of a number shows, arranged for its page: no database, no rights decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from jingtu.core.ui.words import MINUS, format_number
from jingtu.engine.catalogue import Indicator
from jingtu.engine.derivation import Step
from jingtu.engine.evaluate import parts_of
from jingtu.engine.periods import Period

from .cardtable import MOST_ITEMS
from .if_met import what_if_met
from .queries import Explained, RunReader

MOST_CHILDREN = 12


@dataclass(frozen=True)
class Node:
    """A step of the derivation with its place in it (``0.0.1``) and how deep it stands."""

    path: str
    depth: int
    step: Step

    @property
    def hidden(self) -> bool:
        """Whether its number was withheld."""
        return bool(self.step.params.get("hidden"))


@dataclass(frozen=True)
class Contribution:
    """A part of an operand: a region below with its share of the whole, in per cent."""

    node: Node
    region_id: int
    name: str
    value: str | None
    percent: str | None
    opens: bool


@dataclass(frozen=True)
class ChainPage:
    """The chain on the left, and what stands beside it for the selected step."""

    chain: Sequence[Mapping[str, Any]]
    selected: Node
    formula: str
    formula_words: str
    contributions: Sequence[Contribution]
    more_contributions: int
    missing: Sequence[Step]
    facts: Sequence[Step]
    definition: Indicator | None
    requirement: str
    red_line: str
    assigned_by: str
    cites: Sequence[tuple[str, str, str]]
    what_if: str
    ranked: bool
    tie_breaks: Sequence[str]
    peer_ranks: Sequence[tuple[str, int, int]]
    sum: str
    item: Step | None
    rule: Step | None
    value: str
    shown_value: str
    operand_period: str
    child: Contribution | None


def chain_page(reader: RunReader, found: Explained, asked: str | None) -> ChainPage:
    """Arrange an explanation around one of its steps; an unknown step falls back to the default one."""
    nodes = {node.path: node for node in _nodes(found.root, "0", 0)}
    selected = nodes.get(asked or "") or _default(found, nodes)
    definition = _definition(reader, found, selected, nodes)
    indicator_step = _first(found.root, "indicator") if found.indicator else None
    formula, words = _formula(reader, definition, indicator_step)
    below = [nodes[f"{selected.path}.{number}"] for number in range(len(selected.step.children))]
    children = [node for node in below if node.step.kind == "child"]
    return ChainPage(
        chain=_chain(reader, found, nodes, selected),
        selected=selected,
        formula=formula,
        formula_words=words,
        contributions=[_contribution(reader, node) for node in children[:200]],
        more_contributions=max(len(children) - 200, 0),
        missing=[node.step for node in below if node.step.kind == "missing"],
        facts=[node.step for node in below if node.step.kind == "fact"]
        or ([selected.step] if selected.step.kind == "fact" else []),
        definition=definition,
        requirement=reader.requirement(definition, found.position) if definition else "",
        red_line=reader.red_line(definition, found.position) if definition else "",
        assigned_by=_assigned_by(reader, definition, found.position) if definition else "",
        cites=_cites(reader, definition) if definition else (),
        what_if=what_if_met(reader, found) if found.indicator and not found.suppressed else "",
        ranked=any(found.position == position for position, _ in reader.subjects),
        tie_breaks=[
            reader.indicator(code).name(reader.language) for code in reader.opened.scorecard.tie_breaks
        ],
        peer_ranks=found.standing.peers if found.standing and selected.step.kind == "rank" else (),
        sum=_sum(found.root),
        item=_first(found.root, "item") if found.indicator else None,
        rule=_first(found.root, "rule") if found.indicator else None,
        value=_shown_value(definition, indicator_step, reader),
        shown_value=_value(selected),
        operand_period=_period(selected.step, reader),
        child=_contribution(reader, selected) if selected.step.kind == "child" else None,
    )


def _nodes(step: Step, path: str, depth: int) -> Iterator[Node]:
    yield Node(path, depth, step)
    for number, child in enumerate(step.children):
        yield from _nodes(child, f"{path}.{number}", depth + 1)


def _default(found: Explained, nodes: Mapping[str, Node]) -> Node:
    """The indicator's own step when an indicator is explained, else the total."""
    kind = "indicator" if found.indicator else "score"
    return next((node for node in nodes.values() if node.step.kind == kind), nodes["0"])


def _definition(
    reader: RunReader, found: Explained, selected: Node, nodes: Mapping[str, Node]
) -> Indicator | None:
    code = found.indicator or selected.step.params.get("indicator")
    if code is None:
        # A rule inside the chain of a total stands below its item.
        parent = nodes.get(selected.path.rpartition(".")[0])
        code = parent.step.params.get("indicator") if parent else None
    return reader.indicator(code) if code else None


def _first(root: Step, kind: str) -> Step | None:
    return next((step for step in root.walk() if step.kind == kind), None)


def _shown_value(definition: Indicator | None, step: Step | None, reader: RunReader) -> str:
    if definition is None or step is None or step.value is None:
        return ""
    return f"{readable(step.value)}{definition.unit_name(reader.language)}"


def _period(step: Step, reader: RunReader) -> str:
    key = step.params.get("period")
    return Period.parse(key).label(reader.language) if key else ""


def _sum(root: Step) -> str:
    """The sections added up, with the bonus and what a veto changed: 18.20 + 10.10 + … = 91.34."""
    score = _first(root, "score")
    if score is None or score.value is None:
        return ""
    parts = " + ".join(section["points"] for section in score.params["sections"])
    if Decimal(score.params["bonus"]):
        parts += f" + {score.params['bonus']}"
    if score.params["before_veto"] != score.value:
        return f"{parts} = {score.params['before_veto']} → {score.value}"
    return f"{parts} = {score.value}"


def _chain(
    reader: RunReader, found: Explained, nodes: Mapping[str, Node], selected: Node
) -> list[dict[str, Any]]:
    """The spine from the result to the operands; further down only along the selected path."""
    rows = []
    for node in nodes.values():
        if not _shown(found, node, selected):
            continue
        step = node.step
        unit = ""
        if step.kind == "indicator":
            unit = reader.indicator(step.params["indicator"]).unit_name(reader.language)
        elif step.kind in ("score", "item", "bonus"):
            unit = _("分")
        rows.append(
            {
                "label": _label(reader, node),
                "value": _value(node),
                "unit": unit if step.value is not None else "",
                "detail": _kind_words().get(step.kind, ""),
                "depth": min(node.depth, 4) if step.kind in ("child", "fact", "missing") else 0,
                "url": _step_url(found, node),
                "current": node.path == selected.path,
                "state": "",
            }
        )
    return rows


def _shown(found: Explained, node: Node, selected: Node) -> bool:
    """The spine always; of a total its largest losses; parts of an operand only along the selected path."""
    kind, (parent, _dot, number) = node.step.kind, node.path.rpartition(".")
    if kind in ("item", "bonus", "veto"):
        return found.indicator is not None or kind == "veto" or int(number) < MOST_ITEMS
    if kind in ("child", "fact", "missing"):
        on_path = f"{selected.path}.".startswith(f"{node.path}.")
        below_it = f"{selected.path}.".startswith(f"{parent}.")
        return on_path or (below_it and int(number) < MOST_CHILDREN)
    return kind in ("rank", "score", "entry", "ruling") or found.indicator is not None


def _label(reader: RunReader, node: Node) -> str:
    step = node.step
    text = step.label(reader.language)
    return (
        text
        if step.kind != "fact"
        else f"{text} · {Period.parse(step.params['period']).label(reader.language)}"
    )


def _value(node: Node) -> str:
    if node.hidden:
        return _("小数保护")
    if node.step.kind in ("rule", "rank", "missing"):
        return ""
    return readable(node.step.value) or "–"


def readable(text: str | None) -> str | None:
    """A published text as people read it: separators, and two decimals where the fraction does not end."""
    if text is None:
        return None
    top, _slash, bottom = text.partition("/")
    if bottom:
        return format_number(Decimal(top) / Decimal(bottom), 2)
    return format_number(text)


def _kind_words() -> dict[str, str]:
    return {
        "rank": _("名次"),
        "score": _("总分"),
        "item": _("项目得分"),
        "bonus": _("加分"),
        "veto": _("一票否决"),
        "entry": _("加减分"),
        "ruling": _("决定"),
        "rule": _("计分规则"),
        "indicator": _("指标值"),
        "operand": "",
        "child": "",
        "fact": _("填报数"),
        "missing": _("缺报"),
    }


def _step_url(found: Explained, node: Node) -> str:
    """The step beside the chain; an item of a total opens its own explanation."""
    code = node.step.params.get("indicator")
    if found.indicator is None and code:
        return f"?region={found.region_id}&indicator={code}"
    indicator = f"&indicator={found.indicator}" if found.indicator else ""
    return f"?region={found.region_id}{indicator}&step={node.path}#step"


def _contribution(reader: RunReader, node: Node) -> Contribution:
    params = node.step.params
    position = params["position"]
    return Contribution(
        node=node,
        region_id=int(reader.opened.tree.ids[position]),
        name=node.step.label(reader.language),
        value=None if node.hidden else readable(node.step.value),
        percent=params.get("percent"),
        opens=reader.sees_below(position),
    )


def _formula(reader: RunReader, definition: Indicator | None, step: Step | None) -> tuple[str, str]:
    """The formula with the numbers put in, and in words; empty where the numbers are not the reader's."""
    if definition is None or step is None or not step.children:
        return "", ""
    by_role = {child.params.get("role"): child for child in step.children if child.kind == "operand"}
    values = {role: readable(child.value) for role, child in by_role.items()}
    names = {
        role: child.label(reader.language).partition("：" if reader.language == "zh" else ": ")[2]
        for role, child in by_role.items()
    }
    if any(value is None for value in values.values()):
        return "", _in_words(definition, names, reader)
    result = f"{readable(step.value) or '–'}{definition.unit_name(reader.language)}"
    if "numerator" in values and "denominator" in values:
        factor = _factor(definition, reader.opened.period)
        times = f" × {factor}" if factor else ""
        return (
            f"{values['numerator']} ÷ {values['denominator']}{times} = {result}",
            f"{names['numerator']} ÷ {names['denominator']}{times}",
        )
    if "now" in values and "before" in values:
        return (
            f"({values['now']} {MINUS} {values['before']}) ÷ {values['before']} × 100 = {result}",
            _in_words(definition, names, reader),
        )
    return f"{' , '.join(str(value) for value in values.values())} = {result}" if len(
        values
    ) > 1 else "", _in_words(definition, names, reader)


def _in_words(definition: Indicator, names: Mapping[Any, str], reader: RunReader) -> str:
    if "now" in names:
        return _("(%(now)s 本期 − 对比期) ÷ 对比期 × 100") % {"now": names["now"]}
    if "numerator" in names and "denominator" in names:
        factor = _factor(definition, reader.opened.period)
        return f"{names['numerator']} ÷ {names['denominator']}" + (f" × {factor}" if factor else "")
    return definition.formula_text


def _factor(definition: Indicator, period: Period) -> str:
    factor = parts_of(definition.formula, period).factor
    if factor is None or factor == 1:
        return ""
    return format_number(factor) or ""


def _cites(reader: RunReader, definition: Indicator) -> list[tuple[str, str, str]]:
    """(title, article, number) of the documents a definition rests on."""
    rows = []
    for cite in definition.cites:
        code, _colon, article = cite.partition(":")
        document = reader.opened.catalogue.documents.get(code)
        if document is None:
            rows.append((cite, "", ""))
        else:
            title = document.title_en if reader.language == "en" else document.title_zh
            rows.append((title, article, document.number))
    return rows


def _assigned_by(reader: RunReader, definition: Indicator, position: int) -> str:
    """The document of the dated target by which the place was judged, with the usual requirement."""
    target = reader.assigned(definition.code, position)
    if target is None:
        return ""
    document, usual = target.document or _("未注明文件的目标"), reader.requirement(definition)
    if not usual:
        return document
    return _("%(document)s（一般要求 %(usual)s）") % {"document": document, "usual": usual}
