"""Normative documents are public law and notices: whoever is signed in may read all of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.urls import reverse

from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.ui.search import Hit


def list_documents(actor: Actor, search: str = "", kind: str = "") -> QuerySet[NormativeDocument]:
    """Documents by kind, newest first; ``search`` looks in titles, number, issuer and code."""
    documents = NormativeDocument.objects.defer("text")
    if kind:
        documents = documents.filter(kind=kind)
    for word in search.split():
        documents = documents.filter(
            Q(title_zh__icontains=word)
            | Q(title_en__icontains=word)
            | Q(number__icontains=word)
            | Q(issuer__icontains=word)
            | Q(code__icontains=word)
        )
    return documents


def get_document(actor: Actor, code: str) -> NormativeDocument:
    """One document by its code."""
    document = NormativeDocument.objects.filter(code=code).first()
    if document is None:
        raise NotFound(code, "document")
    return document


def titles(actor: Actor, codes: Iterable[str], language: str = "zh") -> dict[str, str]:
    """Title by code, for definitions that cite documents; unknown codes are left out."""
    rows = NormativeDocument.objects.filter(code__in=list(codes)).values_list("code", "title_zh", "title_en")
    return {code: (zh if language == "zh" else en or zh) for code, zh, en in rows}


def find(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Documents for the search of everything."""
    return [
        Hit(document.title, reverse("documents:detail", args=(document.code,)), document.number)
        for document in list_documents(actor, text)[:limit]
    ]
