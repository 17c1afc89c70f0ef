"""Template filters of the cockpit: ``{% load cockpit %}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

register = template.Library()


@register.filter
def state_key(state: str) -> str:
    """The engine's word for why there is no value as the interface knows it."""
    return {"below_minimum": "too_small"}.get(state, state)


@register.filter
def number_in(thing: Any, rows: Sequence[Any]) -> int | None:
    """The place of something in a list, counted from 1; None when it is not there."""
    return rows.index(thing) + 1 if thing in rows else None
