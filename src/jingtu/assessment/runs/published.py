"""Tells the facts which of their earlier states something was published from."""

from __future__ import annotations

from datetime import date

from .models import Run


def published_states() -> list[tuple[int, int, date]]:
    """From which tree's facts, after which batch, and up to which day figures were published. One query."""
    runs = Run.objects.filter(published_at__isnull=False).order_by()
    states = runs.values_list("tree_id", "facts_upto", "period_end").distinct()
    return [(tree, upto or 0, end) for tree, upto, end in states]
