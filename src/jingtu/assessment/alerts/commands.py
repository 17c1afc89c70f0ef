"""``jingtu alerts``: list, show and settle alerts, try rules, look for what is due."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

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
    print_mapping,
    print_table,
    speaking_plainly,
)
from jingtu.engine.problems import Problem, register_texts

from . import measuring, queries, services
from .models import Alert
from .queries import AlertFilter, AlertRow
from .rules import AlertState, Severity

register_texts(
    {
        "alerts.bad_day": ("“{text}”不是日期，请写成2026-12-31。", '"{text}" is no day; write 2026-12-31.'),
    }
)

app = typer.Typer(
    no_args_is_help=True, help="预警：列出、查看、处置、检查 · list, show, settle and check alerts"
)
Number = Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 · number of the alert")]
Why = Annotated[str, typer.Option("--reason", help="理由 · reason")]


@app.command("list")
def list_alerts(
    state: Annotated[str, typer.Option(help="open、waiting、all 或某一状态 · or one state")] = "open",
    severity: Annotated[str, typer.Option(help="critical | warning | info")] = "",
    rule: Annotated[str, typer.Option(help="规则编码 · code of the rule")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="只列我负责的 · only mine")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="只列逾期的 · only overdue ones")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出预警 · list alerts."""
    one_of("--state", state, "open", "waiting", "all", *AlertState)
    one_of("--severity", severity, *Severity)
    wanted = AlertFilter("" if state == "all" else state, severity, rule, mine=mine, overdue=overdue)
    with speaking_plainly():
        actor = acting_as(username)
        found = queries.rows(actor, list(queries.alerts(actor, wanted)))
    if as_json:
        emit_json([_described(row) for row in found])
        return
    zh = language() == "zh"
    print_table(
        "预警" if zh else "Alerts",
        ["编号", "程度", "地区", "情况", "周期", "状态", "期限"]
        if zh
        else ["id", "severity", "place", "what", "period", "state", "due"],
        [
            (
                row.alert.pk,
                row.alert.severity,
                row.place,
                row.sentence,
                row.alert.last_period,
                row.alert.state,
                row.alert.due_on,
            )
            for row in found
        ],
        right=(0,),
    )


@app.command("show")
def show(alert_id: Number, username: AsUser = None, as_json: AsJson = False) -> None:
    """查看一条预警和它的经过 · show one alert with its history."""
    with speaking_plainly():
        page = queries.alert_detail(acting_as(username), alert_id)
    described = _described(page.row)
    history = [
        {
            "at": event.at.isoformat(timespec="minutes"),
            "what": str(event.word),
            "state": str(event.state),
            "person": event.person,
            "reason": event.reason,
        }
        for event in page.events
    ]
    if as_json:
        emit_json({**described, "history": history})
        return
    print_mapping({key: value for key, value in described.items() if value not in (None, "")})
    for line in history:
        out.print("  ".join(text for text in line.values() if text), markup=False, soft_wrap=True)


@app.command("acknowledge")
def acknowledge(alert_id: Number, reason: Why = "", username: AsUser = None) -> None:
    """知悉 · acknowledge."""
    with speaking_plainly():
        _said(services.acknowledge(acting_as(username), alert_id, reason))


@app.command("take")
def take(alert_id: Number, reason: Why = "", username: AsUser = None) -> None:
    """着手处置 · take in hand."""
    with speaking_plainly():
        _said(services.take_in_hand(acting_as(username), alert_id, reason))


@app.command("resolve")
def resolve(alert_id: Number, reason: Why, username: AsUser = None) -> None:
    """标为已解决 · resolve."""
    with speaking_plainly():
        _said(services.resolve(acting_as(username), alert_id, reason))


@app.command("dismiss")
def dismiss(alert_id: Number, reason: Why, username: AsUser = None) -> None:
    """排除（误报） · dismiss as a false alarm."""
    with speaking_plainly():
        _said(services.dismiss(acting_as(username), alert_id, reason))


@app.command("snooze")
def snooze(
    alert_id: Number,
    until: Annotated[str, typer.Option(help="日期 · day, 2026-12-31")],
    reason: Why,
    username: AsUser = None,
) -> None:
    """暂缓到某日 · put off to a day."""
    try:
        day = dt.date.fromisoformat(until)
    except ValueError:
        fail(Problem("alerts.bad_day", {"text": until}).text(language()))
    with speaking_plainly():
        _said(services.snooze(acting_as(username), alert_id, day, reason))


@app.command("try")
def try_rule(
    code: Annotated[str, typer.Argument(metavar="RULE", help="规则编码 · code of the rule")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """用最近一次发布的考核试算一条规则 · what a rule would have raised last time."""
    with speaking_plainly():
        actor = acting_as(username)
        found = measuring.trial(actor, measuring.alert_rule(actor, code))
    shown = [] if found is None else [{"place": row.place, "what": row.sentence} for row in found.shown]
    if as_json:
        emit_json({"run": found.run.pk if found else None, "times": len(shown), "alerts": shown})
        return
    for row in shown:
        out.print(f"{row['place']}: {row['what']}", markup=False, soft_wrap=True)
    out.print(f"{len(shown)} ×", markup=False)


@app.command("check")
def check(username: AsUser = None, as_json: AsJson = False) -> None:
    """查看到期的事：未查看的考核、缺报、暂缓期满 · look at unwatched runs, absent reports, ended delays."""
    with speaking_plainly():
        done = services.on_time(SYSTEM if username is None else acting_as(username))
    if as_json:
        emit_json({"done": done})
    else:
        out.print(f"{'办理' if language() == 'zh' else 'done'}: {done}", markup=False)


def _said(alert: Alert) -> None:
    out.print(f"#{alert.pk} {alert.state}", markup=False)


def _described(row: AlertRow) -> dict[str, Any]:
    alert = row.alert
    return {
        "id": alert.pk,
        "rule": alert.rule,
        "severity": alert.severity,
        "region": row.place,
        "indicator": alert.subject,
        "period": alert.last_period,
        "sentence": row.sentence,
        "state": alert.state,
        "times": alert.times,
        "owner": alert.owner.full_name if alert.owner else None,
        "due_on": alert.due_on.isoformat(),
        "overdue": row.late,
        "published": alert.disclosed,
    }
