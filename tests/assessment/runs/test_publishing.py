"""From review to the readers: time for appeals, the number, what holds a run back, the time of release."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.assessment.runs import registry, services
from jingtu.assessment.runs.models import Publication, Run
from jingtu.assessment.runs.queries import (
    difference_page,
    latest_published,
    previous_published,
    reader_of,
    runs_visible,
)
from jingtu.assessment.runs.queries.release import release_notes
from jingtu.core.kernel.clock import frozen, now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.numbering import services as numbering
from jingtu.core.numbering.models import OfficialNumber
from jingtu.engine.problems import Problem, register_texts
from tests.assessment.office import FIGURES, Office
from tests.together import together

register_texts({"test.held": ("有{n}件事未了。", "{n} things are open.")})
MORNING = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)  # a Friday


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Something that speaks against publishing while the list is not empty."""
    things: list[int] = []
    monkeypatch.setattr(
        registry,
        "_holds",
        {"test": lambda run: [Problem("test.held", {"n": len(things)})] if things else []},
    )
    return things


def series(office: Office) -> int:
    return numbering.make_series(office.analyst, office.city.pk, name="通报", office="本禁办通").pk


def rule(office: Office, **values: int | None) -> None:
    services.set_release_rule(office.reviewer, office.city.pk, "card", **values)  # type: ignore[arg-type]


def test_a_run_waits_out_the_time_the_office_gives_for_appeals(office: Office) -> None:
    rule(office, appeal_days=3)
    run = office.in_review()
    with pytest.raises(Conflict) as refused:
        services.approve_and_publish(office.reviewer, run.pk)
    assert refused.value.problem.code == "runs.appeal_not_offered"
    with frozen(MORNING):
        run = services.open_for_appeal(office.reviewer, run.pk)
        assert (run.state, run.appeal_from, run.appeal_until) == (
            "appeal",
            dt.date(2026, 11, 20),
            dt.date(2026, 11, 25),
        )
        with pytest.raises(Conflict) as early:
            services.approve_and_publish(office.reviewer, run.pk)
        assert early.value.problem.code == "runs.appeal_running"
    with frozen(MORNING + dt.timedelta(days=6)):
        run = services.approve_and_publish(office.reviewer, run.pk)
    signed = Publication.objects.get(run=run)
    assert (run.state, signed.skip_reason) == ("published", "")
    assert signed.objections_until == dt.date(2026, 12, 3)


def test_skipping_the_time_for_appeals_is_explained_and_kept(office: Office) -> None:
    rule(office, appeal_days=3)
    run = services.approve_and_publish(office.reviewer, office.in_review().pk, skip_reason="上级要求当日报送")
    assert release_notes(run, "zh").skip_reason == "上级要求当日报送"


def test_the_rule_of_the_card_goes_before_that_of_the_office_and_the_nearer_office_first(
    office: Office,
) -> None:
    run = office.new_run()
    assert services.release_of(run) == services.Release()
    services.set_release_rule(office.reviewer, office.city.pk, appeal_days=1)
    assert services.release_of(run).appeal_days == 1
    rule(office, appeal_days=2)
    assert services.release_of(run).appeal_days == 2
    with pytest.raises(PermissionDenied):
        services.set_release_rule(office.analyst, office.city.pk, appeal_days=9)
    with pytest.raises(InvalidInput):
        services.set_release_rule(office.reviewer, office.city.pk, appeal_days=999)
    with pytest.raises(InvalidInput):
        services.set_release_rule(office.reviewer, office.city.pk, series_id=12345)


def test_what_speaks_against_publishing_holds_the_run_back_until_somebody_answers_for_it(
    office: Office, held: list[int]
) -> None:
    held.append(1)
    run = office.in_review()
    with pytest.raises(Conflict) as refused:
        services.approve_and_publish(office.reviewer, run.pk)
    assert refused.value.problem.code == "test.held"
    run = services.approve_and_publish(office.reviewer, run.pk, hold_reason="不影响名次，先行发布")
    notes = release_notes(run, "en")
    assert (list(notes.held), notes.hold_reason) == (["1 things are open."], "不影响名次，先行发布")
    assert notes.signed_by == "reviewer ancestor"


