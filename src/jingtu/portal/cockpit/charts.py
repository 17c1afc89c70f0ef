"""The charts of the cockpit and the explorer, described for the interface."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.assessment.runs.queries import IndicatorRow, Ranking, RankRow
from jingtu.assessment.runs.queries.around import TrendPoint
from jingtu.assessment.runs.words import UNRANKED
from jingtu.core.kernel.clock import today
from jingtu.core.ui import charts
from jingtu.core.ui.words import state_of
from jingtu.engine.catalogue import Indicator
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

MOST_BARS = 24


def shortened(rows: Sequence[RankRow], focus: int | None) -> list[RankRow]:
    """All rows, or of a long ranking the first ten, the place looked at with its neighbours, the last five."""
    if len(rows) <= MOST_BARS:
        return list(rows)
    kept = set(range(10)) | set(range(len(rows) - 5, len(rows)))
    for number, row in enumerate(rows):
        if row.region_id == focus:
            kept |= {number + step for step in (-2, -1, 0, 1, 2)}
    return [row for number, row in enumerate(rows) if number in kept]


def totals(ranking: Ranking, focus: int | None, region_link: str) -> charts.Ranking:
    """Places by total with their movement; a click narrows the page to the place (``region_link`` and its id)."""
    return charts.Ranking(
        title=_("总分排名"),
        unit=_("分"),
        decimals=2,
        places=[
            charts.Place(
                name=row.name,
                value=row.total,
                rank=row.rank,
                tied=row.tied,
                moved=row.moved,
                own=row.region_id == focus,
                word=str(UNRANKED[row.unranked]) if row.rank is None else "",
                url=f"{region_link}region={row.region_id}",
            )
            for row in shortened(ranking.rows, focus)
        ],
    )


def total_tiles(rows: Sequence[RankRow], focus: int | None, region_link: str) -> charts.Tiles:
    """Ranked places as tiles in the order of their codes: where a place stands does not move with its rank."""
    return charts.Tiles(
        title=_("总分"),
        unit=_("分"),
        decimals=2,
        places=[
            charts.Place(
                name=row.name,
                value=row.total,
                rank=row.rank,
                tied=row.tied,
                moved=row.moved,
                own=row.region_id == focus,
                word=str(UNRANKED[row.unranked]) if row.total is None and row.rank is None else "",
                url=f"{region_link}region={row.region_id}",
            )
            for row in sorted(rows, key=lambda row: row.code)
        ],
    )


def indicator_tiles(
    rows: Sequence[IndicatorRow],
    definition: Indicator,
    focus: int | None,
    region_link: str,
    language: Language,
) -> charts.Tiles:
    """The ranked places by one indicator, coloured by whether the requirement is met."""
    return charts.Tiles(
        title=definition.name(language),
        unit=definition.unit_name(language),
        decimals=definition.decimals,
        places=[
            charts.Place(
                name=row.name,
                value=row.value,
                rank=row.rank,
                tied=row.tied,
                state=row.mark if row.mark in ("met", "watch", "below") else "",
                own=row.region_id == focus,
                word=str(state_of(row.mark).word) if row.value is None else "",
                url=f"{region_link}region={row.region_id}",
            )
            for row in sorted(rows, key=lambda row: row.code)
        ],
    )


def one_indicator(
    rows: Sequence[IndicatorRow],
    definition: Indicator,
    run_id: int,
    focus: int | None,
    language: Language,
    region_link: str = "",
) -> charts.Ranking:
    """Places by one indicator with the range of ranks each could hold; a click narrows the page to the place
    where ``region_link`` is given, else it opens the explanation."""
    shown = list(rows)
    if len(shown) > MOST_BARS:
        kept = set(range(10)) | set(range(len(shown) - 5, len(shown)))
        shown = [row for number, row in enumerate(shown) if number in kept or row.region_id == focus]
    return charts.Ranking(
        title=definition.name(language),
        unit=definition.unit_name(language),
        decimals=definition.decimals,
        places=[
            charts.Place(
                name=row.name,
                value=row.value,
                rank=row.rank,
                tied=row.tied,
                rank_low=row.low_rank or None,
                rank_high=row.high_rank or None,
                state=row.mark if row.mark in ("met", "watch", "below") else "",
                own=row.region_id == focus,
                word=str(state_of(row.mark).word) if row.value is None or row.rank is None else "",
                url=f"{region_link}region={row.region_id}"
                if region_link
                else explanation_url(run_id, row.region_id, definition.code),
            )
            for row in shown
        ],
        levels=levels(definition),
    )


def levels(definition: Indicator) -> list[charts.Level]:
    """Requirement and red line as marks over a chart."""
    found = []
    if definition.target is not None:
        found.append(charts.Level(_("要求"), definition.target.value))
    if definition.red_line is not None:
        found.append(charts.Level(_("红线"), definition.red_line.value, "red"))
    return found


def trend(
    definition: Indicator,
    lines: Sequence[tuple[str, str, Sequence[TrendPoint]]],
    language: Language,
    estimated: Collection[Period] = (),
) -> charts.Trend | None:
    """One indicator over time: (name, colour key, points) of one or several places; None without a point. Periods
    in ``estimated`` say so, and so does one that has not ended."""
    periods = sorted({point.period for _name, _key, points in lines for point in points})
    if not periods:
        return None
    series = []
    for number, (name, key, points) in enumerate(lines):
        known = {point.period: point.value for point in points}
        series.append(
            charts.Series(name, [known.get(period) for period in periods], key, emphasis=number == 0)
        )
    return charts.Trend(
        title=definition.name(language),
        unit=definition.unit_name(language),
        decimals=definition.decimals,
        periods=[period_named(period, language, estimated=period in estimated) for period in periods],
        series=series,
        running=[at for at, period in enumerate(periods) if runs_still(period)],
        levels=levels(definition),
    )


def period_named(period: Period, language: Language, *, estimated: bool = False) -> str:
    """A period with what is to be known of its figures: not ended yet, estimated."""
    label = period.label(language)
    if estimated:
        label = _("%(period)s（估算）") % {"period": label}
    return _("%(period)s（进行中）") % {"period": label} if runs_still(period) else label


def runs_still(period: Period) -> bool:
    """Whether the period has not ended: its figures are a part of what they will be."""
    return period.end >= today()


def explanation_url(run_id: int, region_id: int, indicator: str = "") -> str:
    """Where a number is explained."""
    query = f"?region={region_id}" + (f"&indicator={indicator}" if indicator else "")
    return reverse("runs:explain", args=[run_id]) + query
