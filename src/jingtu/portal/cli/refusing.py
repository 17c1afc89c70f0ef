"""Wrong use of the command line as one clear line: unknown words, missing arguments, files that cannot be
read or written, a database that is not there."""

from __future__ import annotations

import re
import sys

from typer import Abort
from typer._click.exceptions import (
    ClickException,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

from jingtu.core.kernel.console import language

_NOT_WHOLE = re.compile(r"Invalid value for (.+?): .*valid integer.*")
"""How the library of the command line says that a word is no whole number."""
_NO_DAY = re.compile(r"Invalid value for (.+?): .*does not match the formats.*")
_TOO_SMALL_OR_LARGE = re.compile(
    r"Invalid value for (.+?): Input should be (greater|less) than( or equal to)? (\S+)"
)
_BOUNDS = {
    ("greater", True): "不小于",
    ("greater", False): "大于",
    ("less", True): "不大于",
    ("less", False): "小于",
}


def one_line(error: Exception) -> str | None:
    """What to say of an error, in the terminal's language; None for one that is not the caller's doing."""
    english = language() == "en"
    if isinstance(error, NoArgsIsHelpError):
        return error.format_message()
    if isinstance(error, UsageError):
        return _usage(error, english)
    if isinstance(error, ClickException):
        return " ".join(error.format_message().split())
    if isinstance(error, Abort):
        return "stopped, nothing was done" if english else "已中止，未作改动。"
    if isinstance(error, OSError) and error.filename:
        if english:
            return f"cannot read or write {error.filename}: {error.strerror}"
        return f"无法读写“{error.filename}”：{error.strerror}"
    if _no_database(error):
        if english:
            return "there is no database yet: run jingtu demo, jingtu serve or jingtu restore first"
        return "还没有数据库：请先运行 jingtu demo、jingtu serve，或用 jingtu restore 恢复备份。"
    return None


def _usage(error: UsageError, english: bool) -> str:
    ways = error.ctx.command_path if error.ctx else "jingtu"
    said = " ".join(error.format_message().split()).rstrip(".")
    number, day, bound = (
        _NOT_WHOLE.fullmatch(said),
        _NO_DAY.fullmatch(said),
        _TOO_SMALL_OR_LARGE.fullmatch(said),
    )
    if english:
        if number:
            said = f"{number[1]} must be a whole number"
        elif day:
            said = f"{day[1]} must be a day like 2026-11-23"
        return f"{said} (see {ways} --help)"
    if number:
        said = f"{number[1]} 须是整数"
    elif day:
        said = f"{day[1]} 须是日期，如 2026-11-23"
    elif bound:
        said = f"{bound[1]} 须{_BOUNDS[bound[2], bool(bound[3])]} {bound[4]}"
    elif isinstance(error, NoSuchOption):
        near = f"，是否指 {'、'.join(error.possibilities)}" if error.possibilities else ""
        said = f"没有选项 {error.option_name}{near}"
    elif isinstance(error, MissingParameter):
        said = said.replace("Missing argument", "缺少参数").replace("Missing option", "缺少选项")
    elif said.startswith("No such command"):
        unknown, _, near = said.removeprefix("No such command").partition(". Did you mean ")
        said = f"没有命令{unknown}" + (f"，是否指 {near.rstrip('?').replace(', ', '、')}" if near else "")
    elif said.startswith("Got unexpected extra argument"):
        said = f"参数过多：{said.rpartition('(')[2].rstrip(')')}"
    else:
        said = f"用法有误：{said}"
    return f"{said}（用法见 {ways} --help）"


def _no_database(error: Exception) -> bool:
    database = sys.modules.get("django.db.utils")
    if database is None or not isinstance(error, database.DatabaseError):
        return False
    return any(words in str(error) for words in ("no such table", "does not exist", "unable to open"))
