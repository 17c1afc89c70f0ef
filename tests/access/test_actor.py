"""What the cast's actors may do, through the kernel's protocol."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post
from jingtu.core.kernel.actor import Permission, Scope
from jingtu.core.kernel.clock import frozen
from tests.access.cast import Cast


@pytest.mark.parametrize(
    "relation, place, allowed",
    [
        ("own", "county_a", True),
        ("own", "township_a", True),
        ("own", "city", False),
        ("own", "county_b", False),
        ("own", "township_b", False),
        ("ancestor", "county_a", True),
        ("ancestor", "township_b", True),
        ("ancestor", "province", False),
        ("descendant", "county_a", False),
        ("descendant", "township_a2", False),
        ("sibling", "county_a", False),
        ("outsider", "county_a", False),
    ],
)
def test_a_post_reaches_its_subtree_and_nothing_else(
    cast: Cast, relation: str, place: str, allowed: bool
) -> None:
    actor = cast.actor("analyst", relation)
    assert actor.can(Permission.FACTS_READ, cast.places[place].pk) is allowed


def test_scopes_name_the_root_of_each_subtree(cast: Cast) -> None:
    actor = cast.actor("reporter", "own")
    assert list(actor.scopes(Permission.FACTS_IMPORT)) == [Scope(cast.tree.pk, cast.places["county_a"].pk)]
    assert list(actor.scopes(Permission.RUNS_APPROVE)) == []


def test_a_post_without_region_covers_every_tree(cast: Cast) -> None:
    actor = cast.actor("system_administrator")
    assert actor.can(Permission.REGIONS_MANAGE, cast.places["outside"].pk)
    assert list(actor.scopes(Permission.REGIONS_MANAGE)) == [Scope(cast.tree.pk, cast.places["nation"].pk)]


def test_posts_outside_their_period_ended_ones_and_those_of_the_suspended_count_for_nothing(
    cast: Cast,
) -> None:
    user = cast.user("analyst", "own")
    post = Post.objects.get(user=user)

    def may() -> bool:
        return UserActor(user).can(Permission.RUNS_PREPARE)

    with frozen(timezone.make_aware(dt.datetime(2019, 12, 31, 23))):
        assert not may()
    with frozen(timezone.make_aware(dt.datetime(2020, 1, 1, 1))):
        assert may()
    post.ended_at = timezone.now()
    post.save()
    assert not may()
    post.ended_at = None
    post.save()
    assert may()
    user.is_active = False
    assert not may()


def test_an_ended_region_is_reached_only_by_its_own_post(cast: Cast) -> None:
    county = cast.places["county_b"]
    county.valid_to, county.position, county.last = dt.date(2026, 1, 1), None, None
    county.save()
    assert cast.actor("viewer", "sibling").can(Permission.RESULTS_READ, county.pk)
    assert not cast.actor("viewer", "sibling").can(Permission.RESULTS_READ, cast.places["township_b"].pk)
    assert not cast.actor("viewer", "ancestor").can(Permission.RESULTS_READ, county.pk)


def test_asking_about_many_regions_needs_one_query_for_posts_and_one_for_each_region_once(
    cast: Cast, django_assert_num_queries: object
) -> None:
    actor = cast.actor("viewer", "ancestor")
    asked = [cast.places[key].pk for key in ("county_a", "county_b", "city")]
    with django_assert_num_queries(3):  # type: ignore[operator]
        for _ in range(3):
            for region_id in asked:
                actor.can(Permission.RESULTS_READ, region_id)
