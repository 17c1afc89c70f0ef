from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.forms import add_problems
from jingtu.core.documents import keeping, queries
from jingtu.core.documents.forms import ArticleForm, DocumentForm, RemovalForm
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.documents.registry import cited_by
from jingtu.core.documents.rules import force_on
from jingtu.core.documents.words import MARKS, WORDS
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied

MANAGE = Permission.DOCUMENTS_MANAGE


@require_GET
def document_list(request: HttpRequest) -> HttpResponse:
    """All normative documents, by text, kind, issuer and the day on which they are in force."""
    actor = actor_of(request)
    kind = request.GET.get("kind", "")
    issuers = queries.issuers(actor)
    issuer = request.GET.get("issuer", "")
    wanted = queries.Wanted(
        search=request.GET.get("q", "").strip()[:100],
        kind=kind if kind in NormativeDocument.Kind.values else "",
        issuer=issuer if issuer in issuers else "",
        on=_day(request.GET.get("on", "")),
        expiring=bool(request.GET.get("expiring")),
    )
    page = Paginator(queries.narrowed(actor, wanted), 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(document, *_standing(document)) for document in page],
        "wanted": wanted,
        "filtered": wanted != queries.Wanted(),
        "kinds": NormativeDocument.Kind.choices,
        "issuers": issuers,
        "may_add": actor.can(MANAGE),
    }
    return render(request, "documents/list.html", context)


