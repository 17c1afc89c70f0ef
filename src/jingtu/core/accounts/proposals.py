"""Four eyes for posts: one security administrator proposes, somebody else confirms, only then it holds.

Posts that merely read published results are given by one person. Whoever is in charge of the server acts as
the system and is not asked for a second person: they could change the database itself; the trail names them.
Sudden danger needs no second person either: suspending an account takes effect at once.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localtime

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.kernel.languages import speaking
from jingtu.core.regions.models import Region

from . import factors, postings, sessions
from .actors import UserActor
from .announcing import announce
from .models import MODULE_LABELS, ROLE_LABELS, Post, PostProposal, Unit, User
from .queries import posts_in_force
from .rules import Module, Role, needs_second_person
from .services import in_charge, locked_user, user_of

Kind, State = PostProposal.Kind, PostProposal.State


def grant(
    actor: Actor,
    *,
    user_id: int,
    role: str,
    region_id: int | None = None,
    unit_id: int | None = None,
    module: str = "",
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    reason: str = "",
) -> Post | PostProposal:
    """Give a post: at once where one person may (or the system does), else as a proposal.

    Everything that would stand against the post is found now, not at confirmation. Raises as
    :func:`postings.grant_post`, and InvalidInput without a reason for a proposal.
    """
    content: dict[str, Any] = {
        "role": role,
        "region_id": region_id,
        "unit_id": unit_id,
        "module": module,
        "valid_from": valid_from.isoformat() if valid_from else None,
        "valid_to": valid_to.isoformat() if valid_to else None,
    }
    if not isinstance(actor, UserActor) or not needs_second_person(role):
        return postings.grant_post(actor, user_id=user_id, reason=reason, **_dated(content))
    _try(
        lambda: postings.grant_post(
            actor, user_id=user_id, reason=reason, confirmed_by=actor, **_dated(content)
        )
    )
    return _propose(actor, Kind.GRANT, user_id, None, content, reason)


def end(actor: Actor, post_id: int, reason: str) -> Post | PostProposal:
    """End a post: at once where one person may, else as a proposal. Raises as :func:`postings.end_post`."""
    post = _post(post_id)
    if not isinstance(actor, UserActor) or not needs_second_person(post.role):
        return postings.end_post(actor, post_id, reason)
    _try(lambda: postings.end_post(actor, post_id, reason, confirmed_by=actor))
    return _propose(actor, Kind.END, post.user_id, post, {}, reason)


def extend(actor: Actor, post_id: int, valid_to: dt.date | None, reason: str) -> Post | PostProposal:
    """Give a post another last day (None: open-ended), as :func:`grant` does."""
    post = _post(post_id)
    if not isinstance(actor, UserActor) or not needs_second_person(post.role):
        return postings.extend_post(actor, post_id, valid_to, reason)
    _try(lambda: postings.extend_post(actor, post_id, valid_to, reason, confirmed_by=actor))
    content = {"valid_to": valid_to.isoformat() if valid_to else None}
    return _propose(actor, Kind.EXTEND, post.user_id, post, content, reason)


def move(actor: Actor, post_id: int, region_id: int, reason: str) -> Post | PostProposal:
    """Give a post's holder the same post over another region instead, as after a merger."""
    post = _post(post_id)
    if not isinstance(actor, UserActor) or not needs_second_person(post.role):
        return postings.move_post(actor, post_id, region_id, reason)
    _try(lambda: postings.move_post(actor, post_id, region_id, reason, confirmed_by=actor))
    return _propose(actor, Kind.MOVE, post.user_id, post, {"region_id": region_id}, reason)


def reset_factors(actor: Actor, user_id: int, reason: str) -> PostProposal:
    """Propose that somebody's lost second factor be taken away, by whoever is in charge of the account."""
    user = locked_user_for_reset(actor, user_id)
    if not factors.has_second_factor(user):
        raise Conflict(Problem("accounts.no_factor"))
    return _propose(actor, Kind.RESET_FACTORS, user.pk, None, {}, reason)


def locked_user_for_reset(actor: Actor, user_id: int) -> User:
    """The user whose factor is to be reset. Raises PermissionDenied, Conflict, NotFound."""
    if not (actor.can(Permission.ACCOUNTS_MANAGE) or actor.can(Permission.POSTS_GRANT)):
        raise PermissionDenied(Permission.ACCOUNTS_MANAGE)
    with transaction.atomic():
        user = locked_user(user_id)
    if not in_charge(actor, user):
        raise Conflict(Problem("accounts.not_your_charge"))
    return user


