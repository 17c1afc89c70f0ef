"""Everybody has a first page; the numbers on every page are those of the reader's own region."""

from __future__ import annotations

from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, everyone_signed_in
from tests.access.expectations import runs

FACT_READERS = ("analyst", "reviewer", "leader", "reporter")


def prepare(cast: Cast) -> Known:
    return {
        **runs.prepare(cast),
        "county": cast.places["county_a"].pk,
        "township": cast.places["township_a"].pk,
    }


def _county(known: Known) -> dict[str, str]:
    return {"region": str(known["county"]), "indicator": "RATE"}


def shows_runs_to_their_readers(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    board = response.context.get("board") if response.context else None  # type: ignore[attr-defined]
    if (member.role, member.relation) in runs.READERS:
        assert board is not None
        assert board.run.pk == known["published"]
    else:
        assert board is None or board.run is None


def shows_facts_to_their_readers(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    found = response.context["found"]  # type: ignore[attr-defined]
    if member.role in FACT_READERS and member.relation in ("own", "ancestor"):
        assert found.basis == "facts"
    else:
        assert found.basis == "published"
        assert not found.dots
        assert all(row.point.numerator is None and row.point.denominator is None for row in found.rows)


def opens_no_indicator_to_strangers(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    found = response.context["found"]  # type: ignore[attr-defined]
    if (member.role, member.relation) not in runs.READERS:
        assert not found.strands
        assert not found.history


def _two_townships(known: Known) -> dict[str, str]:
    return {"run": str(known["published"]), "a": str(known["township"]), "b": str(known["other"])}


def shows_both_sides(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    pair = response.context["pair"]  # type: ignore[attr-defined]
    assert pair is not None
    lines = [line.to_level for line in pair.lines if line.to_level is not None]
    if member.relation == "descendant":  # a township's people know its own parts only
        worse = {line.behind: line.to_level for line in pair.lines if line.to_level is not None}
        assert worse.get("second") is None or worse["second"].units is None
    else:
        assert lines


ROWS = [
    Row("cockpit:home", data=_county, open_to=everyone_signed_in(), sees=shows_runs_to_their_readers),
    # Without a post nothing waits; the first page asks all the same.
    Row("cockpit:today", open_to=everyone_signed_in(), refused=(204,)),
    Row("cockpit:wall", data=_county, open_to=everyone_signed_in(), sees=shows_runs_to_their_readers),
    Row("cockpit:slides", data=_county, open_to=frozenset(runs.READERS)),
    Row("cockpit:explorer", data=_county, open_to=business(), sees=shows_facts_to_their_readers),
    Row("cockpit:explorer-csv", data=_county, open_to=business()),
    Row("cockpit:compare", data=_two_townships, open_to=frozenset(runs.READERS), sees=shows_both_sides),
    Row(
        "cockpit:compare-file",
        kwargs=lambda known: {"extension": "csv"},
        data=_two_townships,
        open_to=frozenset(runs.READERS),
    ),
    Row("cockpit:figures", open_to=everyone_signed_in()),
    Row(
        "cockpit:profile",
        kwargs=lambda known: {"region_id": known["county"]},
        open_to=everyone_signed_in(),
        sees=opens_no_indicator_to_strangers,
    ),
]
