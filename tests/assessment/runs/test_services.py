from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from jingtu.assessment.runs import changed, services, snapshots
from jingtu.assessment.runs.models import Publication, Run, RunFinding
from jingtu.assessment.runs.queries import damaged_runs, publication_text, ranking
from jingtu.assessment.runs.rules import RunAction, RunState
from jingtu.assessment.runs.services import acts, preparing
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.engine.publication import publication_hash
from tests.access.cast import SINCE
from tests.assessment.office import CATALOGUE, MONTH, Office, snapshot_folder, version_of


def test_a_run_goes_from_draft_to_publication_and_is_told_to_those_it_concerns(office: Office) -> None:
    run = office.new_run()
    assert (run.state, run.version, run.level) == ("draft", 1, "county")
    run = services.compute(office.analyst, run.pk)
    assert (run.state, run.places) == ("draft", 2)
    run = services.check(office.analyst, run.pk)
    assert run.state == "checked"
    run = services.submit_for_review(office.analyst, run.pk)
    assert run.state == "in_review"
    run = services.approve_and_publish(office.reviewer, run.pk)
    run.refresh_from_db()
    assert (run.state, run.approved_by_id) == ("published", office.reviewer.user_id)
    assert Publication.objects.get(run=run).number == 1
    told = set(Notice.objects.values_list("recipient__username", "code"))
    assert ("reviewer.ancestor", "runs.submitted") in told
    assert ("analyst.ancestor", "runs.published") in told
    assert ("viewer.ancestor", "runs.published") in told
    actions = list(
        AuditEntry.objects.filter(target_type="run").order_by("sequence").values_list("action", flat=True)
    )
    assert actions == ["runs.created", "runs.computed", "runs.checked", "runs.submitted", "runs.published"]


def test_the_hash_of_a_publication_is_that_of_its_frozen_files(office: Office) -> None:
    run = office.published()
    opened = snapshots.open_run(run)
    assert publication_hash(opened.publication) == run.publication_hash
    assert snapshots.damage(run) == ""
    _, text = publication_text(office.analyst, run.pk)
    assert hashlib.sha256(text).hexdigest() == run.publication_hash


def test_the_same_facts_give_the_same_snapshot(office: Office) -> None:
    run = services.compute(office.analyst, office.new_run().pk)
    again = services.compute(office.analyst, run.pk)
    assert (run.snapshot_digest, run.publication_hash) == (again.snapshot_digest, again.publication_hash)


def test_a_touched_snapshot_is_not_published(office: Office, own_store: Path) -> None:
    run = office.in_review()
    victim = snapshot_folder(run, own_store) / "publication.json"
    victim.write_bytes(victim.read_bytes().replace(b'"rank":1', b'"rank":2'))
    with pytest.raises(Conflict) as refused:
        services.approve_and_publish(office.reviewer, run.pk)
    assert refused.value.problem.code == "runs.snapshot_damaged"
    run.refresh_from_db()
    assert run.state == "in_review"


@pytest.mark.parametrize("relation", ["own", "descendant", "sibling", "outsider"])
def test_an_analyst_of_another_place_cannot_prepare_the_citys_run(office: Office, relation: str) -> None:
    with pytest.raises(PermissionDenied):
        services.create_run(office.cast.actor("analyst", relation), office.city, None, "card", MONTH)


@pytest.mark.parametrize("role", ["reviewer", "leader", "reporter", "viewer"])
def test_only_analysts_prepare(office: Office, role: str) -> None:
    with pytest.raises(PermissionDenied):
        services.create_run(office.cast.actor(role, "ancestor"), office.city, None, "card", MONTH)


def test_a_draft_of_the_city_does_not_exist_for_a_county(office: Office) -> None:
    run = office.in_review()
    with pytest.raises(NotFound):
        services.approve_and_publish(office.cast.actor("reviewer", "own"), run.pk)


def test_the_machine_itself_neither_prepares_nor_signs(office: Office) -> None:
    with pytest.raises(PermissionDenied):
        services.create_run(SYSTEM, office.city, None, "card", MONTH)
    run = office.in_review()
    with pytest.raises(PermissionDenied):
        services.approve_and_publish(SYSTEM, run.pk)


def test_the_preparer_is_refused_even_with_a_reviewers_post(office: Office) -> None:
    run = office.in_review()
    Post.objects.create(
        user=office.cast.user("analyst", "ancestor"), role="reviewer", region=office.city, valid_from=SINCE
    )
    with pytest.raises(Conflict) as refused:
        services.approve_and_publish(office.analyst, run.pk)
    assert refused.value.problem.code == "runs.same_person"


