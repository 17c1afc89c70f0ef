"""The Job row is the truth: claimed once, run with present rights, retried, cancelled, recovered."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError
from django_tasks.base import Task

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.jobs import queries, registry, services
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import JobStopped, register_job
from jingtu.core.jobs.runner import Reporter, run_job
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen, now
from jingtu.core.kernel.errors import Conflict, NotFound
from jingtu.core.notifications.models import Notice
from jingtu.core.notifications.texts import worded
from jingtu.engine.problems import InvalidInput, Problem, refuse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_handlers(monkeypatch):
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))


@pytest.fixture
def alice() -> UserActor:
    return UserActor(User.objects.create_user("alice", full_name="甲"))


@pytest.fixture
def bob() -> UserActor:
    return UserActor(User.objects.create_user("bob", full_name="乙"))


def run(job: Job) -> Job:
    run_job.func(job.pk)
    job.refresh_from_db()
    return job


def test_a_job_runs_after_the_commit_and_keeps_its_result(alice, django_capture_on_commit_callbacks):
    register_job("double", lambda job, actor, progress: {"answer": 2 * job.params["number"]})
    with django_capture_on_commit_callbacks(execute=True):
        job = services.submit(alice, "double", {"number": 21})
        assert Job.objects.get().state == "queued"
    job.refresh_from_db()
    assert (job.state, job.progress, job.result) == ("done", 100, {"answer": 42})


def test_the_owner_is_told_when_a_job_has_ended(alice):
    def refuses(job, actor, progress):
        raise refuse("jobs.unknown_kind", kind="x")

    register_job("double", lambda job, actor, progress: {})
    register_job("refuses", refuses)
    done, failed = run(services.submit(alice, "double", {})), run(services.submit(alice, "refuses", {}))
    run(services.submit(SYSTEM, "double", {}))
    told = [(notice.recipient_id, notice.code, notice.link) for notice in Notice.objects.order_by("pk")]
    assert told == [
        (alice.user_id, "jobs.ended", f"/jobs/{done.pk}/"),
        (alice.user_id, "jobs.failed", f"/jobs/{failed.pk}/"),
    ]
    subject, body = worded("jobs.failed", Notice.objects.order_by("pk").last().params, "en")
    assert (subject, body) == (
        "Background job not done: refuses",
        'Reason: This installation has no work for jobs of kind "x".',
    )


def test_the_handler_gets_the_rights_the_owner_has_now(alice):
    seen = []
    register_job("look", lambda job, actor, progress: seen.append(actor.actor_id) or {})
    run(services.submit(alice, "look", {}))
    assert seen == [alice.actor_id]


def test_a_suspended_owners_job_is_not_run(alice):
    register_job("look", lambda job, actor, progress: pytest.fail("must not run"))
    job = services.submit(alice, "look", {})
    User.objects.update(is_active=False)
    assert (run(job).state, job.message_code) == ("failed", "jobs.owner_gone")


def test_calling_a_job_twice_does_the_work_once(alice):
    calls = []
    register_job("count", lambda job, actor, progress: calls.append(1) or {})
    job = services.submit(alice, "count", {})
    run(job)
    run(job)
    assert (len(calls), job.attempts) == (1, 1)


def test_bad_input_fails_the_job_with_its_own_sentence(alice):
    def handler(job, actor, progress):
        raise refuse("files.empty")

    register_job("bad", handler)
    job = run(services.submit(alice, "bad", {}))
    assert (job.state, job.message_code) == ("failed", "files.empty")


def test_a_crash_shows_a_reference_and_not_the_exception(alice, caplog):
    def handler(job, actor, progress):
        raise RuntimeError("secret inside")

    register_job("crash", handler)
    job = run(services.submit(alice, "crash", {}))
    assert job.message_code == "jobs.crashed"
    assert job.message_params["reference"] in caplog.text
    assert "secret" not in str(job.message_params)


def test_a_failed_job_can_be_retried_and_a_done_one_cannot(alice):
    outcomes = [RuntimeError("first"), None]

    def handler(job, actor, progress):
        if error := outcomes.pop(0):
            raise error
        return {}

    register_job("second-time", handler)
    job = run(services.submit(alice, "second-time", {}))
    assert job.state == "failed"
    assert run(services.retry(alice, job.pk)).state == "done"
    with pytest.raises(Conflict):
        services.retry(alice, job.pk)


def test_a_cancelled_job_never_starts(alice):
    register_job("never", lambda job, actor, progress: pytest.fail("must not run"))
    job = services.submit(alice, "never", {})
    services.cancel(alice, job.pk)
    assert run(job).state == "cancelled"
    with pytest.raises(Conflict):
        services.cancel(alice, job.pk)


def test_a_running_job_notices_its_cancellation_at_the_next_step(alice):
    steps = []

    def handler(job, actor, progress):
        services.cancel(alice, job.pk)
        try:
            progress(100)
        except JobStopped:
            steps.append("stopped")
            raise
        steps.append("went on")
        return {}

    register_job("long", handler)
    job = run(services.submit(alice, "long", {}))
    assert (steps, job.state) == (["stopped"], "cancelled")


def test_progress_and_message_are_kept_on_the_row(alice):
    register_job("slow", lambda job, actor, progress: {})
    job = services.submit(alice, "slow", {})
    Job.objects.update(state="running", attempts=1)
    job.refresh_from_db()
    Reporter(job)(40, Problem("jobs.started"))
    job.refresh_from_db()
    assert (job.progress, job.message_code) == (40, "jobs.started")


def interrupted(alice, attempts: int) -> Job:
    register_job("work", lambda job, actor, progress: {})
    job = services.submit(alice, "work", {})
    Job.objects.update(state="running", attempts=attempts, started_at=now(), heartbeat_at=now())
    return job


def test_an_interrupted_job_is_queued_again_once_then_fails_in_plain_words(alice):
    job = interrupted(alice, attempts=1)
    assert services.recover(SYSTEM, sole_worker=True)["requeued"] == 1
    assert run(job).state == "done"

    Job.objects.update(state="running", attempts=2)
    assert services.recover(SYSTEM, sole_worker=True)["failed"] == 1
    job.refresh_from_db()
    assert (job.state, job.message_code) == ("failed", "jobs.interrupted")


def test_a_job_another_worker_still_reports_on_is_left_alone(alice):
    interrupted(alice, attempts=1)
    assert services.recover(SYSTEM) == {"requeued": 0, "failed": 0, "woken": 0}
    with frozen(now() + dt.timedelta(minutes=11)):
        assert services.recover(SYSTEM)["requeued"] == 1


def test_a_queued_job_that_lost_its_call_is_woken(alice, django_capture_on_commit_callbacks):
    register_job("work", lambda job, actor, progress: {})
    job = services.submit(alice, "work", {})
    with django_capture_on_commit_callbacks(execute=True):
        assert services.recover(SYSTEM)["woken"] == 1
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_is_handed_in_though_the_queue_cannot_be_told_and_the_ticker_calls_it(
    alice, django_capture_on_commit_callbacks, monkeypatch, caplog
):
    register_job("work", lambda job, actor, progress: {})

    def locked(task, job_id):
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(Task, "enqueue", locked)
        with django_capture_on_commit_callbacks(execute=True):
            job = services.submit(alice, "work", {})
    assert "database is locked" in caplog.text
    job.refresh_from_db()
    assert job.state == "queued"
    assert services.wake_uncalled() == 1
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_the_queue_will_call_is_not_called_twice(alice, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    register_job("work", lambda job, actor, progress: {})
    services.submit(alice, "work", {})
    assert [services.wake_uncalled(), services.wake_uncalled()] == [1, 0]


def test_an_unknown_kind_is_refused(alice):
    with pytest.raises(InvalidInput):
        services.submit(alice, "no such kind", {})


def test_people_see_their_own_jobs_and_the_maintainer_sees_all(alice, bob):
    register_job("work", lambda job, actor, progress: {})
    job = services.submit(alice, "work", {})
    assert list(queries.list_jobs(alice)) == [job]
    assert list(queries.list_jobs(bob)) == []
    assert list(queries.list_jobs(SYSTEM)) == [job]
    with pytest.raises(NotFound):
        queries.get_job(bob, job.pk)
    with pytest.raises(NotFound):
        services.cancel(bob, job.pk)


def test_the_part_that_is_asked_for_again_holds_times_and_attempts_and_a_filter_without_jobs_says_so(client):
    user = User.objects.create_user("carol", full_name="丙")
    Post.objects.create(user=user, role="auditor")
    client.force_login(user)
    register_job("work", lambda job, actor, progress: {})
    job = run(services.submit(UserActor(user), "work", {}))
    part = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "结束时间" in part
    assert "<dd>1</dd>" in part
    assert "没有符合条件的作业" in client.get("/jobs/?state=failed").content.decode()
