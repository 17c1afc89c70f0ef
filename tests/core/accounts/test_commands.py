"""``jingtu user`` and ``jingtu audit``: rights of the named user, one plain line on wrong use."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from jingtu.core.accounts.commands import app as user_app
from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.commands import app as audit_app
from jingtu.core.audit.models import AuditEntry
from tests.access.cast import Cast, make_cast

runner = CliRunner()


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def user(*words: str, text: str | None = None) -> Result:
    return runner.invoke(user_app, [*words], input=text, env={"JINGTU_LANG": "zh"})


def audit(*words: str) -> Result:
    return runner.invoke(audit_app, [*words], env={"JINGTU_LANG": "zh"})


def test_the_first_administrators_are_made_in_an_empty_system_and_only_there(db: None) -> None:
    made = json.loads(user("bootstrap", "--json").stdout)
    assert [one["username"] for one in made] == ["sysadmin", "secadmin", "secadmin2", "auditor"]
    assert User.objects.get(username="auditor").check_password(made[3]["password"])
    again = user("bootstrap")
    assert again.exit_code == 2
    assert "已有用户" in again.stderr


def test_a_user_is_made_granted_listed_suspended_and_activated_by_the_right_people(cast: Cast) -> None:
    made = user("add", "zhao", "--name", "赵填报", "--as", "system-administrator", "--json")
    assert json.loads(made.stdout)[0]["username"] == "zhao"
    words = ("grant", "zhao", "analyst", "--tree", "cast", "--region", "310101", "--reason", "任命", "--json")
    proposed = user(*words, "--as", "security-administrator")
    assert proposed.exit_code == 0, proposed.stderr
    number = str(json.loads(proposed.stdout)["proposal"])
    waiting = json.loads(user("proposals", "--as", "leader.ancestor", "--json").stdout)
    assert [row["username"] for row in waiting] == ["zhao"]
    assert user("confirm", number, "--as", "security-administrator").exit_code == 2
    assert user("confirm", number, "--as", "leader.ancestor").exit_code == 0
    listed = json.loads(user("list", "zhao", "--as", "auditor", "--json").stdout)
    assert [(post["role"], post["name"]) for post in listed[0]["posts"]] == [("analyst", "甲县")]
    post = Post.objects.get(user__username="zhao")
    ended = user("end-post", str(post.pk), "--reason", "调离", "--as", "security-administrator")
    assert "待另一人确认" in ended.stdout
    for command, active in (("suspend", False), ("activate", True)):
        assert user(command, "zhao", "--reason", "试", "--as", "system-administrator").exit_code == 0
        assert User.objects.get(username="zhao").is_active is active
    assert {entry.channel for entry in AuditEntry.objects.all()} == {"cli"}


@pytest.mark.parametrize(
    "words, said",
    [
        (("list",), "以谁的身份"),
        (("list", "--as", "ghost"), "没有找到"),
        (("list", "--as", "analyst.own"), "无权"),
        (("add", "zhao", "--name", "赵", "--as", "security-administrator"), "无权"),
        (("grant", "nobody", "king", "--as", "security-administrator"), "king"),
        (("grant", "ghost", "viewer", "--as", "security-administrator"), "ghost"),
        (("grant", "nobody", "viewer", "--tree", "cast", "--as", "security-administrator"), "--region"),
        (("grant", "nobody", "viewer", "--as", "security-administrator"), "区划"),
        (("recover", "nobody"), "安全管理员"),
        (("end-post", "99999", "--reason", "x", "--as", "security-administrator"), "没有找到"),
    ],
)
def test_wrong_use_says_one_plain_line_and_leaves_with_two(
    cast: Cast, words: tuple[str, ...], said: str
) -> None:
    result = user(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_lost_security_administrator_is_recovered_on_the_server_and_that_is_recorded(cast: Cast) -> None:
    new = json.loads(user("recover", "security-administrator", "--json").stdout)[0]
    assert User.objects.get(username="security-administrator").check_password(new["password"])
    entry = AuditEntry.objects.get(action="accounts.password_reset")
    assert entry.actor_id == "system"


def test_ones_own_password_is_read_from_standard_input(cast: Cast) -> None:
    person = cast.user("nobody")
    person.set_password("correct horse battery")
    person.save()
    assert user("password", "nobody", "--own", text="wrong\nanother long sentence\n").exit_code == 2
    lines = "correct horse battery\nanother long sentence\n"
    assert user("password", "nobody", "--own", text=lines).exit_code == 0
    person.refresh_from_db()
    assert person.check_password("another long sentence")


def test_the_chain_is_verified_and_listed_for_the_auditor_alone(cast: Cast) -> None:
    user("add", "zhao", "--name", "赵", "--as", "system-administrator")
    assert audit("verify", "--as", "system-administrator").exit_code == 2
    assert "完整" in audit("verify", "--as", "auditor").stdout
    listed = json.loads(audit("list", "--as", "auditor", "--json", "--action", "accounts").stdout)
    assert [entry["action"] for entry in listed] == ["accounts.user_created"]
    assert "新建用户" in audit("list", "--as", "auditor").stdout
    AuditEntry.objects.order_by("sequence")._raw_delete("default")  # type: ignore[attr-defined]
    broken = audit("verify", "--as", "auditor", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["holds"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "甲" * 65), "姓名最多 64 个字"),
        (("--name", "甲\x07"), "不得含控制字符"),
        (("--name", "甲", "--email", "nonsense"), "不是有效的电子邮箱地址"),
        (("--name", "甲", "--language", "fr"), "没有语言“fr”"),
    ],
)
def test_a_user_is_not_made_of_nonsense(cast: Cast, words: tuple[str, ...], said: str) -> None:
    made = user("add", "zhao", *words, "--as", "system-administrator")
    assert (made.exit_code, said in made.stderr) == (2, True)
    assert not User.objects.filter(username="zhao").exists()