def test_the_database_itself_refuses_a_preparer_who_signs(office: Office) -> None:
    run = office.published()
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(approved_by=run.prepared_by_id)


def test_the_database_itself_refuses_two_published_versions(office: Office) -> None:
    office.published()
    second = office.in_review()
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=second.pk).update(
            state="published", approved_by=office.reviewer.user_id, published_at=second.prepared_at
        )


def test_an_open_error_holds_the_run_back_until_somebody_answers(office: Office) -> None:
    office.report(MONTH, {"township_b": (30, 31, 9)}, "分子大于分母")
    run = services.prepare(office.analyst, office.new_run().pk)
    errors = run.findings.filter(severity="error")
    assert errors.exists()
    with pytest.raises(Conflict) as refused:
        services.submit_for_review(office.analyst, run.pk)
    assert refused.value.problem.code == "runs.open_findings"
    for finding in errors:
        with pytest.raises(InvalidInput):
            services.answer_finding(office.analyst, finding.pk, "  ")
        services.answer_finding(office.analyst, finding.pk, "跨镇转入，次月冲减")
    assert services.submit_for_review(office.analyst, run.pk).state == "in_review"


def test_an_override_is_for_an_approver_who_did_not_prepare_it(office: Office) -> None:
    office.report(MONTH, {"township_b": (30, 31, 9)})
    run = services.prepare(office.analyst, office.new_run().pk)
    finding = run.findings.filter(severity="error")[0]
    with pytest.raises(PermissionDenied):
        services.override_finding(office.analyst, finding.pk, "口径差异，予以豁免")
    settled = services.override_finding(office.reviewer, finding.pk, "口径差异，予以豁免")
    assert (settled.state, settled.answered_by_id) == ("overridden", office.reviewer.user_id)


def test_checking_again_keeps_the_answers_to_the_same_findings(office: Office) -> None:
    office.report(MONTH, {"township_b": (30, 31, 9)})
    run = services.prepare(office.analyst, office.new_run().pk)
    finding = run.findings.filter(severity="error")[0]
    services.answer_finding(office.analyst, finding.pk, "跨镇转入，次月冲减")
    services.check(office.analyst, run.pk)
    assert RunFinding.objects.get(pk=finding.pk).state == "answered"
    office.change("township_b", "done", 30)
    services.prepare(office.analyst, run.pk)
    finding.refresh_from_db()
    assert finding.state == "gone"  # kept, because somebody answered it
    assert not RunFinding.objects.filter(run=run, severity="error").exclude(state="gone").exists()


def test_sending_back_needs_a_reason_and_tells_the_preparer(office: Office) -> None:
    run = office.in_review()
    with pytest.raises(InvalidInput):
        services.send_back(office.reviewer, run.pk, "")
    assert services.send_back(office.reviewer, run.pk, "甲二镇数据请核实").state == "draft"
    notice = Notice.objects.get(code="runs.sent_back")
    assert notice.recipient_id == office.analyst.user_id


def test_changing_a_fact_makes_a_new_version_and_leaves_the_old_one_alone(office: Office) -> None:
    first = office.published()
    before = (first.publication_hash, snapshots.open_run(first).publication)
    with pytest.raises(Conflict) as refused:
        services.correct(office.analyst, first.pk, "复核数据")
    assert refused.value.problem.code == "runs.none_changed"
    office.change("township_a2", "done", 18, note="漏报15人")
    second = services.correct(office.analyst, first.pk, "甲二镇漏报")
    assert (second.version, second.previous_id, second.state) == (2, first.pk, "checked")
    first.refresh_from_db()
    assert first.state == "published"
    snapshots.forget()
    assert (first.publication_hash, snapshots.open_run(first).publication) == before
    assert second.publication_hash != first.publication_hash
    services.submit_for_review(office.analyst, second.pk)
    services.approve_and_publish(office.reviewer, second.pk)
    first.refresh_from_db()
    assert first.state == "superseded"
    assert snapshots.damage(first) == ""


def test_a_new_definition_is_a_reason_to_correct(office: Office) -> None:
    first = office.published()
    version_of(CATALOGUE.replace("target: '>= 90'", "target: '>= 95'"))
    assert [problem.code for problem in changed.what_changed(first)] == ["runs.changed.catalogue"]
    second = services.correct(office.analyst, first.pk, "要求提高到95%")
    assert second.catalogue.number == 2
    assert first.catalogue.number == 1


def test_running_again_replaces_an_open_draft_but_not_one_in_review(office: Office) -> None:
    first = services.prepare(office.analyst, office.new_run().pk)
    second = office.new_run()
    first.refresh_from_db()
    assert (first.state, second.version, second.previous_id) == ("withdrawn", 2, first.pk)
    services.prepare(office.analyst, second.pk)
    services.submit_for_review(office.analyst, second.pk)
    with pytest.raises(Conflict) as refused:
        office.new_run()
    assert refused.value.problem.code == "runs.in_review_exists"


