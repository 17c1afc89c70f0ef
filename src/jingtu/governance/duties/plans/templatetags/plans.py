"""Tags of the pages of plans: ``{% load plans %}``."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def link_of(tree: Mapping[int, tuple[bool, str]], task_id: int) -> tuple[bool, str] | None:
    """Whether a task's children are shown, and the query that turns it over; None without children."""
    return tree.get(task_id)
