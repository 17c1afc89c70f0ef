from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingtu.assessment.indicators.queries import distribution, series
from jingtu.assessment.runs import services, snapshots
from jingtu.assessment.runs.models import RunPlace
from jingtu.assessment.runs.queries import (
    RunFilter,
    difference_page,
    explanation,
    indicator_ranking,
    items,
    latest_published,
    matrix,
    publication_text,
    ranking,
    red_lines,
    run_detail,
    runs_visible,
)
from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.engine.derivation import Step
from jingtu.engine.facttable import FactRow
from jingtu.engine.periods import Period
from tests.assessment.office import FIGURES, MONTH, Office, store_batch


def kinds(step: Step) -> set[str]:
    return {inner.kind for inner in step.walk()}


def test_the_ranking_says_who_leads_with_points_as_published(office: Office) -> None:
    found = ranking(office.cast.actor("viewer", "ancestor"), office.published().pk)
    assert [(row.name, row.rank, row.total) for row in found.rows] == [
        ("甲县", 1, Decimal("82.00")),  # 42 for a rate of 70 %, 40 for most cases
        ("乙县", 2, Decimal("80.00")),  # 60 and 20
    ]
    assert sum(row.counts["met"] for row in found.rows) == 1


def test_everybody_inside_the_city_reads_the_published_ranking_and_nobody_else(office: Office) -> None:
    run = office.published()
    for relation in ("ancestor", "own", "sibling", "descendant"):
        assert len(ranking(office.cast.actor("viewer", relation), run.pk).rows) == 2
    with pytest.raises(NotFound):
        ranking(office.cast.actor("viewer", "outsider"), run.pk)
    with pytest.raises(NotFound):
        ranking(office.cast.actor("auditor"), run.pk)


def test_a_draft_is_not_there_for_its_future_readers(office: Office) -> None:
    run = services.prepare(office.analyst, office.new_run().pk)
    for role, relation in (("viewer", "ancestor"), ("analyst", "own"), ("leader", "sibling")):
        actor = office.cast.actor(role, relation)
        assert not runs_visible(actor).exists()
        with pytest.raises(NotFound):
            run_detail(actor, run.pk)
    assert runs_visible(office.reviewer, RunFilter(state="checked", tree="cast")).get() == run
    assert latest_published(office.reviewer, office.city.pk) is None


def test_of_a_sibling_one_sees_rank_points_and_value_but_not_how_they_came_about(office: Office) -> None:
    run = office.published()
    sibling = office.cast.actor("leader", "sibling")
    county_a, county_b = office.cast.places["county_a"].pk, office.cast.places["county_b"].pk
    foreign = explanation(sibling, run.pk, county_a, "RATE")
    assert foreign.closed
    assert kinds(foreign.root) & {"operand", "child", "fact", "missing"} == set()
    assert "42" not in foreign.sentence
    assert "60" not in foreign.sentence.replace("＜60", "")
    assert foreign.ways == ()
    assert next(step for step in foreign.root.walk() if step.kind == "indicator").value == "70.00"
    own = explanation(sibling, run.pk, county_b, "RATE")
    assert {"operand", "child", "fact"} <= kinds(own.root)
    rows = {row.head.indicator: row for row in items(sibling, run.pk, county_a)}
    assert (rows["RATE"].numerator, rows["RATE"].denominator) == (None, None)
    assert rows["RATE"].cell.value == Decimal("70.00")
    assert rows["RATE"].shortfall is not None
    assert rows["RATE"].shortfall.units is None
    assert {row.head.indicator: row.numerator for row in items(sibling, run.pk, county_b)}["RATE"] == 30


def test_a_siblings_township_cannot_be_asked_for(office: Office) -> None:
    run = office.published()
    with pytest.raises(NotFound):
        explanation(
            office.cast.actor("analyst", "sibling"), run.pk, office.cast.places["township_a"].pk, "RATE"
        )


