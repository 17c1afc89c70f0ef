"""Four eyes: nobody gives power alone, to whomever, by whatever door."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from jingtu.core.accounts import factors, postings, proposals, queries
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, PostProposal, User
from jingtu.core.accounts.rules import Role, needs_second_person
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import SYSTEM, Permission
from jingtu.core.kernel.clock import frozen, now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from tests.access.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def second(cast: Cast) -> UserActor:
    user = User.objects.create_user("second", full_name="第二安全员")
    Post.objects.create(user=user, role="security_administrator")
    return UserActor(user)


def proposed(cast: Cast, role: str = "analyst", **more: object) -> PostProposal:
    content = {"region_id": cast.places["county_a"].pk, **more}
    made = proposals.grant(
        cast.actor("security_administrator"),
        user_id=cast.user("nobody").pk,
        role=role,
        reason="县禁毒办〔2026〕3号",
        **content,  # type: ignore[arg-type]
    )
    assert isinstance(made, PostProposal)
    return made


def roles_of(user: User) -> frozenset[Role]:
    return UserActor(user).roles


def test_every_role_but_the_reader_of_results_needs_a_second_person() -> None:
    assert {role for role in Role if not needs_second_person(role)} == {Role.VIEWER}


def test_a_proposed_post_opens_nothing_until_somebody_else_confirms(cast: Cast, second: UserActor) -> None:
    proposal, person = proposed(cast), cast.user("nobody")
    assert roles_of(person) == frozenset()
    proposals.confirm(second, proposal.pk, "已核实")
    assert roles_of(person) == {Role.ANALYST}
    post = Post.objects.get(user=person)
    assert (post.granted_by, post.confirmed_by) == (cast.user("security_administrator"), second.user)
    entry = AuditEntry.objects.get(action="accounts.post_granted")
    assert (entry.actor_label, entry.after["confirmed_by"]) == (
        cast.user("security_administrator").label,
        second.label,
    )


def test_neither_the_proposer_nor_the_person_concerned_confirms(cast: Cast, second: UserActor) -> None:
    proposal = proposed(cast)
    with pytest.raises(Conflict):
        proposals.confirm(cast.actor("security_administrator"), proposal.pk)
    about_second = proposals.end(
        cast.actor("security_administrator"), Post.objects.get(user=second.user).pk, "调离"
    )
    with pytest.raises(Conflict):
        proposals.confirm(second, about_second.pk)
    assert roles_of(cast.user("nobody")) == frozenset()


def test_the_service_beneath_refuses_power_from_one_hand_too(cast: Cast) -> None:
    with pytest.raises(Conflict) as caught:
        postings.grant_post(
            cast.actor("security_administrator"),
            user_id=cast.user("nobody").pk,
            role="reporter",
            region_id=cast.places["county_a"].pk,
        )
    assert caught.value.problem.code == "accounts.second_person"


def test_the_database_itself_refuses_a_proposer_who_confirms(cast: Cast) -> None:
    proposal = proposed(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostProposal.objects.filter(pk=proposal.pk).update(state="confirmed", decided_by=proposal.proposed_by)


@pytest.mark.parametrize(
    "relation, allowed",
    [("own", True), ("ancestor", True), ("descendant", False), ("sibling", False), ("outsider", False)],
)
def test_a_leader_confirms_within_the_own_places_only(cast: Cast, relation: str, allowed: bool) -> None:
    proposal, leader = proposed(cast), cast.actor("leader", relation)
    if allowed:
        assert proposals.confirm(leader, proposal.pk).state == "confirmed"
    else:
        with pytest.raises(PermissionDenied):
            proposals.confirm(leader, proposal.pk)
        assert queries.proposals(leader) == []


def test_administrative_posts_are_no_matter_for_the_leader_of_a_part(cast: Cast, second: UserActor) -> None:
    proposal = proposed(cast, "auditor", region_id=None)
    with pytest.raises(PermissionDenied):
        proposals.confirm(cast.actor("leader", "ancestor"), proposal.pk)
    whole = cast.user("leader", "outsider")
    Post.objects.filter(user=whole).update(region=cast.places["nation"])
    assert proposals.may_decide(UserActor(whole), proposal)


@pytest.mark.parametrize("role", ["system_administrator", "auditor", "analyst", "reviewer", "viewer"])
def test_nobody_else_confirms(cast: Cast, role: str) -> None:
    actor = cast.actor(role, "ancestor" if role in {"analyst", "reviewer", "viewer"} else "")
    with pytest.raises(PermissionDenied):
        proposals.confirm(actor, proposed(cast).pk)


def test_what_cannot_be_granted_is_refused_when_it_is_proposed_and_leaves_nothing(cast: Cast) -> None:
    entries = AuditEntry.objects.count()
    with pytest.raises(InvalidInput):
        proposals.grant(
            cast.actor("security_administrator"), user_id=cast.user("auditor").pk, role="system_administrator"
        )
    with pytest.raises(InvalidInput) as caught:
        proposals.grant(
            cast.actor("security_administrator"),
            user_id=cast.user("nobody").pk,
            role="analyst",
            region_id=cast.places["county_a"].pk,
        )
    assert caught.value.problems[0].code == "accounts.reason_needed"
    assert (Post.objects.filter(user=cast.user("nobody")).count(), AuditEntry.objects.count()) == (0, entries)


def test_the_same_proposal_is_not_made_twice(cast: Cast) -> None:
    proposed(cast)
    with pytest.raises(Conflict):
        proposed(cast)


def test_a_proposal_lapses_after_a_week(cast: Cast, second: UserActor) -> None:
    proposal = proposed(cast)
    with frozen(now() + dt.timedelta(days=8)):
        with pytest.raises(Conflict):
            proposals.confirm(second, proposal.pk)
        assert proposals.lapse() == 1
    proposal.refresh_from_db()
    assert proposal.state == "lapsed"
    assert roles_of(cast.user("nobody")) == frozenset()


def test_a_refused_or_withdrawn_proposal_does_nothing_and_stays_decided(
    cast: Cast, second: UserActor
) -> None:
    proposal = proposed(cast)
    with pytest.raises(InvalidInput):
        proposals.refuse_proposal(second, proposal.pk, " ")
    proposals.refuse_proposal(second, proposal.pk, "无编制")
    with pytest.raises(Conflict):
        proposals.confirm(second, proposal.pk)
    other = proposed(cast)
    with pytest.raises(NotFound):
        proposals.withdraw(second, other.pk)
    proposals.withdraw(cast.actor("security_administrator"), other.pk)
    with pytest.raises(Conflict):
        proposals.confirm(second, other.pk)
    assert roles_of(cast.user("nobody")) == frozenset()


def test_extending_moving_and_ending_wait_likewise(cast: Cast, second: UserActor) -> None:
    security, person = cast.actor("security_administrator"), cast.user("analyst", "own")
    post = Post.objects.get(user=person)
    last = today() + dt.timedelta(days=30)
    longer = proposals.extend(security, post.pk, last, "延期")
    post.refresh_from_db()
    assert post.valid_to is None
    proposals.confirm(second, longer.pk)
    post.refresh_from_db()
    assert post.valid_to == last
    moved = proposals.move(security, post.pk, cast.places["county_b"].pk, "合并")
    proposals.confirm(second, moved.pk)
    assert not UserActor(person).can(Permission.RUNS_PREPARE, cast.places["county_a"].pk)
    assert UserActor(person).can(Permission.RUNS_PREPARE, cast.places["county_b"].pk)
    present = Post.objects.get(user=person, ended_at__isnull=True)
    ended = proposals.end(security, present.pk, "离任")
    assert roles_of(person) == {Role.ANALYST}
    proposals.confirm(second, ended.pk)
    assert roles_of(person) == frozenset()


def test_one_person_gives_and_ends_a_readers_post(cast: Cast) -> None:
    security = cast.actor("security_administrator")
    made = proposals.grant(
        security, user_id=cast.user("nobody").pk, role="viewer", region_id=cast.places["city"].pk
    )
    assert isinstance(made, Post)
    assert isinstance(proposals.end(security, made.pk, "调离"), Post)


def test_those_who_may_decide_are_told_and_then_the_proposer(cast: Cast, second: UserActor) -> None:
    proposal = proposed(cast)
    told = set(
        Notice.objects.filter(code="accounts.proposal_waits").values_list("recipient__username", flat=True)
    )
    assert told == {"second", "leader.own", "leader.ancestor"}
    proposals.confirm(second, proposal.pk)
    notice = Notice.objects.get(code="accounts.proposal_decided")
    assert notice.recipient == cast.user("security_administrator")


def test_a_lost_factor_is_reset_by_two(cast: Cast, second: UserActor) -> None:
    person = cast.user("analyst", "own")
    Authenticator.objects.create(user=person, type="totp", data={"secret": vault.encrypt("A" * 32)})
    with pytest.raises(Conflict):
        proposals.reset_factors(cast.actor("security_administrator"), person.pk, "手机丢失")
    proposal = proposals.reset_factors(cast.actor("system_administrator"), person.pk, "手机丢失，已当面核实")
    assert factors.has_second_factor(person)
    proposals.confirm(second, proposal.pk)
    assert not factors.has_second_factor(person)
    entry = AuditEntry.objects.get(action="accounts.factors_reset")
    assert (entry.actor_label, entry.reason) == (
        cast.user("system_administrator").label,
        "手机丢失，已当面核实",
    )


def test_the_machine_is_not_asked_for_a_second_person_and_is_named(cast: Cast) -> None:
    made = proposals.grant(
        SYSTEM, user_id=cast.user("nobody").pk, role="analyst", region_id=cast.places["city"].pk
    )
    assert isinstance(made, Post)
    assert AuditEntry.objects.get(action="accounts.post_granted").actor_id == "system"


def test_the_way_over_the_screens(client: Client, cast: Cast, second: UserActor) -> None:
    client.force_login(cast.user("security_administrator"))
    person = cast.user("nobody")
    page = client.post(
        reverse("accounts:post-grant", args=[person.pk]),
        {
            "role": "analyst",
            "tree": cast.tree.pk,
            "region": "310101",
            "valid_from": today().isoformat(),
            "reason": "县禁毒办〔2026〕3号",
        },
        follow=True,
    )
    assert "待另一人确认后生效" in page.content.decode()
    proposal = PostProposal.objects.get()
    assert client.post(reverse("accounts:proposal-confirm", args=[proposal.pk])).status_code == 409
    other = Client()
    other.force_login(second.user)
    assert f"分析员 · 甲县 · {today()} – 长期" in other.get(reverse("accounts:proposals")).content.decode()
    assert other.post(reverse("accounts:proposal-confirm", args=[proposal.pk])).status_code == 302
    assert roles_of(person) == {Role.ANALYST}