def test_a_published_run_takes_the_next_number_and_a_withdrawn_one_voids_its_own(office: Office) -> None:
    rule(office, series_id=series(office))
    run = office.published()
    year = now().year
    assert release_notes(run, "zh").number == f"本禁办通〔{year}〕1号"
    services.withdraw(office.reviewer, run.pk, "口径有误，撤回")
    assert list(OfficialNumber.objects.values_list("state", "reason")) == [("void", "口径有误，撤回")]
    second = office.published()
    assert release_notes(second, "zh").number == f"本禁办通〔{year}〕2号"


def test_a_publication_that_fails_takes_no_number(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(office, series_id=series(office))
    run = office.in_review()

    def broken(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(registry, "announce", broken)
        with pytest.raises(RuntimeError):
            services.approve_and_publish(office.reviewer, run.pk)
    assert not OfficialNumber.objects.exists()
    services.approve_and_publish(office.reviewer, run.pk)
    assert OfficialNumber.objects.get().n == 1


def test_a_signed_run_is_frozen_but_unknown_to_readers_until_its_time(office: Office) -> None:
    first = office.published()
    office.change("township_a2", "done", 18)
    again = services.submit_for_review(
        office.analyst, services.correct(office.analyst, first.pk, "甲二镇漏报").pk
    )
    Notice.objects.all().delete()
    at = now() + dt.timedelta(hours=5)
    signed = services.approve_and_publish(office.reviewer, again.pk, release_at=at)
    assert (signed.state, signed.published_at) == ("embargoed", None)
    assert Publication.objects.get(run=signed).publication_hash == signed.publication_hash
    reader = office.cast.actor("viewer", "own")
    for actor in (reader, office.cast.actor("leader", "ancestor"), office.cast.actor("analyst", "own")):
        assert [run.pk for run in runs_visible(actor)] == [first.pk]
        assert [run.state for run in runs_visible(actor)] == ["published"]
        found = latest_published(actor, office.city.pk)
        assert found is not None
        assert found.pk == first.pk
    assert not Notice.objects.exists()
    assert services.release_due() == 0
    with frozen(at + dt.timedelta(minutes=1)):
        assert services.release_due() == 1
        assert services.release_due() == 0
    assert {run.pk: run.state for run in runs_visible(reader)} == {
        first.pk: "superseded",
        again.pk: "published",
    }
    assert Notice.objects.filter(code="runs.published", recipient__username="viewer.ancestor").exists()
    released = Run.objects.get(pk=again.pk)
    assert released.published_at == at + dt.timedelta(minutes=1)


def test_an_embargoed_period_is_no_base_of_comparison_for_readers(office: Office) -> None:
    office.report("2026-10", FIGURES)
    embargoed = services.approve_and_publish(
        office.reviewer, office.in_review().pk, release_at=now() + dt.timedelta(days=1)
    )
    october = office.published("2026-10")
    for actor in (office.cast.actor("viewer", "own"), office.analyst):
        assert previous_published(actor, october) is None
        assert reader_of(actor, october).run.pk != embargoed.pk


def test_an_embargoed_run_is_released_early_or_withdrawn_by_those_who_sign_only(office: Office) -> None:
    run = services.approve_and_publish(
        office.reviewer, office.in_review().pk, release_at=now() + dt.timedelta(days=1)
    )
    with pytest.raises(PermissionDenied):
        services.release_early(office.analyst, run.pk, "领导要求提前")
    with pytest.raises(NotFound):
        services.release_early(office.cast.actor("viewer", "own"), run.pk, "领导要求提前")
    with pytest.raises(Conflict):
        office.new_run()
    assert services.release_early(office.reviewer, run.pk, "领导要求提前").state == "published"
    office.report("2026-08", FIGURES)
    other = services.approve_and_publish(
        office.reviewer, office.in_review("2026-08").pk, release_at=now() + dt.timedelta(days=1)
    )
    services.withdraw(office.reviewer, other.pk, "发现差错，暂不公布")
    assert other.pk not in {one.pk for one in runs_visible(office.cast.actor("viewer", "own"))}


def test_a_time_of_release_in_the_past_is_now_and_one_too_far_is_refused(office: Office) -> None:
    run = office.in_review()
    with pytest.raises(InvalidInput):
        services.approve_and_publish(office.reviewer, run.pk, release_at=now() + dt.timedelta(days=400))
    with pytest.raises(InvalidInput, match="has passed"):
        services.approve_and_publish(office.reviewer, run.pk, release_at=now() - dt.timedelta(days=300))
    run = services.approve_and_publish(office.reviewer, run.pk, release_at=now() - dt.timedelta(minutes=1))
    assert run.state == "published"


def test_a_date_in_a_year_without_announced_holidays_carries_a_warning(office: Office) -> None:
    with frozen(dt.datetime(2031, 9, 1, tzinfo=dt.UTC)):
        run = office.published()
    assert "2031" in release_notes(run, "zh").warning


def test_the_difference_of_versions_says_for_whom_by_how_much_and_why(office: Office) -> None:
    first = office.published()
    office.change("township_a2", "done", 18, note="漏报更正")
    newer = services.correct(office.analyst, first.pk, "甲二镇漏报")
    page = difference_page(office.analyst, newer.pk)
    [one] = [place for place in page.places if place.place == "甲县"]
    assert one.change is not None
    assert one.change > 0
    assert [(row.what, row.why) for row in one.indicators] == [("到位率", "甲二镇 已到人数 2026年9月")]
    assert any("漏报更正" in reason.sentence for reason in page.reasons)
    assert "乙县" not in {place.place for place in page.places if place.indicators}


def test_what_was_computed_again_after_appeals_goes_through_review_but_not_through_the_window_again(
    office: Office,
) -> None:
    rule(office, appeal_days=1)
    with frozen(MORNING):
        run = services.open_for_appeal(office.reviewer, office.in_review().pk)
    office.change("township_a2", "done", 18)
    with frozen(MORNING + dt.timedelta(days=7)):
        run = services.prepare(office.analyst, run.pk)
        assert run.state == "checked"
        for finding in run.findings.filter(state="open", severity="error"):
            services.answer_finding(office.analyst, finding.pk, "已核实")
        services.submit_for_review(office.analyst, run.pk)
        assert services.approve_and_publish(office.reviewer, run.pk).state == "published"


@pytest.mark.usefixtures("own_store")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told_and_one_number_is_taken() -> None:
    office = Office()
    rule(office, series_id=series(office))
    run = office.in_review()
    other = office.cast.actor("reviewer", "ancestor")
    results = together(
        [
            lambda: services.approve_and_publish(office.reviewer, run.pk),
            lambda: services.approve_and_publish(other, run.pk),
        ]
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Run"]
    assert list(OfficialNumber.objects.values_list("n", flat=True)) == [1]
    assert Publication.objects.count() == 1


@pytest.mark.usefixtures("own_store")
@pytest.mark.django_db(transaction=True)
def test_two_tickers_release_a_run_once() -> None:
    office = Office()
    at = now() + dt.timedelta(hours=1)
    run = services.approve_and_publish(office.reviewer, office.in_review().pk, release_at=at)

    def tick() -> int:
        with frozen(at + dt.timedelta(minutes=1)):
            return services.release_due()

    assert sorted(map(str, together([tick, tick]))) == ["0", "1"]
    run.refresh_from_db()
    assert run.state == "published"
    assert run.reviews.filter(action="release").count() == 1
