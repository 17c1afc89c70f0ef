"""Posts that somebody must look at again: once a year all of them, and after a change of regions those it touched.

The rule of the yearly confirmation is stated when it opens: who is not confirmed by the last day is suspended
until somebody confirms; the holder and those who confirm are warned before. A change of regions suspends nobody.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.hooks import Effect
from jingtu.core.regions.models import RegionSuccession, RegionVersion

from . import proposals, sessions
from .actors import UserActor
from .announcing import announce
from .models import Post, PostReview, RightsCampaign, User
from .queries import live_posts, posts_in_force
from .rules import Role
from .services import user_of

State, Cause = PostReview.State, PostReview.Cause
REMIND_DAYS = (14, 3)
"""How many days before the last day of a yearly confirmation reminders and warnings are sent."""


def open_campaign(actor: Actor, *, title: str, due_on: dt.date) -> RightsCampaign:
    """Ask for every live post to be confirmed or ended by ``due_on``.

    Raises PermissionDenied, Conflict while another is open, InvalidInput for an empty title or a day
    that leaves less than a week.
    """
    if not actor.can(Permission.POSTS_GRANT):
        raise PermissionDenied(Permission.POSTS_GRANT)
    if not title.strip():
        raise refuse("accounts.name_empty", column="title")
    if due_on < today() + dt.timedelta(days=7):
        raise refuse("accounts.campaign_short", column="due_on")
    with transaction.atomic():
        if RightsCampaign.objects.select_for_update().filter(closed_at__isnull=True).exists():
            raise Conflict(Problem("accounts.campaign_open"))
        campaign = RightsCampaign.objects.create(
            title=title.strip()[:100], opened_by=user_of(actor), opened_at=now(), due_on=due_on
        )
        made = PostReview.objects.bulk_create(
            PostReview(post=post, cause=Cause.YEARLY, campaign=campaign, opened_at=now(), due_on=due_on)
            for post in live_posts()
        )
        record(
            actor,
            "accounts.campaign_opened",
            target_type="campaign",
            target_id=campaign.pk,
            after={"title": campaign.title, "due_on": due_on, "posts": len(made)},
        )
        _tell_deciders(actor, campaign, "accounts.review_opened")
    return campaign


def confirm_post(actor: Actor, review_id: int, reason: str = "") -> PostReview:
    """Say that the post is still right; one suspended for want of this is in force again.

    Raises PermissionDenied, Conflict for one's own post, one decided already, or a place that is no more.
    """
    with transaction.atomic():
        review = _open(actor, review_id)
        post = review.post
        if post.region is not None and post.region.valid_to is not None:
            raise Conflict(Problem("accounts.region_gone"))
        if post.suspended_at is not None:
            post.suspended_at = None
            post.save(update_fields=["suspended_at"])
        _decide(actor, review, State.CONFIRMED, reason)
    return review


def end_post(actor: Actor, review_id: int, reason: str) -> PostReview:
    """End the post instead (proposed, where that needs a second person). Raises as :func:`confirm_post`."""
    with transaction.atomic():
        review = _open(actor, review_id)
        proposals.end(actor, review.post_id, reason)
        _decide(actor, review, State.ENDED, reason)
    return review


def move_post(actor: Actor, review_id: int, reason: str) -> PostReview:
    """Let the holder go on over the region that took the place of the old one (proposed likewise)."""
    with transaction.atomic():
        review = _open(actor, review_id)
        if review.successor_id is None:
            raise Conflict(Problem("accounts.no_successor"))
        proposals.move(actor, review.post_id, review.successor_id, reason)
        _decide(actor, review, State.MOVED, reason)
    return review


def may_decide(actor: Actor, review: PostReview) -> bool:
    """The security administrator, or the leader over the post's region; never the holder."""
    if not isinstance(actor, UserActor) or actor.user_id == review.post.user_id:
        return False
    if Role.SECURITY_ADMINISTRATOR in actor.roles:
        return True
    region_id = review.post.region_id
    return region_id is not None and actor.can(Permission.POSTS_CONFIRM, region_id)


def after_region_change(actor: Actor, effect: Effect) -> None:
    """Put the posts that a change of regions touches into the queue, within its transaction."""
    change = effect.change
    touched = {change.region_id, *(region.pk for region in effect.ended)}
    touched |= {region.pk for _name, region in (*effect.renamed, *effect.moved)}
    touched |= {region.parent_id for region in effect.created if region.parent_id}
    touched |= set(
        RegionVersion.objects.filter(change=change, parent__isnull=False).values_list("parent_id", flat=True)
    )
    successors: dict[int, list[int]] = {}
    for old, new in RegionSuccession.objects.filter(change=change).values_list("from_region", "to_region"):
        successors.setdefault(old, []).append(new)
    posts = list(live_posts().filter(region_id__in=touched))
    PostReview.objects.bulk_create(
        PostReview(
            post=post,
            cause=Cause.REGION_CHANGE,
            change=change,
            successor_id=next(iter(successors.get(post.region_id or 0, [])), None),
            opened_at=now(),
        )
        for post in posts
    )
    if posts:
        record(
            actor,
            "accounts.posts_to_confirm",
            target_type="region_change",
            target_id=change.pk,
            region_id=change.region_id,
            after={"posts": [post.pk for post in posts]},
        )


