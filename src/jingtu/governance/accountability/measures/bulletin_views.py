"""Pages of the quarterly bulletin."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Permission
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period

from . import queries, services
from .composing import restored
from .forms import BulletinForm
from .printing import attached
from .views import PAGE_SIZE, status_of, succeeded, tabs, trail


@require(Permission.MEASURES_READ)
@require_http_methods(["GET", "POST"])
@confirmed_identity
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """Issued bulletins, and the form to issue the next."""
    actor = actor_of(request)
    own = queries.offices(actor) if actor.can(Permission.MEASURES_PREPARE) else []
    posted = request.POST if request.method == "POST" else None
    form = BulletinForm(posted, regions=[(region.pk, region.name) for region in own])
    if posted is not None and form.is_valid():
        data = form.cleaned_data
        if succeeded(
            form,
            lambda: services.issue_bulletin(actor, data["region"], data["period"], number=data["number"]),
        ):
            messages.success(request, _("通报已发布。"))
            return redirect("measures:bulletins")
    page = Paginator(queries.bulletins(actor), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, Period.parse(row.period).label(interface_language())) for row in page],
        "form": form if own else None,
        "tab": "bulletins",
        **tabs(actor),
    }
    return render(request, "measures/bulletins.html", context, status=status_of(form))


@require(Permission.MEASURES_READ)
@require_GET
def bulletin(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """One bulletin as it was issued."""
    found = queries.get_bulletin(actor_of(request), bulletin_id)
    language = interface_language()
    context = {
        "bulletin": found,
        "text": restored(found.content[language]),
        "languages": ("zh", "en"),
        "extensions": ("docx", "pdf", "xlsx"),
        "steps": trail(
            (pgettext("measures", "追责情况季报"), reverse("measures:bulletins")),
            (Period.parse(found.period).label(language), ""),
        ),
    }
    return render(request, "measures/bulletin.html", context)


@require(Permission.MEASURES_READ)
@require_GET
def download(request: HttpRequest, bulletin_id: int, language: str, extension: str) -> FileResponse:
    """The bulletin as a file; the download is counted in the audit trail."""
    found, content = services.take_bulletin(actor_of(request), bulletin_id, language, extension)
    return attached(content, f"accountability-{found.period}-{language}", extension)
