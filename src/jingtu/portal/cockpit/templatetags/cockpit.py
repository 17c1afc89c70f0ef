"""Template filters of the cockpit: ``{% load cockpit %}``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template

from jingtu.assessment.runs.queries import Shortfall
from jingtu.portal.cockpit.comparing import lacking

register = template.Library()


@register.filter
def state_key(state: str) -> str:
    """The engine's word for why there is no value as the interface knows it."""
    return {"below_minimum": "too_small"}.get(state, state)


@register.filter
def number_in(thing: Any, rows: Sequence[Any]) -> int | None:
    """The place of something in a list, counted from 1; None when it is not there."""
    return rows.index(thing) + 1 if thing in rows else None


@register.filter
def lacks(missing: Shortfall | None, unit: str) -> str:
    """What is missing in words: countable units where these may be told, else the indicator's own unit."""
    return lacking(missing, unit)


@register.simple_tag
def gap_between(first: Decimal | None, second: Decimal | None, decimals: int) -> str:
    """The first less the second with its sign; a dash where one of them is not known."""
    return "–" if first is None or second is None else f"{first - second:+.{decimals}f}".replace("-", "−")
