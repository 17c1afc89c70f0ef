"""Which definitions sheets for other evaluations ask for: those are used, though no scorecard names them."""

from __future__ import annotations

from jingtu.engine.catalogue import Catalogue

from .models import LayoutVersion


def definitions_asked_for(catalogue: Catalogue) -> set[str]:
    """Indicators and elements of the newest version of every layout. One query."""
    newest: dict[str, LayoutVersion] = {}
    for version in LayoutVersion.objects.order_by("code", "-number"):
        newest.setdefault(version.code, version)
    return {row.of for version in newest.values() for row in version.layout.rows if row.of}
