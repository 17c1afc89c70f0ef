"""How a run got, or is to get, to its readers: time for appeals, number, release, what held it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.timezone import localtime

from jingtu.assessment.indicators.queries import scorecards
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.reach import is_unrestricted
from jingtu.engine.problems import Language, Problem
from jingtu.engine.workdays import unannounced

from ..models import Publication, ReleaseRule, Run
from ..visibility import spans


@dataclass(frozen=True)
class ReleaseNotes:
    """What the page of a run and the notes of its bulletin say of its publication.

    ``held``: what spoke against publishing, in words; ``hold_reason``: why it went out all the same.
    ``warning``: that a date may change because holidays are not announced yet.
    """

    number: str = ""
    signed_by: str = ""
    signed_at: dt.datetime | None = None
    appeal_from: dt.date | None = None
    appeal_until: dt.date | None = None
    objections_until: dt.date | None = None
    release_at: dt.datetime | None = None
    skip_reason: str = ""
    held: Sequence[str] = ()
    hold_reason: str = ""
    warning: str = ""


def release_notes(run: Run, language: Language) -> ReleaseNotes:
    """For a run that another query has given to the actor. One query."""
    signed = Publication.objects.filter(run=run).select_related("signed_by").first()
    dates = [day for day in (run.appeal_until, signed.objections_until if signed else None) if day]
    start = run.appeal_from or (localtime(signed.at).date() if signed else None)
    unknown = unannounced(start, max(dates)) if dates and start else ()
    warning = ""
    if unknown:
        warning = Problem("workdays.not_announced", {"years": "、".join(map(str, unknown))}).text(language)
    return ReleaseNotes(
        number=signed.official_number if signed else "",
        signed_by=signed.signed_by.full_name if signed else "",
        signed_at=signed.at if signed else None,
        appeal_from=run.appeal_from,
        appeal_until=run.appeal_until,
        objections_until=signed.objections_until if signed else None,
        release_at=run.release_at,
        skip_reason=signed.skip_reason if signed else "",
        held=[Problem(code, params).text(language) for code, params in signed.held] if signed else [],
        hold_reason=signed.hold_reason if signed else "",
        warning=warning,
    )


@dataclass(frozen=True)
class RuleRow:
    """A rule in words."""

    region: str
    scorecard: str
    appeal_days: int
    objection_days: int
    examine_days: int
    decide_days: int
    series: str


def release_rules(actor: Actor) -> list[RuleRow]:
    """The rules of the offices whose runs the actor prepares or approves. Three queries."""
    rules = ReleaseRule.objects.select_related("region", "series")
    if not is_unrestricted(actor):
        held = spans(actor, (Permission.RUNS_APPROVE, Permission.RUNS_PREPARE))
        condition = Q(pk__in=[])
        for span in (span for found in held.values() for span in found):
            condition |= Q(
                region__tree_id=span.tree_id,
                region__position__gte=span.first,
                region__position__lte=span.last,
            )
        rules = rules.filter(condition)
    names = {card.code: card.name(actor.language) for card in scorecards(actor)}
    return [
        RuleRow(
            rule.region.name,
            names.get(rule.scorecard, rule.scorecard),
            rule.appeal_days,
            rule.objection_days,
            rule.examine_days,
            rule.decide_days,
            str(rule.series.pattern).replace("{office}", rule.series.office) if rule.series else "",
        )
        for rule in rules
    ]
