"""``jingtu listings``: places and venues listed for rectification."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    fail,
    language,
    out,
    print_table,
    speaking_plainly,
)
from jingtu.core.regions.queries import find_region, tree_by_slug
from jingtu.engine.notation import plain_number

from . import queries
from .definition import LEVELS, PROBLEMS
from .models import Listing
from .queries import ListingFilter
from .queries.boards import STAGES
from .queries.candidates import candidate_of
from .services import proposing

app = typer.Typer(no_args_is_help=True, help="挂牌整治 · listings for rectification")
ListingId = Annotated[int, typer.Argument(metavar="LISTING", help="编号 · number of the listing")]


@app.command("list")
def list_listings(
    stage: Annotated[str, typer.Option("--stage", help="before, running, watch, over")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出挂牌 · list the listings you may see."""
    if stage and stage not in STAGES:
        fail(f"--stage: {', '.join(STAGES)}")
    with speaking_plainly():
        found = [_plain(one) for one in queries.listings(acting_as(username), ListingFilter(stage=stage))]
    if as_json:
        emit_json(found)
        return
    columns = ["id", "subject", "class", "problem", "state", "listed_on", "due_on"]
    print_table("挂牌整治 · listings", columns, [[row[name] for name in columns] for row in found])


@app.command("show")
def show(listing: ListingId, username: AsUser = None, as_json: AsJson = False) -> None:
    """一件挂牌的指标和经过 · one listing with its criteria and course."""
    with speaking_plainly():
        page = queries.listing_page(acting_as(username), listing)
    english = language() == "en"
    criteria = [
        {
            "code": row.row.code,
            "name": row.row.name_en if english and row.row.name_en else row.row.name_zh,
            "entry": _number(row.entry),
            "now": _number(row.now),
            "required": row.row.required,
            "forecast": _number(row.forecast),
        }
        for row in page.criteria
    ]
    steps = [{"on": step.on.isoformat(), "act": step.act, "state": step.state} for step, _files in page.steps]
    described = _plain(page.listing) | {"acts": [act.value for act in page.acts]}
    if as_json:
        emit_json({**described, "criteria": criteria, "steps": steps})
        return
    for name, value in described.items():
        out.print(f"{name}: {value}", markup=False)
    for title, rows in (("指标 · criteria", criteria), ("经过 · course", steps)):
        if rows:
            print_table(title, list(rows[0]), [list(row.values()) for row in rows])


@app.command("propose")
def propose(
    region: Annotated[str, typer.Option("--region", metavar="CODE", help="地区 · region")],
    tree: Annotated[str, typer.Option("--tree", metavar="SLUG", help="区划树 · region tree")],
    class_code: Annotated[str, typer.Option("--class", help="类别代码 · code of the class")],
    problem: Annotated[str, typer.Option("--problem", help=", ".join(PROBLEMS))],
    level: Annotated[str, typer.Option("--level", help=", ".join(LEVELS))],
    grounds: Annotated[str, typer.Option("--grounds", help="事由 · grounds")],
    rules: Annotated[int, typer.Option("--rules", help="规则编号，可省略 · rule set, may be left out")] = 0,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """提出挂牌；由上级负责人决定 · propose a listing; a person above decides."""
    with speaking_plainly():
        actor = acting_as(username)
        place = find_region(actor, tree_by_slug(actor, tree), region)
        versions = [one for one in queries.rules_for(actor) if rules in (0, one.rule_set_id)]
        if not versions:
            fail("没有可用的规则" if language() == "zh" else "no rules to propose by")
        found = candidate_of(actor, versions[0], place)
        made = proposing.propose(
            actor, place.pk, versions[0].pk, class_code, problem, level, grounds,
            evidence=[hit.plain() for hit in found.hits], against=found.against,
        )  # fmt: skip
    described = _plain(made)
    if as_json:
        emit_json(described)
    else:
        out.print(f"#{described['id']} {described['state']}", markup=False)


def _plain(one: Listing) -> dict[str, object]:
    english = language() == "en" and one.class_en
    return {
        "id": one.pk,
        "subject": one.subject,
        "class": one.class_en if english else one.class_zh,
        "problem": one.problem,
        "level": one.level,
        "state": one.state,
        "listed_on": one.listed_on.isoformat() if one.listed_on else None,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "delisted_on": one.delisted_on.isoformat() if one.delisted_on else None,
        "document": one.document_number,
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain_number(value)
