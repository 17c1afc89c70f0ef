"""What the preview of a merger tells whom: the posts to administrators, figures only where somebody may read them."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.core.accounts.models import PostReview
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.regions.effects import Affected, EffectGroup, effects_of, touched_by
from jingtu.core.regions.models import Region
from jingtu.core.regions.services import Effect, Order, merge_regions, preview_change
from tests.access.cast import BUSINESS_ROLES, Cast
from tests.access.expectations.facts import prepare

pytestmark = pytest.mark.django_db


def merged(cast: Cast) -> Effect:
    """County B goes into county A."""
    return merge_regions(
        SYSTEM, [cast.places["county_b"]], into=cast.places["county_a"], order=Order(dt.date(2025, 1, 1))
    )


@pytest.fixture
def affected(cast: Cast) -> Affected:
    prepare(cast)
    return touched_by(preview_change(SYSTEM, cast.tree, lambda: merged(cast)).effect)


def told(actor: Actor, affected: Affected) -> dict[str, EffectGroup]:
    return {group.key: group for group in effects_of(actor, affected)}


def figures(actor: Actor, affected: Affected) -> int:
    return sum(line.count for line in told(actor, affected)["facts"].lines or ())


def test_every_part_with_something_at_a_region_says_what(cast: Cast, affected: Affected) -> None:
    groups = told(SYSTEM, affected)
    expected = {"accounts", "reporting", "targets", "facts", "runs", "schedules", "alerts", "subscriptions"}
    assert expected <= set(groups)
    assert all(group.lines is not None for group in groups.values())


@pytest.mark.parametrize(
    ("relation", "count"), [("own", 2), ("ancestor", 3), ("descendant", 1), ("outsider", 0)]
)
def test_figures_are_counted_where_they_may_be_read(
    cast: Cast, affected: Affected, relation: str, count: int
) -> None:
    assert figures(cast.actor("analyst", relation), affected) == count


def test_the_administrator_who_changes_regions_learns_of_posts_but_of_no_figures(
    cast: Cast, affected: Affected
) -> None:
    groups = told(cast.actor("system_administrator"), affected)
    losing = (groups["accounts"].lines or ())[0]
    assert losing.count == len(BUSINESS_ROLES)  # the business posts at county B
    assert groups["facts"].lines is None
    assert groups["targets"].lines is None


def test_a_preview_puts_no_post_before_the_security_administrator_the_change_does(cast: Cast) -> None:
    preview_change(SYSTEM, cast.tree, lambda: merged(cast))
    assert not PostReview.objects.exists()
    assert Region.objects.get(pk=cast.places["county_b"].pk).is_current
    merged(cast)
    waiting = PostReview.objects.filter(post__region=cast.places["county_b"])
    assert waiting.count() == len(BUSINESS_ROLES)
