"""``jingtu user``: the first administrators, users and posts from the command line."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated

import typer

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    fail,
    language,
    one_of,
    out,
    print_table,
    speaking_plainly,
)
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.queries import find_region, tree_by_slug

from . import postings, proposals, queries, services
from .models import Post, PostProposal, User
from .rules import Role
from .services import NewPassword

app = typer.Typer(no_args_is_help=True, help="用户与岗位 · users and posts")

FIRST = (
    (Role.SYSTEM_ADMINISTRATOR, "系统管理员"),
    (Role.SECURITY_ADMINISTRATOR, "安全管理员"),
    (Role.SECURITY_ADMINISTRATOR, "第二安全管理员"),
    (Role.AUDITOR, "审计员"),
)
Username = Annotated[str, typer.Argument(metavar="USERNAME", help="用户名 · user name")]
Reason = Annotated[str, typer.Option(help="原因 · reason")]


def _say(zh: str, en: str) -> str:
    return en if language() == "en" else zh


def _known(username: str) -> User:
    """The user a command speaks of, suspended ones too; exit code 2 for an unknown name."""
    user = User.objects.filter(username=username.strip().lower()).first()
    if user is None:
        fail(_say(f"没有用户“{username}”。", f"No user “{username}”."))
    return user


def _show(made: list[NewPassword], as_json: bool) -> None:
    if as_json:
        emit_json([{"username": new.user.username, "password": new.password} for new in made])
        return
    print_table(
        _say("临时密码（只显示这一次，首次登录须更换）", "Temporary passwords (shown once, to be changed)"),
        [_say("用户名", "user name"), _say("姓名", "name"), _say("临时密码", "temporary password")],
        [(new.user.username, new.user.full_name, new.password) for new in made],
    )


@app.command("bootstrap")
def bootstrap(
    system: Annotated[str, typer.Option(help="系统管理员用户名 · system administrator")] = "sysadmin",
    security: Annotated[str, typer.Option(help="安全管理员用户名 · security administrator")] = "secadmin",
    second: Annotated[
        str, typer.Option(help="第二安全管理员用户名（确认岗位变更） · second security administrator")
    ] = "secadmin2",
    auditor: Annotated[str, typer.Option(help="审计员用户名 · auditor")] = "auditor",
    as_json: AsJson = False,
) -> None:
    """在空系统中建立管理员，两位安全管理员互相确认 · Make the administrators; two security ones confirm each other."""
    wanted = [
        (role, name, label)
        for (role, label), name in zip(FIRST, (system, security, second, auditor), strict=True)
    ]
    with speaking_plainly():
        _show(postings.make_first_administrators(wanted), as_json)


@app.command("add")
def add(
    username: Username,
    full_name: Annotated[str, typer.Option("--name", help="姓名 · full name")],
    email: Annotated[str, typer.Option(help="电子邮箱 · e-mail")] = "",
    lang: Annotated[str, typer.Option("--language", help="zh | en")] = "zh",
    as_user: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """新建用户（系统管理员） · Make a user; prints the temporary password once."""
    with speaking_plainly():
        new = services.create_user(
            acting_as(as_user), username=username, full_name=full_name, email=email, language=lang
        )
    _show([new], as_json)


@app.command("list")
def list_users(
    search: Annotated[str, typer.Argument(help="姓名或用户名 · part of a name")] = "",
    role: Annotated[str, typer.Option(help="角色 · role")] = "",
    state: Annotated[str, typer.Option(help="active | suspended")] = "",
    as_user: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出用户及其岗位 · List users and the posts they hold."""
    one_of("--role", role, *Role)
    one_of("--state", state, "active", "suspended")
    with speaking_plainly():
        found = list(queries.users(acting_as(as_user), search, role, state))
    if as_json:
        emit_json([_described(user) for user in found])
        return
    print_table(
        _say("用户", "users"),
        [_say("用户名", "user name"), _say("姓名", "name"), _say("状态", "state"), _say("岗位", "posts")],
        [
            (
                user.username,
                user.full_name,
                _say("正常", "active") if user.is_active else _say("已停用", "suspended"),
                "\n".join(f"#{post.pk} {post.role} {post.region or ''}".strip() for post in live_posts(user)),
            )
            for user in found
        ],
    )


def live_posts(user: User) -> list[Post]:
    """The posts that :func:`queries.users` brought along."""
    posts: list[Post] = user.live_posts  # type: ignore[attr-defined]
    return posts


def _described(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "full_name": user.full_name,
        "active": user.is_active,
        "posts": [
            {
                "id": post.pk,
                "role": post.role,
                "tree": post.region.tree.slug if post.region else None,
                "region": post.region.code if post.region else None,
                "name": post.region.name if post.region else None,
                "module": post.module,
                "valid_from": post.valid_from,
                "valid_to": post.valid_to,
            }
            for post in live_posts(user)
        ],
    }


