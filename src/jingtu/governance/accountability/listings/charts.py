"""The chart of one criterion: entry, now, required, forecast."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jingtu.core.ui.charts import Level, Series, Trend
from jingtu.engine.catalogue.thresholds import Threshold

from .models import Listing
from .queries.page import CriterionRow


def criteria_chart(row: CriterionRow, listing: Listing) -> Trend | None:
    """The course of a criterion since the entry with what is required; None with fewer than two values."""
    if len(row.points) < 2:
        return None
    days = [point.day.isoformat() for point in row.points]
    values: list[object] = [point.value for point in row.points]
    series = [Series(pgettext("listing", "实际值"), values, key="actual", emphasis=True)]
    if row.forecast is not None and listing.due_on is not None and listing.due_on > row.points[-1].day:
        days.append(listing.due_on.isoformat())
        values.append(None)
        line: list[object] = [None] * (len(row.points) - 1) + [row.points[-1].value, row.forecast]
        series.append(Series(_("期满预计"), line, key="forecast"))
    levels = []
    if row.row.required:
        levels.append(
            Level(
                _("退出要求"),
                Threshold.parse(row.row.required).value,
            )
        )
    return Trend(title=row.name, unit=row.unit, decimals=None, periods=days, series=series, levels=levels)
