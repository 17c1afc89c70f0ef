"""What people do with bodies and their members: each takes the actor, checks, writes the audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction

from jingtu.core.accounts.models import Unit, User
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region

from .models import Body, Capacity, Member
from .queries import get_body
from .rules import CapacityKind, Kind, Team, Title, capacity_problems, terms_overlap
from .words import title_word

register_actions(
    {
        "bodies.founded": ("设立机构", "Body founded"),
        "bodies.changed": ("修改机构", "Body changed"),
        "bodies.dissolved": ("撤销机构", "Body dissolved"),
        "bodies.appointed": ("登记任职", "Member appointed"),
        "bodies.term_changed": ("延长或终止任期", "Term extended or ended"),
        "bodies.capacity_recorded": ("登记机构台账", "Capacity recorded"),
        "bodies.capacity_withdrawn": ("撤回台账记录", "Record of capacity withdrawn"),
    }
)
register_objects({"body": ("组织机构", "Body")})


@dataclass(frozen=True)
class Draft:
    """What is said of a body."""

    kind: str
    name: str
    name_en: str = ""
    team: str = ""
    parent_id: int | None = None
    duties: str = ""
    document: str = ""
    indicators: Sequence[str] = ()
    founded: dt.date | None = None


def found_body(actor: Actor, region_id: int, draft: Draft) -> Body:
    """Enter a body of a place. Raises PermissionDenied, InvalidInput, NotFound for an unknown place."""
    region = Region.objects.filter(pk=region_id, valid_to__isnull=True).first()
    if region is None:
        raise NotFound(region_id, "region")
    if not actor.can(Permission.BODIES_MANAGE, region_id):
        raise PermissionDenied(Permission.BODIES_MANAGE)
    draft = _checked(actor, draft, region_id, None)
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=region_id)
        _refuse_second(region_id, draft.name, None)
        body = Body.objects.create(region=region, created_at=now(), **_values(draft))
        _record(actor, "bodies.founded", body, after=_values(draft))
    return body


def change_body(actor: Actor, body_id: int, draft: Draft, reason: str) -> Body:
    """Change what is said of a body, with the reason."""
    _need(reason)
    body = _managed(actor, body_id)
    draft = _checked(actor, draft, body.region_id, body)
    with transaction.atomic():
        body = _locked(body_id)
        _refuse_second(body.region_id, draft.name, body.pk)
        values = _values(draft)
        differing = {name: value for name, value in values.items() if getattr(body, name) != value}
        if not differing:
            return body
        before = {name: getattr(body, name) for name in differing}
        for name, value in differing.items():
            setattr(body, name, value)
        body.save()
        _record(actor, "bodies.changed", body, before=before, after=differing, reason=reason)
    return body


def dissolve_body(actor: Actor, body_id: int, day: dt.date, reason: str) -> Body:
    """Say that a body is dissolved. Its members' terms end with it; all of it stays to be read."""
    _need(reason)
    _managed(actor, body_id)
    if day > today():
        raise refuse("bodies.day_in_future", column="day")
    with transaction.atomic():
        body = _locked(body_id)
        if body.below.filter(dissolved__isnull=True).exists():
            raise Conflict(Problem("bodies.has_bodies_below"))
        body.dissolved, body.dissolved_why = day, reason.strip()
        body.save(update_fields=["dissolved", "dissolved_why"])
        ended = []
        for member in body.members.filter(starts__lte=day).exclude(ends__lte=day):
            member.ends, member.ended_why = day, reason.strip()
            member.save(update_fields=["ends", "ended_why"])
            ended.append(member.pk)
        _record(actor, "bodies.dissolved", body, after={"dissolved": day, "members": ended}, reason=reason)
    return body


def appoint(
    actor: Actor,
    body_id: int,
    title: str,
    *,
    starts: dt.date,
    ends: dt.date | None = None,
    post: str = "",
    name: str = "",
    username: str = "",
    unit_id: int | None = None,
) -> Member:
    """Enter a member by virtue of a post, from a day on. A body has one chair at a time."""
    body = _managed(actor, body_id)
    problems = []
    if title not in {each.value for each in Title}:
        problems.append(Problem("bodies.unknown_kind", column="title"))
    user = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if username.strip() and user is None:
        problems.append(Problem("bodies.unknown_user", {"name": username.strip()}, column="username"))
    if not username.strip() and not name.strip():
        problems.append(Problem("bodies.who_missing", column="name"))
    if ends is not None and ends < starts:
        problems.append(Problem("bodies.term_reversed", column="ends"))
    unit = Unit.objects.filter(pk=unit_id).first() if unit_id is not None else None
    if unit_id is not None and (unit is None or unit.region_id != body.region_id):
        problems.append(Problem("bodies.unit_elsewhere", column="unit"))
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        body = _locked(body_id)
        member = Member(
            body=body,
            title=title,
            post=post.strip()[:128],
            user=user,
            name="" if user else name.strip()[:64],
            unit=unit,
            starts=starts,
            ends=ends,
            created_at=now(),
        )
        _refuse_second_chair(body, member)
        member.save()
        _record(actor, "bodies.appointed", body, after=_described(member))
    return member


def set_term(actor: Actor, member_id: int, ends: dt.date | None, reason: str) -> Member:
    """End a term, or extend it, with the reason; what was before stays in the audit trail."""
    _need(reason)
    with transaction.atomic():
        member = Member.objects.select_related("body", "user").filter(pk=member_id).first()
        if member is None:
            raise NotFound(member_id, "member")
        body = _managed(actor, member.body_id)
        _locked(body.pk)
        member.refresh_from_db()
        if member.ends is not None and member.ends < today() and member.ended_why:
            raise Conflict(Problem("bodies.term_over"))
        if ends is not None and ends < member.starts:
            raise refuse("bodies.term_reversed", column="ends")
        before = {"ends": member.ends}
        member.ends = ends
        member.ended_why = reason.strip() if ends is not None and ends <= today() else ""
        _refuse_second_chair(body, member)
        member.save(update_fields=["ends", "ended_why"])
        after = {"member": member.pk, "ends": ends}
        _record(actor, "bodies.term_changed", body, before=before, after=after, reason=reason)
    return member


