"""Wrong use of the command line: one clear line in the terminal's language, exit code 2, never a traceback."""

from __future__ import annotations

import sys

import pytest
from django.db.utils import OperationalError
from typer import Exit

from jingtu.core.kernel.console import fail, print_table, speaking_plainly
from jingtu.engine.problems import refuse
from jingtu.portal.cli import main
from jingtu.portal.cli.refusing import one_line

WRONG = (
    (["nonsense"], "没有命令 'nonsense'", "No such command 'nonsense'"),
    (["users"], "没有命令 'users'，是否指 'user'、'serve'（用法见", "Did you mean 'user'"),
    (
        ["audit", "list", "--since", "2026-13-01"],
        "'--since' 须是日期，如 2026-11-23",
        "'--since' must be a day like",
    ),
    (["audit", "list", "--limit", "0"], "'--limit' 须不小于 1", "greater than or equal to 1"),
    (["--nonsense"], "没有选项 --nonsense", "No such option: --nonsense"),
    (["assess", "nonsense"], "没有命令 'nonsense'", "No such command 'nonsense'"),
    (["assess", "explain"], "缺少", "Missing argument"),
    (["assess", "diff", "1", "2", "3"], "参数过多：3", "unexpected extra argument"),
    (["bodies", "show", "x"], "'BODY' 须是整数", "'BODY' must be a whole number"),
    (["bodies", "list", "--kind", "x"], "--kind: committee", "--kind: committee"),
    (["plans", "export", "1", "x.doc"], "须是 .xlsx 文件", "must be an .xlsx file"),
    (["letters", "export", "x.txt"], "须是现有目录下的 .csv 文件", "must be a .csv file in a folder"),
    (["listings", "list", "--stage", "x"], "--stage: before, running", "--stage: before, running"),
    (["measures", "list", "--state", "x"], "--state: closed, decided", "--state: closed, decided"),
    (["duty-reports", "list", "--state", "x"], "--state: draft, submitted", "--state: draft, submitted"),
    (
        ["duty-reports", "export", "1", "x.txt"],
        "须是现有目录下的 .docx 或 .pdf",
        "must be a .docx or .pdf file",
    ),
    (
        ["alerts", "list", "--state", "x"],
        "--state: open, waiting, all, new",
        "--state: open, waiting, all, new",
    ),
    (["alerts", "list", "--severity", "x"], "--severity: info", "--severity: info"),
    (["assess", "list", "--state", "x"], "--state: draft, checked", "--state: draft, checked"),
    (["findings", "list", "--state", "x"], "--state: waiting, all, open", "--state: waiting, all, open"),
    (["findings", "list", "--severity", "x"], "--severity: error", "--severity: error"),
    (["targets", "list", "--state", "x"], "--state: proposed, in_force", "--state: proposed, in_force"),
    (["user", "list", "--role", "x"], "--role: system_administrator", "--role: system_administrator"),
    (["user", "list", "--state", "x"], "--state: active, suspended", "--state: active, suspended"),
    (["outputs", "export", "1", "x.doc"], "须是现有目录下的 .xlsx", "must be a .xlsx, .docx or .pdf file"),
    (["duty-reports", "list"], "请说明以谁的身份执行", "say who acts"),
)


@pytest.mark.parametrize(("words", "zh", "en"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_wrong_use_is_one_line_and_exit_two(monkeypatch, capsys, words, zh, en, language):
    monkeypatch.setenv("JINGTU_LANG", language)
    monkeypatch.setattr(sys, "argv", ["jingtu", *words])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err.strip()
    assert left.value.code == 2
    assert (zh if language == "zh" else en) in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "words", ["no such table: regions_region", 'relation "regions_region" does not exist']
)
def test_a_missing_database_is_named_as_such(monkeypatch, words):
    monkeypatch.setenv("JINGTU_LANG", "zh")
    assert "还没有数据库" in (one_line(OperationalError(words)) or "")


def test_a_file_that_cannot_be_written_is_named(monkeypatch):
    monkeypatch.setenv("JINGTU_LANG", "en")
    said = one_line(PermissionError(13, "Permission denied", "/nowhere/x.yaml"))
    assert said == "cannot read or write /nowhere/x.yaml: Permission denied"


def test_a_fault_of_the_program_is_not_passed_off_as_wrong_use():
    assert one_line(ZeroDivisionError()) is None
    assert one_line(OperationalError("database is locked")) is None


def test_what_people_wrote_is_printed_as_it_stands(capsys):
    print_table("[/t]", ["x"], [["a:x:b [/c] [red]d"], [None]])
    assert "a:x:b [/c] [red]d" in capsys.readouterr().out
    with pytest.raises(Exit):
        fail("a:x:b [/c]")
    assert capsys.readouterr().err == "a:x:b [/c]\n"


def test_what_is_wrong_with_an_option_is_not_told_of_a_column(monkeypatch, capsys):
    monkeypatch.setenv("JINGTU_LANG", "en")
    with pytest.raises(Exit), speaking_plainly():
        raise refuse("runs.reason_missing", column="reason", least=4)
    assert capsys.readouterr().err == "reason: Please state the reason (at least 4 characters).\n"
