"""Lists: the board, one place's history, the counts of the years, rule sets, designations, what waits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import F, Max, Q, QuerySet

from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from ..models import Designation, Listing, RuleSet, RuleVersion, TeamMember
from ..rules import BEFORE, RUNNING, Act, ListingState
from ..visibility import ABOVE, READERS, strictly_inside, visible

STAGES: dict[str, frozenset[ListingState]] = {
    "before": BEFORE,
    "running": RUNNING,
    "watch": frozenset({ListingState.WATCH}),
    "over": frozenset(ListingState) - BEFORE - RUNNING - {ListingState.WATCH},
}


@dataclass(frozen=True)
class ListingFilter:
    """Which listings of those the actor may see; ``stage`` is one of STAGES, ``late``: the term is over."""

    class_code: str = ""
    problem: str = ""
    level: str = ""
    stage: str = ""
    state: str = ""
    kind: str = ""
    text: str = ""
    late: bool = False


def listings(actor: Actor, wanted: ListingFilter = ListingFilter()) -> QuerySet[Listing]:
    """Listings the actor may know of: those that run by the end of their term, then the others, newest first."""
    found = Listing.objects.filter(visible(actor)).select_related(
        "region__tree", "region__parent", "venue", "version__rule_set"
    )
    for name in ("class_code", "problem", "level", "state"):
        value = getattr(wanted, name)
        if value:
            found = found.filter(**{name: value})
    if wanted.stage in STAGES:
        found = found.filter(state__in=sorted(STAGES[wanted.stage]))
    if wanted.kind:
        found = found.filter(venue__isnull=wanted.kind != "venue")
    if wanted.text.strip():
        text = wanted.text.strip()
        found = found.filter(Q(region__name__icontains=text) | Q(venue__name__icontains=text))
    if wanted.late:
        found = found.filter(state__in=sorted(RUNNING), due_on__lt=today())
    return found.order_by("ended_on", "delisted_on", "due_on", "-id")


def get_listing(actor: Actor, listing_id: int) -> Listing:
    """One listing. Raises NotFound also where it exists but is not the actor's to know."""
    found = (
        Listing.objects.filter(visible(actor), pk=listing_id)
        .select_related("region__tree", "region__parent", "venue", "version__rule_set", "former", "decided_by", "proposed_by", "replied_by")
        .first()
    )  # fmt: skip
    if found is None:
        raise NotFound(f"#{listing_id}", "listing")
    return found


def history_of(actor: Actor, region_id: int) -> tuple[Region, list[Listing], list[Designation]]:
    """A region's listings and designations, the newest first. Raises NotFound outside the actor's area."""
    region = Region.objects.select_related("tree").filter(pk=region_id).first()
    if region is None or not any(span.holds(region) for span in spans(actor, *READERS)):
        raise NotFound(region_id, "region")
    found = listings(actor).filter(region_id=region_id).order_by("-proposed_at", "-id")
    return region, list(found), list(designations(actor).filter(region_id=region_id))


@dataclass
class YearCount:
    """One year: how many were listed by class, how many taken off, of these within their term, how many relapsed
    or were revoked."""

    year: int
    listed: Counter[str] = field(default_factory=Counter)
    delisted: int = 0
    on_time: int = 0
    relapsed: int = 0
    revoked: int = 0

    @property
    def total(self) -> int:
        return sum(self.listed.values())


def yearly(actor: Actor) -> tuple[list[YearCount], dict[str, tuple[str, str]]]:
    """Counts over the years of what the actor may see, the first year first, and the classes by code with both
    names, the mildest first. One query."""
    rows = Listing.objects.filter(visible(actor), listed_on__isnull=False).values_list(
        "class_code",
        "class_zh",
        "class_en",
        "class_rank",
        "listed_on",
        "delisted_on",
        "due_on",
        "following",
        "state",
    )
    years: dict[int, YearCount] = {}
    classes: dict[str, tuple[int, str, str]] = {}

    def of(year: int) -> YearCount:
        return years.setdefault(year, YearCount(year))

    for code, zh, en, rank, listed_on, delisted_on, due_on, following, state in rows:
        if listed_on is None:
            continue
        classes[code] = (rank, zh, en)
        of(listed_on.year).listed[code] += 1
        of(listed_on.year).relapsed += following == "relapse"
        of(listed_on.year).revoked += state == ListingState.REVOKED
        if delisted_on is not None:
            of(delisted_on.year).delisted += 1
            of(delisted_on.year).on_time += due_on is not None and delisted_on <= due_on
    if years:
        for year in range(min(years), max(years) + 1):
            of(year)
    ordered = sorted(classes.items(), key=lambda item: (item[1][0], item[0]))
    return [years[year] for year in sorted(years)], {code: (zh, en) for code, (_rank, zh, en) in ordered}


def rule_sets(actor: Actor) -> QuerySet[RuleSet]:
    """Rule sets of the offices at, below or above the actor's places: whoever is held to them may read them."""
    found = RuleSet.objects.select_related("region__tree")
    if is_unrestricted(actor):
        return found
    held = spans(actor, *READERS)
    condition = inside(held, "region__")
    for span in held:
        if span.first is not None:
            condition |= Q(
                region__tree_id=span.tree_id, region__position__lte=span.first, region__last__gte=span.last
            )
    return found.filter(condition)


