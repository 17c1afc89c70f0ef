"""Proposing a listing and preparing what is decided about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse, register_texts
from jingtu.core.regions.models import Region
from jingtu.engine.periods import Period

from ..definition import LEVELS, PROBLEMS, RuleSetContent
from ..measuring import Published
from ..models import Listing, ListingCriterion, RuleVersion, Venue
from ..rules import ENDED, RUNNING, Act, Following, ListingState, printable_problem, text_problem
from ..visibility import may_above, visible
from .common import Upload, allow, arrive, demand, locked, take_step

register_texts(
    {
        "listings.no_class": ("规则中没有这个类别。", "The rules have no such class."),
        "listings.no_choice": ("请从列出的项目中选择。", "Choose one of those offered."),
        "listings.rules_elsewhere": (
            "这套规则不适用于该地区。",
            "These rules are not for this region.",
        ),
        "listings.standing": (
            "该地区（场所）已有同类、同一问题的挂牌在办。",
            "The place is already under a listing of this class for this problem.",
        ),
        "listings.not_former": (
            "前一次挂牌的状态不允许：反弹只能接在巩固期或已结案之后，提级只能在整治期间。",
            "The former listing does not allow it: a relapse follows a watch or a closed case, a raise a running term.",
        ),
        "listings.same_class": ("类别、问题和层级都没有变。", "Class, problem and level are as before."),
        "listings.not_higher": ("提级须选择更重的类别。", "Choose a heavier class to raise it to."),
        "listings.other_place": (
            "与前一次挂牌不是同一地区（场所）。",
            "The former listing is of another place.",
        ),
        "listings.venue_missing": ("请填写场所名称和类型。", "Give the name and the kind of the venue."),
        "listings.value_source": ("填写的数值须注明来源。", "A value that is entered needs its source."),
    }
)


@dataclass(frozen=True)
class VenueData:
    """A place to be listed itself."""

    name: str
    kind: str
    address: str = ""


@dataclass(frozen=True)
class Given:
    """A value that is entered with its source."""

    value: Decimal
    source: str


def propose(
    actor: Actor,
    region_id: int,
    version_id: int,
    class_code: str,
    problem: str,
    level: str,
    grounds: str,
    *,
    venue: VenueData | None = None,
    evidence: Sequence[Mapping[str, Any]] = (),
    against: Sequence[Mapping[str, Any]] = (),
    former_id: int | None = None,
    files: Sequence[Upload] = (),
    published: Published | None = None,
) -> Listing:
    """Propose to list a region, or a venue in it. Nothing follows from it until a person above has decided.

    ``published``: the publications to take the values at entry from, opened already; by default the latest.
    Raises NotFound, PermissionDenied, InvalidInput, Conflict.
    """
    person = person_behind(actor, Permission.LISTINGS_PREPARE)
    region = Region.objects.select_related("tree").filter(pk=region_id).first()
    if region is None:
        raise NotFound(region_id, "region")
    if not may_above(actor, Permission.LISTINGS_PREPARE, region):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    version = RuleVersion.objects.select_related("rule_set__region").filter(pk=version_id).first()
    if version is None or not covers(version.rule_set.region, region):
        raise refuse("listings.rules_elsewhere", column="version")
    rules = version.rules
    if not rules.has_class(class_code):
        raise refuse("listings.no_class", column="class_code")
    if problem not in PROBLEMS or level not in LEVELS:
        raise refuse("listings.no_choice", column="problem" if problem not in PROBLEMS else "level")
    demand(text_problem(grounds, "grounds"), *_venue_problems(venue))
    the_class = rules.the_class(class_code)
    with transaction.atomic():
        former, following = _former(actor, former_id, region, venue, the_class.rank)
        if following is not Following.RAISE:
            _refuse_second(region, venue, class_code, problem)
        made = Listing.objects.create(
            region=region,
            venue=_venue(region, venue, former),
            version=version,
            class_code=the_class.code,
            class_zh=the_class.zh,
            class_en=the_class.en,
            class_rank=the_class.rank,
            problem=problem,
            level=level,
            former=former,
            following=following.value,
            grounds=grounds.strip(),
            evidence=[dict(one) for one in evidence],
            against=[dict(one) for one in against],
            proposed_by_id=person,
            proposed_at=now(),
        )
        criteria_of(made, rules, published or Published(region.parent or region, region.level))
        take_step(actor, made, "propose", grounds, files=files, action="listings.proposed")
    return made


def set_criteria(actor: Actor, listing_id: int, given: Mapping[str, Given | None]) -> Listing:
    """Enter values at entry with their sources; None takes the latest published value again. Once the place was told,
    only a new notice changes them. Raises PermissionDenied, Conflict, InvalidInput."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.CRITERIA)
        rows = {row.code: row for row in listing.criteria.all()}
        demand(
            *(
                Problem("listings.value_source", column=f"source_{code}")
                for code, one in given.items()
                if one is not None and not one.source.strip()
            ),
            *(
                printable_problem(one.source, f"source_{code}")
                for code, one in given.items()
                if one is not None
            ),
        )
        published = Published(listing.region.parent or listing.region, listing.region.level)
        asked = {one.code: one for one in listing.version.rules.criteria}
        for code, one in given.items():
            row = rows.get(code)
            if row is None:
                continue
            if one is None:
                found = published.value(asked[code], listing.region_id) if code in asked else None
                row.entry_value = found.value if found else None
                row.entry_run_id = found.run_id if found else None
                row.entry_source, row.entry_day = "", Period.parse(found.period).end if found else None
            else:
                row.entry_value, row.entry_source = one.value, one.source.strip()[:255]
                row.entry_run_id, row.entry_day = None, today()
            row.save()
        take_step(actor, listing, Act.CRITERIA, after={"values": sorted(given)})
    return listing


