"""Lets the search of everything find report forms."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.ui.search import Hit
from jingtu.core.ui.templatetags.ui import period_kind_labels

from .queries.due import due_lines, published_forms
from .visibility import LOOKING


def find_forms(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Published forms by name or code: to be filled in where the actor does so, else on the board, else as they
    are defined. Whoever has nothing to do with reports finds none."""
    if not any(actor.can(right) for right in (*LOOKING, Permission.FORMS_FILL, Permission.CATALOGUE_MANAGE)):
        return []
    asked = text.casefold()
    found = [
        (form, versions[0])
        for form, versions in published_forms()
        if asked in form.name_zh.casefold() or asked in form.name_en.casefold() or asked in form.code
    ][:limit]
    if not found:
        return []
    due = {line.form.pk: line for line in reversed(due_lines(actor, everything=True))}
    looks = any(actor.can(right) for right in LOOKING)
    labels = period_kind_labels()
    hits = []
    for form, version in found:
        line = due.get(form.pk)
        if line is not None:
            address = reverse("reporting:fill-many", args=[form.code, line.period.key])
        elif looks:
            address = f"{reverse('reporting:review')}?form={form.code}"
        elif actor.can(Permission.CATALOGUE_MANAGE):
            address = reverse("reporting:form", args=[form.code])
        else:
            continue
        hits.append(Hit(form.name, address, str(labels.get(version.content.cadence, ""))))
    return hits
