"""Two versions side by side, definitions that are not in force any more, and the state of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jingtu.core.facts import store as facts_store
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import RegionTree
from jingtu.engine.catalogue import Catalogue, plain
from jingtu.engine.catalogue.editing import (
    KINDS,
    Change,
    FieldChange,
    Plain,
    changes_between,
    entry_of,
    field_changes,
)
from jingtu.engine.catalogue.integrity import Remark, integrity
from jingtu.engine.periods import Period

from .. import registry
from ..models import CatalogueDraft, CatalogueVersion, DraftImpact
from ..standing import base_content, catalogue_of_draft, draft_with, may_read
from ..store import catalogue_of, catalogue_with, in_force

SILENT_MONTHS = 12


@dataclass(frozen=True)
class Comparison:
    """What the newer of two contents says otherwise, definition by definition."""

    changes: Sequence[tuple[Change, Sequence[FieldChange]]]
    added: int
    removed: int
    changed: int


def comparison(old: Plain, new: Plain) -> Comparison:
    """The differences of two contents with their fields."""
    changes = changes_between(old, new)
    counts = [sum(change.what == what for change in changes) for what in ("added", "removed", "changed")]
    return Comparison([(change, field_changes(change)) for change in changes], *counts)


def compare_versions(
    actor: Actor, old: int, new: int
) -> tuple[CatalogueVersion, CatalogueVersion, Comparison]:
    """Two versions by number. Raises NotFound. Definitions are no secret: open to everybody signed in."""
    before, after = version_numbered(actor, old), version_numbered(actor, new)
    return before, after, comparison(plain(catalogue_of(before)), plain(catalogue_of(after)))


def compare_draft(actor: Actor, draft_id: int) -> tuple[CatalogueDraft, Comparison]:
    """A draft against the version it was begun from."""
    draft = draft_with(actor, draft_id)
    return draft, comparison(base_content(draft), draft.content)


def version_numbered(actor: Actor, number: int) -> CatalogueVersion:
    """One version, in force or not any more. Raises NotFound."""
    version = CatalogueVersion.objects.defer("text").filter(number=number).first()
    if version is None:
        raise NotFound(number, "catalogue")
    return version


def entry_in_version(actor: Actor, number: int, kind: str, code: str) -> tuple[CatalogueVersion, Plain]:
    """A definition as a version had it: what is retired stays readable. Raises NotFound."""
    version = version_numbered(actor, number)
    entry = entry_of(plain(catalogue_of(version)), kind, code) if kind in KINDS else None
    if entry is None:
        raise NotFound(code, "definition")
    return version, entry


def last_version_with(actor: Actor, kind: str, code: str) -> CatalogueVersion:
    """The newest version that has a definition. Raises NotFound where no version ever had it."""
    numbers = CatalogueVersion.objects.filter(text__contains=code).values_list("number", "digest")
    for number, digest in numbers.order_by("-number"):
        if code in getattr(catalogue_with(digest), kind):
            return version_numbered(actor, number)
    raise NotFound(code, "definition")


@dataclass(frozen=True)
class IntegrityPage:
    """What deserves a look in a catalogue, and whose forms ask for which element."""

    remarks: Sequence[Remark]
    catalogue: Catalogue
    asked: Mapping[str, Sequence[tuple[str, str]]]
    months: int


def integrity_page(actor: Actor, draft_id: int | None = None) -> IntegrityPage:
    """The state of the catalogue in force, or of a draft. Raises NotFound for who reads no drafts."""
    if draft_id is None:
        if not may_read(actor):
            raise NotFound("", "catalogue_draft")
        catalogue = catalogue_of(in_force())
    else:
        catalogue = catalogue_of_draft(draft_with(actor, draft_id))
    asked = registry.asked_elements()
    used = registry.used_definitions(catalogue)
    remarks = integrity(catalogue, asked, _silent(catalogue), used)
    return IntegrityPage(remarks, catalogue, asked, SILENT_MONTHS)


def _silent(catalogue: Catalogue) -> dict[str, int]:
    """Elements of which no figure came in for the last months, in any tree. Two queries a tree, then from memory.

    That figures came in, not which: no figure is read here.
    """
    months = [Period.of("month", today())]
    while len(months) < SILENT_MONTHS:
        months.append(months[-1].previous())
    first = months[-1].start
    heard: set[str] = set()
    for tree_id in RegionTree.objects.values_list("pk", flat=True):
        facts = facts_store.read(tree_id)
        recent = np.array([period.end >= first for period in facts.periods], dtype=np.bool_)
        if recent.any():
            heard |= {facts.element_codes[place] for place in np.unique(facts.element[recent[facts.period]])}
    return {code: SILENT_MONTHS for code in catalogue.elements if code not in heard}


def impacts_of(actor: Actor, draft: CatalogueDraft) -> list[DraftImpact]:
    """What the draft does to published results: all for who manages the catalogue, else those of the reader's
    own regions. One query, besides the actor's own."""
    found = list(draft.impacts.select_related("region__tree"))
    if actor.can(Permission.CATALOGUE_MANAGE):
        return found
    return [impact for impact in found if actor.can(Permission.DRAFTS_READ, impact.region_id)]


@dataclass(frozen=True)
class ImpactView:
    """An impact as a page shows it: the places that move first, in the order of their new rank."""

    impact: DraftImpact
    result: Mapping[str, Any]
    name: str
    period_label: str
    stale: bool
    moved: int
    reranked: int
    places: Sequence[Mapping[str, Any]]
    indicators: Sequence[tuple[str, Mapping[str, Any]]]


def impact_views(actor: Actor, draft: CatalogueDraft) -> list[ImpactView]:
    """What the draft does to published results, as far as the actor may see it."""
    english = actor.language == "en"
    found = []
    for impact in impacts_of(actor, draft):
        result = impact.result
        places = result["places"]
        last = len(places) + 1
        found.append(
            ImpactView(
                impact=impact,
                result=result,
                name=result["names"][1 if english else 0],
                period_label=Period.parse(impact.period).label(actor.language),
                stale=impact.revision != draft.revision,
                moved=sum(place["total"][0] != place["total"][1] for place in places),
                reranked=sum(place["rank"][0] != place["rank"][1] for place in places),
                places=sorted(places, key=lambda place: (place["rank"][1] or last, place["rank"][0] or last)),
                indicators=[(one["names"][1 if english else 0], one) for one in result["indicators"]],
            )
        )
    return found
