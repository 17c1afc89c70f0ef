"""Tells the facts which of their earlier states something was published from."""

from __future__ import annotations

from datetime import date

from .models import Run


def published_states(tree_id: int) -> list[tuple[int, date]]:
    """After which batch, and up to which day, figures of a tree were published. One query."""
    runs = Run.objects.filter(tree_id=tree_id, published_at__isnull=False).order_by()
    return [(upto or 0, end) for upto, end in runs.values_list("facts_upto", "period_end").distinct()]
