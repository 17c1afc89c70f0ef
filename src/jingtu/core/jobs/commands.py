"""``jingtu tick``: do what has become due. ``jingtu serve`` runs it all the time."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer
from django.db import connection

from jingtu.core.jobs.timers import tick as one_round
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.console import AsJson, AsUser, acting_as, emit_json, language, out, speaking_plainly


def tick(
    every: Annotated[
        float,
        typer.Option(min=0, max=3600, help="每隔几秒一次，直到停止；0 为只做一次 · seconds; 0: once"),
    ] = 0,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """办理到时间的事：到期的计划、公布、提醒 · do what is due: schedules, releases, reminders."""
    with speaking_plainly():
        actor: Actor = SYSTEM if username is None else acting_as(username)
    stopped = threading.Event()
    if every:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
    failed = False
    while True:
        with speaking_plainly():
            rungs = one_round(actor)
        failed = any(rung.failure for rung in rungs)
        if as_json:
            emit_json([vars(rung) for rung in rungs])
        else:
            for rung in rungs:
                if rung.failure:
                    word = "failed, reference" if language() == "en" else "出错，编号"
                    out.print(f"{rung.label}: {word} {rung.failure}", markup=False)
                elif rung.done or not every:
                    out.print(f"{rung.label}: {rung.done}", markup=False)
        if not every:
            break
        connection.close()
        if stopped.wait(every):
            return
    if failed:
        raise typer.Exit(1)
