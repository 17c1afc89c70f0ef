"""What other definitions would have made of a published run: the catalogue asks before a draft comes in force.

The frozen facts, tree, groups and targets of the run are judged again by the other catalogue, so that
whatever differs differs because of the definitions. Nothing is kept here and nothing published is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from jingtu.assessment.indicators.registry import Impact, IndicatorMoved, Judged, PlaceMoved
from jingtu.core.kernel.errors import InvalidInput, register_texts
from jingtu.engine.catalogue import Catalogue
from jingtu.engine.publication import publication

from .models import Run
from .rules import RunState
from .snapshots import open_run

register_texts(
    {
        "runs.judged.no_card": (
            "草案里没有评分表“{scorecard}”。",
            'The draft has no scorecard "{scorecard}".',
        ),
        "runs.judged.no_cadence": (
            "草案里的评分表“{scorecard}”不再考核{period}这类期间。",
            'In the draft the scorecard "{scorecard}" is no longer run for periods such as {period}.',
        ),
    }
)


def latest_results() -> list[Judged]:
    """The published run of the latest period for every region, level and scorecard. One query."""
    found: dict[tuple[int, str, str], Judged] = {}
    runs = Run.objects.filter(state=RunState.PUBLISHED.value).order_by("-period_end", "-period_start", "-id")
    for pk, region, level, card, first, last in runs.values_list(
        "pk", "region_id", "level", "scorecard", "region__position", "region__last"
    ):
        found.setdefault((region, level, card), Judged(pk, region, (last or 0) - (first or 0) + 1))
    return sorted(found.values(), key=lambda judged: judged.run)


def impact_on(run_id: int, catalogue: Catalogue) -> Impact | None:
    """A published run as another catalogue would have it; None where it is published no more."""
    run = (
        Run.objects.select_related("region", "catalogue")
        .filter(pk=run_id, state=RunState.PUBLISHED.value)
        .first()
    )
    if run is None:
        return None
    frame: dict[str, Any] = {
        "run": run.pk,
        "region": run.region_id,
        "link": reverse("runs:detail", args=[run.pk]),
        "scorecard": run.scorecard,
        "names": (run.scorecard_zh, run.scorecard_en),
        "region_name": run.region.name,
        "period": run.period,
    }
    card = catalogue.scorecards.get(run.scorecard)
    if card is None:
        return Impact(**frame, gone=_gone("runs.judged.no_card", run))
    if card.cadence and run.cadence not in card.cadence:
        return Impact(**frame, gone=_gone("runs.judged.no_cadence", run))
    opened = open_run(run)
    before = opened.publication
    try:
        after = publication(opened.assessment(catalogue))
    except InvalidInput as refusal:
        problem = refusal.problems[0]
        params = {name: str(value) for name, value in problem.params.items()}
        return Impact(**frame, gone={"code": problem.code, "params": params})
    ids = opened.tree
    own = {
        (ids.levels[position], ids.codes[position]): int(ids.ids[position])
        for position in (ids.candidates(row["region"], row["level"])[0] for row in before["subjects"])
    }
    was = {(row["level"], row["region"]): row for row in before["subjects"]}
    now = {(row["level"], row["region"]): row for row in after["subjects"]}
    places = [
        PlaceMoved(
            own[key],
            was[key]["name"],
            (was[key]["total"], now[key]["total"] if key in now else None),
            (was[key]["rank"], now[key]["rank"] if key in now else None),
        )
        for key in was
    ]
    return Impact(**frame, places=places, indicators=_indicators(opened.catalogue, catalogue, was, now))


def _gone(code: str, run: Run) -> Mapping[str, Any]:
    return {"code": code, "params": {"scorecard": run.scorecard, "period": run.period}}


def _indicators(
    before: Catalogue,
    after: Catalogue,
    was: Mapping[tuple[str, str], Mapping[str, Any]],
    now: Mapping[tuple[str, str], Mapping[str, Any]],
) -> list[IndicatorMoved]:
    """Indicators of the card whose value, or whose points, would differ somewhere, or that come or go."""
    found = []
    old = {code for row in was.values() for code in row["indicators"]}
    new = {code for row in now.values() for code in row["indicators"]}
    for code in dict.fromkeys([*sorted(old), *sorted(new)]):
        values = points = 0
        for key, row in was.items():
            other = now.get(key, {"indicators": {}, "items": []})
            values += _value(row, code) != _value(other, code)
            points += _points(row, code) != _points(other, code)
        definition = after.indicators.get(code) or before.indicators[code]
        note = "removed" if code not in new else "added" if code not in old else ""
        if values or points or note:
            names = (definition.name_zh, definition.name_en)
            found.append(IndicatorMoved(code, names, values, points, note))
    return found


def _value(row: Mapping[str, Any], code: str) -> Any:
    found = row["indicators"].get(code, {})
    return found.get("value"), found.get("exact")


def _points(row: Mapping[str, Any], code: str) -> Any:
    return [item["points"] for item in row["items"] if item["indicator"] == code]
