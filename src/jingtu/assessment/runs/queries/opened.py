"""One run as one actor may read it: the frozen result, how far the actor sees, and what is suppressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from jingtu.assessment.indicators.guard import CellGuard, decided
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.catalogue import Indicator
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.publication import target_of
from jingtu.engine.targets import Asked, Target

from ..models import Run
from ..rules import hidden_points
from ..snapshots import Opened, open_run
from ..visibility import Reach, may_examine, reach
from .lists import get_run

Mark = Literal["met", "watch", "below", "none", "missing", "not_applicable", "too_small", "suppressed"]
_NO_VALUE: Mapping[str, Mark] = {
    "missing": "missing",
    "not_applicable": "not_applicable",
    "below_minimum": "too_small",
}


@dataclass(frozen=True, eq=False)
class RunReader:
    """A run opened for an actor. Positions are those of the run's own, frozen tree."""

    run: Run
    opened: Opened
    reach: Reach
    language: Literal["zh", "en"]
    beside: RunReader | None = None
    """Another run of the page: what is hidden need be asked for only once."""
    _points: dict[int, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def subjects(self) -> list[tuple[int, Mapping[str, Any]]]:
        """(tree position, published entry) of every subject, in the order of the tree."""
        tree = self.opened.tree
        positions = tree.at_level(self.opened.manifest["level"], self.opened.within).tolist()
        return list(zip(positions, self.opened.publication["subjects"], strict=True))

    def indicator(self, code: str) -> Indicator:
        """A definition as it was when the run was computed."""
        return self.opened.catalogue.indicators[code]

    def position_of(self, region_id: int) -> int:
        """Where a region is in the run's tree. Raises NotFound for one outside the run."""
        found = (self.opened.tree.ids == region_id).nonzero()[0]
        if not found.size or not self.opened.tree.contains(self.opened.within, int(found[0])):
            raise NotFound(region_id, "region")
        return int(found[0])

    def sees_below(self, position: int) -> bool:
        """Whether the actor may look below the published figures of this place."""
        return bool(self.reach.derivation[position])

    @cached_property
    def guard(self) -> CellGuard:
        """Which counts of persons are hidden. A few small queries when first asked."""
        tree, within = self.opened.tree, self.opened.within
        ids = tree.ids[within : int(tree.last[within]) + 1]
        if self.beside is not None and self.beside.run.tree_id == self.run.tree_id:
            return CellGuard(ids, self.opened.catalogue, self.beside.guard.decision)
        return CellGuard(ids, self.opened.catalogue, decided(self.run.tree, self.opened.period.end))

    def value_hidden(self, position: int, indicator: str, period: Period | None = None) -> bool:
        """Whether the value, with its parts, stays hidden here because a count of persons is small; in the
        run's period or another one that its figures reach back to."""
        if self.reach.small_cells[position]:
            return False
        mask = self.guard.hidden(indicator, period or self.opened.period)
        return bool(mask[position - self.opened.within])

    def change_hidden(self, position: int, indicator: str, before: Period) -> bool:
        """Whether a change stays hidden: beside the one value it tells the other."""
        return self.value_hidden(position, indicator) or self.value_hidden(position, indicator, before)

    def points_hidden(self, position: int, entry: Mapping[str, Any]) -> frozenset[int]:
        """Items of a ranked place, by their place on the card, whose points stay hidden: they follow from a
        hidden value, or would tell those that do."""
        found = self._points.get(position)
        if found is None:
            found = self._points[position] = self._hidden_points(position, entry)
        return found

    def _hidden_points(self, position: int, entry: Mapping[str, Any]) -> frozenset[int]:
        if self.reach.small_cells[position]:
            return frozenset()
        hidden = {
            number
            for number, item in enumerate(entry["items"])
            if self.value_hidden(position, item["indicator"])
        }
        if not hidden:
            return frozenset()
        sections = [len(section.items) for section in self.opened.scorecard.sections]
        points = [(Decimal(item["points"]), Decimal(item["maximum"])) for item in entry["items"]]
        return hidden_points(sections, points, hidden)

    def mark(self, entry: Mapping[str, Any], hidden: bool) -> Mark:
        """Met, watched or below the red line; or why there is no value."""
        if hidden:
            return "suppressed"
        if entry["state"] != "ok":
            return _NO_VALUE[entry["state"]]
        if entry["red_line"]:
            return "below"
        if entry["met"] is None:
            return "none" if entry["red_line"] is None else "met"
        return "met" if entry["met"] else "watch"

    def assigned(self, code: str, position: int, what: Asked = "requirement") -> Target | None:
        """The dated target by which one place was judged; None where the usual requirement decided."""
        return self.opened.assigned(code, position, what)

    def threshold(self, indicator: Indicator, position: int | None = None) -> Threshold | None:
        """What is asked of a place, by a dated target or by the card; without a place, of everybody."""
        assigned = None if position is None else self.assigned(indicator.code, position)
        return assigned.requirement if assigned else target_of(self.opened.scorecard, indicator)

    def requirement(self, indicator: Indicator, position: int | None = None) -> str:
        """:meth:`threshold` as people read it; empty without one."""
        return self._label(indicator, self.threshold(indicator, position))

    def red_line(self, indicator: Indicator, position: int | None = None) -> str:
        """The red line of a place (of everybody, without one) as people read it; empty without one."""
        assigned = None if position is None else self.assigned(indicator.code, position, "red_line")
        return self._label(indicator, assigned.red_line if assigned else indicator.red_line)

    def _label(self, indicator: Indicator, threshold: Threshold | None) -> str:
        return threshold.label(indicator.unit_name(self.language), self.language) if threshold else ""


def open_for(actor: Actor, run_id: int) -> RunReader:
    """The run opened for the actor. Raises NotFound, also where it exists but is not theirs to know,
    and Conflict before it was computed."""
    return reader_of(actor, get_run(actor, run_id))


def open_place(actor: Actor, run_id: int, region_id: int) -> tuple[RunReader, bool]:
    """As :func:`open_for`; besides, a place of a run that is open to appeal, for those who read results there.

    True: the run as a whole is the actor's to know; False: only what belongs to this place may be shown.
    """
    try:
        return open_for(actor, run_id), True
    except NotFound:
        run = Run.objects.select_related("region", "tree", "catalogue").filter(pk=run_id).first()
        if run is None or not may_examine(actor, run, region_id):
            raise
        return reader_of(actor, run), False


def as_reader(actor: Actor, run: int | RunReader) -> RunReader:
    """The reader itself, or the run of that number opened as by :func:`open_for`; a page that asks several
    questions of one run opens it once."""
    return run if isinstance(run, RunReader) else open_for(actor, run)


def reader_of(actor: Actor, run: Run, beside: RunReader | None = None) -> RunReader:
    """As :func:`open_for` for a run that :func:`get_run` or another query has given to this actor; ``beside``
    one of the same page opened before."""
    opened = open_run(run)
    return RunReader(run, opened, reach(actor, run, opened.tree), actor.language, beside)