def classify(
    actor: Actor,
    listing_id: int,
    class_code: str,
    problem: str,
    level: str,
    reason: str,
    *,
    published: Published | None = None,
) -> Listing:
    """Choose class, problem and level anew, with the reason, while the place was not told. Criteria are those of the
    new choice; what was entered of them by hand stays. Raises PermissionDenied, Conflict, InvalidInput."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.CLASSIFY)
        rules = listing.version.rules
        demand(
            text_problem(reason),
            None if rules.has_class(class_code) else Problem("listings.no_class", column="class_code"),
            None if problem in PROBLEMS else Problem("listings.no_choice", column="problem"),
            None if level in LEVELS else Problem("listings.no_choice", column="level"),
        )
        before = (listing.class_code, listing.problem, listing.level)
        if before == (class_code, problem, level):
            raise refuse("listings.same_class", column="class_code")
        chosen = rules.the_class(class_code)
        former = listing.former
        if listing.following == Following.RAISE and former is not None and chosen.rank <= former.class_rank:
            raise refuse("listings.not_higher", column="class_code")
        if listing.following != Following.RAISE:
            _refuse_second(listing.region, listing.venue, class_code, problem, listing.pk)
        note = {
            "code": "classified", "zh": listing.class_zh, "en": listing.class_en, "problem": listing.problem,
            "level": listing.level,
        }  # fmt: skip
        listing.class_code, listing.class_zh, listing.class_en = chosen.code, chosen.zh, chosen.en
        listing.class_rank, listing.problem, listing.level = chosen.rank, problem, level
        listing.save(update_fields=["class_code", "class_zh", "class_en", "class_rank", "problem", "level"])
        kept = {
            row.code: row for row in listing.criteria.filter(entry_run__isnull=True).exclude(entry_source="")
        }
        listing.criteria.all().delete()
        region = listing.region
        criteria_of(listing, rules, published or Published(region.parent or region, region.level))
        for row in listing.criteria.filter(code__in=list(kept)):
            old = kept[row.code]
            row.entry_value, row.entry_source, row.entry_day = (
                old.entry_value,
                old.entry_source,
                old.entry_day,
            )
            row.entry_run_id = None
            row.save()
        after = {"class": class_code, "problem": problem, "level": level, "before": list(before)}
        take_step(actor, listing, Act.CLASSIFY, reason, note=note, after=after)
    return listing


def withdraw(actor: Actor, listing_id: int, reason: str) -> Listing:
    """Take a proposal back with the reason."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.WITHDRAW)
        demand(text_problem(reason))
        before = arrive(listing, Act.WITHDRAW)
        listing.ended_on = today()
        listing.save(update_fields=["state", "ended_on"])
        take_step(actor, listing, Act.WITHDRAW, reason, before=before)
    return listing


