"""What the forms ask for, told to the catalogue: which element is asked for where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from .models import FormVersion


def asked_elements() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Every element of the newest published version of a form, with the form's name and page. One query."""
    found: dict[str, list[tuple[str, str]]] = {}
    seen: set[int] = set()
    versions = FormVersion.objects.filter(published_at__isnull=False).select_related("form")
    for version in versions.order_by("form__code", "-number"):
        if version.form_id not in seen:
            seen.add(version.form_id)
            page = reverse("reporting:form", args=[version.form.code])
            for code in version.content.elements:
                found.setdefault(code, []).append((version.form.name, page))
    return found
