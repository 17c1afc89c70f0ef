"""How every ``jingtu`` command speaks: one clear line on wrong use (exit 2), tables or ``--json``, progress bars."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jingtu.core.kernel.actor import Actor, actor_named
from jingtu.core.kernel.errors import FINDABLE, NOT_YET, Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.wall import read_on_as
from jingtu.engine.problems import Language, Problem

# What is printed is data: "[/x]" in a reason is no markup and ":x:" in a file's line no picture.
out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

AsUser = Annotated[
    str | None,
    typer.Option(
        "--as", envvar="JINGTU_USER", metavar="USERNAME", help="以该用户身份、按其权限执行 · act as this user"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出 · print JSON")]


def language() -> Language:
    """The terminal's language: JINGTU_LANG (zh or en), otherwise Chinese unless the locale is English."""
    chosen = os.environ.get("JINGTU_LANG") or (locale.getlocale()[0] or "")
    return "en" if chosen.lower().startswith("en") else "zh"


def fail(message: str) -> NoReturn:
    """Say one line on standard error and leave with exit code 2."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def one_of(option: str, value: str, *known: str) -> None:
    """Refuse a filter that is none of what there is, which would find nothing without saying why."""
    if value and value not in known:
        fail(f"{option}: {', '.join(known)}")


def acting_as(username: str | None) -> Actor:
    """The actor of a command's ``--as``; says so and leaves with exit code 2 when nobody is named."""
    if not username:
        english = language() == "en"
        fail(
            "say who acts: --as USERNAME or JINGTU_USER"
            if english
            else "请说明以谁的身份执行：--as 用户名，或设置 JINGTU_USER"
        )
    actor = actor_named(username)
    read_on_as(actor)
    return actor


@contextmanager
def speaking_plainly() -> Iterator[None]:
    """Turn the project's own errors into one line (or one per problem) and exit code 2."""
    try:
        yield
    except InvalidInput as error:
        shown: Sequence[Problem] = error.problems[:20]
        for problem in shown:
            err.print(_on_the_command_line(problem), style="red", markup=False, soft_wrap=True)
        if len(error.problems) > len(shown):
            err.print(f"… +{len(error.problems) - len(shown)}", style="red", markup=False)
        raise typer.Exit(2) from error
    except NotFound as error:
        fail(error.problem.text(language()) + _where_to_look(error.kind))
    except (PermissionDenied, Conflict) as error:
        fail(error.problem.text(language()))


def _on_the_command_line(problem: Problem) -> str:
    """The sentence with its place: without a row it is an option or argument that is wrong, no column of a table."""
    if problem.row is None and problem.column is not None:
        return f"{problem.column}: {problem.text(language())}"
    return problem.located_text(language())


def _where_to_look(kind: str) -> str:
    if kind in NOT_YET:
        return f" → {NOT_YET[kind][2]}"
    command = FINDABLE[kind][2] if kind else ""
    if not command:
        return ""
    return f" See what there is: {command}" if language() == "en" else f"可用 {command} 查看。"


def emit_json(data: Any) -> None:
    """Print ``data`` as JSON on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()
) -> None:
    """Print rows as a table; ``right`` lists the columns whose figures are aligned right."""
    table = Table(title=Text(title), title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    out.print(table)


def print_mapping(pairs: Mapping[str, object]) -> None:
    """Print labelled values, one a line."""
    for label, value in pairs.items():
        out.print(f"{label}: {value}", markup=False, soft_wrap=True)
