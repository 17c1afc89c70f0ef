"""Reading the catalogue in force: definitions are no secret, whoever is signed in may read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.indicators.store import catalogue_of, in_force, newest
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.ui.search import Hit
from jingtu.engine.catalogue import Catalogue, Document, Group, Indicator, Scorecard, dump_yaml
from jingtu.engine.elements import Element
from jingtu.engine.evaluate import references
from jingtu.engine.formula import format_formula


@dataclass(frozen=True)
class IndicatorFilter:
    """What the list of indicators is narrowed to; empty values leave it open."""

    text: str = ""
    strand: str = ""
    row: str = ""
    status: str = ""
    direction: str = ""


@dataclass(frozen=True)
class IndicatorPage:
    """One definition with everything it rests on and everything that uses it."""

    indicator: Indicator
    formula: str
    elements: Sequence[Element]
    documents: Sequence[tuple[Document | None, str]]
    scorecards: Sequence[Scorecard]
    groups: Sequence[Group]
    version: CatalogueVersion


def current_catalogue(actor: Actor) -> Catalogue:
    """The catalogue in force. Raises NotFound before the first import."""
    return catalogue_of(in_force())


def catalogue_text(actor: Actor) -> str:
    """The catalogue in force as one YAML text, equal in meaning to what was imported."""
    return dump_yaml(current_catalogue(actor))


def versions(actor: Actor) -> list[CatalogueVersion]:
    """All versions, the newest first."""
    return list(CatalogueVersion.objects.defer("text").select_related("imported_by"))


def version_in_force(actor: Actor) -> CatalogueVersion | None:
    """The newest version; None before the first import."""
    return newest()


def indicator_list(actor: Actor, wanted: IndicatorFilter) -> list[Indicator]:
    """Indicators of the catalogue in force that match, in its order; empty before the first import."""
    version = newest()
    if version is None:
        return []
    return [
        indicator for indicator in catalogue_of(version).indicators.values() if _matches(indicator, wanted)
    ]


def _matches(indicator: Indicator, wanted: IndicatorFilter) -> bool:
    text = wanted.text.strip().lower()
    return (
        (not wanted.strand or indicator.strand == wanted.strand)
        and (not wanted.row or wanted.row in indicator.rows)
        and (not wanted.status or indicator.status == wanted.status)
        and (not wanted.direction or indicator.direction == wanted.direction)
        and (not text or any(text in part.lower() for part in _searched(indicator)))
    )


def _searched(indicator: Indicator) -> Iterable[str]:
    return (
        indicator.code,
        indicator.name_zh,
        indicator.name_en,
        indicator.definition_zh,
        indicator.definition_en,
    )


def indicator_choices(actor: Actor) -> dict[str, list[str]]:
    """Strands, programme rows, statuses and directions that occur."""
    version = newest()
    indicators = catalogue_of(version).indicators.values() if version else ()
    return {
        "strand": list(dict.fromkeys(indicator.strand for indicator in indicators if indicator.strand)),
        "row": sorted({row for indicator in indicators for row in indicator.rows}, key=_row_order),
        "status": sorted({indicator.status for indicator in indicators}),
        "direction": sorted({indicator.direction for indicator in indicators}),
    }


def _row_order(row: str) -> tuple[str, int]:
    letters = row.rstrip("0123456789")
    number = row[len(letters) :]
    return letters, int(number) if number else 0


def indicator_page(actor: Actor, code: str) -> IndicatorPage:
    """One definition of the catalogue in force. Raises NotFound."""
    version = in_force()
    catalogue = catalogue_of(version)
    indicator = catalogue.indicators.get(code)
    if indicator is None:
        raise NotFound(code, "definition")
    used = dict.fromkeys(reference.code for reference, _ in references(indicator.formula))
    return IndicatorPage(
        indicator=indicator,
        formula=format_formula(indicator.formula),
        elements=[catalogue.elements[element] for element in used],
        documents=[_cited(catalogue, cite) for cite in indicator.cites],
        scorecards=[card for card in catalogue.scorecards.values() if code in _codes_of(card)],
        groups=[
            group
            for group in catalogue.groups.values()
            if any(member.indicator == code for member in group.members)
        ],
        version=version,
    )


def _cited(catalogue: Catalogue, cite: str) -> tuple[Document | None, str]:
    """The document and the article of a citation such as ``treatment_regulation:16``."""
    code, _, article = cite.partition(":")
    document = catalogue.documents.get(code)
    return document, article if document else cite


def _codes_of(card: Scorecard) -> set[str]:
    codes = {item.indicator for section in card.sections for item in section.items}
    codes |= {veto.indicator for veto in card.vetoes}
    return codes | ({item.indicator for item in card.bonus.items} if card.bonus else set())


def element_page(actor: Actor, code: str) -> tuple[Element, list[Indicator]]:
    """One element and the indicators that use it. Raises NotFound."""
    catalogue = current_catalogue(actor)
    element = catalogue.elements.get(code)
    if element is None:
        raise NotFound(code, "definition")
    using = [
        indicator
        for indicator in catalogue.indicators.values()
        if any(reference.code == code for reference, _ in references(indicator.formula))
    ]
    return element, using


def scorecards(actor: Actor) -> list[Scorecard]:
    """Scorecards of the catalogue in force; empty before the first import."""
    version = newest()
    return list(catalogue_of(version).scorecards.values()) if version else []


def scorecard(actor: Actor, code: str) -> Scorecard:
    """One scorecard of the catalogue in force. Raises NotFound."""
    found = current_catalogue(actor).scorecards.get(code)
    if found is None:
        raise NotFound(code, "definition")
    return found


def groups(actor: Actor) -> list[Group]:
    """Named sets of indicators (seven rates, four rises …); empty before the first import."""
    version = newest()
    return list(catalogue_of(version).groups.values()) if version else []


def group(actor: Actor, code: str) -> Group:
    """One named set. Raises NotFound."""
    found = current_catalogue(actor).groups.get(code)
    if found is None:
        raise NotFound(code, "definition")
    return found


def find_indicators(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Indicators for the search of everything."""
    found = indicator_list(actor, IndicatorFilter(text=text))[:limit]
    return [
        Hit(
            indicator.name(actor.language),
            reverse("indicators:indicator", args=[indicator.code]),
            indicator.code,
        )
        for indicator in found
    ]
