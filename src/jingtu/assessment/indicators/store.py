"""The catalogue as an object, parsed once per content and process."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Q

from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.reading import once
from jingtu.engine.catalogue import Catalogue, load_catalogue
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .models import CatalogueVersion


def newest() -> CatalogueVersion | None:
    """The version in force today: one adopted for later is not yet. One query, one for a whole page, without
    the text."""
    versions = CatalogueVersion.objects.defer("text").order_by("-number")
    return once(
        "indicators.newest",
        lambda: versions.filter(in_force_from__lte=today()).first() or versions.last(),
    )


def latest() -> CatalogueVersion | None:
    """The version adopted last, in force or still to come. One query, without the text."""
    return CatalogueVersion.objects.defer("text").order_by("-number").first()


def version_for(period: Period) -> CatalogueVersion | None:
    """The version that judges a period: the newest that applies on its last day, else the first there was."""
    versions = CatalogueVersion.objects.defer("text").order_by("-number")
    applies = Q(applies_from__isnull=True, in_force_from__lte=today()) | Q(applies_from__lte=period.end)
    return versions.filter(applies).first() or versions.last()


def in_force() -> CatalogueVersion:
    """The version in force. Raises NotFound before the first import."""
    version = newest()
    if version is None:
        raise NotFound("", "any_catalogue")
    return version


def catalogue_of(version: CatalogueVersion) -> Catalogue:
    """The catalogue a version stands for. At most one query, none once it was parsed in this process."""
    return _parsed(version.digest)


def catalogue_with(digest: str) -> Catalogue:
    """As :func:`catalogue_of`, by the digest of the content."""
    return _parsed(digest)


@lru_cache(maxsize=16)
def _parsed(digest: str) -> Catalogue:
    # The digest is the content, so an entry can never be stale.
    return load_catalogue(CatalogueVersion.objects.filter(digest=digest).values_list("text", flat=True)[0])


def element_name(catalogue: Catalogue, code: str, language: Language) -> str:
    """The element's name; its code where the catalogue has no such element (any more)."""
    element = catalogue.elements.get(code)
    return element.name(language) if element else code


def indicator_name(catalogue: Catalogue, code: str, language: Language) -> str:
    """The indicator's name; its code where the catalogue has no such indicator."""
    indicator = catalogue.indicators.get(code)
    return indicator.name(language) if indicator else code