def _propose(
    actor: Actor, kind: str, user_id: int, post: Post | None, content: dict[str, Any], reason: str
) -> PostProposal:
    if not reason.strip():
        raise refuse("accounts.reason_needed", column="reason")
    moment = now()
    with transaction.atomic():
        user = locked_user(user_id)
        waiting = PostProposal.objects.filter(user=user, state=State.OPEN, expires_at__gt=moment)
        if waiting.filter(kind=kind, post=post, content=content).exists():
            raise Conflict(Problem("accounts.proposed_already"))
        proposal = PostProposal.objects.create(
            kind=kind,
            user=user,
            post=post,
            content=content,
            reason=reason.strip()[:500],
            proposed_by=user_of(actor),
            proposed_at=moment,
            expires_at=moment + dt.timedelta(days=settings.PROPOSAL_DAYS),
        )
        record(
            actor,
            "accounts.change_proposed",
            target_type="proposal",
            target_id=proposal.pk,
            region_id=region_of(proposal),
            after={"kind": kind, "user": user.username, "post": post.pk if post else None, **content},
            reason=reason.strip(),
        )
        announce(
            actor,
            _possible_deciders(proposal),
            "accounts.proposal_waits",
            {
                "person": user.full_name,
                "proposer": actor.label,
                "what": described(proposal, "zh"),
                "what_en": described(proposal, "en"),
                "day": localtime(proposal.expires_at).date().isoformat(),
            },
            reverse("accounts:proposals"),
        )
    return proposal


def confirm(actor: Actor, proposal_id: int, reason: str = "") -> PostProposal:
    """Let a proposal take effect. Raises PermissionDenied, Conflict when it is decided, lapsed, or no longer possible.

    Never by the proposer, never by the person it is about.
    """
    with transaction.atomic():
        proposal = _open(actor, proposal_id)
        proposer = UserActor(proposal.proposed_by) if proposal.proposed_by else SYSTEM
        _apply(proposer, proposal, actor)
        _decide(actor, proposal, State.CONFIRMED, reason, "accounts.change_confirmed")
    return proposal


def refuse_proposal(actor: Actor, proposal_id: int, reason: str) -> PostProposal:
    """Turn a proposal down, with a reason. Raises PermissionDenied, Conflict, InvalidInput."""
    if not reason.strip():
        raise refuse("accounts.reason_needed", column="reason")
    with transaction.atomic():
        proposal = _open(actor, proposal_id)
        _decide(actor, proposal, State.REFUSED, reason, "accounts.change_refused")
    return proposal


def withdraw(actor: Actor, proposal_id: int) -> PostProposal:
    """Take back one's own proposal. Raises NotFound for somebody else's, Conflict when it is decided."""
    own = user_of(actor)
    with transaction.atomic():
        proposal = PostProposal.objects.select_for_update().filter(pk=proposal_id, proposed_by=own).first()
        if proposal is None or own is None:
            raise NotFound(proposal_id, "proposal")
        if proposal.state != State.OPEN:
            raise Conflict(Problem("accounts.proposal_decided"))
        _decide(actor, proposal, State.WITHDRAWN, "", "accounts.change_withdrawn")
    return proposal


def lapse() -> int:
    """Close proposals that nobody decided in time; how many."""
    due = PostProposal.objects.filter(state=State.OPEN, expires_at__lte=now())
    count = 0
    for proposal_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            # Somebody may have decided it, or another process closed it, in the meantime.
            proposal = due.select_for_update(of=("self",)).filter(pk=proposal_id).first()
            if proposal is None:
                continue
            _decide(SYSTEM, proposal, State.LAPSED, "", "accounts.change_lapsed")
        count += 1
    return count


def may_decide(actor: Actor, proposal: PostProposal) -> bool:
    """Whether the actor may confirm or refuse: another security administrator, or a leader over the place."""
    if not isinstance(actor, UserActor) or not actor.can(Permission.POSTS_CONFIRM):
        return False
    if actor.user_id in {proposal.proposed_by_id, proposal.user_id}:
        return False
    if Role.SECURITY_ADMINISTRATOR in actor.roles:
        return True
    region_id = region_of(proposal)
    if region_id is not None:
        return actor.can(Permission.POSTS_CONFIRM, region_id)
    # What concerns the whole system is a matter for a leader of the whole only.
    roots = [scope.region_id for scope in actor.scopes(Permission.POSTS_CONFIRM)]
    return Region.objects.filter(pk__in=roots, parent__isnull=True).exists()


def region_of(proposal: PostProposal) -> int | None:
    """The place a proposal is about; None for the whole system."""
    chosen: int | None = proposal.content.get("region_id")
    return chosen if chosen is not None or proposal.post is None else proposal.post.region_id


