"""Tags of the pages of plans: ``{% load plans %}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def link_of(found: Mapping[int, Any], task_id: int) -> Any:
    """What is held for a task, None without: the query that turns its children over, the blocks beside it."""
    return found.get(task_id)
