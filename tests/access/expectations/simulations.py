"""A published run of county A's city, and a scenario of the city's analyst."""

from __future__ import annotations

from jingtu.assessment.simulations import services
from tests.access.cast import Cast
from tests.access.doors import Known, Row, business
from tests.assessment.office import Office

READERS = business("own", "ancestor", "descendant", "sibling")


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    run = office.published()
    return {"run": run.pk, "scenario": services.save(office.analyst, run.pk, "重打击", "w.CASES=80").pk}


def run(known: Known) -> dict[str, int]:
    return {"run_id": known["run"]}


ROWS = [
    Row("simulations:simulate", kwargs=run, open_to=READERS),
    Row("simulations:retrospect", kwargs=run, open_to=READERS),
    Row("simulations:retrospect-csv", kwargs=run, open_to=READERS),
    Row("simulations:retrospect-start", method="POST", kwargs=run, open_to=READERS),
    Row(
        "simulations:save",
        method="POST",
        kwargs=run,
        data=lambda known: {"name": "试", "query": "w.CASES=70"},
        open_to=READERS,
    ),
    Row(
        "simulations:drop",
        method="POST",
        kwargs=lambda known: {"scenario_id": known["scenario"]},
        open_to=frozenset({("analyst", "ancestor")}),
    ),
]
