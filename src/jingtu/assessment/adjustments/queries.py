"""What is read of entries and vetoes. Every function takes the actor first and returns only what it may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from jingtu.assessment.indicators.store import catalogue_of, indicator_name, newest
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine import ledger as engine
from jingtu.engine.catalogue.model import Scorecard
from jingtu.engine.ledger import Ledger, Ruling, line_rule, lines_of
from jingtu.engine.notation import plain_number
from jingtu.engine.periods import Period
from jingtu.engine.problems import Problem

from .models import Entry, VetoCase
from .rules import (
    DECIDED,
    UNDECIDED,
    Case,
    EntryAction,
    EntryState,
    Hands,
    VetoState,
    decision_refusal,
    entry_refusal,
    reply_refusal,
)

READERS = (
    Permission.RESULTS_READ,
    Permission.ENTRIES_FILE,
    Permission.RUNS_PREPARE,
    Permission.RUNS_APPROVE,
)


@dataclass(frozen=True)
class EntryFilter:
    """Which entries or vetoes of those the actor may see."""

    state: str = ""
    scorecard: str = ""
    period: str = ""


def visible(actor: Actor) -> Q:
    """The condition on rows with a ``region``: inside the actor's areas; siblings' are not theirs. One query."""
    if getattr(actor, "unrestricted", False):
        return Q()
    wanted = {scope.region_id for permission in READERS for scope in actor.scopes(permission)}
    condition = Q(pk__in=[])
    places = Region.objects.filter(pk__in=wanted, position__isnull=False)
    for tree, first, last in places.values_list("tree_id", "position", "last"):
        condition |= Q(tree_id=tree, region__position__gte=first, region__position__lte=last)
    return condition


def entries(actor: Actor, wanted: EntryFilter = EntryFilter()) -> QuerySet[Entry]:
    """Entries the actor may know of, the newest first."""
    rows = Entry.objects.filter(visible(actor), **_chosen(wanted))
    return rows.select_related("region", "entered_by", "decided_by", "withdrawn_by")


def get_entry(actor: Actor, entry_id: int) -> Entry:
    """One entry. Raises NotFound also where it exists but is not the actor's to know."""
    found = entries(actor).filter(pk=entry_id).first()
    if found is None:
        raise NotFound(entry_id, "bonus_entry")
    return found


def vetoes(actor: Actor, wanted: EntryFilter = EntryFilter()) -> QuerySet[VetoCase]:
    """Vetoes the actor may know of, the newest first."""
    rows = VetoCase.objects.filter(visible(actor), **_chosen(wanted))
    return rows.select_related("region", "proposed_by", "replied_by", "decided_by")


def get_veto(actor: Actor, case_id: int) -> VetoCase:
    """One veto. Raises NotFound also where it exists but is not the actor's to know."""
    found = vetoes(actor).filter(pk=case_id).first()
    if found is None:
        raise NotFound(case_id, "veto")
    return found


def _chosen(wanted: EntryFilter) -> dict[str, str]:
    given = {"state": wanted.state, "scorecard": wanted.scorecard, "period": wanted.period}
    return {name: value for name, value in given.items() if value}


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """Evidence is open to whoever may see its entry."""
    return Entry.objects.filter(visible(actor), evidence__file_id=stored.pk).exists()


def hands(actor: Actor, entry: Entry) -> Hands:
    """Where the actor stands to an entry."""
    return Hands(
        actor.can(Permission.ENTRIES_FILE, entry.region_id),
        actor.can(Permission.RUNS_APPROVE, entry.region_id),
        entry.entered_by_id == user_id_of(actor),
    )


def case_facts(actor: Actor, case: VetoCase) -> Case:
    """Where the actor stands to a veto."""
    person = user_id_of(actor)
    return Case(
        VetoState(case.state),
        case.reply_until,
        actor.can(Permission.APPEALS_FILE, case.region_id),
        actor.can(Permission.RUNS_APPROVE, case.region_id),
        case.replied_by_id is not None and case.replied_by_id == person,
        case.proposed_by_id == person,
    )


def open_acts(actor: Actor, entry: Entry) -> list[EntryAction]:
    """What the actor may do with an entry now."""
    held = hands(actor, entry)
    return [act for act in EntryAction if entry_refusal(act, EntryState(entry.state), held) is None]


def refusal(actor: Actor, entry: Entry, act: EntryAction) -> Problem | None:
    """Why the actor may not do this with an entry now; None when it may."""
    return entry_refusal(act, EntryState(entry.state), hands(actor, entry))