def test_small_counts_are_hidden_from_a_leader_and_shown_to_the_analyst(office: Office) -> None:
    run = office.published()
    county_a = office.cast.places["county_a"].pk
    leader = explanation(office.cast.actor("leader", "own"), run.pk, county_a, "RATE")
    analyst = explanation(office.cast.actor("analyst", "own"), run.pk, county_a, "RATE")

    def numbers(root: Step) -> dict[tuple[str, str], str | None]:
        found = {}
        for operand in (step for step in root.walk() if step.kind == "operand"):
            for child in operand.children:
                if child.kind == "child":
                    found[operand.params["role"], child.zh] = child.value
        return found

    shown = numbers(analyst.root)
    assert shown["numerator", "甲二镇"] == "3"
    hidden = numbers(leader.root)
    # 甲二镇 has 3 of 20; with the county's 42 of 60 shown, 甲一镇 must go as well.
    assert set(hidden) == set(shown)
    assert set(hidden.values()) == {None}
    assert leader.suppressed
    assert not analyst.suppressed
    facts = [step.value for step in leader.root.walk() if step.kind == "fact"]
    assert set(facts) <= {None}
    assert [step.params.get("percent") for step in leader.root.walk() if step.kind == "child"] == [None] * 4


def test_a_viewer_who_may_read_no_facts_is_shown_none(office: Office) -> None:
    run = office.published()
    county_b = office.cast.places["county_b"].pk
    viewer = explanation(office.cast.actor("viewer", "sibling"), run.pk, county_b, "RATE")
    assert "fact" not in kinds(viewer.root)
    assert "child" in kinds(viewer.root)


def test_a_fact_names_the_batch_it_came_with(office: Office) -> None:
    run = office.published()
    found = explanation(office.reviewer, run.pk, office.cast.places["county_b"].pk, "CASES")
    facts = [step for step in found.root.walk() if step.kind == "fact"]
    assert [(step.value, step.params["source_row"]) for step in facts] == [("9", 4)]
    assert found.batches[facts[0].params["batch"]].actor_label


def test_the_whole_city_can_be_explained_to_those_above_it(office: Office) -> None:
    run = office.published()
    found = explanation(office.cast.actor("analyst", "ancestor"), run.pk, office.city.pk, "RATE")
    assert {step.zh for step in found.root.walk() if step.kind == "child"} == {"甲县", "乙县"}
    with pytest.raises(NotFound):
        explanation(office.cast.actor("analyst", "own"), run.pk, office.city.pk, "RATE")
    with pytest.raises(NotFound):
        explanation(office.cast.actor("analyst", "ancestor"), run.pk, office.city.pk)


def test_red_lines_say_how_many_are_missing(office: Office) -> None:
    office.report(MONTH, {"township_a": (40, 25, 5)})
    run = office.published()
    rows = red_lines(office.reviewer, run.pk)
    assert [(row.place, row.mark) for row in rows] == [("甲县", "below")]  # 28 of 60
    short = rows[0].shortfall
    assert short is not None
    assert (short.units, short.unit_word, short.more) == (Decimal(26), "人", True)  # 54 of 60 is 90 %


def test_the_scorecard_has_a_cell_for_every_item_and_place(office: Office) -> None:
    found = matrix(office.cast.actor("viewer", "sibling"), office.published().pk)
    assert [head.indicator for head in found.items] == ["RATE", "CASES"]
    assert [[cell.points + cell.lost for cell in row] for row in found.cells] == [[60, 60], [40, 40]]


def test_a_single_rate_comes_with_the_ranks_it_could_hold(office: Office) -> None:
    rows = indicator_ranking(office.reviewer, office.published().pk, "RATE")
    assert [(row.name, row.rank, row.low_rank, row.high_rank) for row in rows] == [
        ("乙县", 1, 1, 1),
        ("甲县", 2, 2, 2),
    ]


