"""``jingtu findings``: list and show what the checks noticed; assign, answer, reply, return, accept, override."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from jingtu.core.accounts.models import User
from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    language,
    one_of,
    out,
    print_mapping,
    print_table,
    speaking_plainly,
)
from jingtu.core.kernel.errors import NotFound, refuse

from . import services
from .queries import FindingFilter, FindingLine, finding_lines, finding_page, findings, get_run
from .rules import FindingState, Severity
from .words import CHECK_KINDS

app = typer.Typer(no_args_is_help=True, help="核查意见：列出、指定、答复 · findings: list, assign, answer")
Number = Annotated[int, typer.Argument(metavar="FINDING", help="意见编号 · number of the finding")]
Why = Annotated[str, typer.Option("--reason", help="内容或理由 · what to say, or why")]


@app.command("list")
def list_findings(
    state: Annotated[str, typer.Option(help="waiting、all 或某一状态 · or one state")] = "waiting",
    severity: Annotated[str, typer.Option(help="error | warning")] = "",
    kind: Annotated[str, typer.Option(help="核查种类，如 late_edit · kind of check, like late_edit")] = "",
    run: Annotated[int | None, typer.Option(help="只列一次考核的 · of one run")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="只列我负责的 · only mine")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出核查意见 · list findings."""
    one_of("--state", state, "waiting", "all", *FindingState)
    one_of("--severity", severity, *Severity)
    with speaking_plainly():
        actor = acting_as(username)
        if run is not None:
            get_run(actor, run)
        if kind and kind not in CHECK_KINDS:
            raise refuse("findings.no_kind", kind=kind[:40], known=", ".join(CHECK_KINDS))
        wanted = FindingFilter("" if state == "all" else state, severity, kind, run=run, mine=mine)
        found = finding_lines(actor, list(findings(actor, wanted)))
    if as_json:
        emit_json([described(line) for line in found])
        return
    zh = language() == "zh"
    print_table(
        "核查意见" if zh else "Findings",
        ["编号", "级别", "地区", "意见", "周期", "状态", "责任人"]
        if zh
        else ["id", "severity", "place", "finding", "period", "state", "owner"],
        [
            (
                line.finding.pk,
                line.finding.severity,
                line.place,
                line.sentence,
                line.run.period,
                line.finding.state,
                line.finding.owner.full_name if line.finding.owner else "–",
            )
            for line in found
        ],
        right=(0,),
    )


@app.command("show")
def show(finding_id: Number, username: AsUser = None, as_json: AsJson = False) -> None:
    """查看一条意见和它的经过 · show one finding with its history."""
    with speaking_plainly():
        page = finding_page(acting_as(username), finding_id)
    shown = described(page.line)
    history = [
        {"what": str(step.word), "person": step.person, "owner": step.owner, "text": step.text}
        for step in page.steps
    ]
    if as_json:
        emit_json({**shown, "acts": [act.value for act in page.acts], "history": history})
        return
    print_mapping({key: value for key, value in shown.items() if value not in (None, "")})
    for entry in history:
        out.print("  ".join(text for text in entry.values() if text), markup=False, soft_wrap=True)


@app.command("assign")
def assign(
    finding_ids: Annotated[list[int], typer.Argument(metavar="FINDING...", help="意见编号 · numbers")],
    to: Annotated[
        str, typer.Option("--to", help="用户名；留空交给各单位填报员 · a user; empty: the reporting units")
    ] = "",
    reason: Why = "",
    username: AsUser = None,
) -> None:
    """指定答复人 · say who answers."""
    with speaking_plainly():
        actor = acting_as(username)
        owner = User.objects.filter(username=to).values_list("pk", flat=True).first() if to else None
        if to and owner is None:
            raise NotFound(to, "user")
        done = services.assign_findings(actor, finding_ids, owner, reason)
    out.print(str(len(done)))


def _deed(work: Callable[[Any, int, str], Any], name: str, text: str) -> None:
    def command(finding_id: Number, reason: Why = "", username: AsUser = None) -> None:
        with speaking_plainly():
            actor = acting_as(username)
            work(actor, finding_id, reason)
            line = finding_page(actor, finding_id).line
        out.print(f"{line.finding.pk} {line.finding.state}", markup=False)

    app.command(name, help=text)(command)


_deed(services.reply_to_finding, "reply", "由被问单位回复 · reply for the unit that was asked")
_deed(services.return_finding, "return", "退回答复 · return an answer")
_deed(services.accept_finding, "accept", "认可回复 · accept a reply")
_deed(services.answer_finding, "answer", "由本机关答复 · answer for the office")
_deed(services.override_finding, "override", "由审批人豁免 · override as an approver")


def described(line: FindingLine) -> dict[str, Any]:
    """A finding for programs."""
    one = line.finding
    return {
        "id": one.pk,
        "run": one.run_id if line.works else None,
        "period": line.run.period,
        "severity": one.severity,
        "state": one.state,
        "code": one.code,
        "place": line.place,
        "sentence": line.sentence,
        "owner": one.owner.full_name if one.owner else None,
        "with_unit": one.with_unit,
        "answer": one.answer,
        "answered_by": one.answered_by.full_name if one.answered_by else None,
        "kept_from": one.kept_from.run.version if one.kept_from else None,
    }