def suspend_overdue(actor: Actor = SYSTEM) -> int:
    """Suspend posts whose yearly confirmation is overdue, by the rule stated at its opening; how many."""
    day = today()
    count = 0
    overdue = PostReview.objects.filter(cause=Cause.YEARLY, state=State.OPEN, due_on__lt=day)
    for review_id in list(overdue.values_list("pk", flat=True)):
        with transaction.atomic():
            # Somebody may have confirmed it, or another process suspended it, in the meantime.
            review = (
                overdue.select_for_update(of=("self", "post"))
                .select_related("post__user", "post__region")
                .filter(pk=review_id)
                .first()
            )
            if review is not None:
                count += _suspend(actor, review, day)
    RightsCampaign.objects.filter(closed_at__isnull=True, due_on__lt=day).update(closed_at=now())
    return count


def _suspend(actor: Actor, review: PostReview, day: dt.date) -> bool:
    """Whether there was a live post to suspend."""
    post = review.post
    live = post.ended_at is None and (post.valid_to is None or post.valid_to >= day)
    if live and _keeps_the_keys(post):
        return False
    review.state = State.SUSPENDED if live else State.ENDED
    review.save(update_fields=["state"])
    if not live:
        return False
    post.suspended_at = now()
    post.save(update_fields=["suspended_at"])
    record(
        actor,
        "accounts.post_suspended",
        target_type="post",
        target_id=post.pk,
        region_id=post.region_id,
        after={"campaign": review.campaign_id},
    )
    announce(
        actor,
        [post.user_id],
        "accounts.post_suspended",
        {"what": post.summary, "day": day.isoformat()},
        reverse("accounts:account"),
    )
    return True


def _keeps_the_keys(post: Post) -> bool:
    """Whether nobody could confirm any post again if this one, too, were suspended. It stays, its review open,
    until another security administrator's post is in force beyond today."""
    if post.role != Role.SECURITY_ADMINISTRATOR:
        return False
    others = posts_in_force().filter(role=Role.SECURITY_ADMINISTRATOR).exclude(user_id=post.user_id)
    return not others.exclude(valid_to__lte=today()).exists()


def remind() -> int:
    """Warn holders and those who confirm, once for each of :data:`REMIND_DAYS`; how many campaigns."""
    sent = 0
    for campaign in RightsCampaign.objects.filter(closed_at__isnull=True):
        left = (campaign.due_on - today()).days
        step = next((days for days in sorted(REMIND_DAYS) if left <= days), None)
        if step is None or (campaign.reminded_days is not None and campaign.reminded_days <= step):
            continue
        with transaction.atomic():
            # Of two processes one changes the row, and that one warns.
            same = RightsCampaign.objects.filter(pk=campaign.pk, reminded_days=campaign.reminded_days)
            if not same.update(reminded_days=step):
                continue
            _tell_deciders(SYSTEM, campaign, "accounts.review_reminder")
            for review in campaign.reviews.filter(state=State.OPEN).select_related("post__region"):
                announce(
                    SYSTEM,
                    [review.post.user_id],
                    "accounts.review_warning",
                    {"what": review.post.summary, "day": campaign.due_on.isoformat()},
                    reverse("accounts:account"),
                )
        sent += 1
    return sent


def end_sessions_without_post() -> int:
    """Whoever holds no post in force any more is signed out; how many sessions ended."""
    without = User.objects.filter(sign_ins__ended_at__isnull=True, posts__isnull=False).exclude(
        pk__in=posts_in_force().values("user_id")
    )
    return sessions.end_of_idle_accounts(list(without.distinct()))


def daily() -> int:
    """Everything about accounts that has become due; how many things were done."""
    return sum((proposals.lapse(), remind(), suspend_overdue(), end_sessions_without_post()))


def _open(actor: Actor, review_id: int) -> PostReview:
    review = (
        PostReview.objects.select_for_update(of=("self",)).select_related("post").filter(pk=review_id).first()
    )
    if review is None:
        raise NotFound(review_id, "review")
    if not may_decide(actor, review):
        if isinstance(actor, UserActor) and actor.user_id == review.post.user_id:
            raise Conflict(Problem("accounts.own_post"))
        raise PermissionDenied(Permission.POSTS_CONFIRM)
    if review.state not in {State.OPEN, State.SUSPENDED}:
        raise Conflict(Problem("accounts.review_decided"))
    return review


def _decide(actor: Actor, review: PostReview, state: str, reason: str) -> None:
    review.state, review.decided_by, review.decided_at = state, user_of(actor), now()
    review.reason = reason.strip()[:500]
    review.save()
    record(
        actor,
        "accounts.post_reviewed",
        target_type="post",
        target_id=review.post_id,
        region_id=review.post.region_id,
        after={"outcome": state, "cause": review.cause},
        reason=reason.strip(),
    )


def _tell_deciders(actor: Actor, campaign: RightsCampaign, code: str) -> None:
    waiting = campaign.reviews.filter(state=State.OPEN).count()
    recipients = posts_in_force().filter(role=Role.SECURITY_ADMINISTRATOR).values_list("user_id", flat=True)
    announce(
        actor,
        list(recipients),
        code,
        {"title": campaign.title, "count": waiting, "day": campaign.due_on.isoformat()},
        reverse("accounts:reviews"),
    )
