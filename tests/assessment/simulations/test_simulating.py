from __future__ import annotations

import pytest
from django.test import Client

from jingtu.assessment.runs.models import Run
from jingtu.assessment.simulations.models import Scenario
from jingtu.assessment.simulations.queries import Asked, Bench, try_out
from jingtu.assessment.simulations.services import drop, save
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.errors import NotFound
from tests.assessment.office import Office

pytestmark = pytest.mark.django_db


def test_a_weight_moves_totals_and_nothing_is_stored(office: Office) -> None:
    run = office.published()
    counts = Run.objects.count(), FactBatch.objects.count()
    tried = try_out(office.analyst, run.pk, Asked(points={"CASES": "80"}))
    assert not tried.problems
    assert any(move.old_total != move.new_total for move, _name in tried.moves)
    assert (Run.objects.count(), FactBatch.objects.count()) == counts
    run.refresh_from_db()
    assert run.publication_hash


def test_a_figure_moves_the_place_and_others(office: Office) -> None:
    run = office.published()
    place = office.cast.places["township_a"].pk
    tried = try_out(office.analyst, run.pk, Asked(figures=[("cases", str(place), "0")]))
    assert not tried.problems
    assert any(move.gained for move, _name in tried.moves) or any(
        move.old_total != move.new_total for move, _name in tried.moves
    )


def test_figures_of_others_are_neither_offered_nor_taken(office: Office) -> None:
    run = office.published()
    reporter = office.cast.actor("reporter", "own")
    other = office.cast.places["township_b"].pk
    assert other not in {own for _position, own in Bench(reporter, run.pk).places()}
    tried = try_out(reporter, run.pk, Asked(figures=[("cases", str(other), "0")]))
    assert [problem.code for problem in tried.problems] == ["simulations.no_place"]
    assert not tried.changed


def test_what_rests_on_hidden_counts_is_locked_for_those_who_may_not_see_them(office: Office) -> None:
    office.change("township_b", "due", 3)
    office.change("township_b", "done", 2)
    run = office.published()
    viewer = office.cast.actor("viewer", "ancestor")
    assert not Bench(office.analyst, run.pk).locked
    locked = Bench(viewer, run.pk).locked
    assert "RATE" in locked
    for asked in (
        Asked(points={"RATE": "0"}),
        Asked(targets={"RATE": ">= 1"}),
        Asked(rules={"RATE": "rank 1 0"}),
    ):
        tried = try_out(viewer, run.pk, asked)
        assert [problem.code for problem in tried.problems] == ["simulations.locked"]
        assert all(move.old_total == move.new_total for move, _name in tried.moves)
    assert [
        problem.code for problem in try_out(viewer, run.pk, Asked(catalogue=office.catalogue.number)).problems
    ] == ["simulations.locked"]


def test_the_card_of_another_catalogue_version_is_laid_on_the_same_period(office: Office) -> None:
    run = office.published()
    tried = try_out(office.analyst, run.pk, Asked(catalogue=office.catalogue.number))
    assert tried.changed
    assert all(move.old_total == move.new_total for move, _name in tried.moves)


def test_scenarios_are_their_owner_s(office: Office) -> None:
    run = office.published()
    made = save(office.analyst, run.pk, "重打击", "w.CASES=80")
    again = save(office.analyst, run.pk, "重打击", "w.CASES=70")
    assert (made.pk, Scenario.objects.get().query) == (again.pk, "w.CASES=70")
    with pytest.raises(NotFound):
        drop(office.reviewer, made.pk)
    drop(office.analyst, made.pk)
    assert not Scenario.objects.exists()


def test_the_page_says_that_it_is_none_and_keeps_only_what_differs_in_the_address(office: Office) -> None:
    run = office.published()
    client = Client()
    client.force_login(office.analyst.user)
    page = f"/runs/{run.pk}/simulate/"
    sent = client.get(page, {"all": "1", "w.RATE": "60", "w.CASES": "80", "t.RATE": ">= 90"})
    assert (sent.status_code, sent["Location"]) == (302, f"{page}?w.CASES=80")
    shown = client.get(sent["Location"])
    assert "这是模拟，不是考核结果" in shown.content.decode()
    assert client.get(page, {"w.CASES": "abc"}).status_code == 400
    assert "现合计70分，原为100分" in client.get(page, {"w.RATE": "30"}).content.decode()
    assert "现合计" not in client.get(page, {"t.RATE": ">= 95"}).content.decode()
