from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of
from jingtu.core.documents import queries
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.documents.registry import cited_by


@require_GET
def document_list(request: HttpRequest) -> HttpResponse:
    """All normative documents, by text and kind."""
    search = request.GET.get("q", "").strip()[:100]
    kind = request.GET.get("kind", "")
    if kind not in NormativeDocument.Kind.values:
        kind = ""
    documents = queries.list_documents(actor_of(request), search, kind)
    page = Paginator(documents, 50).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "kind": kind, "kinds": NormativeDocument.Kind.choices}
    return render(request, "documents/list.html", context)


@require_GET
def document_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One document and everything that cites it."""
    document = queries.get_document(actor_of(request), code)
    context = {"document": document, "citations": cited_by(actor_of(request), code)}
    return render(request, "documents/detail.html", context)
