"""The acceptance on the spot with its signatures, and the opinions asked before it is decided."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from jingtu.core.accounts.models import User
from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, register_texts
from jingtu.engine.workdays import add_working_days

from .. import notices
from ..models import Acceptance, AcceptanceLine, Listing, Opinion, TeamMember
from ..rules import TEAM_LEAST, Act, ListingState, day_problem, printable_problem, text_problem
from ..terms import Scored, passes, score_problems, total
from ..visibility import course_of, may_above, of_the_place
from .common import allow, arrive, demand, locked, take_step

register_texts(
    {
        "listings.team": (
            "验收组至少{least}人，从上级有权查看的人员中选择。",
            "The team has at least {least} members, from those above who may see the listing.",
        ),
        "listings.team_own": (
            "包抓责任领导和在被挂牌地区任职的人员不能参加验收，请另选：{names}。",
            "The responsible leader and people who hold a post in the listed place do not examine it; choose others: {names}.",
        ),
        "listings.not_member": (
            "您不是验收组成员，或已经签字。",
            "You are no member of the team, or have signed.",
        ),
        "listings.units": ("请写明征求意见的单位，每行一个。", "Name the units to be asked, one a line."),
        "listings.answered": ("该单位的意见已登记。", "The unit's opinion is entered already."),
    }
)


def draw_up(
    actor: Actor,
    listing_id: int,
    held_on: dt.date,
    findings: str,
    scores: Mapping[str, Decimal],
    team: Sequence[int],
    *,
    notes: Mapping[str, str] = {},
) -> Acceptance:
    """Write down the examination by the checklist of the rules; ``team``: own ids, the leader of the team first.

    One drawn up before and not yet signed by all no longer counts.
    """
    person = person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        if not may_above(actor, Permission.LISTINGS_PREPARE, listing.region):
            raise PermissionDenied(Permission.LISTINGS_PREPARE)
        if listing.state != ListingState.SELF_ASSESSED:
            raise Conflict(Problem("listings.wrong_state"))
        rules = listing.version.rules
        lines = [Scored(item.code, item.points, scores.get(item.code)) for item in rules.checklist]
        members = list(dict.fromkeys(team))
        above = _above(listing)
        known = {user.pk for user in above}
        barred = _barred(listing, [user for user in above if user.pk in members])
        since = course_of(listing).self_assessed_on
        demand(
            text_problem(findings, "findings"),
            day_problem(held_on, "held_on", today=today(), earliest=since),
            *score_problems(lines),
            *(printable_problem(note, f"note_{code}") for code, note in notes.items()),
            Problem("listings.team", {"least": TEAM_LEAST}, column="team")
            if len(members) < TEAM_LEAST or not set(members) <= known
            else None,
            Problem("listings.team_own", {"names": "、".join(one.full_name for one in barred)}, column="team")
            if barred
            else None,
        )
        listing.acceptances.filter(dropped_at__isnull=True).update(dropped_at=now())
        made = Acceptance.objects.create(
            listing=listing,
            held_on=held_on,
            findings=findings.strip(),
            pass_mark=rules.pass_mark,
            total=total(lines),
            passed=passes(lines, rules.pass_mark),
            text_hash=_hash(listing, held_on, findings, lines, notes),
            prepared_by_id=person,
            prepared_at=now(),
        )
        AcceptanceLine.objects.bulk_create(
            AcceptanceLine(
                acceptance=made,
                code=item.code,
                name_zh=item.zh,
                name_en=item.en,
                points=item.points,
                score=scores[item.code],
                note=notes.get(item.code, "").strip()[:255],
            )
            for item in rules.checklist
        )
        TeamMember.objects.bulk_create(
            TeamMember(acceptance=made, person_id=member, leads=number == 0)
            for number, member in enumerate(members)
        )
        after = {"total": str(made.total), "passed": made.passed, "hash": made.text_hash}
        take_step(actor, listing, "drawn_up", findings, action="listings.drawn_up", after=after)
        notices.tell(actor, listing, members, "listings.sign")
    return made


def sign(actor: Actor, listing_id: int) -> Acceptance:
    """Sign the acceptance as a member of its team; with the last signature the examination is complete."""
    person = person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        if listing.state != ListingState.SELF_ASSESSED:
            raise Conflict(Problem("listings.wrong_state"))
        acceptance = listing.acceptances.filter(dropped_at__isnull=True).first()
        team = list(acceptance.team.select_for_update(of=("self",))) if acceptance else []
        own = next((one for one in team if one.person_id == person and one.signed_at is None), None)
        if acceptance is None or own is None:
            raise Conflict(Problem("listings.not_member"))
        own.signed_at, own.signed_hash = now(), acceptance.text_hash
        own.save(update_fields=["signed_at", "signed_hash"])
        take_step(actor, listing, "signed", action="listings.signed", after={"hash": acceptance.text_hash})
        if all(one.signed_at is not None for one in team):
            before = arrive(listing, Act.INSPECT)
            listing.save(update_fields=["state"])
            acceptance.completed_at = now()
            acceptance.save(update_fields=["completed_at"])
            take_step(actor, listing, Act.INSPECT, before=before, after={"total": str(acceptance.total)})
            notices.to_office(actor, listing, "listings.to_accept")
    return acceptance


def ask_opinions(actor: Actor, listing_id: int, units: Sequence[str], text: str) -> Listing:
    """Ask named units whether the place may be taken off the list."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    names = [name.strip()[:128] for name in dict.fromkeys(units) if name.strip()]
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.CONSULT)
        demand(
            text_problem(text),
            Problem("listings.units", column="units") if not names else None,
            *(printable_problem(name, "units") for name in names),
        )
        acceptance = listing.acceptances.get(dropped_at__isnull=True)
        until = add_working_days(today(), listing.version.rules.opinion_days).day
        Opinion.objects.bulk_create(
            Opinion(listing=listing, acceptance=acceptance, unit=name, asked_on=today(), due_on=until)
            for name in names
        )
        before = arrive(listing, Act.CONSULT)
        listing.save(update_fields=["state"])
        take_step(actor, listing, Act.CONSULT, text, before=before, after={"units": names})
        notices.to_deciders(actor, listing)
    return listing


