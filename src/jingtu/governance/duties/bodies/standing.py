"""How the indicators a body answers for stand in the latest published assessment of its place."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunFilter, red_lines, runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.periods import Period

from .models import Body
from .panels import MOST_LINES, Line, Panel
from .rules import Kind


def indicators(actor: Actor, body: Body, start: dt.date, end: dt.date) -> Panel | None:
    """Red lines crossed and requirements missed below the body, of its indicators or (for a headquarters
    or a committee that names none) of all. The run shown is the latest published one of a period over by then."""
    codes = frozenset(body.indicators)
    if not codes and body.kind not in (Kind.HEADQUARTERS, Kind.LEADING_GROUP):
        return None
    wanted = RunFilter(state=RunState.PUBLISHED.value)
    run = runs_visible(actor, wanted).filter(region_id=body.region_id, period_end__lte=end).first()
    if run is None:
        return None
    rows = red_lines(actor, run.pk, indicators=codes or None)
    try:
        names = current_catalogue(actor).indicators
    except NotFound:
        names = {}
    lines = []
    for row in rows[:MOST_LINES]:
        known = names.get(row.indicator)
        zh, en = (known.name_zh, known.name_en) if known else (row.name, row.name)
        shown = "–" if row.value is None else f"{row.value:,.{row.decimals}f}"
        asked = row.requirement.removesuffix(row.unit).strip()
        word = known.unit_name("en") if known else row.unit
        spaced = word if word in {"", "%"} else f" {word}"
        asked_en = f"{asked}{spaced}"
        value_zh, value_en = (
            (shown, shown) if row.value is None else (f"{shown}{row.unit}", f"{shown}{spaced}")
        )
        query = {"region": row.region_id, "indicator": row.indicator}
        lines.append(
            Line(
                f"{row.place}：{zh} {value_zh}",
                f"{row.place}: {en} {value_en}",
                reverse("runs:explain", args=[run.pk], query=query),
                f"要求{asked}{known.unit_name('zh') if known else row.unit}" if asked else "",
                f"required {asked_en}" if asked else "",
                row.mark,
            )
        )
    below = sum(1 for row in rows if row.mark == "below")
    watch = len(rows) - below
    return Panel(
        f"{label(run, 'zh')}：触红线{below}项次、预警{watch}项次。",
        f"{label(run, 'en')}: {below} below the red line, {watch} to watch.",
        lines,
        reverse("runs:detail", args=[run.pk]),
    )


def label(run: Run, language: str) -> str:
    """Period and card of an assessment in one line."""
    period = Period.parse(run.period).label("en" if language == "en" else "zh")
    return f"{period}{run.scorecard_zh}" if language == "zh" else f"{run.scorecard_en}, {period}"
