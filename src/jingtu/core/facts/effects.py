"""Which figures a change of regions touches: how many of each element, and the last period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.facts import queries, store
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.queries import engine_tree
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period

MOST_ELEMENTS = 12


def affected_facts(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Figures of the regions touched, by element, the most frequent first. A constant number of queries."""
    if not actor.can(Permission.FACTS_READ):
        return None
    facts = _facts(actor, affected)
    known, language = queries.elements(actor), interface_language()
    counted = []
    for index, code in enumerate(facts.element_codes):
        here = facts.element == index
        count = int(here.sum())
        if count:
            periods = [Period.parse(facts.period_keys[at]) for at in np.unique(facts.period[here]).tolist()]
            counted.append((count, code, max(periods, key=lambda period: (period.end, period.start))))
    counted.sort(key=lambda entry: (-entry[0], entry[1]))
    lines = [
        EffectLine(
            known[code].name(language) if code in known else code,
            count,
            _("最近一期：%(period)s") % {"period": last.label(language)},
            reverse("facts:browse", query={"tree": affected.tree.slug, "element": code}),
        )
        for count, code, last in counted[:MOST_ELEMENTS]
    ]
    rest = counted[MOST_ELEMENTS:]
    if rest:
        label = _("其他 %(count)s 个数据元素") % {"count": len(rest)}
        lines.append(EffectLine(label, sum(count for count, _code, _last in rest)))
    return lines


def _facts(actor: Actor, affected: Affected) -> FactTable:
    shape = engine_tree(actor, affected.tree)
    touched = np.zeros(shape.size, dtype=bool)
    for span in affected.spans:
        if span.first is not None and span.last is not None:
            touched[span.first : span.last + 1] = True
        else:
            touched |= shape.ids == span.region_id
    allowed = queries.region_ids_in(actor, Permission.FACTS_READ, affected.tree)
    if allowed is not None:
        touched &= np.isin(shape.ids, allowed)
    return store.read(affected.tree.pk, None, None, None, shape.ids[touched])
