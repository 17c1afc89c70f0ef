"""Posts looked at again: after a change of regions, and once a year."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts import proposals, queries, reviews
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, PostProposal, PostReview, User
from jingtu.core.accounts.rules import PostState, Role
from jingtu.core.kernel.actor import SYSTEM, Permission
from jingtu.core.kernel.clock import frozen, now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.regions.services import Order, merge_regions, rename_region
from tests.access.cast import BUSINESS_ROLES, Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def second(cast: Cast) -> UserActor:
    user = User.objects.create_user("second", full_name="第二安全员")
    Post.objects.create(user=user, role="security_administrator")
    return UserActor(user)


def waiting() -> set[str]:
    rows = PostReview.objects.filter(state="open").select_related("post__user")
    return {row.post.user.username for row in rows}


def merged(cast: Cast) -> None:
    merge_regions(
        SYSTEM,
        [cast.places["township_a"]],
        into=cast.places["township_a2"],
        order=Order(today(), "县政发〔2026〕1号"),
    )


def test_a_merger_puts_the_posts_it_touches_in_the_queue_and_nobody_elses(cast: Cast) -> None:
    merged(cast)
    assert waiting() == {f"{role.value}.descendant" for role in BUSINESS_ROLES}
    row = PostReview.objects.filter(post__user=cast.user("reporter", "descendant")).get()
    assert (row.cause, row.successor) == ("region_change", cast.places["township_a2"])


def test_the_queue_is_a_list_that_a_phone_shows_row_by_row_though_one_decides_in_it(
    client: Client, cast: Cast
) -> None:
    merged(cast)
    client.force_login(cast.user("security_administrator"))
    assert '<table class="jt-table" data-jt-list>' in client.get("/people/reviews/").content.decode()


def test_a_change_that_fails_puts_nothing_in_the_queue(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        rename_region(SYSTEM, cast.places["county_a"], name="甲县", order=Order(today()))
    assert waiting() == set()


def test_a_post_on_a_vanished_place_is_moved_to_its_successor_by_two(cast: Cast, second: UserActor) -> None:
    merged(cast)
    person = cast.user("reporter", "descendant")
    row = PostReview.objects.get(post__user=person)
    security = cast.actor("security_administrator")
    with pytest.raises(Conflict):
        reviews.confirm_post(security, row.pk)
    reviews.move_post(security, row.pk, "随合并改任")
    assert not UserActor(person).can(Permission.FACTS_IMPORT, cast.places["township_a2"].pk)
    proposals.confirm(second, PostProposal.objects.get().pk)
    assert UserActor(person).can(Permission.FACTS_IMPORT, cast.places["township_a2"].pk)


def test_a_renamed_place_keeps_its_posts_once_confirmed(cast: Cast) -> None:
    rename_region(SYSTEM, cast.places["county_b"], name="乙市", order=Order(today(), "民函〔2026〕2号"))
    row = PostReview.objects.get(post__user=cast.user("viewer", "sibling"))
    with pytest.raises(PermissionDenied):
        reviews.confirm_post(cast.actor("leader", "own"), row.pk)
    reviews.confirm_post(cast.actor("leader", "ancestor"), row.pk, "更名，职责不变")
    with pytest.raises(Conflict):
        reviews.confirm_post(cast.actor("security_administrator"), row.pk)


def opened(cast: Cast, days: int = 30) -> None:
    reviews.open_campaign(
        cast.actor("security_administrator"),
        title="2026年度权限确认",
        due_on=today() + dt.timedelta(days=days),
    )


def test_the_yearly_confirmation_asks_for_every_live_post(cast: Cast, second: UserActor) -> None:
    opened(cast)
    assert len(waiting()) == Post.objects.filter(ended_at__isnull=True).count()
    assert Notice.objects.filter(code="accounts.review_opened", recipient=second.user).exists()
    with pytest.raises(Conflict):
        opened(cast)


def test_it_leaves_at_least_a_week(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        opened(cast, days=6)


def test_nobody_confirms_their_own_post(cast: Cast, second: UserActor) -> None:
    opened(cast)
    own = PostReview.objects.get(post__user=cast.user("security_administrator"))
    with pytest.raises(Conflict):
        reviews.confirm_post(cast.actor("security_administrator"), own.pk)
    reviews.confirm_post(second, own.pk)


def test_unconfirmed_posts_are_suspended_after_warnings_and_come_back_when_confirmed(cast: Cast) -> None:
    opened(cast)
    kept, late = cast.user("viewer", "own"), cast.user("analyst", "own")
    security = cast.actor("security_administrator")
    reviews.confirm_post(security, PostReview.objects.get(post__user=kept).pk)
    start = now()
    for days, warnings in ((10, 0), (17, 1), (20, 1), (28, 2), (29, 2)):
        with frozen(start + dt.timedelta(days=days)):
            reviews.daily()
            told = Notice.objects.filter(code="accounts.review_warning", recipient=late).count()
            assert told == warnings, days
    assert not Notice.objects.filter(code="accounts.review_warning", recipient=kept).exists()
    with frozen(start + dt.timedelta(days=31)):
        assert reviews.suspend_overdue() > 0
        assert reviews.suspend_overdue() == 0
        post = Post.objects.get(user=late)
        assert post.state == PostState.SUSPENDED
        assert UserActor(late).roles == frozenset()
        assert UserActor(kept).roles == {Role.VIEWER}
        assert Notice.objects.filter(code="accounts.post_suspended", recipient=late).exists()
        reviews.confirm_post(security, PostReview.objects.get(post__user=late).pk)
        assert UserActor(late).roles == {Role.ANALYST}


def test_a_year_in_which_nobody_confirms_leaves_one_who_can(cast: Cast, second: UserActor) -> None:
    opened(cast)
    with frozen(now() + dt.timedelta(days=31)):
        assert reviews.suspend_overdue() > 0
        keys = Post.objects.filter(role="security_administrator")
        assert keys.filter(suspended_at__isnull=True).count() == 1
        kept = keys.get(suspended_at__isnull=True)
        assert PostReview.objects.get(post=kept).state == "open"
        away = keys.get(suspended_at__isnull=False)
        reviews.confirm_post(UserActor(kept.user), PostReview.objects.get(post=away).pk)
        reviews.confirm_post(UserActor(away.user), PostReview.objects.get(post=kept).pk)
        assert reviews.suspend_overdue() == 0


def test_who_leaves_today_is_nobody_to_leave_the_keys_to(cast: Cast, second: UserActor) -> None:
    opened(cast)
    day = now() + dt.timedelta(days=31)
    with frozen(day):
        keys = Post.objects.filter(role="security_administrator")
        keys.filter(user_id=second.user_id).update(valid_to=today())
        reviews.suspend_overdue()
        assert not keys.exclude(user_id=second.user_id).filter(suspended_at__isnull=False).exists()


def test_the_account_ends_with_the_post(client: Client, cast: Cast) -> None:
    person = cast.user("viewer", "own")
    client.force_login(person)
    assert client.get(reverse("cockpit:home")).status_code == 200
    post = Post.objects.get(user=person)
    proposals.end(cast.actor("security_administrator"), post.pk, "离任")
    assert not Session.objects.exists()
    client.force_login(person)
    page = client.get(reverse("cockpit:home"))
    assert page.status_code == 403
    assert "没有有效岗位" in page.content.decode()
    assert client.get(reverse("accounts:account")).status_code == 200
    assert client.get("/api/v1/me").json()["errors"][0]["code"] == "accounts.no_post"


def test_a_post_that_runs_out_ends_sessions_with_the_next_round(client: Client, cast: Cast) -> None:
    person = cast.user("viewer", "own")
    client.force_login(person)
    Post.objects.filter(user=person).update(valid_to=today())
    assert reviews.end_sessions_without_post() == 0
    Post.objects.filter(user=person).update(valid_to=today() - dt.timedelta(days=1))
    assert reviews.end_sessions_without_post() == 1
    assert client.get(reverse("accounts:account")).status_code == 302


def test_accounts_that_nobody_needs_are_listed(cast: Cast) -> None:
    actor = cast.actor("system_administrator")
    assert [user.username for user in queries.dormant_users(actor)] == ["nobody"]
    User.objects.filter(pk=cast.user("viewer", "own").pk).update(last_login=now() - dt.timedelta(days=91))
    assert {user.username for user in queries.dormant_users(actor)} == {"nobody", "viewer.own"}
    with pytest.raises(PermissionDenied):
        queries.dormant_users(cast.actor("analyst", "own"))
