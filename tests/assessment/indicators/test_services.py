from __future__ import annotations

import pytest

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.indicators.queries import (
    IndicatorFilter,
    catalogue_text,
    current_catalogue,
    indicator_list,
    indicator_page,
)
from jingtu.assessment.indicators.services import import_catalogue
from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts.models import ElementDefinition
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied
from jingtu.engine.catalogue import load_catalogue
from tests.access.cast import Cast, make_cast
from tests.assessment.office import CATALOGUE, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_a_catalogue_comes_in_force_with_its_elements(cast: Cast) -> None:
    version, new = import_catalogue(cast.actor("system_administrator"), CATALOGUE, "首次导入")
    assert (version.number, new, version.indicator_count) == (1, True, 2)
    assert set(ElementDefinition.objects.values_list("code", flat=True)) == {"due", "done", "cases"}
    entry = AuditEntry.objects.get(action="indicators.catalogue_imported")
    assert entry.reason == "首次导入"


def test_the_same_content_is_not_a_new_version_but_an_older_one_brought_back_is(cast: Cast) -> None:
    other = CATALOGUE.replace(">= 90", ">= 95")
    numbers = [import_catalogue(SYSTEM, text)[0].number for text in (CATALOGUE, CATALOGUE, other, CATALOGUE)]
    assert numbers == [1, 1, 2, 3]


def test_what_is_exported_means_what_was_imported(cast: Cast) -> None:
    import_catalogue(SYSTEM, CATALOGUE)
    assert load_catalogue(catalogue_text(SYSTEM)).digest() == load_catalogue(CATALOGUE).digest()
    assert current_catalogue(SYSTEM).digest() == CatalogueVersion.objects.get().digest


def test_a_broken_catalogue_stores_nothing(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        import_catalogue(SYSTEM, CATALOGUE.replace("share(done, due)", "share(done, nobody)"))
    assert not CatalogueVersion.objects.exists()
    assert not ElementDefinition.objects.exists()


@pytest.mark.parametrize("role", ["analyst", "reviewer", "leader", "viewer"])
def test_only_the_system_administrator_imports(cast: Cast, role: str) -> None:
    with pytest.raises(PermissionDenied):
        import_catalogue(cast.actor(role, "ancestor"), CATALOGUE)


def test_indicators_are_found_by_word_strand_row_and_status(office: Office) -> None:
    def codes(**wanted: str) -> list[str]:
        return [indicator.code for indicator in indicator_list(SYSTEM, IndicatorFilter(**wanted))]

    assert codes() == ["RATE", "CASES"]
    assert codes(text="到位") == codes(strand="recovery") == codes(row="A2") == codes(status="G") == ["RATE"]
    assert codes(text="cases") == ["CASES"]


def test_a_definition_page_names_what_it_rests_on_and_who_uses_it(office: Office) -> None:
    page = indicator_page(SYSTEM, "RATE")
    assert page.formula == "share(done, due)"
    assert [element.code for element in page.elements] == ["done", "due"]
    assert [card.code for card in page.scorecards] == ["card"]
    assert [group.code for group in page.groups] == ["both"]
    with pytest.raises(NotFound):
        indicator_page(SYSTEM, "NOTHING")
