"""Users, posts and units through their services: rights, separation, audit."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from jingtu.core.accounts import postings, queries, services
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, Unit, User
from jingtu.core.accounts.rules import Role
from jingtu.core.audit.models import AuditEntry
from jingtu.core.audit.services import verify
from jingtu.core.kernel.actor import SYSTEM, Permission, actor_named
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.regions.models import Region, RegionTree
from tests.access.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def codes(error: pytest.ExceptionInfo[InvalidInput]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def newcomer(cast: Cast) -> User:
    actor = cast.actor("system_administrator")
    return services.create_user(actor, username="new", full_name="新人").user


def test_a_created_user_has_a_temporary_password_to_be_changed_and_no_right(cast: Cast) -> None:
    new = services.create_user(
        cast.actor("system_administrator"), username=" New.One ", full_name=" 新人 ", email="n@example.org"
    )
    user = User.objects.get(username="new.one")
    assert user.check_password(new.password)
    assert user.must_change_password
    assert user.full_name == "新人"
    assert not any(UserActor(user).can(permission) for permission in Permission)
    entry = AuditEntry.objects.get(action="accounts.user_created")
    assert new.password not in f"{entry.after}{entry.before}{entry.reason}"


@pytest.mark.parametrize(
    "username, full_name, code",
    [
        ("nobody", "重名", "accounts.username_taken"),
        ("NOBODY", "重名", "accounts.username_taken"),
        ("a", "太短", "accounts.username_bad"),
        ("with space", "空格", "accounts.username_bad"),
        ("<script>", "怪", "accounts.username_bad"),
        ("fine", "  ", "accounts.full_name_empty"),
    ],
)
def test_a_user_that_cannot_be_made_is_refused(cast: Cast, username: str, full_name: str, code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        services.create_user(cast.actor("system_administrator"), username=username, full_name=full_name)
    assert codes(error) == [code]


def test_only_the_system_administrator_makes_users_and_only_the_security_administrator_gives_posts(
    cast: Cast,
) -> None:
    person, region = cast.user("nobody"), cast.places["county_a"]
    for member in cast:
        actor = member.actor
        if member.role != "system_administrator":
            with pytest.raises(PermissionDenied):
                services.create_user(actor, username="x1", full_name="x")
        if member.role != "security_administrator":
            with pytest.raises(PermissionDenied):
                postings.grant_post(actor, user_id=person.pk, role="viewer", region_id=region.pk)


@pytest.mark.parametrize(
    "role, relation, administrator, allowed",
    [
        ("viewer", "own", "system_administrator", True),
        ("auditor", "", "system_administrator", False),
        ("security_administrator", "", "system_administrator", False),
        ("system_administrator", "", "security_administrator", True),
        ("viewer", "own", "security_administrator", False),
    ],
)
def test_nobody_takes_over_or_locks_out_those_who_watch_them(
    cast: Cast, role: str, relation: str, administrator: str, allowed: bool
) -> None:
    actor, target = cast.actor(administrator), cast.user(role, relation)
    if allowed:
        new = services.reset_password(actor, target.pk)
        target.refresh_from_db()
        assert target.check_password(new.password)
        assert target.must_change_password
        assert not services.suspend_user(actor, target.pk, "离岗").is_active
    else:
        for deed in (
            lambda: services.reset_password(actor, target.pk),
            lambda: services.suspend_user(actor, target.pk, "离岗"),
        ):
            with pytest.raises(Conflict):
                deed()


def test_nobody_suspends_themselves(cast: Cast) -> None:
    actor = cast.actor("security_administrator")
    with pytest.raises(Conflict):
        services.suspend_user(actor, actor.user_id, "试")


def test_suspending_and_activating_need_a_reason_and_a_state_that_allows_it(cast: Cast) -> None:
    actor, person = cast.actor("system_administrator"), cast.user("viewer", "own")
    with pytest.raises(InvalidInput):
        services.suspend_user(actor, person.pk, " ")
    with pytest.raises(Conflict):
        services.activate_user(actor, person.pk, "误停")
    services.suspend_user(actor, person.pk, "离岗")
    with pytest.raises(Conflict):
        services.suspend_user(actor, person.pk, "再停")
    services.activate_user(actor, person.pk, "返岗")
    reasons = AuditEntry.objects.filter(target_id=str(person.pk), target_type="user").values_list(
        "reason", flat=True
    )
    assert sorted(reasons) == ["离岗", "返岗"]


def test_a_granted_post_works_at_once_and_an_ended_one_no_more(cast: Cast) -> None:
    person, region = newcomer(cast), cast.places["county_a"]
    security = cast.actor("security_administrator")
    post = postings.grant_post(
        security, user_id=person.pk, role="analyst", region_id=region.pk, confirmed_by=SYSTEM
    )
    assert UserActor(person).can(Permission.RUNS_PREPARE, cast.places["township_a"].pk)
    postings.end_post(security, post.pk, "调离", SYSTEM)
    assert not UserActor(person).can(Permission.RUNS_PREPARE)
    entry = AuditEntry.objects.get(action="accounts.post_ended")
    assert (entry.region_id, entry.reason) == (region.pk, "调离")
    with pytest.raises(Conflict):
        postings.end_post(security, post.pk, "再次", SYSTEM)


@pytest.mark.parametrize("first", ["system_administrator", "auditor"])
@pytest.mark.parametrize("second", ["system_administrator", "security_administrator", "auditor"])
def test_nobody_holds_two_of_the_three_administrations(cast: Cast, first: str, second: str) -> None:
    with pytest.raises(InvalidInput) as error:
        postings.grant_post(
            cast.actor("security_administrator"),
            user_id=cast.user(first).pk,
            role=second,
            confirmed_by=SYSTEM,
        )
    assert codes(error) == ["accounts.two_administrators"]


def test_the_database_itself_refuses_a_second_administrative_post(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(user=cast.user("auditor"), role="system_administrator")


@pytest.mark.parametrize("role, region", [("auditor", True), ("viewer", False)])
def test_the_database_itself_ties_regions_to_business_posts(cast: Cast, role: str, region: bool) -> None:
    place = cast.places["city"] if region else None
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(user=cast.user("nobody"), role=role, region=place)


def test_an_administrative_post_whose_last_day_has_passed_makes_room_for_another(cast: Cast) -> None:
    holder = cast.user("auditor")
    yesterday = today() - dt.timedelta(days=1)
    Post.objects.filter(user=holder).update(valid_to=yesterday)
    postings.grant_post(
        cast.actor("security_administrator"),
        user_id=holder.pk,
        role="system_administrator",
        confirmed_by=SYSTEM,
    )
    assert UserActor(holder).roles == {Role.SYSTEM_ADMINISTRATOR}


def test_administrators_get_no_business_posts(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as error:
        postings.grant_post(
            cast.actor("security_administrator"),
            user_id=cast.user("auditor").pk,
            role="analyst",
            region_id=cast.places["city"].pk,
            confirmed_by=SYSTEM,
        )
    assert codes(error) == ["accounts.administrator_with_business"]


def test_nobody_gives_or_ends_posts_of_their_own(cast: Cast) -> None:
    security = cast.actor("security_administrator")
    own = Post.objects.get(user_id=security.user_id)
    with pytest.raises(Conflict):
        postings.grant_post(
            security, user_id=security.user_id, role="viewer", region_id=cast.places["city"].pk
        )
    with pytest.raises(Conflict):
        postings.end_post(security, own.pk, "试", SYSTEM)


def test_the_same_post_twice_is_refused_and_one_after_the_other_is_not(cast: Cast) -> None:
    security, person = cast.actor("security_administrator"), newcomer(cast)
    region = cast.places["city"].pk
    day = today()
    postings.grant_post(security, user_id=person.pk, role="viewer", region_id=region, valid_to=day)
    with pytest.raises(InvalidInput) as error:
        postings.grant_post(security, user_id=person.pk, role="viewer", region_id=region)
    assert codes(error) == ["accounts.post_held_already"]
    postings.grant_post(
        security,
        user_id=person.pk,
        role="viewer",
        region_id=region,
        valid_from=day + dt.timedelta(days=1),
    )
    assert Post.objects.filter(user=person).count() == 2


def test_a_post_on_a_place_that_no_longer_exists_is_refused(cast: Cast) -> None:
    gone = Region.objects.create(
        tree=cast.tree, code="1", name="旧县", level="county", valid_to=dt.date(2020, 1, 1)
    )
    with pytest.raises(InvalidInput) as error:
        postings.grant_post(
            cast.actor("security_administrator"),
            user_id=cast.user("nobody").pk,
            role="viewer",
            region_id=gone.pk,
        )
    assert codes(error) == ["accounts.region_ended"]


def test_the_suspended_get_no_posts(cast: Cast) -> None:
    person = cast.user("nobody")
    User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(Conflict):
        postings.grant_post(
            cast.actor("security_administrator"),
            user_id=person.pk,
            role="viewer",
            region_id=cast.places["city"].pk,
        )


def test_a_unit_belongs_to_a_place_and_may_stand_in_a_tree_of_units(cast: Cast) -> None:
    tree = RegionTree.objects.create(
        slug="units", name_zh="成员单位", name_en="Units", kind=RegionTree.Kind.UNITS
    )
    subject = Region.objects.create(tree=tree, code="edu", name="教育局", level="unit", position=0, last=0)
    actor, city = cast.actor("system_administrator"), cast.places["city"]
    unit = postings.save_unit(actor, name="市教育局", region_id=city.pk, unit_region_id=subject.pk)
    postings.save_unit(actor, unit_id=unit.pk, name="市教体局", region_id=city.pk, is_active=False)
    unit.refresh_from_db()
    assert (unit.name, unit.unit_region, unit.is_active) == ("市教体局", None, False)
    entry = AuditEntry.objects.get(action="accounts.unit_changed")
    assert entry.before["name"] == "市教育局"
    for wrong in (
        {"name": "市教体局", "region_id": city.pk},
        {"name": "另一局", "region_id": city.pk, "unit_region_id": city.pk},
        {"name": " ", "region_id": city.pk},
    ):
        with pytest.raises(InvalidInput):
            postings.save_unit(actor, **wrong)  # type: ignore[arg-type]
    assert Unit.objects.count() == 1


def test_the_first_administrators_are_made_once(db: None) -> None:
    wanted = [
        (Role.SYSTEM_ADMINISTRATOR, "sys", "系统"),
        (Role.SECURITY_ADMINISTRATOR, "sec", "安全"),
        (Role.SECURITY_ADMINISTRATOR, "sec2", "安全二"),
        (Role.AUDITOR, "aud", "审计"),
    ]
    made = postings.make_first_administrators(wanted)
    assert [UserActor(new.user).roles for new in made] == [{role} for role, _, _ in wanted]
    with pytest.raises(Conflict):
        postings.make_first_administrators(wanted)
    assert verify(SYSTEM) == []


def test_a_command_finds_its_actor_by_name_but_no_suspended_or_unknown_one(cast: Cast) -> None:
    assert actor_named("AUDITOR").can(Permission.AUDIT_READ)
    User.objects.filter(username="auditor").update(is_active=False)
    for name in ("auditor", "ghost"):
        with pytest.raises(NotFound):
            actor_named(name)


def test_holders_of_a_permission_over_a_place_are_found_up_the_tree_only(cast: Cast) -> None:
    found = queries.holders(cast.actor("analyst", "own"), Permission.RUNS_APPROVE, cast.places["county_a"].pk)
    assert {user.username for user in found} == {"reviewer.own", "reviewer.ancestor"}
    Post.objects.filter(user=cast.user("reviewer", "own")).update(module="facts")
    found = queries.holders(SYSTEM, Permission.RUNS_APPROVE, cast.places["county_a"].pk)
    assert {user.username for user in found} == {"reviewer.ancestor"}
    assert (
        queries.holders(
            cast.actor("analyst", "outsider"), Permission.RUNS_APPROVE, cast.places["county_a"].pk
        )
        == []
    )
