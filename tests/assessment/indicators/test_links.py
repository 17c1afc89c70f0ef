"""The catalogue in force tells imports which element is part of which, and documents who cites them."""

from __future__ import annotations

from pathlib import Path

import pytest

import jingtu
from jingtu.assessment.indicators.links import citations, share_pairs
from jingtu.assessment.indicators.services import import_catalogue
from jingtu.core.facts import checks
from jingtu.core.kernel.actor import SYSTEM

CATALOGUE = Path(jingtu.__file__).parent / "catalogue"


@pytest.mark.django_db
def test_without_a_catalogue_there_is_nothing_to_tell():
    assert share_pairs() == []
    assert citations(SYSTEM, "anything") == []


@pytest.mark.django_db
def test_shares_of_like_counts_are_pairs_and_others_are_not():
    import_catalogue(SYSTEM, CATALOGUE)
    pairs = share_pairs()
    assert ("cdt_in_execution", "cdt_due") in pairs
    assert not any(part == "users_detected" for part, _ in pairs)
    assert set(pairs) <= set(checks.pairs({}))


@pytest.mark.django_db
def test_counts_of_different_times_are_no_pair():
    import_catalogue(SYSTEM, CATALOGUE)
    assert ("suspects_prosecuted", "drug_suspects_caught") not in share_pairs()


@pytest.mark.django_db
def test_a_document_names_the_indicators_that_cite_it():
    import_catalogue(SYSTEM, CATALOGUE)
    found = citations(SYSTEM, "treatment_regulation")
    assert found
    assert all(citation.url.startswith("/indicators/catalogue/") for citation in found)
