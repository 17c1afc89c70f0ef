"""What is read of ladders, proposals and measures. Every function takes the actor first, or what it was given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.appeals.rules import OPEN_STATES as OPEN_APPEALS
from jingtu.assessment.runs.models import RunFinding
from jingtu.assessment.runs.rules import FindingState, RunState
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.engine.periods import Period

from .clocks import Clock
from .models import Ladder, Measure, MeasureEffect, Proposal, QuarterBulletin, Rule
from .registry import Line, RuleKind, rule_kinds
from .rules import (
    CLOSED,
    HEARABLE,
    OPEN_STATES,
    TABLE,
    UNDECIDED,
    Act,
    Deciding,
    ProposalState,
    Standing,
    State,
    act_problem,
    decision_problem,
)
from .visibility import (
    DECIDE,
    PREPARE,
    READ,
    REPLY,
    concerns,
    may_decide,
    speaks_for,
    stands_above,
    visible_measures,
    visible_proposals,
)

READERS = (READ, REPLY)
MOST_OFFICES, MOST_PAST = 50, 5


# --- ladders and rules


def ladder_for(region: Region) -> Ladder | None:
    """The ladder in use for a region: the newest version of the nearest office at or above it. For callers who have
    asked for rights."""
    if region.position is None:
        return Ladder.objects.filter(region=region).first()
    return (
        Ladder.objects.filter(
            region__tree_id=region.tree_id,
            region__position__lte=region.position,
            region__last__gte=region.position,
        )
        .order_by("-region__depth", "-version")
        .first()
    )


def offices(actor: Actor) -> list[Region]:
    """Regions whose ladder or rules the actor may set: where their posts for it stand."""
    if is_unrestricted(actor):
        return list(Region.objects.filter(parent=None, valid_to__isnull=True).select_related("tree"))
    own = [span.region_id for span in spans(actor, PREPARE)]
    found = Region.objects.filter(pk__in=own, valid_to__isnull=True).select_related("tree")
    return list(found.order_by("tree_id", "position")[:MOST_OFFICES])


def ladders(actor: Actor) -> QuerySet[Ladder]:
    """Every version of the ladders the actor may read: those of own offices, and of the offices above them."""
    found = Ladder.objects.select_related("region__tree", "made_by")
    if is_unrestricted(actor):
        return found
    return found.filter(inside(spans(actor, READ), "region__") | _over(actor))


def get_ladder(actor: Actor, ladder_id: int) -> Ladder:
    """One version. Raises NotFound."""
    found = ladders(actor).filter(pk=ladder_id).first()
    if found is None:
        raise NotFound(f"#{ladder_id}")
    return found


@dataclass(frozen=True)
class RuleRow:
    """A kind of rule at an office, with what the office set, if it has."""

    office: Region
    kind: RuleKind
    rule: Rule | None

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The values in use."""
        return {**self.kind.defaults(), **(self.rule.parameters if self.rule else {})}


def rule_rows(actor: Actor) -> list[RuleRow]:
    """Every kind of rule at every office of the actor. Two queries."""
    found = offices(actor)
    known = {
        (rule.region_id, rule.kind): rule
        for rule in Rule.objects.filter(region__in=found).select_related("changed_by")
    }
    return [
        RuleRow(office, kind, known.get((office.pk, kind.key)))
        for office in found
        for kind in rule_kinds().values()
    ]


def rule_row(actor: Actor, region_id: int, kind: str) -> RuleRow:
    """One of them. Raises NotFound."""
    for row in rule_rows(actor):
        if row.office.pk == region_id and row.kind.key == kind:
            return row
    raise NotFound(kind)


# --- proposals


@dataclass(frozen=True)
class ProposalFilter:
    """What the list is narrowed to; empty values leave it open."""

    state: str = ""
    kind: str = ""
    text: str = ""


def proposals(actor: Actor, wanted: ProposalFilter = ProposalFilter()) -> QuerySet[Proposal]:
    """Proposals the actor may know of, the newest first; those of a sealed measure are in no list."""
    found = _known_proposals(actor).filter(measure__sealed_at__isnull=True)
    if wanted.state == "waiting":
        found = found.filter(state__in=sorted(UNDECIDED))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.text:
        found = found.filter(region__name__icontains=wanted.text)
    return found


def _known_proposals(actor: Actor) -> QuerySet[Proposal]:
    return Proposal.objects.filter(visible_proposals(actor)).select_related(
        "region__tree", "office", "prepared_by", "decided_by", "run"
    )


def get_proposal(actor: Actor, proposal_id: int) -> Proposal:
    """One proposal. Raises NotFound also where it exists but is not the actor's to know."""
    found = _known_proposals(actor).filter(pk=proposal_id).first()
    if found is None:
        raise NotFound(f"#{proposal_id}")
    return found


