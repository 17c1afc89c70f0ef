"""``jingtu measures``: proposals by rule, measures and their steps."""

from __future__ import annotations

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
    print_mapping,
    print_table,
    speaking_plainly,
)

from . import queries, services
from .models import Measure, Proposal
from .queries import MeasureFilter, ProposalFilter
from .rules import ProposalState, State
from .sentences import lines

app = typer.Typer(no_args_is_help=True, help="追责 · accountability: proposals by rule, measures")
MeasureId = Annotated[int, typer.Argument(metavar="MEASURE", help="措施编号 · number of the measure")]
STATES = {"", "open", "closed", *(state.value for state in State)}
PROPOSAL_STATES = {"", "waiting", *(state.value for state in ProposalState)}


@app.command("propose")
def propose(username: AsUser = None, as_json: AsJson = False) -> None:
    """让规则查看一次并提出建议，不作决定 · let the rules look once; they propose and decide nothing."""
    with speaking_plainly():
        made = services.propose(acting_as(username))
    found = [_proposal(row) for row in made]
    if as_json:
        emit_json(found)
    else:
        _table("新的追责建议 · new proposals", found)


@app.command("proposals")
def list_proposals(
    state: Annotated[str, typer.Option(help="waiting, open, filed, taken, not_taken")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出追责建议 · list the proposals you may see."""
    if state not in PROPOSAL_STATES:
        fail(f"--state: {', '.join(sorted(PROPOSAL_STATES - {''}))}")
    with speaking_plainly():
        found = [
            _proposal(row) for row in queries.proposals(acting_as(username), ProposalFilter(state))[:500]
        ]
    if as_json:
        emit_json(found)
    else:
        _table("追责建议 · proposals", found)


@app.command("list")
def list_measures(
    state: Annotated[str, typer.Option(help="open, closed, served, in_force …")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出措施，已封存的不列 · list the measures you may see; sealed ones are in no list."""
    if state not in STATES:
        fail(f"--state: {', '.join(sorted(STATES - {''}))}")
    with speaking_plainly():
        found = [_measure(row) for row in queries.measures(acting_as(username), MeasureFilter(state))[:500]]
    if as_json:
        emit_json(found)
    else:
        _table("措施 · measures", found)


@app.command("show")
def show(measure: MeasureId, username: AsUser = None, as_json: AsJson = False) -> None:
    """一项措施的经过和期限 · one measure with its steps and clocks."""
    with speaking_plainly():
        actor = acting_as(username)
        row = queries.get_measure(actor, measure)
        described: dict[str, object] = {
            **_measure(row),
            "facts": row.facts,
            "clocks": {face.key: face.due for face in queries.clock_faces(actor, row)},
            "steps": [
                {"on": step.on.isoformat(), "act": step.act, "number": step.number, "text": step.text}
                for step in row.steps.all()
            ],
            "effects": [
                {"effect": one.effect, "body": one.body, "document": one.document_number}
                for one in row.effects.all()
            ],
        }
    if as_json:
        emit_json(described)
        return
    print_mapping({name: value for name, value in described.items() if not isinstance(value, list)})
    for step in row.steps.all():
        out.print(f"{step.on} {step.act} {step.number} {step.text}".rstrip(), markup=False, soft_wrap=True)


def _proposal(row: Proposal) -> dict[str, object]:
    first = lines(row.evidence[:1], language())
    return {
        "id": row.pk,
        "region": row.region.name,
        "rule": row.kind,
        "period": row.period,
        "state": row.state,
        "against": len(row.against),
        "evidence": first[0][0] if first else "",
    }


def _measure(row: Measure) -> dict[str, object]:
    return {
        "id": row.pk,
        "region": row.region.name,
        "kind": row.rung,
        "addressee": "person" if row.concerns_person else "organisation",
        "state": row.state,
        "opened_on": row.opened_on.isoformat(),
        "ends_on": row.ends_on.isoformat() if row.ends_on else None,
    }


def _table(title: str, found: list[dict[str, object]]) -> None:
    columns = list(found[0]) if found else ["id"]
    print_table(title, columns, [[row[name] for name in columns] for row in found])
