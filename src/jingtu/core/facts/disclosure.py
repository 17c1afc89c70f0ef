"""Small counts of persons, which readers without the right do not see exactly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from jingtu.core.facts import queries
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import RegionTree
from jingtu.engine.elements import Element
from jingtu.engine.facttable import FactTable


def hidden_rows(
    actor: Actor, tree: RegionTree, facts: FactTable, elements: Mapping[str, Element]
) -> NDArray[np.bool_]:
    """Which rows count fewer persons than the limit and may not be shown exactly to this actor.

    Whoever reports for a region, or may read small counts there, sees its figures.
    """
    limits = np.array(
        [
            settings.SMALL_CELL_LIMIT * elements[code].scale
            if code in elements and elements[code].person_based
            else 0
            for code in facts.element_codes
        ],
        dtype=np.int64,
    )
    if len(facts) == 0:
        return np.zeros(0, dtype=bool)
    small = (facts.value > 0) & (facts.value < limits[facts.element])
    for permission in (Permission.SMALL_CELLS_READ, Permission.FACTS_IMPORT):
        if not small.any():
            break
        trusted = queries.region_ids_in(actor, permission, tree)
        if trusted is None:
            return np.zeros(len(facts), dtype=bool)
        small &= ~np.isin(facts.region_id, trusted)
    return small
