"""Findings across runs, for who works on a run and for the units that are asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.utils.functional import Promise

from jingtu.assessment.indicators.store import catalogue_of
from jingtu.core.accounts.models import User
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.errors import NotFound

from ..findingrules import FindingAct, finding_acts
from ..findings import MISSING, sentence_of
from ..models import FindingStep, Run, RunFinding
from ..rules import HOLDING, OPEN_STATES, FindingState, RunAction
from ..services.acts import refusal_for
from ..services.findings import finding_facts, possible_owners
from ..visibility import sees_as_draft, visible_findings
from ..words import CHECK_KINDS, FINDING_ACTS

WAITING = sorted(HOLDING)
TOLD = frozenset({FindingAct.REPLY, FindingAct.RETURN})
"""Steps whose words are said to the unit that is asked, or by it; all others are the office's own notes."""


@dataclass(frozen=True)
class FindingFilter:
    """What the list is narrowed to. ``state``: one, ``waiting`` (nobody has settled it yet, in a run that is
    still open) or ``""`` for all; ``run``: its own id; ``text``: name, code or initials of the place."""

    state: str = "waiting"
    severity: str = ""
    kind: str = ""
    tree: str = ""
    run: int | None = None
    mine: bool = False
    text: str = ""


@dataclass(frozen=True)
class FindingLine:
    """A finding of some run as the actor may read it. ``works``: the actor works on the run;
    ``together``: how many missing figures of the place it stands for, which are dealt with as one."""

    finding: RunFinding
    run: Run
    sentence: str
    works: bool
    together: int = 1

    @property
    def place(self) -> str:
        """The place it is about."""
        return self.finding.region.name if self.finding.region else "–"


@dataclass(frozen=True)
class StepRow:
    """One line of a finding's history."""

    word: str | Promise
    text: str
    person: str
    owner: str
    at: dt.datetime


@dataclass(frozen=True)
class FindingPage:
    """One finding, its history, and what the actor may do now: acts of its own, and acts of the run."""

    line: FindingLine
    steps: Sequence[StepRow]
    acts: Sequence[FindingAct]
    may_answer: bool
    may_override: bool
    owners: Sequence[User]


def _visible(actor: Actor) -> QuerySet[RunFinding]:
    return (
        RunFinding.objects.filter(visible_findings(actor))
        .select_related("region", "owner", "answered_by", "run__region", "run__tree", "run__catalogue")
        .select_related("carried_from__run", "carried_from__answered_by")
        .defer("run__catalogue__text")
    )


def findings(actor: Actor, wanted: FindingFilter | None = None) -> QuerySet[RunFinding]:
    """Findings the actor may know of: errors first, then by the latest period and by place."""
    wanted = wanted or FindingFilter(state="")
    found = _visible(actor)
    alike = RunFinding.objects.filter(
        run_id=OuterRef("run_id"), region_id=OuterRef("region_id"), code=MISSING, state=OuterRef("state")
    )
    # What a place has not reported is one line, not one for each element it owes.
    found = found.exclude(Q(code=MISSING) & Exists(alike.filter(pk__lt=OuterRef("pk"))))
    number = alike.order_by().values("code").annotate(number=Count("pk")).values("number")
    found = found.annotate(
        together=Case(When(code=MISSING, then=Subquery(number)), default=1, output_field=IntegerField())
    )
    if wanted.state == "waiting":
        found = found.filter(state__in=WAITING, run__state__in=sorted(OPEN_STATES))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    for name, column in (("severity", "severity"), ("tree", "run__tree__slug")):
        if getattr(wanted, name):
            found = found.filter(**{column: getattr(wanted, name)})
    if wanted.kind:
        found = found.filter(code__in=CHECK_KINDS[wanted.kind][1] if wanted.kind in CHECK_KINDS else ())
    if wanted.run is not None:
        found = found.filter(run_id=wanted.run)
    if wanted.mine:
        found = found.filter(owner_id=user_id_of(actor))
    if text := wanted.text.strip():
        found = found.filter(
            Q(region__name__contains=text)
            | Q(region__code__startswith=text)
            | Q(region__initials__startswith=text.lower())
        )
    return found.order_by("severity", "-run__period_end", "run_id", "region__position", "id")


def finding_lines(actor: Actor, found: Sequence[RunFinding]) -> list[FindingLine]:
    """The findings in words. No query besides those that read catalogues not in memory yet."""
    works: dict[int, bool] = {}
    for one in found:
        if one.run_id not in works:
            works[one.run_id] = sees_as_draft(actor, one.run)
    return [
        FindingLine(
            one,
            one.run,
            sentence_of(
                one,
                one.run,
                catalogue_of(one.run.catalogue),
                actor.language,
                whole=works[one.run_id],
                together=getattr(one, "together", 1),
            ),
            works[one.run_id],
            getattr(one, "together", 1),
        )
        for one in found
    ]


def finding_counts(actor: Actor) -> dict[str, int]:
    """How many findings of open runs stand in each state, as far as the actor may know. One query."""
    rows = (
        RunFinding.objects.filter(visible_findings(actor), run__state__in=sorted(OPEN_STATES))
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    counts = dict.fromkeys((state.value for state in FindingState), 0)
    return counts | dict(rows)


def finding_page(actor: Actor, finding_id: int) -> FindingPage:
    """One finding. Raises NotFound also where it exists but is not the actor's to know."""
    found = _visible(actor).filter(pk=finding_id).first()
    if found is None:
        raise NotFound(finding_id, "finding")
    run = found.run
    line = finding_lines(actor, [found])[0]
    acts = finding_acts(finding_facts(actor, run, found))
    waits = FindingState(found.state) in HOLDING
    steps = FindingStep.objects.filter(finding=found).select_related("person", "owner").order_by("-at", "-id")
    return FindingPage(
        line,
        [
            StepRow(
                FINDING_ACTS[FindingAct(step.act)],
                step.text if line.works or FindingAct(step.act) in TOLD else "",
                step.person.full_name if step.person else "",
                step.owner.full_name if step.owner else "",
                step.at,
            )
            for step in steps
        ],
        acts,
        may_answer=waits and refusal_for(actor, run, RunAction.ANSWER) is None,
        may_override=waits and refusal_for(actor, run, RunAction.OVERRIDE) is None,
        owners=possible_owners(actor, run, found) if FindingAct.ASSIGN in acts else (),
    )


def finding_open(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the finding that a page's address names. One query."""
    return RunFinding.objects.filter(visible_findings(actor), pk=kwargs["finding_id"]).exists()


def finding_choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the filters of the list offer: trees and runs that have findings waiting. One query."""
    waiting = Q(state__in=WAITING, run__state__in=sorted(OPEN_STATES))
    rows = (
        RunFinding.objects.filter(visible_findings(actor) & waiting)
        .order_by("-run__period_end", "run_id")
        .values_list(
            "run_id",
            "run__tree__slug",
            "run__tree__name_zh",
            "run__tree__name_en",
            "run__period",
            "run__scorecard_zh",
            "run__scorecard_en",
            "run__region__name",
            "run__period_end",
        )
        .distinct()
    )
    english = actor.language == "en"
    trees: dict[str, str] = {}
    runs: dict[str, str] = {}
    for run, slug, tree_zh, tree_en, period, card_zh, card_en, region, _end in rows:
        trees[slug] = tree_en if english else tree_zh
        runs[str(run)] = f"{period} {region} {card_en if english else card_zh}"
    return {"tree": list(trees.items()), "run": list(runs.items())}
