"""Element definitions in force: the catalogue's owner hands them down, facts are checked against them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max

from jingtu.core.audit.services import record
from jingtu.core.facts import texts  # noqa: F401  (importing registers the sentences)
from jingtu.core.facts.definitions import to_json
from jingtu.core.facts.models import ElementDefinition
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.engine.elements import Element


def store_elements(actor: Actor, elements: Iterable[Element]) -> dict[str, int]:
    """Put definitions in force: new codes get version 1, changed ones their next version.

    Storing the same definitions again changes nothing. Codes absent from ``elements`` stay in force,
    because facts of them exist. Returns counts of added, changed and unchanged. Needs CATALOGUE_MANAGE.
    """
    if not actor.can(Permission.CATALOGUE_MANAGE):
        raise PermissionDenied(Permission.CATALOGUE_MANAGE)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    with transaction.atomic():
        known: dict[str, dict[str, Any]] = dict(
            ElementDefinition.objects.filter(in_force=True).values_list("code", "definition")
        )
        versions: dict[str, int] = dict(
            ElementDefinition.objects.values_list("code").annotate(newest=Max("version"))
        )
        new: list[ElementDefinition] = []
        for element in elements:
            definition = to_json(element)
            if known.get(element.code) == definition:
                counts["unchanged"] += 1
                continue
            counts["changed" if element.code in known else "added"] += 1
            version = versions.get(element.code, 0) + 1
            new.append(
                ElementDefinition(code=element.code, version=version, definition=definition, created_at=now())
            )
        if new:
            codes = [row.code for row in new]
            ElementDefinition.objects.filter(code__in=codes, in_force=True).update(in_force=False)
            ElementDefinition.objects.bulk_create(new)
            record(
                actor,
                "facts.elements_stored",
                target_type="elements",
                target_id=len(new),
                after={**counts, "versions": {row.code: row.version for row in new}},
            )
    return counts
