"""The numbers behind a published one: which of them can be disputed and corrected, and who entered them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jingtu.assessment.reporting.chain import had_a_hand
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import Explained, RunReader, explanation, reader_of
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.derivation import Step

from .rules import Disputed

MOST = 400


@dataclass(frozen=True)
class Number:
    """One number of a derivation. ``value`` None: not there, or not shown to this reader (``hidden``)."""

    key: str
    kind: Disputed
    zh: str
    en: str
    value: str | None
    hidden: bool = False

    @property
    def label(self) -> str:
        """What it is called in the reader's language."""
        return self.en if interface_language() == "en" else self.zh


@dataclass(frozen=True)
class Cell:
    """One figure that a decision can set: a fact as it stands, or one that is missing."""

    key: str
    zh: str
    en: str
    value: str | None
    region_id: int
    element: str
    period: str
    category: str

    @property
    def label(self) -> str:
        """What it is called in the reader's language."""
        return self.en if interface_language() == "en" else self.zh


@dataclass(frozen=True)
class Behind:
    """An indicator of a place with everything behind it, as one reader may see it."""

    run: Run
    region_id: int
    region: str
    indicator: str
    name: str
    sentence: str
    numbers: Sequence[Number]
    cells: Sequence[Cell]
    batches: Mapping[int, FactBatch]

    def number(self, key: str) -> Number | None:
        """The number of that key."""
        return next((number for number in self.numbers if number.key == key), None)

    def cell(self, key: str) -> Cell | None:
        """The figure of that key."""
        return next((cell for cell in self.cells if cell.key == key), None)


def behind(actor: Actor, run: Run, region_id: int, indicator: str) -> Behind:
    """For a run that was found to be open to the actor. Raises NotFound for a place that is not theirs."""
    reader = reader_of(actor, run)
    found = explanation(actor, reader, region_id, indicator)
    numbers, cells = _collect(reader, found)
    definition = reader.indicator(indicator)
    return Behind(
        run=run,
        region_id=region_id,
        region=found.region,
        indicator=indicator,
        name=definition.name(reader.language),
        sentence=found.sentence,
        numbers=numbers[:MOST],
        cells=cells[:MOST],
        batches=found.batches,
    )


def entered_by(run: Run, region_id: int, indicator: str) -> set[str]:
    """Actors who stored a figure behind the number, whoever asks, and where it came by a form whoever typed it,
    handed it in, passed it or accepted it."""
    reader = reader_of(SYSTEM, run)
    found = explanation(SYSTEM, reader, region_id, indicator)
    _numbers, cells = _collect(reader, found)
    people = had_a_hand(
        [cell.region_id for cell in cells],
        [cell.period for cell in cells],
        [batch.sequence for batch in found.batches.values()],
    )
    return {batch.actor_id for batch in found.batches.values()} | {f"user:{person}" for person in people}


def _collect(reader: RunReader, found: Explained) -> tuple[list[Number], list[Cell]]:
    numbers: dict[str, Number] = {}
    cells: dict[str, Cell] = {}
    for step in found.root.walk():
        if step.kind == "indicator" and step.params.get("indicator") == found.indicator:
            numbers["indicator"] = _number(step, "indicator", Disputed.INDICATOR)
        elif step.kind == "operand":
            key = f"operand:{step.params['role']}"
            numbers.setdefault(key, _number(step, key, Disputed.OPERAND))
        elif step.kind in ("fact", "missing"):
            cell = _cell(reader, step)
            kind = Disputed.FACT if step.kind == "fact" else Disputed.MISSING
            hidden = bool(step.params.get("hidden"))
            numbers.setdefault(cell.key, Number(cell.key, kind, cell.zh, cell.en, cell.value, hidden))
            cells.setdefault(cell.key, cell)
    return list(numbers.values()), list(cells.values())


def _number(step: Step, key: str, kind: Disputed) -> Number:
    return Number(key, kind, step.zh, step.en, step.value, bool(step.params.get("hidden")))


def _cell(reader: RunReader, step: Step) -> Cell:
    tree = reader.opened.tree
    position = step.params["position"]
    region_id = int(tree.ids[position])
    element, period = step.params["element"], step.params["period"]
    category = step.params.get("category", "")
    definition = reader.opened.catalogue.elements.get(element)
    zh, en = (
        " · ".join(filter(None, (tree.names[position], name, category, period)))
        for name in ((definition.name("zh"), definition.name("en")) if definition else (element, element))
    )
    key = ":".join(("fact", str(region_id), element, period, category))
    return Cell(key, zh, en, step.value, region_id, element, period, category)