def record_capacity(
    actor: Actor,
    body_id: int,
    kind: CapacityKind,
    day: dt.date,
    *,
    year: int | None = None,
    category: str = "",
    planned: int | None = None,
    actual: int | None = None,
    text: str = "",
    document: str = "",
) -> Capacity:
    """Enter what an office has as of a day; the latest record of a category counts from then on."""
    _managed(actor, body_id)
    problems = capacity_problems(
        kind,
        day=day,
        year=year,
        category=category,
        planned=planned,
        actual=actual,
        text=text,
        today=today(),
    )
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        body = _locked(body_id)
        entered = Capacity.objects.create(
            body=body,
            kind=kind.value,
            day=day,
            year=year if kind is CapacityKind.BUDGET else None,
            category=category,
            planned=planned,
            actual=actual,
            text=text.strip()[:255],
            document=document.strip()[:130],
            recorded_by=actor.label[:128],
            recorded_at=now(),
        )
        after: dict[str, object] = {"record": entered.pk, "kind": kind.value, "day": day, "year": year}
        after |= {"category": category, "planned": planned, "actual": actual, "text": entered.text}
        _record(actor, "bodies.capacity_recorded", body, after=after)
    return entered


def withdraw_capacity(actor: Actor, record_id: int, reason: str) -> Capacity:
    """Take back a record that was wrong; it stays, marked, with the reason."""
    _need(reason)
    with transaction.atomic():
        found = Capacity.objects.select_for_update(of=("self",)).filter(pk=record_id).first()
        if found is None:
            raise NotFound(record_id, "record")
        body = _managed(actor, found.body_id)
        if found.withdrawn_at is not None:
            raise Conflict(Problem("bodies.withdrawn"))
        found.withdrawn_at, found.withdrawn_why = now(), reason.strip()
        found.save(update_fields=["withdrawn_at", "withdrawn_why"])
        _record(actor, "bodies.capacity_withdrawn", body, before={"record": found.pk}, reason=reason)
    return found


def _checked(actor: Actor, draft: Draft, region_id: int, body: Body | None) -> Draft:
    texts: dict[str, Any] = {
        name: value.strip() for name, value in asdict(draft).items() if isinstance(value, str)
    }
    draft = replace(draft, **texts, indicators=tuple(dict.fromkeys(draft.indicators)))
    problems = []
    if not draft.name:
        problems.append(Problem("bodies.name_missing", column="name"))
    if draft.kind not in {kind.value for kind in Kind}:
        problems.append(Problem("bodies.unknown_kind", column="kind"))
    if draft.kind == Kind.TEAM and draft.team not in {team.value for team in Team}:
        problems.append(Problem("bodies.team_missing", column="team"))
    if draft.kind != Kind.TEAM:
        draft = replace(draft, team="")
    if draft.parent_id is not None:
        parent: Body | None = get_body(actor, draft.parent_id)
        seen: set[int] = set()
        while parent is not None and parent.pk not in seen:
            seen.add(parent.pk)
            if body is not None and parent.pk == body.pk:
                problems.append(Problem("bodies.not_below_itself", column="parent"))
                break
            parent = parent.parent
    if problems:
        raise InvalidInput(problems)
    return draft


def _values(draft: Draft) -> dict[str, Any]:
    return {**asdict(draft), "indicators": list(draft.indicators)}


def _refuse_second(region_id: int, name: str, body_id: int | None) -> None:
    others = Body.objects.filter(region_id=region_id, name=name, dissolved__isnull=True)
    if others.exclude(pk=body_id or 0).exists():
        raise refuse("bodies.name_taken", column="name", name=name)


def _refuse_second_chair(body: Body, member: Member) -> None:
    if member.title != Title.CHAIR:
        return
    for other in body.members.filter(title=Title.CHAIR.value).exclude(pk=member.pk or 0):
        if terms_overlap((member.starts, member.ends), (other.starts, other.ends)):
            raise refuse("bodies.one_chair", column="starts", title=title_word(body.kind, other, "zh"))


def _managed(actor: Actor, body_id: int) -> Body:
    body = get_body(actor, body_id)
    if not actor.can(Permission.BODIES_MANAGE, body.region_id):
        raise PermissionDenied(Permission.BODIES_MANAGE)
    if body.dissolved is not None:
        raise Conflict(Problem("bodies.dissolved"))
    return body


def _locked(body_id: int) -> Body:
    body = Body.objects.select_for_update(of=("self",)).select_related("region").get(pk=body_id)
    if body.dissolved is not None:
        raise Conflict(Problem("bodies.dissolved"))
    return body


def _need(reason: str) -> None:
    if not reason.strip():
        raise refuse("bodies.reason_missing", column="reason")


def _described(member: Member) -> dict[str, object]:
    return {
        "title": member.title,
        "post": member.post,
        "name": member.who,
        "unit": member.unit_id,
        "starts": member.starts,
        "ends": member.ends,
    }


def _record(
    actor: Actor,
    action: str,
    body: Body,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    record(
        actor,
        action,
        target_type="body",
        target_id=body.pk,
        region_id=body.region_id,
        before=before,
        after=after,
        reason=reason.strip(),
    )