def test_movement_is_against_the_published_run_of_the_month_before(office: Office) -> None:
    office.report("2026-08", {**FIGURES, "township_a2": (20, 20, 60)})
    august = office.published("2026-08")
    september = office.published()
    found = ranking(office.reviewer, september.pk)
    assert found.previous == august
    moved = {row.name: row.moved for row in found.rows}
    assert sorted(moved.values(), key=str) in ([-1, 1], [0, 0])


def test_differences_name_the_batch_and_the_changed_figure(office: Office) -> None:
    first = office.published()
    office.change("township_a2", "done", 18, note="漏报15人")
    second = services.correct(office.analyst, first.pk, "甲二镇漏报")
    found = difference_page(office.reviewer, second.pk)
    assert (found.older, found.newer) == (first, second)
    assert any("漏报15人" in reason.sentence for reason in found.reasons)
    facts = [row for row in found.changes if row.kind == "fact"]
    assert [(row.place, row.old, row.new) for row in facts] == [("甲二镇", "3", "18")]
    values = [row for row in found.changes if row.kind == "value"]
    assert ("甲县", "70.00", "95.00") in [(row.place, row.old, row.new) for row in values]


def test_a_reader_sees_that_a_figure_was_corrected_but_not_the_foreign_fact(office: Office) -> None:
    first = office.published()
    office.change("township_a2", "done", 18, note="漏报15人")
    second = services.correct(office.analyst, first.pk, "甲二镇漏报")
    services.submit_for_review(office.analyst, second.pk)
    services.approve_and_publish(office.reviewer, second.pk)
    found = difference_page(office.cast.actor("leader", "sibling"), second.pk)
    assert not [row for row in found.changes if row.kind == "fact"]
    assert not any("漏报15人" in reason.sentence for reason in found.reasons)
    assert all(not row.why for row in found.changes)
    assert "95.00" in {row.new for row in found.changes if row.kind == "value"}


def test_the_signed_content_with_its_exact_counts_is_for_those_who_work_on_it(office: Office) -> None:
    run = office.published()
    assert publication_text(office.reviewer, run.pk)[1].startswith(b"{")
    with pytest.raises(PermissionDenied):
        publication_text(office.cast.actor("leader", "ancestor"), run.pk)


def test_live_values_need_the_right_to_read_facts_there(office: Office) -> None:
    county_a = office.cast.places["county_a"]
    until = Period.parse(MONTH)
    points = series(office.cast.actor("leader", "own"), "RATE", county_a, "month", 3, until)
    assert [(point.period, point.value, point.state) for point in points] == [
        ("2026-07", None, "missing"),
        ("2026-08", None, "missing"),
        ("2026-09", Decimal("70.00"), "ok"),
    ]
    assert points[-1].numerator == 42
    for role, relation in (("leader", "sibling"), ("viewer", "own")):
        with pytest.raises(PermissionDenied):
            series(office.cast.actor(role, relation), "RATE", county_a, "month", 3, until)


def test_live_values_of_small_places_keep_their_counts_to_themselves(office: Office) -> None:
    county_a, until = office.cast.places["county_a"], Period.parse(MONTH)
    leader = distribution(office.cast.actor("leader", "own"), "RATE", county_a, until)
    analyst = distribution(office.cast.actor("analyst", "own"), "RATE", county_a, until)
    assert [(row.name, row.point.numerator) for row in analyst] == [("甲一镇", 39), ("甲二镇", 3)]
    assert [(row.point.numerator, row.point.parts_hidden) for row in leader] == [(None, True), (None, True)]


def test_a_correction_shows_at_once_in_live_values(office: Office) -> None:
    county_a, until = office.cast.places["county_a"], Period.parse(MONTH)
    actor = office.cast.actor("analyst", "own")
    assert series(actor, "CASES", county_a, "month", 1, until)[0].value == 13
    office.change("township_a", "cases", 7)
    assert series(actor, "CASES", county_a, "month", 1, until)[0].value == 15