def covers(office: Region, region: Region) -> bool:
    if office.tree_id != region.tree_id or office.position is None or region.position is None:
        return False
    return office.position < region.position <= (office.last or office.position)


def _venue_problems(venue: VenueData | None) -> list[Problem]:
    if venue is None:
        return []
    found = []
    if not venue.name.strip() or not venue.kind.strip():
        found.append(Problem("listings.venue_missing", column="venue_name"))
    for name in ("name", "kind", "address"):
        problem = printable_problem(getattr(venue, name), f"venue_{name}")
        if problem is not None:
            found.append(problem)
    return found


def _venue(region: Region, venue: VenueData | None, former: Listing | None) -> Venue | None:
    if former is not None:
        return former.venue
    if venue is None:
        return None
    return Venue.objects.create(
        region=region,
        name=venue.name.strip()[:128],
        kind=venue.kind.strip()[:64],
        address=venue.address.strip()[:255],
    )


def _former(
    actor: Actor, former_id: int | None, region: Region, venue: VenueData | None, rank: int
) -> tuple[Listing | None, Following]:
    if former_id is None:
        return None, Following.NONE
    former = (
        Listing.objects.select_for_update(of=("self",))
        .select_related("venue")
        .filter(visible(actor), pk=former_id)
        .first()
    )
    if former is None:
        raise NotFound(f"#{former_id}", "listing")
    if former.region_id != region.pk or (venue is not None and former.venue is None):
        raise refuse("listings.other_place", column="former")
    if former.followers.exclude(state__in=[ListingState.NOT_TAKEN, ListingState.WITHDRAWN]).exists():
        raise Conflict(Problem("listings.not_former"))
    if former.state in (ListingState.WATCH, ListingState.CLOSED):
        return former, Following.RELAPSE
    if former.state in RUNNING:
        if rank <= former.class_rank:
            raise refuse("listings.not_higher", column="class_code")
        return former, Following.RAISE
    raise Conflict(Problem("listings.not_former"))


def _refuse_second(
    region: Region, venue: VenueData | Venue | None, class_code: str, problem: str, own: int | None = None
) -> None:
    # The region's row is locked, so that two who propose at once queue.
    Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
    standing = Listing.objects.filter(region=region, class_code=class_code, problem=problem).exclude(
        state__in=sorted(ENDED | {ListingState.WATCH})
    )
    standing = (
        standing.filter(venue__name=venue.name.strip()) if venue else standing.filter(venue__isnull=True)
    )
    if standing.exclude(pk=own or 0).exists():
        raise Conflict(Problem("listings.standing"))


def criteria_of(listing: Listing, rules: RuleSetContent, published: Published) -> None:
    """Write down the criteria asked about a new listing, with the values the publications know."""
    rows = []
    for one in rules.asked(listing.problem, listing.level, listing.region.level):
        found = (
            None if listing.venue_id or one.measure == "entered" else published.value(one, listing.region_id)
        )
        rows.append(
            ListingCriterion(
                listing=listing,
                code=one.code,
                name_zh=one.zh,
                name_en=one.en,
                unit_zh=one.unit_zh,
                unit_en=one.unit_en,
                measure=one.measure,
                subject=one.subject,
                required=one.exit,
                entry_value=found.value if found else None,
                entry_run_id=found.run_id if found else None,
                entry_day=Period.parse(found.period).end if found else None,
            )
        )
    ListingCriterion.objects.bulk_create(rows)