@require_GET
def document_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One document, its versions and articles, and everything that cites it."""
    actor = actor_of(request)
    document = queries.get_document(actor, code)
    citations = cited_by(actor, code)
    of_article = defaultdict(list)
    for citation in citations:
        of_article[citation.article].append(citation)
    versions = queries.versions_of(actor, document)
    context = {
        "document": document,
        "standing": _standing(document),
        "citations": citations,
        "articles": [(one, of_article[one.number]) for one in document.articles.all()],
        "versions": [(one, *_standing(one)) for one in versions] if len(versions) > 1 else [],
        "may_keep": queries.may_keep(actor, document.keeper),
        "fictional": document.keeper is not None and document.keeper.tree.fictional,
    }
    return render(request, "documents/detail.html", context)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Register a document of the own office."""
    actor = actor_of(request)
    form = DocumentForm(
        request.POST or None,
        request.FILES or None,
        keepers=queries.keepers(actor),
        whole=queries.may_keep(actor, None),
    )

    def work() -> NormativeDocument:
        return keeping.add_document(
            actor,
            form.draft(),
            keeper_id=form.keeper_id(),
            code=form.cleaned_data["code"],
            file=form.upload(),
        )

    return _written(request, form, work, _("新增制度文件"), _("已登记。"), reverse("documents:list"))


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is said about a document, or replace its file."""
    actor = actor_of(request)
    document = _own(request, code)
    form = DocumentForm(request.POST or None, request.FILES or None, stage="edit", initial=_initial(document))

    def work() -> NormativeDocument:
        reason = form.cleaned_data["reason"]
        return keeping.change_document(actor, code, form.draft(), reason, file=form.upload())

    back = reverse("documents:detail", args=[code])
    return _written(request, form, work, _("修改制度文件"), _("已修改。"), back, document)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, code: str) -> HttpResponse:
    """Register the version that follows a document."""
    actor = actor_of(request)
    document = _own(request, code)
    initial = {**_initial(document), "number": "", "date": "", "in_force_from": today(), "in_force_to": None}
    form = DocumentForm(request.POST or None, request.FILES or None, stage="version", initial=initial)

    def work() -> NormativeDocument:
        new_code = form.cleaned_data["code"]
        return keeping.add_version(actor, code, form.draft(), new_code=new_code, file=form.upload())

    back = reverse("documents:detail", args=[code])
    return _written(request, form, work, _("登记新版本"), _("已登记新版本，原版本保留。"), back, document)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def articles(request: HttpRequest, code: str) -> HttpResponse:
    """The articles of a document, and one more."""
    actor = actor_of(request)
    document = _own(request, code)
    form = ArticleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.write_article(actor, code, form.cleaned_data["number"], form.cleaned_data["text"])
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            messages.success(request, _("条文已保存。"))
            return redirect("documents:articles", code)
    context = {"document": document, "form": form, "articles": document.articles.all(), **_of(document)}
    return render(request, "documents/articles.html", context, status=400 if form.errors else 200)


@require(MANAGE)
@require_POST
def split(request: HttpRequest, code: str) -> HttpResponse:
    """Set out the articles as the text has them."""
    count = keeping.articles_from_text(actor_of(request), code)
    messages.success(request, _("已从正文拆出 %(count)s 条。") % {"count": count})
    return redirect("documents:articles", code)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def article(request: HttpRequest, code: str, article_id: int) -> HttpResponse:
    """Change one article."""
    actor = actor_of(request)
    document = _own(request, code)
    found = document.articles.filter(pk=article_id).first()
    if found is None:
        raise NotFound(article_id, "article")
    form = ArticleForm(request.POST or None, initial={"number": found.number, "text": found.text})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            keeping.write_article(actor, code, data["number"], data["text"], article_id=article_id)
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            messages.success(request, _("条文已保存。"))
            return redirect("documents:articles", code)
    context = {
        "document": document,
        "form": form,
        "removal": RemovalForm(),
        "article": found,
        **_of(document),
    }
    return render(request, "documents/article.html", context, status=400 if form.errors else 200)


@require(MANAGE)
@require_POST
def remove(request: HttpRequest, code: str, article_id: int) -> HttpResponse:
    """Take out an article that was written down by mistake."""
    try:
        keeping.remove_article(actor_of(request), code, article_id, request.POST.get("reason", "")[:500])
    except InvalidInput as error:
        messages.error(request, error.problems[0].text(actor_of(request).language))
        return redirect("documents:article", code, article_id)
    messages.success(request, _("已删除，审计记录中保留原文。"))
    return redirect("documents:articles", code)


def _written(
    request: HttpRequest,
    form: DocumentForm,
    work: Callable[[], NormativeDocument],
    title: str,
    done: str,
    back: str,
    document: NormativeDocument | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            stored = work()
        except InvalidInput as error:
            for problem in error.problems:
                column = "file" if problem.column == "files" else problem.column
                form.add_error(column if column in form.fields else None, problem.text(actor.language))
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
            status = 409
        else:
            messages.success(request, done)
            return redirect("documents:detail", stored.code)
    steps = [(_("制度文件"), reverse("documents:list"))]
    if document is not None:
        steps.append((document.title, back))
    context = {"form": form, "title": title, "back": back, "steps": [*steps, (title, "")], **_of(document)}
    if form.errors and status == 200:
        status = 400
    return render(request, "documents/form.html", context, status=status)


def _own(request: HttpRequest, code: str) -> NormativeDocument:
    """A document that the actor keeps."""
    document = queries.get_document(actor_of(request), code)
    if not queries.may_keep(actor_of(request), document.keeper):
        raise PermissionDenied(MANAGE)
    return document


def _of(document: NormativeDocument | None) -> dict[str, Any]:
    invented = document is not None and document.keeper is not None and document.keeper.tree.fictional
    return {"fictional": invented}


def _initial(document: NormativeDocument) -> dict[str, object]:
    return {name: getattr(document, name) for name in keeping.Draft.__dataclass_fields__}


def _standing(document: NormativeDocument) -> tuple[str, str, str]:
    """State, mark and word of a document today; a report is never in force."""
    if document.kind == NormativeDocument.Kind.REPORT:
        return "none", "–", _("不适用")
    force = force_on(document.in_force_from, document.in_force_to, today())
    return (*MARKS[force], str(WORDS[force]))


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
