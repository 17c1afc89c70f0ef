"""What a bulletin is written from: plain values of one run, already trimmed to what its readers may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from jingtu.engine.periods import Period


@dataclass(frozen=True)
class Section:
    """A block of the scorecard: its names and full points."""

    code: str
    name_zh: str
    name_en: str
    points: Decimal


@dataclass(frozen=True)
class Place:
    """One ranked subject. ``rank`` is None when it is shown but not ranked, with ``unranked_reason``."""

    region_id: int
    name: str
    rank: int | None
    total: Decimal | None
    section_points: Mapping[str, Decimal | None]
    previous_rank: int | None = None
    previous_total: Decimal | None = None
    veto_zh: str = ""
    veto_en: str = ""
    unranked_reason_zh: str = ""
    unranked_reason_en: str = ""

    @property
    def rank_gain(self) -> int | None:
        """Places gained since the previous period (negative when lost)."""
        if self.rank is None or self.previous_rank is None:
            return None
        return self.previous_rank - self.rank


@dataclass(frozen=True)
class PeerRank:
    """Where a place stands among the ranked places of a peer group; ``tied``: another one holds the same rank."""

    group_zh: str
    group_en: str
    place: str
    rank: int
    of: int
    tied: bool = False


@dataclass(frozen=True)
class TooSmall:
    """A value that is shown and not ranked, as its denominator is below the least that says anything."""

    place: str
    indicator_zh: str
    indicator_en: str
    value: str
    least: int


@dataclass(frozen=True)
class Waived:
    """A veto that fired for a place and that a named person decided not to apply."""

    place: str
    veto_zh: str
    veto_en: str
    decided_by: str
    reason: str


@dataclass(frozen=True)
class RedLine:
    """An indicator of a place on the wrong side of its red line or requirement."""

    region_id: int
    place: str
    indicator: str
    indicator_zh: str
    indicator_en: str
    value: str
    requirement: str
    missing_zh: str
    missing_en: str
    crossed_red_line: bool
    requirement_en: str = ""


@dataclass(frozen=True)
class Change:
    """A marked change of an indicator of the whole area or of a place against an earlier period."""

    place: str
    indicator_zh: str
    indicator_en: str
    value: str
    earlier: str
    change: str
    against_zh: str
    against_en: str
    improved: bool | None


@dataclass(frozen=True)
class Finding:
    """A finding of the data checks and what became of it."""

    text_zh: str
    text_en: str
    answer: str = ""
    overridden_by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class VersionChange:
    """What a later version says differently of a place: total and rank before and now, and which indicators."""

    place: str
    total: Decimal | None
    earlier_total: Decimal | None
    rank: int | None
    earlier_rank: int | None
    indicators_zh: tuple[str, ...] = ()
    indicators_en: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReleaseFacts:
    """How the run got to its readers: appeals before and after, what was signed in spite of what, and why."""

    appeal_from: dt.date | None = None
    appeal_until: dt.date | None = None
    objections_until: dt.date | None = None
    warning_zh: str = ""
    warning_en: str = ""
    skip_reason: str = ""
    held_zh: tuple[str, ...] = ()
    held_en: tuple[str, ...] = ()
    hold_reason: str = ""
    signed_by: str = ""
    appeals: int = 0
    upheld: int = 0
    partly: int = 0
    rejected: int = 0
    undecided: int = 0


@dataclass(frozen=True)
class BulletinSource:
    """Everything one bulletin says. Texts that are names of places or people are not translated."""

    run_id: int
    version: int
    publication_hash: str
    area: str
    area_en: str
    fictional: bool
    level_zh: str
    level_en: str
    period: Period
    scorecard_zh: str
    scorecard_en: str
    total_points: Decimal
    issuer_zh: str
    issuer_en: str
    number: str
    sections: tuple[Section, ...]
    places: tuple[Place, ...]
    red_lines: tuple[RedLine, ...] = ()
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage_reported: int | None = None
    coverage_expected: int | None = None
    not_reported: tuple[str, ...] = ()
    suppressed: bool = False
    small_cell_limit: int = 5
    previous_period: Period | None = None
    # The period before was published, with other places ranked: no movement is told.
    other_places_before: bool = False
    prepared_by: str = ""
    approved_by: str = ""
    published_on: dt.date | None = None
    distribution: tuple[str, ...] = ()
    units: bool = False
    base_url: str = ""
    version_changes: tuple[VersionChange, ...] = ()
    version_reason: str = ""
    release: ReleaseFacts = field(default_factory=ReleaseFacts)
    kind: str = "full"
    waived: tuple[Waived, ...] = ()
    peer_ranks: tuple[PeerRank, ...] = ()
    too_small: tuple[TooSmall, ...] = ()
    unverified_indicators: tuple[str, ...] = ()
    unverified_indicators_en: tuple[str, ...] = ()
    audit_mark: str = ""  # the newest entry of the audit trail, empty in a preview

    @property
    def place_zh(self) -> str:
        """What is ranked, in Chinese."""
        return "成员单位" if self.units else "地区"

    @property
    def place_en(self) -> str:
        """What is ranked, in English."""
        return "member unit" if self.units else "place"

    def explanation_url(self, region_id: int, indicator: str | None = None) -> str:
        """The short address that opens a number's derivation ("" when no address is configured)."""
        if not self.base_url:
            return ""
        address = f"{self.base_url.rstrip('/')}/e/{self.run_id}/{region_id}"
        return f"{address}/{indicator}" if indicator else address
