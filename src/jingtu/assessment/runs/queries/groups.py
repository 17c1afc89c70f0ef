"""Named frameworks judged on the figures of one run: per place, over places, over periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.catalogue import Group
from jingtu.engine.catalogue.model import Direction, GroupMember
from jingtu.engine.groups import (
    GroupMark,
    Overall,
    Part,
    direction_kept,
    indicators_of,
    member_mark,
    overall,
)
from jingtu.engine.rational import STATE_NAMES
from jingtu.engine.tablefile import Row

from ..models import Run
from ..rules import RunState
from .lists import RunFilter, runs_visible
from .opened import RunReader, as_reader, reader_of

EARLIER = 8


@dataclass(frozen=True)
class MemberRow:
    """One indicator of a framework at one place. ``kept``: moved the way it should since the period before."""

    code: str
    name: str
    unit: str
    decimals: int
    value: Decimal | None
    mark: GroupMark
    word: str
    requirement: str
    direction: Direction
    kept: bool | None
    change: Decimal | None
    streak: int
    veto: bool


@dataclass(frozen=True)
class GroupState:
    """A framework at one place: its state, its members, the frameworks inside it."""

    code: str
    name: str
    state: Overall
    members: Sequence[MemberRow]
    groups: Sequence[GroupState]


@dataclass(frozen=True)
class MatrixRow:
    """One place with its frameworks in the order of the heads."""

    region_id: int
    name: str
    states: Sequence[GroupState]


@dataclass(frozen=True)
class GroupMatrix:
    """Places by frameworks; ``heads`` are (code, name)."""

    heads: Sequence[tuple[str, str]]
    rows: Sequence[MatrixRow]


class _Judge:
    """Judges frameworks for one reader; what an indicator says is read once."""

    def __init__(self, reader: RunReader) -> None:
        self.reader = reader
        self._rows: dict[str, dict[int, Mapping[str, Any]]] = {}

    @cached_property
    def places(self) -> list[int]:
        """Ranked places into which the actor may look, in the order of the tree."""
        return [position for position, _ in self.reader.subjects if self.reader.sees_below(position)]

    def cell(self, code: str, position: int) -> Mapping[str, Any] | None:
        if code not in self._rows:
            level = self.reader.opened.manifest["level"]
            self._rows[code] = {row["position"]: row for row in self.reader.opened.indicator(code, level)}
        return self._rows[code].get(position)

    def state(self, group: Group, position: int) -> GroupState:
        catalogue = self.reader.opened.catalogue
        members = [self.member(member, position) for member in group.members]
        inner = [self.state(catalogue.groups[code], position) for code in group.groups]
        parts = [Part(row.mark, row.veto) for row in members]
        parts += [Part(one.state.mark, one.state.vetoed) for one in inner]
        return GroupState(group.code, group.name(self.reader.language), overall(parts, group), members, inner)

    def member(self, member: GroupMember, position: int) -> MemberRow:
        reader, code = self.reader, member.indicator
        definition = reader.indicator(code)
        direction = member.direction or definition.direction
        cell = self.cell(code, position)
        hidden = cell is not None and reader.value_hidden(position, code)
        known = cell is not None and not hidden and cell["state"] == "ok"
        value = Fraction(cell["exact"]) if known and cell is not None and cell["exact"] else None
        change = None
        previous = reader.opened.period.previous()
        moved = cell["previous_difference"] if known and cell is not None else None
        if moved is not None and not reader.change_hidden(position, code, previous):
            change = Decimal(moved)
        kept = direction_kept(None if change is None else Fraction(change), direction)
        met, line = (None, None) if cell is None else (cell["met"], cell["red_line"])
        requirement = reader.requirement(definition, position)
        if member.target is not None and reader.assigned(code, position) is None:
            requirement = member.target.label(definition.unit_name(reader.language), reader.language)
            met = None if value is None else member.target.met_by(value.numerator, value.denominator)
        mark = member_mark(met, line, kept, value, veto=member.veto)
        return MemberRow(
            code,
            definition.name(reader.language),
            definition.unit_name(reader.language),
            definition.decimals,
            Decimal(cell["value"]) if known and cell is not None and cell["value"] else None,
            mark,
            "suppressed" if hidden else "missing" if cell is None else _word(cell["state"], mark),
            requirement,
            direction,
            kept,
            change,
            int(cell["streak"]) if known and cell is not None and change is not None else 0,
            member.veto,
        )

    def shown(self) -> list[Group]:
        """Frameworks of which anything can be told at some place the actor sees."""
        groups = self.reader.opened.catalogue.groups
        told = {
            code
            for code in indicators_of(self.reader.opened.catalogue, groups)
            if any(
                (cell := self.cell(code, place)) is not None and cell["state"] == "ok"
                for place in self.places
            )
        }
        catalogue = self.reader.opened.catalogue
        return [group for code, group in groups.items() if told & set(indicators_of(catalogue, [code]))]


def _word(state: str, mark: GroupMark) -> str:
    words = {"missing": "missing", "not_applicable": "not_applicable", "below_minimum": "too_small"}
    return words.get(state, mark if state in STATE_NAMES else "missing")


def group_matrix(actor: Actor, run: int | RunReader) -> GroupMatrix:
    """The state of every framework at every ranked place into which the actor may look."""
    judge = _Judge(as_reader(actor, run))
    groups = judge.shown()
    rows = [
        MatrixRow(
            int(judge.reader.opened.tree.ids[place]),
            judge.reader.opened.tree.names[place],
            [judge.state(group, place) for group in groups],
        )
        for place in judge.places
    ]
    return GroupMatrix([(group.code, group.name(judge.reader.language)) for group in groups], rows)


def group_at(actor: Actor, run: int | RunReader, code: str, region_id: int) -> GroupState:
    """One framework at one place. Raises NotFound for a place the actor may not look into."""
    judge = _Judge(as_reader(actor, run))
    group = judge.reader.opened.catalogue.groups.get(code)
    if group is None:
        raise NotFound(code)
    position = judge.reader.position_of(region_id)
    if position not in judge.places:
        raise NotFound(f"#{region_id}")
    return judge.state(group, position)


def group_history(
    actor: Actor, run: int | RunReader, code: str, region_id: int
) -> list[tuple[Run, GroupState]]:
    """One framework at one place in this and earlier published runs of the same card, oldest first."""
    reader = as_reader(actor, run)
    own = reader.run
    wanted = RunFilter(scorecard=own.scorecard, level=own.level, state=RunState.PUBLISHED.value)
    earlier = (
        runs_visible(actor, wanted)
        .filter(region_id=own.region_id, cadence=own.cadence, period_end__lt=own.period_start)
        .order_by("-period_end")[:EARLIER]
    )
    found = [(own, group_at(actor, reader, code, region_id))]
    for other in earlier:
        try:
            state = group_at(actor, reader_of(actor, other, reader), code, region_id)
        except NotFound:
            continue  # the place or the framework did not exist then
        found.append((other, state))
    return found[::-1]


@dataclass(frozen=True)
class GroupSheet:
    """A framework over the places: one row for each place and member."""

    name: str
    header: Sequence[str]
    rows: Iterator[Row]
    count: int


def group_sheet(actor: Actor, run: int | RunReader, code: str) -> GroupSheet:
    """A framework over the places, to be taken out."""
    judge = _Judge(as_reader(actor, run))
    catalogue = judge.reader.opened.catalogue
    group = catalogue.groups.get(code)
    if group is None:
        raise NotFound(code)
    heads = (
        ("地区", "框架", "框架状态", "指标", "数值", "单位", "要求", "状态", "较上期", "连续")
        if judge.reader.language == "zh"
        else ("place", "framework", "framework state", "indicator", "value", "unit", "requirement", "state", "change", "streak")
    )  # fmt: skip

    def members(one: Group) -> int:
        return len(one.members) + sum(members(catalogue.groups[inner]) for inner in one.groups)

    count = len(judge.places) * members(group)
    return GroupSheet(group.name(judge.reader.language), heads, _sheet_rows(judge, group), count)


def _sheet_rows(judge: _Judge, group: Group) -> Iterator[Row]:
    for place in judge.places:
        pending = [judge.state(group, place)]
        while pending:
            state = pending.pop(0)
            pending = [*state.groups, *pending]
            for row in state.members:
                yield (
                    judge.reader.opened.tree.names[place], state.name, state.state.mark, row.name, row.value, row.unit,
                    row.requirement, row.mark, row.change, row.streak,
                )  # fmt: skip
