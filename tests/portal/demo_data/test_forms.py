"""The demonstration's forms fit its catalogue, and October's figures fit the forms."""

from __future__ import annotations

from jingtu.assessment.reporting.definition import cell_key, lines_of, problems_of
from jingtu.assessment.reporting.definition_text import read_forms
from jingtu.engine.catalogue import load_catalogue
from jingtu.portal.demo.reporting import DAILY, EDUCATION, FORMS, MONTHLY, UNITS
from jingtu.portal.demo_data import city
from jingtu.portal.demo_data.places import FOLDER, UNITS_TREE
from jingtu.portal.demo_data.reports import OPEN_MONTH

ELEMENTS = load_catalogue(FOLDER.parents[2] / "catalogue").elements


def test_every_form_of_the_demo_can_be_published() -> None:
    forms = read_forms(FORMS)
    assert [code for code, _, _ in forms] == [MONTHLY, UNITS, EDUCATION, DAILY]
    for code, _, definition in forms:
        assert problems_of(definition, ELEMENTS) == [], code


def test_october_has_a_figure_for_every_cell_people_type() -> None:
    definitions = {code: definition for code, _, definition in read_forms(FORMS)}
    for month in city.open_month():
        assert month.month == OPEN_MONTH
        form = UNITS if month.tree == UNITS_TREE else MONTHLY
        given = {cell_key(row.element, row.category) for row in month.rows}
        typed = {line.key for line in lines_of(definitions[form], ELEMENTS) if line.kind == "typed"}
        assert typed <= given


def test_october_comes_out_the_same_each_time_and_moves_no_earlier_month() -> None:
    assert city.open_month() == city.open_month()
    assert {report.month for report in city.generate()}.isdisjoint({OPEN_MONTH})