@app.command("grant")
def grant(
    username: Username,
    role: Annotated[str, typer.Argument(help=" | ".join(Role))],
    tree: Annotated[str, typer.Option(help="区划树 · region tree")] = "",
    region: Annotated[str, typer.Option(help="区划代码 · region code")] = "",
    level: Annotated[str, typer.Option(help="层级（代码不唯一时） · level")] = "",
    module: Annotated[str, typer.Option(help="限于模块 · only this module")] = "",
    valid_from: Annotated[dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    valid_to: Annotated[dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
    reason: Reason = "",
    as_user: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """授予岗位（安全管理员） · Give a post over a region subtree."""
    if bool(tree) is not bool(region):
        fail(_say("--tree 与 --region 须同时填写。", "--tree and --region go together."))
    with speaking_plainly():
        actor = acting_as(as_user)
        place = None
        if region:
            named: RegionTree = tree_by_slug(actor, tree)
            place = find_region(actor, named, region, level or None).pk
        made = proposals.grant(
            actor,
            user_id=_known(username).pk,
            role=role,
            region_id=place,
            module=module,
            valid_from=valid_from.date() if valid_from else None,
            valid_to=valid_to.date() if valid_to else None,
            reason=reason,
        )
    if isinstance(made, PostProposal):
        _say_proposed(made, as_json)
    elif as_json:
        emit_json({"post": made.pk})
    else:
        out.print(_say(f"已授予岗位 #{made.pk}。", f"Post #{made.pk} granted."))


def _say_proposed(proposal: PostProposal, as_json: bool = False) -> None:
    if as_json:
        emit_json({"proposal": proposal.pk})
    else:
        out.print(
            _say(
                f"已提出变更 #{proposal.pk}，待另一人确认：jingtu user confirm {proposal.pk} --as 另一人",
                f"Change #{proposal.pk} proposed; somebody else confirms: jingtu user confirm {proposal.pk} --as THEM",
            )
        )


@app.command("proposals")
def list_proposals(as_user: AsUser = None, as_json: AsJson = False) -> None:
    """列出待确认的岗位变更 · List the changes of posts that wait for a second person."""
    with speaking_plainly():
        actor = acting_as(as_user)
        found = [each for each in queries.proposals(actor) if each.is_open]
    rows = [
        (each.pk, each.user.username, proposals.described(each, language()), each.reason, each.expires_at)
        for each in found
    ]
    if as_json:
        names = ("proposal", "username", "what", "reason", "expires_at")
        emit_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    print_table(
        _say("待确认的岗位变更", "changes that wait"),
        ["#", _say("用户名", "user name"), _say("变更", "change"), _say("原因", "reason")],
        [(str(row[0]), *row[1:4]) for row in rows],
    )


@app.command("confirm")
def confirm(
    proposal: Annotated[int, typer.Argument(help="变更编号 · number of the change")],
    as_user: AsUser = None,
) -> None:
    """确认他人提出的岗位变更 · Confirm a change of posts that somebody else proposed."""
    with speaking_plainly():
        proposals.confirm(acting_as(as_user), proposal)
    out.print(_say(f"变更 #{proposal} 已生效。", f"Change #{proposal} holds."))


@app.command("end-post")
def end_post(
    post: Annotated[int, typer.Argument(help="岗位编号 · post number")],
    reason: Reason,
    as_user: AsUser = None,
) -> None:
    """终止岗位（安全管理员） · End a post at once."""
    with speaking_plainly():
        made = proposals.end(acting_as(as_user), post, reason)
    if isinstance(made, PostProposal):
        _say_proposed(made)
        return
    out.print(_say(f"已终止岗位 #{post}。", f"Post #{post} ended."))


@app.command("suspend")
def suspend(username: Username, reason: Reason, as_user: AsUser = None) -> None:
    """停用用户 · Close an account."""
    with speaking_plainly():
        services.suspend_user(acting_as(as_user), _known(username).pk, reason)
    out.print(_say(f"已停用 {username}。", f"{username} suspended."))


@app.command("activate")
def activate(username: Username, reason: Reason, as_user: AsUser = None) -> None:
    """重新启用用户 · Open a suspended account again."""
    with speaking_plainly():
        services.activate_user(acting_as(as_user), _known(username).pk, reason)
    out.print(_say(f"已启用 {username}。", f"{username} activated."))


@app.command("password")
def password(
    username: Username,
    own: Annotated[
        bool,
        typer.Option("--own", help="修改本人密码（从标准输入读两行） · change your own, read from stdin"),
    ] = False,
    as_user: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """重置密码，显示一次临时密码 · Give a temporary password, shown once."""
    with speaking_plainly():
        if own:
            actor = queries.actor_for(username)
            lines = [sys.stdin.readline().rstrip("\n") for _ in range(2)]
            services.change_own_password(actor, *lines)
            out.print(_say("密码已修改。", "Password changed."))
            return
        new = services.reset_password(acting_as(as_user), _known(username).pk)
    _show([new], as_json)


@app.command("recover")
def recover(username: Username, as_json: AsJson = False) -> None:
    """服务器管理人员为失去密码的安全管理员重置密码 · On the server: reset a security administrator's lost password."""
    with speaking_plainly():
        user = _known(username)
        if Role.SECURITY_ADMINISTRATOR not in services.roles_now_or_later(user):
            fail(
                _say(
                    "只能用于安全管理员；其他用户请用 jingtu user password。",
                    "Only for security administrators; for others use jingtu user password.",
                )
            )
        new = services.reset_password(SYSTEM, user.pk)
    _show([new], as_json)
