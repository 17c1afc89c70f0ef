"""Figures, files and imports of county A: for those who may read facts there, changed by those who report."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from jingtu.core.facts.models import FactImport
from jingtu.core.facts.services import begin_import, confirm_import, store_elements
from jingtu.core.kernel.actor import SYSTEM
from jingtu.engine.elements import Element, ElementKind
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, roles

READERS = ("analyst", "reviewer", "leader", "reporter")
REPORTERS = ("analyst", "reporter")
ABOVE = ("own", "ancestor")
HEADER = "region,element,period,value\n"
OWN_PLACES = {
    "own": {"甲县", "甲一镇"},
    "ancestor": {"甲县", "甲一镇", "乙县"},
    "descendant": {"甲一镇"},
    "sibling": {"乙县"},
    "outsider": set(),
}


def prepare(cast: Cast) -> Known:
    store_elements(SYSTEM, [Element("cases", "破获案件", "Cases", ElementKind.FLOW, "cases")])

    def uploaded(text: str) -> FactImport:
        return begin_import(SYSTEM, cast.tree, [(HEADER + text).encode()], "facts.csv")

    own = confirm_import(SYSTEM, uploaded("310101,cases,2024-10,3\n310101001,cases,2024-10,4\n").pk)
    confirm_import(SYSTEM, uploaded("310102,cases,2024-10,5\n").pk)
    waiting = uploaded("310101001,cases,2024-09,9\n")
    return {
        "tree": cast.tree.slug,
        "import": own.pk,
        "batch": own.batch_id,
        "waiting": waiting.pk,
        "region": cast.places["county_a"].pk,
    }


def own_rows(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {line.region for line in response.context["lines"]}  # type: ignore[attr-defined]
    assert shown == OWN_PLACES[member.relation], (member.name, shown)


def own_imports(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {made.pk for made in response.context["page"]}  # type: ignore[attr-defined]
    assert (known["import"] in shown) is (member.relation in ABOVE), member.name


def _cell(known: Known) -> dict[str, Any]:
    return {"region": known["region"], "element": "cases", "period": "2024-10"}


def _batch(known: Known) -> dict[str, Any]:
    return {"batch_id": known["batch"]}


def _file(known: Known) -> dict[str, Any]:
    return {
        "tree": known["tree"],
        "file": SimpleUploadedFile("a.csv", (HEADER + "1,cases,2024-10,1\n").encode()),
    }


ROWS = [
    Row("facts:imports", open_to=roles(*READERS), sees=own_imports),
    Row("facts:upload", open_to=roles(*REPORTERS)),
    Row("facts:upload", method="POST", data=_file, open_to=roles(*REPORTERS)),
    Row("facts:template", open_to=roles(*REPORTERS)),
    Row(
        "facts:template",
        method="POST",
        data=lambda known: {"tree": known["tree"], "elements": ["cases"], "periods": "2024-10"},
        open_to=roles(*REPORTERS),
    ),
    Row(
        "facts:import",
        kwargs=lambda known: {"import_id": known["import"]},
        open_to=roles(*READERS, relations=ABOVE),
    ),
    Row(
        "facts:confirm",
        method="POST",
        kwargs=lambda known: {"import_id": known["waiting"]},
        open_to=roles(*REPORTERS, relations=("own", "ancestor", "descendant")),
    ),
    Row(
        "facts:undo",
        method="POST",
        kwargs=_batch,
        data=lambda known: {"reason": "x"},
        open_to=roles(*REPORTERS, relations=ABOVE),
    ),
    Row("facts:browse", open_to=roles(*READERS), sees=own_rows),
    Row(
        "facts:browse",
        data=lambda known: {"region": known["region"]},
        open_to=roles(*READERS, relations=ABOVE),
    ),
    Row("facts:export", method="POST", open_to=roles(*READERS)),
    Row(
        "facts:export",
        method="POST",
        data=lambda known: {"region": known["region"]},
        open_to=roles(*READERS, relations=ABOVE),
    ),
    Row("facts:history", data=_cell, open_to=roles(*READERS, relations=ABOVE)),
    Row(
        "facts:change",
        method="POST",
        data=lambda known: {**_cell(known), "value": "8", "reason": "x"},
        open_to=roles(*REPORTERS, relations=ABOVE),
    ),
    Row(
        "facts:retract",
        method="POST",
        data=lambda known: {**_cell(known), "reason": "x"},
        open_to=roles(*REPORTERS, relations=ABOVE),
    ),
]