def enter_opinion(actor: Actor, listing_id: int, opinion_id: int, agrees: bool, text: str) -> Opinion:
    """Enter what a unit answered."""
    person = person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        if not may_above(actor, Permission.LISTINGS_PREPARE, listing.region):
            raise PermissionDenied(Permission.LISTINGS_PREPARE)
        opinion = Opinion.objects.select_for_update().filter(pk=opinion_id, listing=listing).first()
        if opinion is None:
            raise NotFound(f"#{opinion_id}")
        if listing.state != ListingState.CONSULTED:
            raise Conflict(Problem("listings.wrong_state"))
        if opinion.answered_on is not None:
            raise Conflict(Problem("listings.answered"))
        demand(text_problem(text))
        opinion.answered_on, opinion.agrees, opinion.text = today(), agrees, text.strip()
        opinion.entered_by_id = person
        opinion.save()
        take_step(
            actor,
            listing,
            "opinion",
            text,
            action="listings.opinion",
            note={"code": "opinion", "unit": opinion.unit, "agrees": agrees},
        )
    return opinion


def eligible(listing: Listing) -> list[User]:
    """Who may be of an acceptance team: those above who may see the listing, but nobody who examines the own work."""
    above = _above(listing)
    barred = {user.pk for user in _barred(listing, above)}
    return [user for user in above if user.pk not in barred]


def _above(listing: Listing) -> list[User]:
    if listing.region.parent_id is None:
        return []
    return holders(SYSTEM, Permission.DUTIES_READ, listing.region.parent_id)


def _barred(listing: Listing, people: Sequence[User]) -> list[User]:
    """Of these the responsible leader of the place, and those who hold a post at the place or inside it."""
    own = of_the_place(listing)
    return [
        user for user in people if user.pk in own or (user.full_name and user.full_name in listing.leader)
    ]


def _hash(
    listing: Listing,
    held_on: dt.date,
    findings: str,
    lines: Sequence[Scored],
    notes: Mapping[str, str],
) -> str:
    said = {
        "listing": listing.pk,
        "held_on": held_on.isoformat(),
        "findings": findings.strip(),
        "lines": [[line.code, str(line.points), str(line.score), notes.get(line.code, "")] for line in lines],
    }
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