def against_now(proposal: Proposal) -> list[Line]:
    """What speaks against it today besides what the rule saw: open appeals and findings, a corrected publication, a
    region that has ended. Two queries."""
    found, run = [], proposal.run
    if proposal.region.valid_to is not None:
        found.append(Line("measures.ag_ended"))
    if run is None or proposal.state not in UNDECIDED:
        return found
    period = Period.parse(run.period)
    said = {"period": period.label("zh"), "period_en": period.label("en")}
    place = Q(run=run, region_id=proposal.region_id)
    appeals = Appeal.objects.filter(place, state__in=sorted(OPEN_APPEALS)).count()
    findings = RunFinding.objects.filter(place, state=FindingState.OPEN.value).count()
    if appeals:
        found.append(Line("measures.ag_appeal", {**said, "count": appeals}))
    if findings:
        found.append(Line("measures.ag_finding", {**said, "count": findings}))
    if run.state != RunState.PUBLISHED:
        found.append(Line("measures.ag_superseded", said))
    return found


def past_cases(actor: Actor, proposal: Proposal) -> list[Proposal]:
    """Decided proposals of the same kind the actor may know of, those of the same place first; what concerned the
    holder of a post is no precedent to read."""
    same = proposals(actor).filter(kind=proposal.kind, post="", office_id=proposal.office_id)
    decided = same.exclude(state__in=sorted(UNDECIDED)).exclude(pk=proposal.pk)
    found = list(decided.filter(region_id=proposal.region_id).order_by("-decided_at")[:MOST_PAST])
    more = decided.exclude(region_id=proposal.region_id).order_by("-decided_at")[:MOST_PAST]
    return [*found, *more][:MOST_PAST]


def knows_proposal(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor may know of the proposal a measure began with."""
    return stands_above(actor, READ, proposal.region)


def measure_of(actor: Actor, proposal: Proposal) -> Measure | None:
    """The measure a proposal led to, if the actor may know of it."""
    return Measure.objects.filter(visible_measures(actor, sealed=True), proposal=proposal).first()


def may_file(actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor may prepare the file."""
    return (
        user_id_of(actor) is not None
        and proposal.state in UNDECIDED
        and stands_above(actor, PREPARE, proposal.region)
    )


def may_decide_proposal(actor: Actor, proposal: Proposal, *, takes: bool = False) -> bool:
    """Whether the actor may decide it now; the level a kind asks for is looked at when it is decided."""
    person = user_id_of(actor)
    decides = person is not None and stands_above(actor, DECIDE, proposal.region)
    found = Deciding(
        ProposalState(proposal.state), decides, person in proposal.hands, concerns(actor, proposal)
    )
    return decision_problem(found, takes=takes) is None


# --- measures


@dataclass(frozen=True)
class MeasureFilter:
    """What the list is narrowed to; empty values leave it open."""

    state: str = ""
    rung: str = ""
    text: str = ""


def measures(actor: Actor, wanted: MeasureFilter = MeasureFilter()) -> QuerySet[Measure]:
    """Measures the actor may know of, the newest first; sealed ones are in no list."""
    found = Measure.objects.filter(visible_measures(actor)).select_related(
        "region__tree", "office", "ladder", "person"
    )
    if wanted.state == "open":
        found = found.filter(state__in=sorted(OPEN_STATES))
    elif wanted.state == "closed":
        found = found.filter(state__in=sorted(CLOSED))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.rung:
        found = found.filter(rung=wanted.rung)
    if wanted.text:
        found = found.filter(region__name__icontains=wanted.text)
    return found.prefetch_related("suspensions")


def rung_choices(actor: Actor) -> list[tuple[str, str]]:
    """Kinds of measure that occur among those the actor may see. One query."""
    seen = Measure.objects.filter(visible_measures(actor)).select_related("ladder").order_by("-pk")
    names = {measure.rung: measure.name for measure in seen[:500]}
    return sorted(names.items())


def get_measure(actor: Actor, measure_id: int) -> Measure:
    """One measure, sealed ones only for whom they still concern. Raises NotFound."""
    found = (
        Measure.objects.filter(visible_measures(actor, sealed=True), pk=measure_id)
        .select_related("region__tree", "office__tree", "ladder", "person", "decided_by", "proposal")
        .prefetch_related("suspensions")
        .first()
    )
    if found is None:
        raise NotFound(f"#{measure_id}")
    return found


def standing_of(actor: Actor, measure: Measure, known: dict[object, int | None] | None = None) -> Standing:
    """Where the actor stands to a measure; ``known`` as :func:`may_decide` takes it."""
    person = user_id_of(actor)
    objection = measure.objection_clock()
    deciders = {measure.decided_by_id}
    speaks = speaks_for(actor, measure)
    return Standing(
        state=State(measure.state),
        keeps=person is not None and stands_above(actor, PREPARE, measure.region),
        decides=person is not None and may_decide(actor, measure.region, measure.kind.level, known),
        speaks_for_it=speaks,
        prepared_it=person in measure.hands,
        decided_it=person is not None and person in deciders,
        concerned=speaks,
        suspended=any(one.last is None for one in measure.suspensions.all()),
        reply=measure.reply_clock(),
        objection=objection,
        ends_on=measure.ends_on or (objection.due() if objection and not measure.kind.term else None),
    )


def open_acts(actor: Actor, measure: Measure) -> list[Act]:
    """What the actor may do with a measure now."""
    found, day = standing_of(actor, measure), today()
    acts = [act for act in Act if act in TABLE and act is not Act.END]
    if not measure.kind.effects:
        acts.remove(Act.EFFECT)
    return [act for act in acts if act_problem(act, found, day) is None]


@dataclass(frozen=True)
class ClockFace:
    """A clock as a page shows it. ``due`` None: it stands still; ``warning``: of years without known holidays."""

    key: str
    clock: Clock
    due: dt.date | None
    left: int
    over: bool
    suspended: bool
    warning: str


def clock_faces(actor: Actor, measure: Measure) -> list[ClockFace]:
    """The clocks that run for a measure now: to reply, to object, to review."""
    found: list[tuple[str, Clock | None]] = []
    if measure.state in HEARABLE:
        found.append(("reply", measure.reply_clock()))
    if measure.state == State.IN_FORCE:
        found.append(("objection", measure.objection_clock()))
    if measure.state == State.OBJECTED:
        objected = measure.steps.filter(act=Act.OBJECT.value).order_by("-id").first()
        if objected is not None:
            found.append(("review", Clock(objected.on, measure.kind.review_days, measure.stands())))
    day, faces = today(), []
    for key, clock in found:
        if clock is None:
            continue
        term = clock.term()
        warning = term.warning_text(actor.language) if term else ""
        faces.append(
            ClockFace(
                key, clock, term.day if term else None, clock.left(day), clock.over(day),
                clock.stands_still(day), warning,
            )
        )  # fmt: skip
    return faces


def effects_of_place(actor: Actor, region_id: int, day: dt.date | None = None) -> list[MeasureEffect]:
    """Recorded effects in force for an organisation on a day, as far as the actor may know of the measures."""
    at = day or today()
    found = MeasureEffect.objects.filter(
        measure__in=Measure.objects.filter(visible_measures(actor), region_id=region_id, post=""),
        starts_on__lte=at,
    ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=at))
    return list(found.select_related("measure__ladder"))


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """A document of a step is open to whoever may know of its measure."""
    return Measure.objects.filter(visible_measures(actor, sealed=True), steps__file_id=stored.pk).exists()


