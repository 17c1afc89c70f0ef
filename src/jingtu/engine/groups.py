"""The state of a named framework from the states of its parts, by one stated rule.

A part is kept (met), missed (watch), beyond its red line (below) or cannot be told (none). A broken veto
decides alone. Otherwise the share of kept parts among those that can be told does: ``met_from`` and above
is met, ``watch_from`` and above is watched, less is below. A framework inside counts as one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from jingtu.engine.catalogue.model import Catalogue, Direction, Group

GroupMark = Literal["met", "watch", "below", "none"]


@dataclass(frozen=True)
class Part:
    """The state of one part; ``veto``: broken, it decides for the whole."""

    mark: GroupMark
    veto: bool = False


@dataclass(frozen=True)
class Overall:
    """The state of a framework: how many parts are kept of those that can be told, of all."""

    mark: GroupMark
    kept: int
    known: int
    parts: int
    vetoed: bool = False


def overall(parts: Sequence[Part], group: Group) -> Overall:
    """The state of a framework."""
    known = [part for part in parts if part.mark != "none"]
    kept = sum(part.mark == "met" for part in known)
    vetoed = any(part.veto and part.mark != "met" for part in known)
    if not known:
        mark: GroupMark = "none"
    elif vetoed:
        mark = "below"
    else:
        share = Fraction(kept, len(known))
        mark = "met" if share >= group.met_from else "watch" if share >= group.watch_from else "below"
    return Overall(mark, kept, len(known), len(parts), vetoed)


def direction_kept(change: Fraction | None, direction: Direction) -> bool | None:
    """Whether a value moved the way it should (or stood still); None when that cannot be told."""
    if change is None or direction == "none":
        return None
    return change >= 0 if direction == "up" else change <= 0


def member_mark(
    met: bool | None,
    red_line: bool | None,
    kept: bool | None,
    value: Fraction | None,
    *,
    veto: bool,
) -> GroupMark:
    """The state of a member: by red line and requirement where there are any; a veto without them is broken
    by anything above zero; the rest by direction."""
    if value is None:
        return "none"
    if red_line:
        return "below"
    if met is not None:
        return "met" if met else "watch"
    if veto:
        return "met" if value <= 0 else "below"
    if kept is not None:
        return "met" if kept else "watch"
    return "none" if red_line is None else "met"


def indicators_of(catalogue: Catalogue, codes: Iterable[str]) -> list[str]:
    """Every indicator of some frameworks and those inside them, once."""
    found: dict[str, None] = {}
    pending, seen = list(codes), set[str]()
    while pending:
        code = pending.pop(0)
        if code in seen or code not in catalogue.groups:
            continue
        seen.add(code)
        group = catalogue.groups[code]
        found |= dict.fromkeys(member.indicator for member in group.members)
        pending += group.groups
    return list(found)
