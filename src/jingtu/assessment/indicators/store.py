"""The catalogue as an object, parsed once per content and process."""

from __future__ import annotations

from functools import lru_cache

from jingtu.core.kernel.errors import NotFound
from jingtu.engine.catalogue import Catalogue, load_catalogue
from jingtu.engine.problems import Language

from .models import CatalogueVersion


def newest() -> CatalogueVersion | None:
    """The version in force. One query, without the text."""
    return CatalogueVersion.objects.defer("text").order_by("-number").first()


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