def described(proposal: PostProposal, language: str) -> str:
    """What is proposed, in words."""
    zh = language == "zh"
    post = proposal.post
    kinds = {
        Kind.GRANT: ("授予", "grant"),
        Kind.EXTEND: ("变更期限", "change the term of"),
        Kind.END: ("终止", "end"),
        Kind.MOVE: ("改任", "move"),
        Kind.RESET_FACTORS: ("重置第二因素", "reset the second factor"),
    }
    words = [kinds[Kind(proposal.kind)][0 if zh else 1]]
    role = proposal.content.get("role") or (post.role if post else "")
    if role:
        words.append(role_name(role, zh))
    region_id = region_of(proposal)
    if region_id is not None:
        words.append(Region.objects.values_list("name", flat=True).get(pk=region_id))
    module = proposal.content.get("module") or (post.module if post else "")
    if module:
        words.append(str(MODULE_LABELS[Module(module)]))
    unit_id = proposal.content.get("unit_id")
    if unit_id is not None:
        words.extend(Unit.objects.filter(pk=unit_id).values_list("name", flat=True))
    if proposal.kind in {Kind.GRANT, Kind.EXTEND}:
        begins = proposal.content.get("valid_from") if proposal.kind == Kind.GRANT else ""
        ends = proposal.content.get("valid_to") or ("长期" if zh else "open-ended")
        words.append(f"{begins} – {ends}" if begins else ends)
    return " · ".join(words)


def role_name(role: str, zh: bool) -> str:
    """A role's name in one of the languages, whatever the page speaks."""
    with speaking("zh" if zh else "en"):
        return str(ROLE_LABELS[Role(role)])


def _open(actor: Actor, proposal_id: int) -> PostProposal:
    proposal = PostProposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound(proposal_id, "proposal")
    if not may_decide(actor, proposal):
        if isinstance(actor, UserActor) and actor.user_id in {proposal.proposed_by_id, proposal.user_id}:
            raise Conflict(Problem("accounts.second_person"))
        raise PermissionDenied(Permission.POSTS_CONFIRM)
    if proposal.state != State.OPEN or proposal.expires_at <= now():
        raise Conflict(Problem("accounts.proposal_decided"))
    return proposal


def _apply(proposer: Actor, proposal: PostProposal, confirmer: Actor) -> None:
    content, reason = proposal.content, proposal.reason
    if proposal.kind == Kind.GRANT:
        proposal.post = postings.grant_post(
            proposer, user_id=proposal.user_id, reason=reason, confirmed_by=confirmer, **_dated(content)
        )
    elif proposal.kind == Kind.RESET_FACTORS:
        factors.remove_all(proposer, proposal.user, reason)
        sessions.end_all(proposer, proposal.user)
    else:
        assert proposal.post_id is not None
        if proposal.kind == Kind.END:
            postings.end_post(proposer, proposal.post_id, reason, confirmed_by=confirmer)
        elif proposal.kind == Kind.EXTEND:
            last = _dated(content)["valid_to"]
            postings.extend_post(proposer, proposal.post_id, last, reason, confirmed_by=confirmer)
        else:
            postings.move_post(
                proposer, proposal.post_id, content["region_id"], reason, confirmed_by=confirmer
            )


def _decide(actor: Actor, proposal: PostProposal, state: str, reason: str, action: str) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, user_of(actor), now()
    proposal.decision_reason = reason.strip()[:500]
    proposal.save()
    record(
        actor,
        action,
        target_type="proposal",
        target_id=proposal.pk,
        region_id=region_of(proposal),
        after={"post": proposal.post_id, "user": proposal.user.username},
        reason=reason.strip(),
    )
    if proposal.proposed_by_id is not None:
        outcome = PostProposal.State(state)
        announce(
            actor,
            [proposal.proposed_by_id],
            "accounts.proposal_decided",
            {
                "person": proposal.user.full_name,
                "decider": actor.label,
                "outcome": OUTCOMES[outcome][0],
                "outcome_en": OUTCOMES[outcome][1],
                "what": described(proposal, "zh"),
                "what_en": described(proposal, "en"),
                "reason": reason.strip(),
            },
            reverse("accounts:proposals"),
        )


OUTCOMES = {
    State.OPEN: ("提出", "open"),
    State.CONFIRMED: ("确认", "confirmed"),
    State.REFUSED: ("退回", "refused"),
    State.WITHDRAWN: ("撤回", "withdrawn"),
    State.LAPSED: ("逾期失效", "lapsed"),
}


def _possible_deciders(proposal: PostProposal) -> list[User]:
    holders = User.objects.filter(
        pk__in=posts_in_force().filter(role__in=[Role.SECURITY_ADMINISTRATOR, Role.LEADER]).values("user_id")
    )
    return [user for user in holders if may_decide(UserActor(user), proposal)]


def _post(post_id: int) -> Post:
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise NotFound(post_id, "post")
    return post


class _TakenBack(Exception):
    """The deed was only tried."""


def _try(deed: Any) -> None:
    """Do it and take it back: whatever stands against it is raised."""
    try:
        with transaction.atomic():
            deed()
            raise _TakenBack
    except _TakenBack:
        return


def _dated(content: dict[str, Any]) -> dict[str, Any]:
    days = {
        name: dt.date.fromisoformat(content[name]) if content.get(name) else None
        for name in ("valid_from", "valid_to")
        if name in content
    }
    return {**content, **days}