def test_only_an_approver_withdraws_what_was_published(office: Office) -> None:
    run = office.published()
    with pytest.raises(PermissionDenied):
        services.withdraw(office.analyst, run.pk, "数据来源有误")
    assert services.withdraw(office.reviewer, run.pk, "数据来源有误").state == "withdrawn"
    assert len(ranking(office.cast.actor("viewer", "sibling"), run.pk).rows) == 2


@pytest.mark.parametrize(
    "level, card, period, code",
    [
        (None, "nothing", MONTH, "runs.unknown_scorecard"),
        ("village", "card", MONTH, "runs.no_places"),
        (None, "card", "2026", "runs.wrong_cadence"),
        (None, "card", "2099-01", "runs.future_period"),
    ],
)
def test_a_run_that_makes_no_sense_is_refused_in_words(
    office: Office, level: str | None, card: str, period: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.create_run(office.analyst, office.city, level, card, period)
    assert refused.value.problems[0].code == code
    assert not Run.objects.exists()


def test_a_computation_that_dies_leaves_a_folder_that_the_sweep_finds(
    office: Office, own_store: Path
) -> None:
    run = services.compute(office.analyst, office.new_run().pk)
    orphan = own_store / "runs" / ("0" * 64)
    orphan.mkdir()
    young = own_store / "runs" / ".writing-young"
    young.mkdir()
    os.utime(orphan, (0, 0))
    os.utime(snapshot_folder(run, own_store), (0, 0))
    admin = office.cast.actor("system_administrator")
    assert services.sweep(admin, remove=True) == ["0" * 64]
    assert not orphan.exists()
    assert young.exists()
    assert snapshot_folder(run, own_store).exists()
    with pytest.raises(PermissionDenied):
        services.sweep(office.analyst, remove=False)


def test_a_failed_computation_changes_nothing(office: Office) -> None:
    run = office.new_run("2026-08")
    with pytest.raises(InvalidInput):
        services.compute(office.analyst, run.pk)
    run.refresh_from_db()
    assert (run.state, run.snapshot_digest) == ("draft", "")


def test_of_two_who_publish_at_once_exactly_one_succeeds(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.in_review()
    second = UserActor(User.objects.create_user("second-reviewer", full_name="另一审核员", password=None))
    Post.objects.create(user=second.user, role="reviewer", region=office.city, valid_from=SINCE)
    really = snapshots.require_intact

    def while_the_first_still_reads(which: Run) -> None:
        monkeypatch.setattr(snapshots, "require_intact", really)
        services.approve_and_publish(second, which.pk)

    monkeypatch.setattr(snapshots, "require_intact", while_the_first_still_reads)
    with pytest.raises(Conflict):
        services.approve_and_publish(office.reviewer, run.pk)
    run.refresh_from_db()
    assert (run.state, run.approved_by_id) == ("published", second.user_id)
    assert Publication.objects.count() == 1
    assert AuditEntry.objects.filter(action="runs.published").count() == 1


def test_a_row_changed_behind_the_back_of_an_act_is_a_conflict_not_an_overwrite(office: Office) -> None:
    run = office.in_review()
    stale = Run.objects.get(pk=run.pk)
    services.send_back(office.reviewer, run.pk, "请核实数据")
    with pytest.raises(Conflict) as refused:
        acts.move(office.reviewer, office.reviewer.user_id, stale, RunAction.PUBLISH, RunState.PUBLISHED)
    assert refused.value.problem.code == "runs.somebody_faster"


def test_a_large_run_is_handed_to_a_job_that_ends_with_it_checked(
    office: Office, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    monkeypatch.setattr(preparing, "AT_ONCE", 0)
    run = office.new_run()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        job = services.start(office.analyst, run.pk)
    assert job is not None
    job.refresh_from_db()
    run.refresh_from_db()
    assert (job.state, run.state) == ("done", "checked")


def test_the_doctor_finds_a_run_whose_files_were_touched(office: Office, own_store: Path) -> None:
    good, admin = office.published(), office.cast.actor("system_administrator")
    assert list(damaged_runs(admin)) == []
    victim = snapshot_folder(good, own_store) / "facts.parquet"
    victim.write_bytes(victim.read_bytes()[:-1])
    assert [(run, wrong) for run, wrong in damaged_runs(admin)] == [(good, "facts.parquet")]
    with pytest.raises(PermissionDenied):
        list(damaged_runs(office.analyst))
