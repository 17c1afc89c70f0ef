"""What is read of indicators. Every function takes the actor first and returns only what it may see."""

from .catalogue import (
    IndicatorFilter,
    IndicatorPage,
    catalogue_text,
    current_catalogue,
    element_page,
    group,
    groups,
    indicator_choices,
    indicator_list,
    indicator_page,
    scorecard,
    scorecards,
    version_in_force,
    versions,
)
from .values import ChildPoint, Cube, Point, compare, cube, distribution, guard_of, series

__all__ = [
    "ChildPoint",
    "Cube",
    "IndicatorFilter",
    "IndicatorPage",
    "Point",
    "catalogue_text",
    "compare",
    "cube",
    "current_catalogue",
    "distribution",
    "element_page",
    "group",
    "groups",
    "guard_of",
    "indicator_choices",
    "indicator_list",
    "indicator_page",
    "scorecard",
    "scorecards",
    "series",
    "version_in_force",
    "versions",
]
