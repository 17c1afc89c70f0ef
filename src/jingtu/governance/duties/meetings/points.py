"""Red indicators as points for the agenda: what the latest published assessment says by the day of the meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RedLineRow, RunFilter, reader_of, red_lines, runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import Region
from jingtu.core.ui.agenda import MOST, Point
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def red_indicators(actor: Actor, region_id: int, day: dt.date) -> list[Point]:
    """Red lines crossed in the latest assessment published of a period before the day: of the region's own run
    those of all its places, else its own in the run of a region above. A constant number of queries."""
    run = _latest(actor, region_id, day)
    if run is None:
        return []
    reader = reader_of(actor, run)
    place = None if run.region_id == region_id else region_id
    both = [
        red_lines(actor, replace(reader, language=language), place, marks=("below",), limit=MOST)
        for language in LANGUAGES
    ]
    period = Period.parse(run.period)
    return [
        Point(
            "red_indicator",
            f"{run.pk}:{zh.region_id}:{zh.indicator}",
            f"{zh.place}：{zh.name}{_value(zh)}，触及红线{zh.red_line}",
            f"{en.place}: {en.name} {_value(en)}, red line {en.red_line}",
            f"{reverse('runs:explain', args=[run.pk])}?region={zh.region_id}&indicator={zh.indicator}",
            f"{period.label('zh')} · {run.scorecard_zh}",
            f"{period.label('en')} · {run.scorecard_en}",
            since=period.end,
        )
        for zh, en in zip(*both, strict=True)
    ]


def _latest(actor: Actor, region_id: int, day: dt.date) -> Run | None:
    region = Region.objects.filter(pk=region_id, position__isnull=False).first()
    if region is None:
        return None
    found: Sequence[Run] = list(
        runs_visible(actor, RunFilter(state=RunState.PUBLISHED.value))
        .filter(
            tree_id=region.tree_id,
            region__position__lte=region.position,
            region__last__gte=region.last,
            period_end__lt=day,
        )
        .order_by("-region__depth", "-period_end", "-period_start", "scorecard")[:1]
    )
    return found[0] if found else None


def _value(row: RedLineRow) -> str:
    return "–" if row.value is None else f"{row.value:.{row.decimals}f}{row.unit}"