@dataclass(frozen=True)
class Waiting:
    """What waits for an actor: proposals to file and to decide, measures to keep, to decide, to answer."""

    to_file: int = 0
    to_decide: int = 0
    to_keep: int = 0
    to_rule: int = 0
    to_answer: int = 0


def waiting(actor: Actor) -> Waiting:
    """Counts for the list of today. A constant number of queries."""
    person = user_id_of(actor)
    if person is None:
        return Waiting()
    prepares, decides = actor.can(PREPARE), actor.can(DECIDE)
    counts = {}
    if prepares or decides:
        rows = Proposal.objects.filter(visible_proposals(actor), state__in=sorted(UNDECIDED))
        counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    keep = rule = answer = 0
    live = measures(actor).filter(state__in=sorted(OPEN_STATES))
    known: dict[object, int | None] = {}
    for measure in live[:500]:
        found = standing_of(actor, measure, known)
        if found.keeps and measure.state in (State.OPENED, State.NOTICED, State.DECIDED):
            keep += 1
        if act_problem(Act.DECIDE, found, today()) is None or act_problem(Act.UPHOLD, found, today()) is None:
            rule += 1
        if measure.state == State.SERVED and act_problem(Act.REPLY, found, today()) is None:
            answer += 1
    return Waiting(
        counts.get(ProposalState.OPEN.value, 0) if prepares else 0,
        counts.get(ProposalState.FILED.value, 0) if decides else 0,
        keep,
        rule,
        answer,
    )


def history_of_place(actor: Actor, region_id: int) -> Sequence[Measure]:
    """Measures of an organisation the actor may know of, the newest first, without those of persons."""
    return list(measures(actor).filter(region_id=region_id, post="")[:50])


# --- the quarterly bulletin


def bulletins(actor: Actor) -> QuerySet[QuarterBulletin]:
    """Issued bulletins of regions the actor reads measures in or below."""
    found = QuarterBulletin.objects.select_related("region__tree", "issued_by")
    if is_unrestricted(actor):
        return found
    return found.filter(inside(spans(actor, READ), "region__") | _over(actor))


def _over(actor: Actor) -> Q:
    """The condition that a region lies above one of the actor's: what an office sets and tells is for those below."""
    condition = Q(pk__in=[])
    for span in spans(actor, READ):
        if span.first is not None:
            condition |= Q(
                region__tree_id=span.tree_id,
                region__position__lte=span.first,
                region__last__gte=span.last,
            )
    return condition


def get_bulletin(actor: Actor, bulletin_id: int) -> QuarterBulletin:
    """One bulletin. Raises NotFound."""
    found = bulletins(actor).filter(pk=bulletin_id).first()
    if found is None:
        raise NotFound(bulletin_id, "bulletin")
    return found