def grown(office: Office, townships: int) -> None:
    """County A with more townships, each with figures."""
    from jingtu.core.regions.models import Region

    city, county = office.city, office.cast.places["county_a"]
    Region.objects.filter(tree=office.cast.tree).update(position=None, last=None)
    new = [
        Region.objects.create(
            tree=office.cast.tree,
            parent=county,
            code=f"9{number:05}",
            name=f"镇{number}",
            level="township",
            depth=4,
        )
        for number in range(townships)
    ]
    rows = [
        FactRow(element, region.pk, MONTH, value)
        for region in new
        for element, value in (("due", 10), ("done", 9), ("cases", 6))
    ]
    renumber(office)
    store_batch(office.cast.tree, city, rows, "")


def renumber(office: Office) -> None:
    from jingtu.core.regions.models import Region

    regions = list(Region.objects.filter(tree=office.cast.tree).order_by("pk"))
    children: dict[int | None, list[Region]] = {}
    for region in regions:
        children.setdefault(region.parent_id, []).append(region)
    at = 0

    def walk(region: Region) -> None:
        nonlocal at
        region.position = at
        at += 1
        for child in children.get(region.pk, []):
            walk(child)
        region.last = at - 1

    walk(children[None][0])
    Region.objects.bulk_update(regions, ["position", "last"])
    tree = office.cast.tree
    tree.revision += 1
    tree.fingerprint = f"{tree.revision}-{len(regions)}"
    tree.save()


def counted(actor_of: UserActor, run_pk: int, region: int) -> dict[str, int]:
    questions = {
        "ranking": lambda actor: ranking(actor, run_pk),
        "matrix": lambda actor: matrix(actor, run_pk),
        "red lines": lambda actor: red_lines(actor, run_pk),
        "items": lambda actor: items(actor, run_pk, region),
        "explanation": lambda actor: explanation(actor, run_pk, region, "RATE"),
        "page": lambda actor: run_detail(actor, run_pk),
    }
    found = {}
    for name, ask in questions.items():
        with CaptureQueriesContext(connection) as queries:
            ask(UserActor(actor_of.user))
        found[name] = len(queries)
    return found


def test_the_number_of_queries_does_not_grow_with_the_number_of_places(office: Office) -> None:
    first = office.published()
    county = office.cast.places["county_a"].pk
    leader = office.cast.actor("leader", "ancestor")
    few = counted(leader, first.pk, county)
    grown(office, 200)
    office.cast.tree.refresh_from_db()
    second = services.correct(office.analyst, first.pk, "新增乡镇")
    services.submit_for_review(office.analyst, second.pk)
    services.approve_and_publish(office.reviewer, second.pk)
    snapshots.forget()
    many = counted(leader, second.pk, county)
    assert snapshots.open_run(second).tree.size > 200
    assert many == few
    assert max(many.values()) <= 20


def test_a_renamed_place_keeps_its_movement_and_other_places_before_leave_all_movement_out(
    office: Office,
) -> None:
    office.report("2026-08", {**FIGURES, "township_a2": (20, 20, 60)})
    august = office.published("2026-08")
    september = office.published()
    county = office.cast.places["county_a"]
    county.name = "新甲县"
    county.save()
    same = ranking(office.reviewer, september.pk)
    assert (same.previous, same.comparable) == (august, True)
    assert all(row.moved is not None for row in same.rows)
    # As if a county that ended since had been ranked in August as well.
    RunPlace.objects.create(run=august, region=office.cast.places["township_a"], rank=3)
    other = ranking(office.reviewer, september.pk)
    assert (other.previous, other.comparable) == (august, False)
    assert {(row.moved, row.previous_rank) for row in other.rows} == {(None, None)}
    told = explanation(office.reviewer, september.pk, county.pk)
    assert "较上期" not in told.sentence
    assert told.standing is not None
    assert (told.standing.comparable, told.root.params["previous_rank"]) == (False, None)
