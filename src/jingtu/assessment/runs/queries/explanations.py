"""A published number opened into its derivation, trimmed to what the actor may see.

Outside the actor's own subtrees the derivation ends at the published indicator value. Inside, numbers
hidden by the disclosure rules are taken out wherever they, or something that gives them away, appear:
operands, parts below, single facts, the exact fraction, the gap in persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.queries import batches_of, list_imports
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.derivation import Explanation, Step
from jingtu.engine.periods import Period
from jingtu.engine.wording import beyond_text, move_text

from ..models import Run
from .opened import RunReader, as_reader
from .rankings import Standing, standing
from .rows import Shortfall
from .shortfalls import shortfall

EXACT_PARAMS = ("exact", "numerator", "denominator", "percent", "lost", "rank", "rank_range")
Reads = Sequence[tuple[tuple[str, ...], Period]]


@dataclass(frozen=True)
class Explained:
    """A derivation as one actor may read it.

    ``root``: the chain from the rank downwards; a step whose number is hidden has value None and
    ``params["hidden"]`` True. ``closed``: what lies below the published value is not the actor's.
    ``suppressed``: some number was taken out because it counts few persons. ``ways``: what would meet
    the requirement, one sentence each. ``batches``: who stored the facts shown, when, from which file,
    by batch sequence. ``standing``: of a ranked place's total, what the ranking says beside it.
    """

    run: Run
    region_id: int
    region: str
    position: int
    indicator: str | None
    sentence: str
    root: Step
    closed: bool
    suppressed: bool
    shortfall: Shortfall | None
    ways: Sequence[str]
    batches: Mapping[int, FactBatch]
    children: Sequence[tuple[int, str]]
    standing: Standing | None = None


def explanation(
    actor: Actor, run: int | RunReader, region_id: int, indicator: str | None = None
) -> Explained:
    """Explain a ranked place's total (no indicator) or an indicator of any place of the run.

    Raises NotFound for a place outside the run or, below the ranked places, outside the actor's reach.
    """
    reader = as_reader(actor, run)
    position = reader.position_of(region_id)
    own = reader.sees_below(position)
    ranked = any(position == place for place, _ in reader.subjects)
    if not own and (
        not ranked or (indicator is not None and indicator not in reader.opened.scorecard.indicators)
    ):
        raise NotFound(region_id, "region")
    trimmer = _Trimmer(reader, position, own)
    try:
        place = standing(actor, reader, position) if indicator is None and ranked else None
        since = place.ranks_before if place else None
        found = reader.opened.explain(position, indicator, trimmer.unscored, since)
    except KeyError as error:
        raise NotFound(indicator or region_id, "definition" if indicator else "region") from error
    root = trimmer.trim(found.root)
    parts_shown = indicator is None or (own and not trimmer.suppressed)
    value_hidden = indicator is not None and reader.value_hidden(position, indicator)
    tree = reader.opened.tree
    return Explained(
        run=reader.run,
        region_id=region_id,
        region=tree.names[position],
        position=position,
        indicator=indicator,
        sentence=found.sentence(reader.language)
        if parts_shown
        else _plain_sentence(reader, found, value_hidden),
        root=root,
        closed=not own,
        suppressed=trimmer.suppressed,
        shortfall=shortfall(reader, position, indicator) if indicator and not value_hidden else None,
        ways=_ways(reader, found) if parts_shown else (),
        batches=batches_of(actor, reader.run.tree, _batches(root)),
        children=[(int(tree.ids[child]), tree.names[child]) for child in tree.children(position).tolist()]
        if own
        else (),
        standing=place,
    )


def import_links(actor: Actor, batches: Iterable[FactBatch]) -> dict[int, int]:
    """The import each batch came by (batch sequence → import), for those the actor may open."""
    known = {batch.pk: batch.sequence for batch in batches}
    found = list_imports(actor).filter(batch_id__in=list(known)).values_list("batch_id", "pk")
    return {known[batch_id]: import_id for batch_id, import_id in found}


class _Trimmer:
    """Takes out of a derivation what one actor may not see."""

    def __init__(self, reader: RunReader, position: int, own: bool) -> None:
        self.reader = reader
        self.position = position
        self.own = own
        self.suppressed = False
        entry = dict(reader.subjects).get(position)
        items = reader.opened.scorecard.items
        hidden = reader.points_hidden(position, entry) if entry else frozenset()
        self.unscored = frozenset(items[number].indicator for number in hidden)

    def trim(self, step: Step) -> Step:
        """The step and everything below as the actor may see it."""
        if step.kind == "indicator":
            return self._indicator(step)
        children = tuple(self.trim(child) for child in step.children)
        code = step.params.get("indicator")
        if step.kind == "score" and self.unscored:
            # Points withheld come last, or their place in the order would tell them.
            children = tuple(sorted(children, key=lambda child: bool(child.params.get("hidden"))))
        if step.kind == "item" and code in self.unscored:
            self.suppressed = True
            step = _withheld(step)
        elif (
            code and step.kind in ("bonus", "veto", "rank") and self.reader.value_hidden(self.position, code)
        ):
            if step.kind == "rank":
                return children[0]
            step = _withheld(step)
        return replace(step, children=children)

    def _indicator(self, step: Step) -> Step:
        operands = [child for child in step.children if child.kind == "operand"]
        reads: Reads = [
            (tuple(operand.params["elements"]), Period.parse(operand.params["period"]))
            for operand in operands
        ]
        code = step.params["indicator"]
        value_hidden = self.reader.value_hidden(self.position, code)
        hidden = value_hidden or self._hidden(self.position, reads)
        if hidden:
            self.suppressed = True
        shown = self.own and not hidden
        if value_hidden:
            step = replace(step, value=None, params={**step.params, "hidden": True})
        if not shown:
            step = _without_exact(step)
        children = tuple(self._operand(operand, reads, hidden) for operand in operands) if self.own else ()
        return replace(step, children=children)

    def _operand(self, step: Step, reads: Reads, hidden: bool) -> Step:
        children = []
        for child in step.children:
            if child.kind == "child":
                children.append(self._child(child, reads, hidden))
            elif child.kind != "fact":
                children.append(child)
        children += self._facts([child for child in step.children if child.kind == "fact"], hidden)
        return replace(_withheld(step) if hidden else step, children=tuple(children))

    def _child(self, step: Step, reads: Reads, parent_hidden: bool) -> Step:
        hidden = self._hidden(step.params["position"], reads)
        facts = self._facts(list(step.children), hidden)
        if hidden:
            self.suppressed = True
            step = _withheld(step)
        elif parent_hidden:
            step = _without_exact(step)  # its share would tell the total
        return replace(step, children=tuple(facts))

    def _facts(self, steps: list[Step], hidden: bool) -> list[Step]:
        """Facts of one place: all or none of their values, since their sum is shown above them."""
        shown = [step for step in steps if self.reader.reach.facts[step.params["position"]]]
        few = hidden or any(
            self._hidden(
                step.params["position"], [((step.params["element"],), Period.parse(step.params["period"]))]
            )
            for step in shown
        )
        if few and shown:
            self.suppressed = True
        return [_withheld(step) if few else step for step in shown]

    def _hidden(self, position: int, reads: Reads) -> bool:
        if self.reader.reach.small_cells[position]:
            return False
        guard, local = self.reader.guard, position - self.reader.opened.within
        return any(
            bool(guard.hidden_element(element, period)[local])
            for elements, period in reads
            for element in elements
        )


def _withheld(step: Step) -> Step:
    return replace(_without_exact(step), value=None, params={**_without_exact(step).params, "hidden": True})


def _without_exact(step: Step) -> Step:
    kept = {name: value for name, value in step.params.items() if name not in EXACT_PARAMS}
    return replace(step, params=kept)


def _plain_sentence(reader: RunReader, found: Explanation, value_hidden: bool) -> str:
    """The sentence without counts: what anybody who reads the ranking already knows."""
    definition = reader.indicator(found.indicator or "")
    language = reader.language
    place, period = reader.opened.tree.names[found.position], found.period.label(language)
    name = definition.name(language)
    step = next(step for step in found.root.walk() if step.kind == "indicator")
    if value_hidden:
        if language == "zh":
            return f"{place}{period}“{name}”涉及人数较少，按小数保护规则不显示。"
        return f"{name} of {place} in {period} counts few persons and is withheld."
    if step.value is None:
        return found.sentence(language)
    amount = f"{step.value}{definition.unit_name(language)}"
    wanted = reader.requirement(definition, found.position)
    if language == "zh":
        verdict = (
            "" if found.gap is None else ("，达到要求" if found.gap.met else "，未达到要求") + f"（{wanted}）"
        )
        return f"{place}{period}“{name}”为{amount}{verdict}。"
    verdict = (
        ""
        if found.gap is None
        else (", meets " if found.gap.met else ", misses ") + f"the requirement ({wanted})"
    )
    return f"{name} of {place} in {period}: {amount}{verdict}."


def _ways(reader: RunReader, found: Explanation) -> list[str]:
    if found.gap is None or found.gap.met or found.indicator is None:
        return []
    definition = reader.indicator(found.indicator)
    if found.gap.beyond is not None:
        return [beyond_text(reader.opened.catalogue, found.gap.beyond, reader.language)]
    return [move_text(reader.opened.catalogue, definition, move, reader.language) for move in found.gap.moves]


def _batches(root: Step) -> set[int]:
    return {step.params["batch"] for step in root.walk() if step.kind == "fact"}
