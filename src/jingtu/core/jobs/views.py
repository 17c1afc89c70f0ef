from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.accounts.access import actor_of
from jingtu.core.jobs import queries, services
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import label_of, outcome_of
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import Problem


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """The actor's jobs, newest first."""
    state = request.GET.get("state", "")
    if state not in Job.State.values:
        state = ""
    page = Paginator(queries.list_jobs(actor_of(request), state), 50).get_page(request.GET.get("page"))
    lines = [(job, label_of(job.kind), _message(job)) for job in page]
    context = {"page": page, "lines": lines, "state": state, "states": Job.State.choices}
    return render(request, "jobs/list.html", context)


@require_GET
def job_detail(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job; htmx asks again for the status part until it has ended."""
    job = queries.get_job(actor_of(request), job_id)
    template = "jobs/_status.html" if request.headers.get("HX-Request") else "jobs/detail.html"
    context = {
        "job": job,
        "label": label_of(job.kind),
        "message": _message(job),
        "outcome": outcome_of(job),
    }
    return render(request, template, context)


@require_POST
def job_retry(request: HttpRequest, job_id: int) -> HttpResponse:
    services.retry(actor_of(request), job_id)
    return redirect("jobs:detail", job_id)


@require_POST
def job_cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    services.cancel(actor_of(request), job_id)
    return redirect("jobs:detail", job_id)


def _message(job: Job) -> str:
    if not job.message_code:
        return ""
    return Problem(job.message_code, job.message_params).text(interface_language())
