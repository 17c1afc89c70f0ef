"""Somebody fills in for somebody else: asked for by the reporter, decided by who reviews; and drafts change hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.audit.actions import register_states
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.engine.problems import Problem, refuse, register_texts

from .. import notices
from ..models import Proxy, Report, ReportEvent
from ..rules import OPEN, ReportAction
from ..visibility import fill_spans, may_fill, spans
from ..words import PROXY_STATES
from .filling import events_for

LONGEST_PROXY = 366

register_states("proxy", PROXY_STATES)
register_texts(
    {
        "proxy.not_a_user": ("没有启用的用户“{name}”。", 'There is no active user "{name}".'),
        "proxy.oneself": ("不能由本人代填。", "Nobody is their own proxy."),
        "proxy.dates": (
            "代填期限须从今天或以后开始，截止不早于起始，最长{days}天。",
            "A proxy begins today or later, ends no earlier than it begins, and lasts at most {days} days.",
        ),
        "proxy.not_waiting": ("该申请已经处理过。", "This request has been decided already."),
        "proxy.own_decision": (
            "申请人和代填人不能审批这项代填。",
            "Neither the reporter nor the proxy may decide on it.",
        ),
        "proxy.outsider": (
            "“{name}”没有任何与“{region}”有关的岗位，不能代填。",
            "“{name}” holds no post that has to do with “{region}” and cannot be its proxy.",
        ),
        "report.cannot_fill": (
            "“{name}”不能填报“{region}”的报表，请选择有填报岗位的人。",
            "“{name}” does not fill in for “{region}”; choose somebody with such a post.",
        ),
    }
)


def ask_proxy(
    actor: Actor, region: Region, username: str, valid_from: dt.date, valid_to: dt.date, reason: str
) -> Proxy:
    """Ask that somebody fills in for the actor in a region for some days. It counts once it is approved.

    The proxy must hold a post that has to do with the region (over it, inside it), so that figures do not
    leave the unit's own circle.
    """
    own = user_id_of(actor)
    if own is None or not actor.can(Permission.FORMS_FILL, region.pk):
        raise PermissionDenied(Permission.FORMS_FILL)
    if not reason.strip():
        raise refuse("report.reason_required", column="reason")
    span = (valid_to - valid_from).days
    if valid_from < today() or not 0 <= span <= LONGEST_PROXY:
        raise refuse("proxy.dates", column="valid_to", days=LONGEST_PROXY)
    user = _user(username)
    if user.pk == own:
        raise refuse("proxy.oneself", column="username")
    if not _belongs(user, region):
        raise refuse("proxy.outsider", column="username", name=user.full_name, region=region.name)
    with transaction.atomic():
        proxy = Proxy.objects.create(
            reporter_id=own,
            proxy=user,
            region=region,
            valid_from=valid_from,
            valid_to=valid_to,
            reason=reason.strip()[:500],
            asked_at=now(),
        )
        _record(actor, "reporting.proxy_asked", proxy, reason)
        notices.proxy_asked(actor, proxy)
    return proxy


def decide_proxy(actor: Actor, proxy_id: int, approved: bool, reason: str = "") -> Proxy:
    """Approve or refuse a proxy: by somebody who reviews reports over the region and is neither of the two."""
    with transaction.atomic():
        proxy = _locked(proxy_id)
        if not actor.can(Permission.FORMS_REVIEW, proxy.region_id):
            raise PermissionDenied(Permission.FORMS_REVIEW)
        if proxy.state != Proxy.State.ASKED:
            raise Conflict(Problem("proxy.not_waiting"))
        if user_id_of(actor) in (proxy.reporter_id, proxy.proxy_id):
            raise Conflict(Problem("proxy.own_decision"))
        proxy.state = Proxy.State.APPROVED if approved else Proxy.State.REFUSED
        proxy.decided_by_id, proxy.decided_at = user_id_of(actor), now()
        proxy.save(update_fields=["state", "decided_by", "decided_at"])
        _record(actor, "reporting.proxy_decided", proxy, reason)
        notices.proxy_decided(actor, proxy, approved)
    return proxy


def end_proxy(actor: Actor, proxy_id: int) -> Proxy:
    """End a proxy early: by the reporter, the proxy, or who may decide on it."""
    with transaction.atomic():
        proxy = _locked(proxy_id)
        own = user_id_of(actor)
        if own not in (proxy.reporter_id, proxy.proxy_id) and not actor.can(
            Permission.FORMS_REVIEW, proxy.region_id
        ):
            raise PermissionDenied(Permission.FORMS_REVIEW)
        if proxy.state not in (Proxy.State.ASKED, Proxy.State.APPROVED):
            raise Conflict(Problem("proxy.not_waiting"))
        proxy.state = Proxy.State.ENDED
        proxy.save(update_fields=["state"])
        _record(actor, "reporting.proxy_ended", proxy, "")
    return proxy


def hand_over(actor: Actor, report_ids: Sequence[int], username: str, reason: str) -> int:
    """Put open reports into somebody's hands: by who fills in or reviews for their units. Returns how many.

    A report belongs to its unit, so nothing is lost when a person leaves; this says who goes on with it.
    """
    if not reason.strip():
        raise refuse("report.reason_required", column="reason")
    if not report_ids:
        raise refuse("report.nothing_chosen")
    user = _user(username)
    their = UserActor(user)
    with transaction.atomic():
        reports = list(
            Report.objects.select_for_update(of=("self",))
            .filter(pk__in=report_ids, state__in=[state.value for state in OPEN])
            .select_related("region", "form")
        )
        if len(reports) != len(set(report_ids)):
            raise NotFound("report")
        held = [*fill_spans(actor), *spans(actor, Permission.FORMS_REVIEW)]
        for report in reports:
            if not any(span.holds(report.region) for span in held):
                raise PermissionDenied(Permission.FORMS_FILL)
            if not may_fill(their, report.region):
                raise refuse(
                    "report.cannot_fill", column="username", name=user.full_name, region=report.region.name
                )
        for report in reports:
            report.holder_id = user.pk
            report.revision += 1
        Report.objects.bulk_update(reports, ["holder", "revision"])
        note = f"→ {user.full_name}：{reason.strip()}"
        ReportEvent.objects.bulk_create(events_for(actor, reports, ReportAction.TAKE_OVER, note[:500]))
        record(
            actor,
            "reporting.handed_over",
            target_type="report",
            target_id=reports[0].pk if len(reports) == 1 else "several",
            region_id=reports[0].region_id if len(reports) == 1 else None,
            after={"reports": [report.pk for report in reports], "to": user.username},
            reason=reason.strip(),
        )
        notices.handed_over(actor, user.pk, len(reports), reason.strip())
    return len(reports)


def _belongs(user: User, region: Region) -> bool:
    """Whether a post of the user lies over the region or inside it."""
    for post in UserActor(user).posts:
        if post.region_id is None:
            continue
        if post.covers(region.pk, region.tree_id, region.position):
            return True
        if (
            post.tree_id == region.tree_id
            and None not in (post.position, region.position, region.last)
            and (region.position or 0) <= (post.position or 0) <= (region.last or 0)
        ):
            return True
    return False


def _user(username: str) -> User:
    user = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if user is None:
        raise refuse("proxy.not_a_user", column="username", name=username[:64])
    return user


def _locked(proxy_id: int) -> Proxy:
    proxy = (
        Proxy.objects.select_for_update(of=("self",))
        .select_related("region", "reporter", "proxy")
        .filter(pk=proxy_id)
        .first()
    )
    if proxy is None:
        raise NotFound(f"proxy {proxy_id}")
    return proxy


def _record(actor: Actor, action: str, proxy: Proxy, reason: str) -> None:
    record(
        actor,
        action,
        target_type="proxy",
        target_id=proxy.pk,
        region_id=proxy.region_id,
        after={
            "reporter": proxy.reporter.username,
            "proxy": proxy.proxy.username,
            "state": proxy.state,
            "from": proxy.valid_from.isoformat(),
            "to": proxy.valid_to.isoformat(),
        },
        reason=reason.strip(),
    )
