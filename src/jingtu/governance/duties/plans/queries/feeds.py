"""What a person's own calendar holds: titles and days of the tasks that are theirs, and nothing else."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext as _

from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today

from ..calendars import entries
from ..icalendar import Event
from ..models import CalendarFeed, Milestone
from ..rules import OPEN_STATES
from ..services.feeds import digest_of
from .tasks import tasks

BACK, AHEAD = dt.timedelta(days=90), dt.timedelta(days=400)
MOST = 1000
DOMAIN = "jingtu"


def own_feed(actor: UserActor) -> CalendarFeed | None:
    """The actor's own address as it stands; None when none was ever made."""
    return CalendarFeed.objects.filter(user_id=actor.user_id).first()


def is_live(feed: CalendarFeed) -> bool:
    """Whether the address opens anything: not ended, and no new password since it was made."""
    user = feed.user
    changed = user.password_changed_at
    return (
        feed.ended_at is None
        and user.is_active
        and not user.must_change_password
        and (changed is None or changed <= feed.created_at)
    )


def feed_of(token: str) -> CalendarFeed | None:
    """The live address a token belongs to, of somebody who may read tasks today; None otherwise."""
    if len(token) > 128:
        return None
    feed = CalendarFeed.objects.select_related("user").filter(digest=digest_of(token)).first()
    if feed is None or not is_live(feed) or not UserActor(feed.user).can(Permission.DUTIES_READ):
        return None
    return feed


def own_events(actor: UserActor) -> list[Event]:
    """Due days and milestones of the open tasks that name the actor, or their unit and nobody; own meetings.

    Only what the actor may read today. Two queries besides those of other apps' entries.
    """
    first, last = today() - BACK, today() + AHEAD
    units = [
        post.unit_id
        for post in actor.posts
        if post.unit_id is not None and Permission.TASKS_REPORT in post.permissions
    ]
    own = (
        tasks(actor)
        .filter(
            Q(person_id=actor.user_id)
            | Q(leader_id=actor.user_id)
            | Q(person__isnull=True, unit_id__in=units),
            state__in=OPEN_STATES,
            plan__cancelled_at__isnull=True,
        )
        .select_related(None)
        .order_by("due", "pk")
    )
    found = [
        Event(f"task-{pk}@{DOMAIN}", _("期限：%(title)s") % {"title": title}, due)
        for pk, title, due in own.filter(due__range=(first, last)).values_list("pk", "title", "due")[:MOST]
    ]
    route = Milestone.objects.filter(
        task__in=own.order_by(), due__range=(first, last), reached_on__isnull=True
    ).order_by("due", "pk")
    found += [
        Event(
            f"milestone-{pk}@{DOMAIN}",
            _("里程碑：%(title)s（%(task)s）") % {"title": title, "task": task},
            due,
        )
        for pk, title, task, due in route.values_list("pk", "title", "task__title", "due")[:MOST]
    ]
    found += [
        Event(f"{kind}-{entry.key}@{DOMAIN}", entry.title, entry.start, entry.end, entry.cancelled)
        for kind, entry in entries(actor, first, last)
    ]
    return found