def get_rule_set(actor: Actor, rule_set_id: int) -> RuleSet:
    """One rule set. Raises NotFound."""
    found = rule_sets(actor).filter(pk=rule_set_id).first()
    if found is None:
        raise NotFound(f"#{rule_set_id}")
    return found


def rules_for(actor: Actor) -> list[RuleVersion]:
    """The newest version of each rule set by which the actor may propose. Two queries."""
    sets = RuleSet.objects.all()
    if not is_unrestricted(actor):
        sets = sets.filter(inside(spans(actor, Permission.LISTINGS_PREPARE), "region__"))
    newest: dict[int, RuleVersion] = {}
    versions = RuleVersion.objects.filter(rule_set__in=sets).select_related("rule_set__region__tree")
    for version in versions.order_by("rule_set__region__position", "rule_set_id", "-number"):
        newest.setdefault(version.rule_set_id, version)
    return list(newest.values())


def designations(actor: Actor, year: int | None = None) -> QuerySet[Designation]:
    """Areas named for a year, or proposed: decided ones to whoever reads over the region, others from above."""
    found = Designation.objects.select_related("region__tree", "office", "version__rule_set", "decided_by")
    if not is_unrestricted(actor):
        decided = Q(state=Designation.State.DECIDED) & inside(spans(actor, *READERS), "region__")
        found = found.filter(decided | strictly_inside(spans(actor, *ABOVE)))
    return found.filter(year=year) if year is not None else found


def get_designation(actor: Actor, designation_id: int) -> Designation:
    """One designation. Raises NotFound."""
    found = designations(actor).filter(pk=designation_id).first()
    if found is None:
        raise NotFound(f"#{designation_id}")
    return found


def designation_offices(rows: Sequence[Designation]) -> dict[int, tuple[int, int]]:
    """How many areas of each kind the rules of an office allow for a year, by own id of the office."""
    found: dict[int, tuple[int, int]] = {}
    for row in rows:
        if row.office_id not in found:
            rules = row.version.rules
            found[row.office_id] = (rules.key_areas, rules.warned_areas)
    return found


def may_open_file(actor: Actor, stored: StoredFile) -> bool:
    """Evidence is open to whoever may see its listing."""
    return Listing.objects.filter(visible(actor), steps__files__file_id=stored.pk).exists()


def may_open_paper(actor: Actor, stored: StoredFile) -> bool:
    """A printed paper likewise."""
    mine = Q(papers__word_id=stored.pk) | Q(papers__pdf_id=stored.pk) | Q(papers__reading_id=stored.pk)
    return Listing.objects.filter(visible(actor)).filter(mine).exists()


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody, by kind."""

    to_decide: int = 0
    to_review: int = 0
    to_reply: int = 0
    to_sign: int = 0
    late: int = 0
    ending: int = 0


SOON = dt.timedelta(days=30)


def waiting(actor: Actor) -> Waiting:
    """How many listings wait for the actor. At most six queries."""
    person, day = user_id_of(actor), today()
    if person is None or not any(
        actor.can(permission) for permission in (*READERS, Permission.MEASURES_REPLY)
    ):
        return Waiting()
    seen = Listing.objects.filter(visible(actor))
    deciding = strictly_inside(spans(actor, Permission.LISTINGS_DECIDE))
    preparing = strictly_inside(spans(actor, Permission.LISTINGS_PREPARE))
    decides, prepares = actor.can(Permission.LISTINGS_DECIDE), actor.can(Permission.LISTINGS_PREPARE)
    open_decisions = (ListingState.HEARD, ListingState.CONSULTED)
    to_decide = (
        seen.filter(deciding, state__in=open_decisions).exclude(proposed_by_id=person).count()
        if decides
        else 0
    )
    objected = seen.filter(deciding, state__in=sorted(RUNNING | {ListingState.WATCH})).annotate(
        said=Max("steps__id", filter=Q(steps__act=Act.OBJECT.value)),
        answered=Max("steps__id", filter=Q(steps__act=Act.REVIEW.value)),
    )
    open_objections = objected.filter(
        Q(said__isnull=False, answered__isnull=True) | Q(said__gt=F("answered"))
    )
    to_review = open_objections.exclude(decided_by_id=person).count() if decides else 0
    own = [span.region_id for span in spans(actor, Permission.MEASURES_REPLY)]
    unanswered = Listing.objects.filter(
        state=ListingState.NOTICED, replied_at__isnull=True, hear_until__gte=day
    )
    to_reply = unanswered.filter(region_id__in=own).count() if own else 0
    to_sign = TeamMember.objects.filter(
        person_id=person, signed_at__isnull=True, acceptance__dropped_at__isnull=True
    ).count()
    mine = preparing | Q(region_id__in=own) if prepares else Q(region_id__in=own)
    running = seen.filter(mine, state__in=sorted(RUNNING))
    late = running.filter(due_on__lt=day).count()
    ending = running.filter(due_on__gte=day, due_on__lte=day + SOON).count()
    return Waiting(to_decide, to_review, to_reply, to_sign, late, ending)