def may_reply(actor: Actor, case: VetoCase) -> bool:
    """Whether the actor may reply for the place now."""
    return reply_refusal(case_facts(actor, case), today()) is None


def may_decide(actor: Actor, case: VetoCase) -> bool:
    """Whether the actor may decide the veto now."""
    return decision_refusal(case_facts(actor, case), today()) is None


def value_shown(actor: Actor, case: VetoCase) -> str | None:
    """The value the veto rests on; None where counts of persons are not the actor's to see."""
    exact = not case.person_based or actor.can(Permission.SMALL_CELLS_READ, case.region_id)
    return case.value if exact else None


@dataclass(frozen=True)
class LineChoice:
    """A bonus or deduction line of a card, with its rule in words' parts."""

    scorecard: str
    line: engine.Line
    indicator: str
    name: str
    each: str
    most: str


def line_choices(actor: Actor) -> list[LineChoice]:
    """All lines of the cards in force that take entries."""
    version = newest()
    if version is None:
        return []
    catalogue = catalogue_of(version)
    found = []
    for card in catalogue.scorecards.values():
        for line, code in lines_of(card):
            rule = line_rule(card, line, code)
            if rule is not None:
                each, most = (plain_number(number) for number in rule)
                name = indicator_name(catalogue, code, actor.language)
                found.append(LineChoice(card.code, line, code, name, each, most))
    return found


def scorecards(actor: Actor) -> dict[str, Scorecard]:
    """The cards in force, by code."""
    version = newest()
    return {} if version is None else dict(catalogue_of(version).scorecards)


def waiting(actor: Actor) -> tuple[int, int, int]:
    """Entries to decide, vetoes to decide, vetoes to reply to. At most four queries."""
    person = user_id_of(actor)
    approve, speak = actor.can(Permission.RUNS_APPROVE), actor.can(Permission.APPEALS_FILE)
    if person is None or not (approve or speak):
        return 0, 0, 0
    seen = visible(actor)
    count = (
        Entry.objects.filter(seen, state=EntryState.PROPOSED.value).exclude(entered_by_id=person).count()
        if approve
        else 0
    )
    cases = list(VetoCase.objects.filter(seen, state__in=sorted(UNDECIDED)))
    to_decide = sum(may_decide(actor, case) for case in cases)
    to_reply = sum(case.state == VetoState.PROPOSED and may_reply(actor, case) for case in cases)
    return count, to_decide, 0 if approve else to_reply


# -- for runs ----------------------------------------------------------------------------------------------


def ledger_for(actor: Actor, tree: RegionTree, scorecard: str, periods: Sequence[Period]) -> Ledger:
    """What was approved and decided for a card and some periods, as the engine counts it. Three queries."""
    keys = [period.key for period in periods]
    about = Q(tree=tree, scorecard=scorecard, period__in=keys)
    approved = (
        Entry.objects.filter(visible(actor), about, state=EntryState.APPROVED.value)
        .select_related("region", "entered_by", "decided_by")
        .prefetch_related("evidence__file")
    )
    decided = VetoCase.objects.filter(visible(actor), about, state__in=sorted(DECIDED)).select_related(
        "region", "decided_by"
    )
    return Ledger([_entry(row) for row in approved], [_ruling(row) for row in decided])


def undecided(actor: Actor, tree_id: int, scorecard: str, period: str, inside: Region) -> list[VetoCase]:
    """Vetoes of places inside a region that nobody has decided yet."""
    return list(
        VetoCase.objects.filter(
            visible(actor),
            tree_id=tree_id,
            scorecard=scorecard,
            period=period,
            state__in=sorted(UNDECIDED),
            region__position__gte=inside.position,
            region__position__lte=inside.last,
        ).select_related("region")
    )


def _entry(row: Entry) -> engine.Entry:
    return engine.Entry(
        row.scorecard,
        row.line,  # type: ignore[arg-type]
        row.indicator,
        (row.region.level, row.region.code),
        row.period,
        row.count,
        row.reason,
        row.entered_by.full_name,
        row.decided_by.full_name if row.decided_by else "",
        tuple(sorted(piece.file.sha256 for piece in row.evidence.all())),
        str(row.pk),
    )


def _ruling(row: VetoCase) -> Ruling:
    return Ruling(
        row.scorecard,
        row.indicator,
        (row.region.level, row.region.code),
        row.period,
        row.state == VetoState.APPLIED,
        row.decision,
        row.decided_by.full_name if row.decided_by else "",
        row.reply,
        str(row.pk),
    )
