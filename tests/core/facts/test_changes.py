"""One value changed, taken back; an import undone: by new batches, with a reason, inside one's subtree."""

from __future__ import annotations

import pytest

from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts import queries, store
from jingtu.core.facts.models import ElementDefinition, FactBatch
from jingtu.core.facts.services import change_fact, retract_fact, store_elements, undo_import
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.engine.elements import Qualifier
from jingtu.engine.problems import InvalidInput
from tests.core.facts.conftest import ELEMENTS
from tests.core.facts.test_store import commit_rows, shown


def change(actor, region, value="12", **more) -> FactBatch:
    given = {"element": "cases", "period": "2026-10", "reason": "核实后更正", **more}
    return change_fact(actor, region_id=region.pk, value=value, **given)


def test_a_changed_value_is_a_new_batch_and_the_old_one_stays(cast):
    county = cast.places["county_a"]
    first = change(cast.actor("reporter", "own"), county, "12")
    second = change(cast.actor("reporter", "own"), county, "13余")
    row = store.read(cast.tree.pk).row(0)
    assert (row.value, row.qualifier, row.batch) == (13, Qualifier.MORE, second.sequence)
    assert store.read(cast.tree.pk, upto_sequence=first.sequence).row(0).value == 12
    entry = AuditEntry.objects.filter(action="facts.changed").latest("sequence")
    assert (entry.before["value"], entry.after["value"], entry.reason) == ("12", "13", "核实后更正")


def test_a_retracted_value_is_missing_not_zero(cast):
    actor, county = cast.actor("reporter", "own"), cast.places["county_a"]
    change(actor, county)
    retract_fact(actor, region_id=county.pk, element="cases", period="2026年10月", reason="重复填报")
    assert len(store.read(cast.tree.pk)) == 0
    with pytest.raises(Conflict):
        retract_fact(actor, region_id=county.pk, element="cases", period="2026-10", reason="再来")


@pytest.mark.parametrize("relation", ["descendant", "sibling", "outsider"])
def test_nobody_changes_a_value_outside_their_subtree(cast, relation):
    with pytest.raises(PermissionDenied):
        change(cast.actor("reporter", relation), cast.places["county_a"])
    with pytest.raises(PermissionDenied):
        retract_fact(
            cast.actor("reporter", relation),
            region_id=cast.places["county_a"].pk, element="cases", period="2026-10", reason="x",
        )  # fmt: skip
    assert not FactBatch.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "leader", "reviewer"])
def test_roles_without_the_right_change_nothing(cast, role):
    with pytest.raises(PermissionDenied):
        change(cast.actor(role, "own"), cast.places["county_a"])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"value": "-1"}, "element.negative"),
        ({"value": "十二"}, "element.unreadable"),
        ({"value": ""}, "facts.value_required"),
        ({"value": "1.5"}, "element.too_many_decimals"),
        ({"period": "2027-01"}, "facts.future_period"),
        ({"period": "2026-13"}, "period.impossible"),
        ({"element": "casse"}, "facts.unknown_element"),
        ({"reason": "  "}, "facts.reason_required"),
        ({"category": "age=u25"}, "element.unknown_dimension"),
        ({"qualifier": "??"}, "element.unknown_qualifier"),
    ],
)
def test_what_is_no_proper_value_is_refused_in_words(cast, more, code):
    with pytest.raises(InvalidInput) as caught:
        change(cast.actor("reporter", "own"), cast.places["county_a"], **more)
    assert caught.value.problems[0].code == code
    assert not FactBatch.objects.exists()


def test_the_same_value_again_changes_nothing(cast):
    change(cast.actor("reporter", "own"), cast.places["county_a"])
    with pytest.raises(Conflict):
        change(cast.actor("reporter", "own"), cast.places["county_a"])


def test_undoing_an_import_restores_what_it_replaced_and_takes_back_what_it_added(cast):
    a, b, other = (cast.places[key].pk for key in ("township_a", "township_a2", "county_b"))
    commit_rows(cast, ("cases", a, "2026-10", 1), ("cases", other, "2026-10", 8))
    bad = commit_rows(cast, ("cases", a, "2026-10", 100), ("cases", b, "2026-10", 200))
    made = undo_import(SYSTEM, bad.pk, "填错月份")
    assert shown(store.read(cast.tree.pk)) == {("cases", a, "2026-10", 1), ("cases", other, "2026-10", 8)}
    assert (made.kind, made.undoes_id, made.row_count, made.note) == ("undo", bad.pk, 2, "填错月份")
    with pytest.raises(Conflict):
        undo_import(SYSTEM, bad.pk, "再撤一次")


