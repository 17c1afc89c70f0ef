"""Sign-in, own account, people."""

from __future__ import annotations

import datetime as dt

from allauth.mfa.models import Authenticator
from django.http import HttpResponse

from jingtu.core.accounts.models import ApiToken, Post, PostProposal, PostReview, SignInSession, Unit, User
from jingtu.core.kernel import vault
from jingtu.core.kernel.clock import now
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, administrators, everyone, everyone_with_an_account, roles

SYSTEM = roles("system_administrator")
SECURITY = roles("security_administrator")
# Whoever reads accounts, and leaders, who see what lies in their places.
READERS = administrators() | roles("leader")
DECIDERS = roles("leader", relations=("own", "ancestor"))


def token_of(cast: Cast) -> int:
    moment = now()
    return ApiToken.objects.create(
        user=cast.user("analyst", "own"),
        name="夜间取数",
        start="jt_abcdefgh",
        digest="0" * 64,
        created_at=moment,
        expires_at=moment + dt.timedelta(days=1),
    ).pk


def own_tokens_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    expected = [known["token"]] if (member.role, member.relation) == ("analyst", "own") else []
    assert [token.pk for token in response.context["tokens"]] == expected  # type: ignore[attr-defined]


def own_session_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {session.user_id for session in response.context["sessions"]}  # type: ignore[attr-defined]
    assert shown == {member.user.pk if member.user else None}


