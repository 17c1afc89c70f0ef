from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.assessment.bulletins import queries, services
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.forms import IssueForm
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.files.views import attachment
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput

PAGE_SIZE = 25
READERS = (Permission.RESULTS_READ, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)


@require(*READERS)
@require_GET
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """Issued bulletins, the newest first."""
    text = request.GET.get("q", "").strip()
    actor = actor_of(request)
    found = queries.bulletins(actor, text)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "bulletins/list.html", {"page": page, "text": text, "awaiting": queries.awaiting(actor)}
    )


@require_GET
def detail(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """A bulletin as it reads, with its files."""
    actor = actor_of(request)
    bulletin = queries.get_bulletin(actor, bulletin_id)
    composed = compose(queries.source_of(bulletin), actor.language)
    return render(
        request,
        "bulletins/detail.html",
        {
            "bulletin": bulletin,
            "composed": composed,
            "files": queries.files_of(bulletin),
            "fictional": bulletin.run.tree.fictional,
            "steps": _steps(bulletin.number or composed.title),
        },
    )


@require_http_methods(["GET", "POST"])
@confirmed_identity
def issue(request: HttpRequest, run_id: int) -> HttpResponse:
    """Preview a run's bulletin, give it a number and issue it."""
    actor = actor_of(request)
    draft = queries.draft_for(actor, run_id)
    if draft.pk is not None:
        return redirect("bulletins:detail", draft.pk)
    form = IssueForm(
        request.POST or None,
        initial={
            "number": draft.number,
            "issuer_zh": draft.issuer_zh,
            "issuer_en": draft.issuer_en,
            "distribution": "\n".join(draft.distribution),
        },
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                bulletin = services.issue(
                    actor,
                    run_id,
                    number=form.cleaned_data["number"],
                    issuer_zh=form.cleaned_data["issuer_zh"],
                    issuer_en=form.cleaned_data["issuer_en"],
                    distribution=form.names(),
                )
            except InvalidInput as error:
                for problem in error.problems:
                    form.add_error(problem.column, problem.text(actor.language))
            except Conflict as error:
                form.add_error(None, error.problem.text(actor.language))
            else:
                messages.success(request, _("通报已印发。"))
                return redirect("bulletins:detail", bulletin.pk)
        status = 422
    composed = compose(queries.source_of(draft), actor.language)
    return render(
        request,
        "bulletins/issue.html",
        {
            "form": form,
            "run": draft.run,
            "composed": composed,
            "fictional": draft.run.tree.fictional,
            "steps": _steps(_("印发通报")),
        },
        status=status,
    )


@require_GET
def download(request: HttpRequest, bulletin_id: int, language: str, extension: str) -> FileResponse:
    """A printed file; the download is counted in the audit trail."""
    return attachment(services.download(actor_of(request), bulletin_id, extension, language))


def _steps(here: str) -> list[tuple[str, str]]:
    return [(_("通报文书"), reverse("bulletins:list")), (here, "")]