def test_a_value_changed_after_the_import_survives_its_undoing(cast):
    a, b = cast.places["township_a"].pk, cast.places["township_a2"].pk
    bad = commit_rows(cast, ("cases", a, "2026-10", 100), ("cases", b, "2026-10", 200))
    commit_rows(cast, ("cases", a, "2026-10", 7))
    undo_import(SYSTEM, bad.pk, "填错月份")
    assert shown(store.read(cast.tree.pk)) == {("cases", a, "2026-10", 7)}


def test_undoing_needs_a_reason_the_right_and_an_import(cast):
    batch = commit_rows(cast, ("cases", cast.places["county_a"].pk, "2026-10", 1))
    FactBatch.objects.update(region=cast.places["county_a"])
    with pytest.raises(InvalidInput):
        undo_import(cast.actor("reporter", "own"), batch.pk, " ")
    with pytest.raises(NotFound):
        undo_import(cast.actor("reporter", "sibling"), batch.pk, "x")
    with pytest.raises(PermissionDenied):
        undo_import(cast.actor("leader", "own"), batch.pk, "x")
    edit = change(cast.actor("reporter", "own"), cast.places["county_a"])
    with pytest.raises(Conflict):
        undo_import(cast.actor("reporter", "own"), edit.pk, "x")


def test_facts_of_a_sibling_are_never_read(cast):
    places = cast.places
    commit_rows(
        cast,
        *(
            ("cases", places[key].pk, "2026-10", 1)
            for key in ("county_a", "township_a", "county_b", "outside")
        ),
    )

    def seen(relation: str) -> set[int]:
        return {row[1] for row in shown(queries.facts(cast.actor("analyst", relation), cast.tree))}

    assert seen("own") == {places["county_a"].pk, places["township_a"].pk}
    assert seen("descendant") == {places["township_a"].pk}
    assert seen("sibling") == {places["county_b"].pk}
    assert seen("ancestor") == {places[key].pk for key in ("county_a", "township_a", "county_b")}
    narrowed = queries.facts(cast.actor("analyst", "own"), cast.tree, within=places["county_b"])
    assert len(narrowed) == 0
    with pytest.raises(PermissionDenied):
        queries.facts(cast.actor("viewer", "own"), cast.tree)


def test_the_history_of_a_value_shows_who_changed_it_to_what(cast):
    actor, county = cast.actor("reporter", "own"), cast.places["county_a"]
    change(actor, county, "1")
    change(actor, county, "2", reason="补报")
    retract_fact(actor, region_id=county.pk, element="cases", period="2026-10", reason="误报")
    events = queries.history(actor, county, "cases", "2026-10")
    assert [event.value for event in events] == [None, 2, 1]
    assert [event.batch.note for event in events] == ["误报", "补报", "核实后更正"]
    with pytest.raises(NotFound):
        queries.history(cast.actor("reporter", "sibling"), county, "cases", "2026-10")


def test_storing_the_same_definitions_again_changes_nothing(cast):
    before = list(ElementDefinition.objects.values())
    assert store_elements(SYSTEM, ELEMENTS) == {"added": 0, "changed": 0, "unchanged": len(ELEMENTS)}
    assert list(ElementDefinition.objects.values()) == before
    assert queries.elements(SYSTEM)["users_new"] == ELEMENTS[2]


def test_a_changed_definition_gets_the_next_version_and_keeps_the_old(cast):
    from dataclasses import replace

    changed = replace(ELEMENTS[0], name_en="Solved cases")
    assert store_elements(SYSTEM, [changed])["changed"] == 1
    assert queries.elements(SYSTEM)["cases"].name_en == "Solved cases"
    assert ElementDefinition.objects.filter(code="cases").count() == 2
    with pytest.raises(PermissionDenied):
        store_elements(cast.actor("reporter", "own"), ELEMENTS)
