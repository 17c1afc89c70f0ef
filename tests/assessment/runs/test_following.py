"""Open drafts follow every changed figure, and say what it does to them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from jingtu.assessment.runs import books, services
from jingtu.assessment.runs.books import shelf
from jingtu.assessment.runs.models import Run, RunDelta
from jingtu.assessment.runs.queries import since_draft
from jingtu.assessment.runs.snapshots import figures_of
from jingtu.core.facts import followers
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services import change_fact, retract_fact
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.publication import publication, publication_hash
from tests.assessment.office import FIGURES, MONTH, Office

Committing = Callable[..., AbstractContextManager[list[object]]]


@pytest.fixture
def committing(
    django_capture_on_commit_callbacks: Committing,
) -> Callable[[], AbstractContextManager[list[object]]]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def draft(office: Office, committing: Committing) -> Run:
    """A computed draft, kept at hand as after a request."""
    office.report("2025-09", {"township_a": (40, 30, 4), "township_b": (30, 15, 2)})
    with committing():
        return services.prepare(office.analyst, office.new_run().pk)


def change(
    office: Office, value: str, element: str = "done", place: str = "township_a2", month: str = MONTH
) -> FactBatch:
    return change_fact(
        office.analyst, region_id=office.cast.places[place].pk, element=element, period=month,
        value=value, reason="漏报更正",
    )  # fmt: skip


def recomputed(office: Office, run: Run) -> dict[int, tuple[int | None, Decimal | None]]:
    services.compute(office.analyst, run.pk)
    return {row.region_id: (row.rank, row.total) for row in run.ranked.all()}


def test_a_changed_figure_is_followed_at_once_and_ends_where_computing_again_does(
    office: Office, draft: Run, committing: Committing
) -> None:
    with committing():
        batch = change(office, "18")
    delta = RunDelta.objects.get()
    assert (delta.batch, delta.effect, delta.fact_count) == (batch, "moved", 1)
    found = since_draft(office.analyst, draft)
    assert found is not None
    [line] = found.figures
    assert (line.old, line.new, line.place) == ("3", "18", office.cast.places["township_a2"].name)
    assert found.pending == found.afresh == 0
    frozen = {row.region_id: (row.rank, row.total) for row in draft.ranked.all()}
    after = recomputed(office, draft)
    told = {line[0]: (line[4], Decimal(line[2])) for line in delta.places}
    assert told == {region: row for region, row in after.items() if row != frozen[region]}
    assert told
    assert not draft.deltas.exists()


def test_alerts_and_checks_read_the_frozen_figures_also_after_the_draft_went_on(
    office: Office, draft: Run, committing: Committing
) -> None:
    with figures_of(draft) as before:
        frozen = publication_hash(publication(before))
    assert frozen == draft.publication_hash
    with committing():
        change(office, "18")
    assert RunDelta.objects.get().effect == "moved"
    with figures_of(draft) as after:
        assert publication_hash(publication(after)) == frozen


def test_a_figure_of_last_year_moves_nothing_of_a_card_that_does_not_compare_and_says_so(
    office: Office, draft: Run, committing: Committing
) -> None:
    with committing():
        change(office, "31", month="2025-09", place="township_a")
    assert RunDelta.objects.get().effect == "none"
    found = since_draft(office.analyst, draft)
    assert found is not None
    assert found.figures
    assert not found.places


def test_a_withdrawn_and_a_new_figure_are_followed_and_what_comes_back_is_no_change(
    office: Office, draft: Run, committing: Committing
) -> None:
    place = office.cast.places["township_a2"]
    with committing():
        retract_fact(office.analyst, region_id=place.pk, element="cases", period=MONTH, reason="误报撤回")
    with committing():
        change(office, "8", element="cases")
    found = since_draft(office.analyst, draft)
    assert found is not None
    assert [(line.old, line.new) for line in found.figures] == [("", "8"), ("8", "")]
    assert not found.places
    assert not found.indicators
    assert draft.deltas.filter(effect="moved").count() == 2


def test_a_process_that_was_away_catches_up_and_finds_the_same(
    office: Office, draft: Run, committing: Committing
) -> None:
    with committing():
        change(office, "10")
    with committing():
        change(office, "18")
    followed = list(draft.deltas.values("batch", "effect", "facts", "places", "indicators"))
    draft.deltas.all().delete()
    shelf.clear()
    with committing():
        change(office, "19")  # nobody has the draft in memory: it waits
    assert not draft.deltas.exists()
    found = since_draft(office.analyst, draft)
    assert found is not None
    assert found.pending == 3
    services.catch_up(office.analyst, draft.pk)
    assert list(draft.deltas.values("batch", "effect", "facts", "places", "indicators"))[:2] == followed
    assert draft.deltas.count() == 3
    services.catch_up(office.analyst, draft.pk)
    assert draft.deltas.count() == 3


def test_a_step_that_was_taken_but_never_written_is_found_again(
    office: Office, draft: Run, committing: Committing
) -> None:
    with committing():
        change(office, "10")
    draft.deltas.all().delete()
    services.catch_up(office.analyst, draft.pk)
    assert draft.deltas.count() == 1


def test_batches_of_another_process_are_followed_in_their_turn(
    office: Office, draft: Run, committing: Committing
) -> None:
    change(office, "10")  # committed elsewhere: no follower is told here
    with committing():
        change(office, "18")
    assert [row.facts[0]["new"] for row in draft.deltas.all()] == [10, 18]


def test_a_large_import_says_to_compute_again_and_nothing_is_followed_after_it(
    office: Office, draft: Run, committing: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "MOST_FACTS", 2)
    with committing():
        office.report(MONTH, dict.fromkeys(FIGURES, (50, 40, 9)))
    with committing():
        change(office, "18")
    assert [row.effect for row in draft.deltas.all()] == ["too_many"]
    found = since_draft(office.analyst, draft)
    assert found is not None
    assert found.afresh == 8  # one of the nine figures is what it was
    services.catch_up(office.analyst, draft.pk)
    assert draft.deltas.count() == 1
    with committing():
        services.prepare(office.analyst, draft.pk)
    with committing():
        change(office, "20")
    assert [row.effect for row in draft.deltas.all()] == ["moved"]


def test_a_draft_too_heavy_for_memory_is_not_kept(
    office: Office, draft: Run, committing: Committing, settings: Settings
) -> None:
    settings.FOLLOWED_DRAFTS_BYTES = 1
    shelf.clear()
    with committing():
        change(office, "18")
    services.catch_up(office.analyst, draft.pk)
    assert not draft.deltas.exists()
    assert not shelf.runs()


def test_a_follower_that_fails_does_not_undo_the_fact(
    office: Office, draft: Run, committing: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(batch: FactBatch) -> None:
        raise RuntimeError("no")

    monkeypatch.setitem(followers._followers, "runs", fails)
    with committing():
        batch = change(office, "18")
    assert FactBatch.objects.filter(pk=batch.pk).exists()


def test_published_runs_follow_nothing(office: Office, committing: Committing) -> None:
    with committing():
        run = office.published()
    with committing():
        change(office, "18")
    assert not RunDelta.objects.exists()
    assert since_draft(office.analyst, run) is None


def test_who_may_not_read_the_draft_learns_nothing_of_it(
    office: Office, draft: Run, committing: Committing
) -> None:
    with committing():
        change(office, "18")
    for role, relation in (("viewer", "ancestor"), ("analyst", "sibling"), ("analyst", "descendant")):
        outsider = office.cast.actor(role, relation)
        with pytest.raises(NotFound):
            since_draft(outsider, draft)
        with pytest.raises(NotFound):
            services.catch_up(outsider, draft.pk)


def test_counts_of_persons_stay_hidden_from_a_draft_reader_without_the_right(
    office: Office, draft: Run, committing: Committing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jingtu.core.accounts.actors import UserActor
    from jingtu.core.kernel.actor import Permission, Scope

    with committing():
        change(office, "18")
    with committing():
        change(office, "6", element="cases")
    scopes = UserActor.scopes

    def without(self: UserActor, permission: Permission) -> list[Scope]:
        return [] if permission is Permission.SMALL_CELLS_READ else list(scopes(self, permission))

    monkeypatch.setattr(UserActor, "scopes", without)
    found = since_draft(office.analyst, draft)
    assert found is not None
    assert [(line.hidden, line.old, line.new) for line in found.figures] == [
        (False, "8", "6"),
        (True, "", ""),
    ]
    for line in found.indicators:
        assert line.hidden == (line.indicator == "到位率")
        assert not (line.hidden and (line.old or line.new))


def test_the_page_and_the_list_say_what_changed(
    office: Office, draft: Run, committing: Committing, client: Client
) -> None:
    client.force_login(office.cast.user("analyst", "ancestor"))
    address = reverse("runs:detail", args=[draft.pk])
    assert "草稿计算之后" not in client.get(address).content.decode()
    assert "数据有变" not in client.get(reverse("runs:list")).content.decode()
    shelf.clear()
    with committing():
        change(office, "18")
    waiting = client.get(address).content.decode()
    assert "尚未推算影响" in waiting
    assert "数据有变" in client.get(reverse("runs:list")).content.decode()
    part = client.post(
        reverse("runs:since", args=[draft.pk]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "漏报更正" in part
    assert "<html" not in part
    page = client.get(address).content.decode()
    assert "按现有数据重新计算" in page
    assert "漏报更正" in page
    with committing():
        client.post(reverse("runs:compute", args=[draft.pk]))
    assert "草稿计算之后" not in client.get(address).content.decode()
    assert "数据有变" not in client.get(reverse("runs:list")).content.decode()


def test_the_section_asks_the_database_no_more_for_more_changes(
    office: Office, draft: Run, committing: Committing
) -> None:
    from django.db import connection

    counts = []
    for value in ("5", "6", "7", "18"):
        with committing():
            change(office, value)
        actor = office.cast.actor("analyst", "ancestor")
        with CaptureQueriesContext(connection) as asked:
            since_draft(actor, Run.objects.select_related("region", "tree", "catalogue").get(pk=draft.pk))
        counts.append(len(asked))
    assert len(set(counts)) == 1
