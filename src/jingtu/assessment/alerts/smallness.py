"""Which alerts would tell a count of persons that is small by today's rule.

The flag on an alert says what held when its run was watched. The limit may have been raised since, figures
imported or corrected, others published beside them: whoever may not read small counts is therefore judged
by the decision in force when the alert is read, as on the pages of the run itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import Q

from jingtu.assessment.indicators.guard import CellGuard, decided
from jingtu.assessment.indicators.store import catalogue_with, newest
from jingtu.core.facts.disclosure import Decision, decision
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.queries import trees_now
from jingtu.engine.periods import Period

from .models import Alert

Line = tuple[int, int, int, str, str, str, dt.date, dict[str, Any], str | None]
_FIELDS = (
    "pk", "tree_id", "region_id", "subject", "kind", "occurrences__period", "occurrences__period_end",
    "occurrences__evidence", "occurrences__run__catalogue__digest",
)  # fmt: skip


def small_today(seen: Q) -> list[int]:
    """Of the alerts that meet the condition and are not flagged yet, those that tell a small count today.

    The number of queries depends on how many trees there are, not on how many alerts.
    """
    unflagged = Alert.objects.filter(seen, sensitive=False, occurrences__isnull=False).exclude(subject="")
    lines: list[Line] = list(unflagged.order_by().values_list(*_FIELDS))
    judge = _Judge(line[1] for line in lines)
    found = set()
    for pk, tree, region, subject, kind, period, end, evidence, digest in lines:
        # Beside a crossed red line the earlier values are only there for the eye: hidden ones are left out.
        earlier = [] if kind == "red_line" else [key for key, _ in evidence.get("series", ())]
        if pk not in found and any(
            judge.hidden(tree, region, subject, key, end, digest) for key in {period, *earlier}
        ):
            found.add(pk)
    return sorted(found)


def hidden_periods(alert: Alert, keys: Iterable[str]) -> set[str]:
    """Of the periods, those whose value of the alert's indicator at its place is hidden today."""
    judge = _Judge([alert.tree_id])
    run = alert.occurrences.values_list("run__catalogue__digest", flat=True).first()
    return {
        key
        for key in keys
        if judge.hidden(alert.tree_id, alert.region_id, alert.subject, key, alert.last_end, run)
    }


class _Judge:
    """The decisions in force for some trees, asked for once."""

    def __init__(self, tree_ids: Iterable[int]) -> None:
        concerned = set(tree_ids)
        self._trees = trees_now(SYSTEM) if concerned else {}
        version = newest() if concerned else None
        self._digest = version.digest if version else None
        self._decisions: dict[tuple[int, dt.date | None], Decision] = {}

    def hidden(
        self, tree_id: int, region_id: int, indicator: str, key: str, end: dt.date, digest: str | None
    ) -> bool:
        """Whether the value is hidden by the definition in force or by the one it was computed with."""
        found = self._decision(tree_id, None)
        place = _place(found, region_id)
        if place < 0:  # the region has ended: as things stood when it was assessed
            found = self._decision(tree_id, end)
            place = _place(found, region_id)
        guards = [_guard(found, one) for one in {self._digest, digest} if one is not None]
        return place < 0 or any(
            bool(guard.hidden(indicator, Period.parse(key))[place])
            for guard in guards
            if guard.knows(indicator)
        )

    def _decision(self, tree_id: int, end: dt.date | None) -> Decision:
        known = self._decisions.get((tree_id, end))
        if known is None:
            tree = self._trees[tree_id]
            known = self._decisions[tree_id, end] = decision(tree) if end is None else decided(tree, end)
        return known


def _place(found: Decision, region_id: int) -> int:
    return int(found.tree.positions_of_ids(np.array([region_id], dtype=np.int64))[0])


@lru_cache(maxsize=8)
def _guard(found: Decision, digest: str) -> CellGuard:
    # A decision stands for one state of the facts, a digest for one content: an entry can never be stale.
    return CellGuard(found.tree.ids, catalogue_with(digest), found)