def proposals_in_reach(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = [row["proposal"].pk for row in response.context["rows"]]  # type: ignore[attr-defined]
    inside = member.role != "leader" or member.relation in {"own", "ancestor"}
    assert shown == ([known["proposal"]] if inside else [])


def reviews_in_reach(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = [row["review"].pk for row in response.context["rows"]]  # type: ignore[attr-defined]
    inside = member.role != "leader" or member.relation in {"own", "ancestor"}
    assert shown == ([known["review"]] if inside else [])


def prepare(cast: Cast) -> Known:
    person = cast.user("viewer", "own")
    person.set_password("a password to be changed")
    person.save()
    return {
        "person": person.pk,
        "suspended": User.objects.create_user("suspended", full_name="停用", is_active=False).pk,
        "post": Post.objects.get(user=person).pk,
        "unit": Unit.objects.create(name="甲县教育局", region=cast.places["county_a"]).pk,
        "tree": cast.tree.pk,
        "token": token_of(cast),
        "proposal": PostProposal.objects.create(
            kind="grant",
            user=person,
            content={"role": "leader", "region_id": cast.places["county_a"].pk},
            reason="试",
            proposed_at=now(),
            expires_at=now() + dt.timedelta(days=7),
        ).pk,
        "review": PostReview.objects.create(
            post=Post.objects.get(user=person), cause="region_change", opened_at=now()
        ).pk,
        "factor": Authenticator.objects.create(
            user=person, type="totp", data={"secret": vault.encrypt("A" * 32)}
        ).pk,
        "session": SignInSession.objects.create(
            user=person, key="elsewhere", started_at=now(), used_at=now()
        ).pk,
    }


def own_posts_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {post.user_id for post in response.context["posts"]}  # type: ignore[attr-defined]
    assert shown <= {member.user.pk if member.user else None}


def all_users(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    assert response.context["page"].paginator.count == len(cast.members)  # type: ignore[attr-defined]


def person(known: Known) -> dict[str, object]:
    return {"user_id": known["person"]}


REASON = {"reason": "测试"}

ROWS = [
    Row("accounts:sign-in", open_to=everyone()),
    Row("accounts:sign-out", method="POST", open_to=everyone_with_an_account()),
    Row("accounts:account", open_to=everyone_with_an_account(), sees=own_posts_only),
    Row(
        "accounts:account",
        method="POST",
        data=lambda known: {"language": "en", "email": ""},
        open_to=everyone_with_an_account(),
    ),
    Row("accounts:password", open_to=everyone_with_an_account()),
    Row("account_login", open_to=everyone()),
    # Nobody waits for a second step here: strangers are sent to sign-in, those signed in go on.
    Row("mfa_authenticate", open_to=everyone_with_an_account()),
    Row("accounts:passkey-options", open_to=everyone()),
    Row(
        "accounts:passkey-sign-in",
        method="POST",
        data=lambda known: {"credential": "{}"},
        open_to=everyone(),
        admitted=(302, 422),
    ),
    # No single sign-on is set up here: there is nothing at these addresses for anybody.
    Row(
        "openid_connect_login",
        kwargs=lambda known: {"provider_id": "office"},
        open_to=everyone(),
        admitted=(404,),
    ),
    Row(
        "openid_connect_callback",
        kwargs=lambda known: {"provider_id": "office"},
        open_to=everyone(),
        admitted=(404,),
    ),
    Row("accounts:factors", open_to=everyone_with_an_account()),
    Row("accounts:totp-add", open_to=everyone_with_an_account()),
    Row("accounts:passkey-add", open_to=everyone_with_an_account()),
    Row("accounts:codes-new", method="POST", open_to=everyone_with_an_account(), admitted=(200, 409)),
    Row(
        "accounts:factor-remove",
        method="POST",
        kwargs=lambda known: {"factor_id": known["factor"]},
        open_to=roles("viewer", relations=("own",)),
    ),
    Row("accounts:confirm", open_to=everyone_with_an_account()),
    Row("accounts:sessions", open_to=everyone_with_an_account(), sees=own_session_only),
    Row("accounts:sessions-end-others", method="POST", open_to=everyone_with_an_account()),
    Row(
        "accounts:session-end",
        method="POST",
        kwargs=lambda known: {"session_id": known["session"]},
        open_to=roles("viewer", relations=("own",)),
    ),
    Row("accounts:tokens", open_to=everyone_with_an_account(), sees=own_tokens_only),
    Row(
        "accounts:tokens",
        method="POST",
        data=lambda known: {"name": "试", "days": "9999"},
        open_to=everyone_with_an_account(),
        admitted=(422,),
    ),
    Row(
        "accounts:token-revoke",
        method="POST",
        kwargs=lambda known: {"token_id": known["token"]},
        open_to=roles("analyst", relations=("own",)),
    ),
    # Anonymous is no user, the suspended one is: the list is as long as the cast.
    Row("accounts:people", open_to=administrators(), sees=all_users),
    Row("accounts:user", kwargs=person, open_to=administrators()),
    Row("accounts:user-create", open_to=SYSTEM),
    Row(
        "accounts:user-create",
        method="POST",
        data=lambda known: {"username": "new.one", "full_name": "新人", "language": "zh"},
        open_to=SYSTEM,
    ),
    Row("accounts:user-change", kwargs=person, open_to=SYSTEM),
    Row(
        "accounts:user-change",
        method="POST",
        kwargs=person,
        data=lambda known: {"full_name": "改名"},
        open_to=SYSTEM,
    ),
    Row(
        "accounts:user-suspend",
        method="POST",
        kwargs=person,
        data=lambda known: REASON,
        open_to=SYSTEM,
        refused=(403, 409),
    ),
    Row(
        "accounts:user-activate",
        method="POST",
        kwargs=lambda known: {"user_id": known["suspended"]},
        data=lambda known: REASON,
        open_to=SYSTEM,
        refused=(403, 409),
    ),
    Row("accounts:user-password", method="POST", kwargs=person, open_to=SYSTEM, refused=(403, 409)),
    Row("accounts:post-grant", kwargs=person, open_to=SECURITY),
    Row(
        "accounts:post-grant",
        method="POST",
        kwargs=person,
        data=lambda known: {
            "role": "leader",
            "tree": known["tree"],
            "region": "310101",
            "reason": "试",
            "valid_from": "2026-01-01",
        },
        open_to=SECURITY,
        admitted=(302,),
    ),
    Row("accounts:post-end", kwargs=lambda known: {"post_id": known["post"]}, open_to=SECURITY),
    Row(
        "accounts:post-end",
        method="POST",
        kwargs=lambda known: {"post_id": known["post"]},
        data=lambda known: REASON,
        open_to=SECURITY,
        admitted=(302,),
    ),
    Row("accounts:proposals", open_to=READERS, sees=proposals_in_reach),
    Row(
        "accounts:proposal-confirm",
        method="POST",
        kwargs=lambda known: {"proposal_id": known["proposal"]},
        open_to=SECURITY | DECIDERS,
    ),
    Row(
        "accounts:proposal-refuse",
        method="POST",
        kwargs=lambda known: {"proposal_id": known["proposal"]},
        data=lambda known: REASON,
        open_to=SECURITY | DECIDERS,
    ),
    Row(
        "accounts:proposal-withdraw",
        method="POST",
        kwargs=lambda known: {"proposal_id": known["proposal"]},
        refused=(403, 404),
    ),
    Row(
        "accounts:factor-reset",
        method="POST",
        kwargs=person,
        data=lambda known: REASON,
        open_to=SYSTEM,
        refused=(403, 409),
    ),
    Row("accounts:reviews", open_to=READERS, sees=reviews_in_reach),
    Row(
        "accounts:review-decide",
        method="POST",
        kwargs=lambda known: {"review_id": known["review"]},
        data=lambda known: {**REASON, "decision": "confirm"},
        open_to=SECURITY | DECIDERS,
    ),
    Row("accounts:campaign-open", open_to=SECURITY),
    Row(
        "accounts:campaign-open",
        method="POST",
        data=lambda known: {"title": "2026年度", "due_on": "2099-01-01"},
        open_to=SECURITY,
    ),
    Row("accounts:dormant", open_to=administrators()),
    Row("accounts:units", open_to=administrators()),
    Row("accounts:unit-create", open_to=SYSTEM),
    Row("accounts:unit", kwargs=lambda known: {"unit_id": known["unit"]}, open_to=SYSTEM),
    Row(
        "accounts:unit",
        method="POST",
        kwargs=lambda known: {"unit_id": known["unit"]},
        data=lambda known: {"name": "甲县教体局", "tree": known["tree"], "region": "310101"},
        open_to=SYSTEM,
        admitted=(302,),
    ),
]
