from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.rules import Role
from jingtu.core.regions.commands import app
from jingtu.core.regions.models import Region, RegionTree

pytestmark = pytest.mark.django_db

GOOD = "code,name,parent,level\nR,根市,,city\nA,吉首县,R,county\n"
BAD = "code,name,parent,level\nR,根市,,city\nA,甲县,X,county\n"


def person(role: Role) -> str:
    user = User.objects.create(username="keeper", full_name="管理员", password="!")
    Post.objects.create(user=user, role=role, region=None, valid_from=dt.date(2020, 1, 1))
    return user.username


def run(*words: str):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, list(words), env={"JINGTU_LANG": "en", "JINGTU_USER": ""})


def write(folder: Path, text: str) -> str:
    path = folder / "regions.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_change_is_previewed_then_recorded(town: RegionTree) -> None:
    words = ("change", "merge", "T2", "--into", "T1", "--tree", "town", "--date", "2026-03-01", "--json")
    words += ("--as", person(Role.SYSTEM_ADMINISTRATOR))
    shown = json.loads(run(*words, "--preview").stdout)
    assert not shown["written"]
    assert shown["ended"] == ["西县 (T2)"]
    assert any(group["app"] == "accounts" and group["visible"] for group in shown["affected"])
    assert Region.objects.filter(code="T2", valid_to__isnull=True).exists()
    assert json.loads(run(*words).stdout)["written"]
    assert not Region.objects.filter(code="T2", valid_to__isnull=True).exists()


def test_a_part_with_a_share_that_is_none_is_refused_in_one_line(town: RegionTree) -> None:
    words = ("change", "split", "T1", "--tree", "town", "--date", "2026-03-01", "--keeps")
    words += ("--as", person(Role.SYSTEM_ADMINISTRATOR))
    for share in ("half", "1.5", "NaN"):
        answer = run(*words, "--part", f"T7:东新区:T103:{share}")
        assert answer.exit_code == 2
        assert "share" in answer.output


def test_a_csv_is_loaded_by_who_may_and_again_changes_nothing(tmp_path: Path) -> None:
    words = (
        "load",
        "--csv",
        write(tmp_path, GOOD),
        "--tree",
        "mine",
        "--as",
        person(Role.SYSTEM_ADMINISTRATOR),
    )
    first, second = run(*words, "--json"), run(*words)
    assert json.loads(first.stdout)["created"] == 2
    assert "nothing changed" in second.output


def test_the_national_data_set_is_loaded_from_its_folder(china_folder: Path) -> None:
    words = ("--china", str(china_folder), "--villages", "--as", person(Role.SYSTEM_ADMINISTRATOR), "--json")
    assert json.loads(run("load", *words).stdout)["created"] == 18


def test_who_may_not_manage_regions_loads_nothing(tmp_path: Path) -> None:
    result = run("load", "--csv", write(tmp_path, GOOD), "--tree", "mine", "--as", person(Role.AUDITOR))
    assert result.exit_code == 2
    assert "Your posts do not allow this" in result.output
    assert not RegionTree.objects.exists()


@pytest.mark.parametrize(
    "words, told",
    [
        (("load", "--csv", "absent.csv", "--tree", "x", "--as", "keeper"), "absent.csv"),
        (("load", "--tree", "x", "--as", "keeper"), "--china DIR or --csv FILE"),
        (("load", "--csv", "absent.csv", "--tree", "x"), "--as USERNAME"),
        (("load", "--csv", "absent.csv", "--tree", "x", "--as", "stranger"), "stranger"),
        (("load", "--china", "/nowhere", "--as", "keeper"), "provinces.csv"),
        (("search", "x", "--tree", "none"), "none"),
        (("check", "absent.csv"), "absent.csv"),
    ],
)
def test_wrong_use_gets_one_clear_line_and_exit_code_2(words: tuple[str, ...], told: str) -> None:
    person(Role.SYSTEM_ADMINISTRATOR)
    result = run(*words)
    assert result.exit_code == 2
    assert told in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_file_is_checked_without_writing(tmp_path: Path) -> None:
    assert run("check", write(tmp_path, GOOD)).exit_code == 0
    result = run("check", write(tmp_path, BAD), "--json")
    assert result.exit_code == 2
    assert [problem["row"] for problem in json.loads(result.stdout)["problems"]] == [3]
    assert not Region.objects.exists()


def test_search_and_list_answer_as_tables_and_as_json(town: RegionTree) -> None:
    found = json.loads(run("search", "dx", "--tree", town.slug, "--json").stdout)["found"]
    assert [(region["code"], region["path"]) for region in found] == [("T1", "东县")]
    assert "西县 / 西1镇" in run("search", "西1", "--tree", town.slug).output
    missing = run("search", "冬县", "--tree", town.slug)
    assert missing.exit_code == 2
    assert "东县" in missing.output
    assert json.loads(run("list", "--json").stdout)[0]["regions"] == 9
    assert "town" in run("list").output
