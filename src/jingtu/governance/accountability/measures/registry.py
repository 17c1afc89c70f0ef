"""What others bring: rules that propose, sources of evidence, kinds handled elsewhere, parts of the bulletin.

Listings stand above this app and reach it through here; supervision, which stands below, is plugged in as a
source of evidence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from jingtu.assessment.bulletins.content import Block
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import Region
from jingtu.engine.problems import Language


@dataclass(frozen=True)
class Line:
    """One piece of evidence, or one argument against: a registered sentence with its parameters.

    ``params`` are plain values; what reads differently in English comes with its twin, ``name`` and
    ``name_en``. ``url`` leads to where it stands, inside the frozen publication where it is a figure.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""

    def stored(self) -> dict[str, Any]:
        """As it is kept with the proposal."""
        return {"code": self.code, "params": dict(self.params), "url": self.url}


@dataclass(frozen=True)
class Found:
    """What a rule found about one place. ``key`` names these facts for good: they propose once.

    ``run_id`` and ``publication_hash``: the frozen publication the evidence stands in, where it does.
    """

    region_id: int
    key: str
    evidence: tuple[Line, ...]
    against: tuple[Line, ...] = ()
    period: str = ""
    run_id: int | None = None
    publication_hash: str = ""


Kind = Literal["integer", "choice"]


@dataclass(frozen=True)
class Parameter:
    """One number or choice of a rule that an office may set on screen."""

    key: str
    label_zh: str
    label_en: str
    default: int | str
    kind: Kind = "integer"
    least: int = 1
    most: int = 1000
    choices: tuple[tuple[str, str, str], ...] = ()

    def label(self, language: Language) -> str:
        """Its name in a language."""
        return self.label_zh if language == "zh" else self.label_en


Find = Callable[[Region, Mapping[str, Any], dt.date], Sequence[Found]]


@dataclass(frozen=True)
class RuleKind:
    """A kind of rule. ``find(office, parameters, day)`` looks at what lies inside the office's region and writes
    nothing; it reads only what the office's readers may all see, so a proposal tells nobody what they may not know."""

    key: str
    label_zh: str
    label_en: str
    find: Find
    parameters: tuple[Parameter, ...] = ()
    rung: str = ""
    order: int = 500

    def label(self, language: Language) -> str:
        """Its name in a language."""
        return self.label_zh if language == "zh" else self.label_en

    def defaults(self) -> dict[str, int | str]:
        """The parameters nobody has set."""
        return {one.key: one.default for one in self.parameters}


_rules: dict[str, RuleKind] = {}


def register_rule(kind: RuleKind) -> None:
    """Add a kind of rule; the same key again replaces it."""
    _rules[kind.key] = kind


def rule_kinds() -> dict[str, RuleKind]:
    """The registered kinds in their order."""
    return {kind.key: kind for kind in sorted(_rules.values(), key=lambda kind: (kind.order, kind.key))}


@dataclass(frozen=True)
class EvidenceSource:
    """Work that is overdue, as another app knows it. ``find(office, days, day)``: what inside the office's region
    has been overdue for at least ``days`` working days."""

    key: str
    find: Callable[[Region, int, dt.date], Sequence[Found]]


_sources: dict[str, EvidenceSource] = {}


def register_evidence_source(source: EvidenceSource) -> None:
    """Add a source of overdue work; the same key again replaces it."""
    _sources[source.key] = source


def evidence_sources() -> Sequence[EvidenceSource]:
    """The registered sources."""
    return [_sources[key] for key in sorted(_sources)]


@dataclass(frozen=True)
class Choice:
    """Something the person who takes a proposal chooses for the case it opens: (code, Chinese, English) of each
    option, and the one that is proposed."""

    key: str
    label_zh: str
    label_en: str
    options: tuple[tuple[str, str, str], ...]
    proposed: str
    why_zh: str = ""
    why_en: str = ""


@dataclass(frozen=True)
class Handover:
    """A rung that another app carries out (挂牌整治): ``start(actor, proposal_id, reasons, chosen)`` opens the case there
    when the proposal is taken and returns its address; ``choices(actor, proposal_id)``: what is chosen with it."""

    rung: str
    start: Callable[[Actor, int, str, Mapping[str, str]], str]
    choices: Callable[[Actor, int], Sequence[Choice]] = lambda _actor, _proposal_id: ()


_handovers: dict[str, Handover] = {}


def register_handover(handover: Handover) -> None:
    """Say who carries out a rung; the same rung again replaces it."""
    _handovers[handover.rung] = handover


def handover_of(rung: str) -> Handover | None:
    """Who carries out a rung; None when measures themselves do."""
    return _handovers.get(rung)


@dataclass(frozen=True)
class BulletinPart:
    """A section of the quarterly bulletin: ``compose(region, first, last, language)`` returns its blocks, which name
    organisations only."""

    key: str
    compose: Callable[[Region, dt.date, dt.date, Language], Sequence[Block]]
    order: int = 500


_parts: dict[str, BulletinPart] = {}


def register_bulletin_part(part: BulletinPart) -> None:
    """Add a section of the bulletin; the same key again replaces it."""
    _parts[part.key] = part


def bulletin_parts() -> Sequence[BulletinPart]:
    """The sections others bring, in their order."""
    return sorted(_parts.values(), key=lambda part: (part.order, part.key))
