"""What a formula is once it is read: frozen nodes, the functions there are, and what a formula needs.

Text to nodes and back is in :mod:`jingtu.engine.formula`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple

from jingtu.engine.periods import Period, PeriodKind

Operator = Literal["+", "-", "*", "/"]


@dataclass(frozen=True)
class Number:
    """A non-negative number, exactly as written."""

    value: Decimal
    position: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Text:
    """A quoted argument; in this language always the key of a period."""

    value: str
    position: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class ElementRef:
    """A data element, all of it or the category ``selection`` picks (sorted pairs of dimension, value)."""

    code: str
    selection: tuple[tuple[str, str], ...] = ()
    position: int = field(default=0, compare=False, repr=False)

    @property
    def category(self) -> str:
        """The selection as facts spell it: ``age=u25;sex=f``; empty for all."""
        return ";".join(f"{dimension}={value}" for dimension, value in self.selection)


@dataclass(frozen=True)
class Negate:
    """The operand with the opposite sign."""

    operand: Node
    position: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Binary:
    """Two operands joined by ``+``, ``-``, ``*`` or ``/``."""

    op: Operator
    left: Node
    right: Node
    position: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Call:
    """A function of :data:`FUNCTIONS` applied to arguments; their number and kinds are checked."""

    name: str
    args: tuple[Node, ...]
    position: int = field(default=0, compare=False, repr=False)


Node = Number | Text | ElementRef | Negate | Binary | Call


@dataclass(frozen=True)
class Function:
    """A function of the language: how it is written, and what each argument must be.

    Argument kinds: ``x`` any expression, ``e`` an element reference, ``n`` a number above 0,
    ``p`` a quoted period.
    """

    name: str
    usage: str
    arguments: str


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for function in (
            Function("sum", "sum(element)", "e"),
            Function("last", "last(element)", "e"),
            Function("share", "share(part, whole)", "xx"),
            Function("per", "per(part, whole, 10000)", "xxn"),
            Function("yoy", "yoy(x)", "x"),
            Function("pop", "pop(x)", "x"),
            Function("since", 'since(x, "2016")', "xp"),
            Function("prev", "prev(x)", "x"),
            Function("lastyear", "lastyear(x)", "x"),
            Function("base", 'base(x, "2016")', "xp"),
            Function("ytd", "ytd(x)", "x"),
            Function("abs", "abs(x)", "x"),
            Function("min", "min(a, b)", "xx"),
            Function("max", "max(a, b)", "xx"),
        )
    }
)
"""All functions there are."""


class Window(NamedTuple):
    """How the period a value is taken from follows from the period asked for.

    ``steps`` are applied in order: ``lastyear``, ``prev``, ``ytd`` or ``base:<period key>``; no
    step is the period itself.
    """

    steps: tuple[str, ...] = ()

    def period(self, asked: Period) -> Period:
        """The period this window means when ``asked`` is computed."""
        period = asked
        for step in self.steps:
            match step:
                case "lastyear":
                    period = period.last_year()
                case "prev":
                    period = period.previous()
                case "ytd":
                    period = year_to_date(period)
                case _:
                    period = base_period(step.removeprefix("base:"), period)
        return period


def year_to_date(period: Period) -> Period:
    """January to the last month of ``period``."""
    return Period.of(PeriodKind.YTD, period.end)


def base_period(key: str, asked: Period) -> Period:
    """The fixed base a formula names, seen from the period asked for.

    A base that is a year means the same part of that year when a shorter period is asked for
    (October 2020 since "2016" compares with October 2016); any other base is taken as it stands.
    """
    base = Period.parse(key)
    within_one_year = asked.start.year == asked.end.year and asked.kind is not PeriodKind.YEAR
    if base.kind is not PeriodKind.YEAR or not within_one_year or base.start.year >= asked.start.year:
        return base
    period = asked
    while period.start.year > base.start.year:
        period = period.last_year()
    return period


def children_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside."""
    match node:
        case Negate():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.args
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside, outer first."""
    yield node
    for child in children_of(node):
        yield from walk(child)


def references_of(node: Node) -> tuple[ElementRef, ...]:
    """Every element reference once, in order of appearance."""
    return tuple(dict.fromkeys(inner for inner in walk(node) if isinstance(inner, ElementRef)))


def elements_of(node: Node) -> tuple[str, ...]:
    """The code of every element used, once, in order of appearance."""
    return tuple(dict.fromkeys(reference.code for reference in references_of(node)))


def windows_of(node: Node) -> Mapping[ElementRef, frozenset[Window]]:
    """For each element reference, the windows its values are needed for."""
    needed: dict[ElementRef, set[Window]] = {}
    _collect(node, (), needed)
    return {reference: frozenset(windows) for reference, windows in needed.items()}


def periods_of(node: Node, asked: Period) -> frozenset[Period]:
    """Every period whose values the formula needs when ``asked`` is computed."""
    windows = {window for found in windows_of(node).values() for window in found}
    return frozenset(window.period(asked) for window in windows)


def _collect(node: Node, steps: tuple[str, ...], needed: dict[ElementRef, set[Window]]) -> None:
    if isinstance(node, ElementRef):
        needed.setdefault(node, set()).add(Window(steps))
        return
    if isinstance(node, Call):
        further = _steps_of(node)
        if further:
            for step in further:
                _collect(node.args[0], (*steps, *step), needed)
            return
    for child in children_of(node):
        _collect(child, steps, needed)


def _steps_of(call: Call) -> tuple[tuple[str, ...], ...]:
    """The step paths a comparison function adds; empty for functions that stay in the period."""
    match call.name:
        case "yoy":
            return (), ("lastyear",)
        case "pop":
            return (), ("prev",)
        case "prev" | "lastyear" | "ytd":
            return ((call.name,),)
        case "since" | "base":
            stated = call.args[1]
            base = (f"base:{stated.value if isinstance(stated, Text) else ''}",)
            return ((), base) if call.name == "since" else (base,)
        case _:
            return ()
