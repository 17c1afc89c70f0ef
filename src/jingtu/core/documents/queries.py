"""Normative documents are public law and notices: whoever is signed in may read all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.documents.models import Article, NormativeDocument
from jingtu.core.documents.rules import SOON, parse_reference
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.core.ui.search import Hit
from jingtu.core.ui.today import Duty


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed by; ``on``: in force that day."""

    search: str = ""
    kind: str = ""
    issuer: str = ""
    on: dt.date | None = None
    expiring: bool = False


def list_documents(actor: Actor, search: str = "", kind: str = "") -> QuerySet[NormativeDocument]:
    """Documents by kind, newest first; ``search`` looks in titles, number, issuer, code and articles."""
    return narrowed(actor, Wanted(search=search, kind=kind))


def narrowed(actor: Actor, wanted: Wanted) -> QuerySet[NormativeDocument]:
    """Documents as :class:`Wanted` asks, with their keeper and what superseded them."""
    documents = NormativeDocument.objects.defer("text").select_related("keeper__tree", "superseded_by")
    if wanted.kind:
        documents = documents.filter(kind=wanted.kind)
    if wanted.issuer:
        documents = documents.filter(issuer=wanted.issuer)
    if wanted.on is not None:
        documents = documents.filter(_begun(wanted.on), _not_ended(wanted.on))
    if wanted.expiring:
        documents = documents.filter(_expiring(today()))
    for word in wanted.search.split():
        article = Article.objects.filter(document=OuterRef("pk"), text__icontains=word)
        documents = documents.filter(
            Q(title_zh__icontains=word)
            | Q(title_en__icontains=word)
            | Q(number__icontains=word)
            | Q(issuer__icontains=word)
            | Q(code__icontains=word)
            | Exists(article)
        )
    return documents


def issuers(actor: Actor) -> list[str]:
    """Everybody who issued a document, by name."""
    rows = NormativeDocument.objects.exclude(issuer="").order_by("issuer")
    return list(rows.values_list("issuer", flat=True).distinct())


def get_document(actor: Actor, code: str) -> NormativeDocument:
    """One document by its code."""
    documents = NormativeDocument.objects.select_related(
        "keeper__tree", "supersedes", "superseded_by", "file"
    )
    document = documents.filter(code=code).first()
    if document is None:
        raise NotFound(code, "document")
    return document


def versions_of(actor: Actor, document: NormativeDocument) -> list[NormativeDocument]:
    """All versions of a document, the newest first; only itself where there is one. A query per version."""
    newest = document
    seen = {newest.pk}
    while (newer := NormativeDocument.objects.filter(supersedes=newest).first()) and newer.pk not in seen:
        newest = newer
        seen.add(newer.pk)
    chain = [newest]
    while (older := chain[-1].supersedes) is not None and older not in chain:
        chain.append(older)
    return chain


def may_keep(actor: Actor, keeper: Region | None) -> bool:
    """Whether the actor may write documents kept at a place; those of the whole installation are in the
    hands of whoever keeps documents for a whole tree."""
    if is_unrestricted(actor):
        return True
    if keeper is not None:
        return actor.can(Permission.DOCUMENTS_MANAGE, keeper.pk)
    return any(span.first == 0 for span in spans(actor, Permission.DOCUMENTS_MANAGE))


def keepers(actor: Actor) -> list[Region]:
    """The places for which the actor may keep documents: those the own posts name."""
    return list(own_places(actor, Permission.DOCUMENTS_MANAGE))


def titles(actor: Actor, codes: Iterable[str], language: str = "zh") -> dict[str, str]:
    """Title by code, for definitions that cite documents; unknown codes are left out."""
    rows = NormativeDocument.objects.filter(code__in=list(codes)).values_list("code", "title_zh", "title_en")
    return {code: (zh if language == "zh" else en or zh) for code, zh, en in rows}


def cited(actor: Actor, references: Iterable[str], language: str = "zh") -> dict[str, tuple[str, str]]:
    """What citations (``code`` or ``code#article``) are called and where they stand; two queries.

    A citation of an article that is no longer there leads to its document; unknown codes are left out.
    """
    asked = {text: parse_reference(text) for text in references if text}
    codes = {code for code, _article in asked.values()}
    names = titles(actor, codes, language)
    numbers = {number for _code, number in asked.values() if number}
    rows = Article.objects.filter(document__code__in=codes, number__in=numbers)
    places = {(code, number): key for key, code, number in rows.values_list("pk", "document__code", "number")}
    found = {}
    for text, (code, number) in asked.items():
        if code not in names:
            continue
        address = reverse("documents:detail", args=[code])
        key = places.get((code, number))
        label = f"{names[code]} {number}".strip()
        found[text] = (label, f"{address}#article-{key}" if key else address)
    return found


def choices(actor: Actor, language: str = "zh") -> list[tuple[str, str]]:
    """Documents that can be cited today, code and title: what forms offer."""
    day = today()
    rows = NormativeDocument.objects.filter(_not_ended(day)).order_by("kind", "title_zh")
    return [
        (row.code, (row.title_en if language == "en" else "") or row.title_zh) for row in rows.defer("text")
    ]


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """Files of documents are as open as the documents: to everybody with a post."""
    return any(actor.can(permission) for permission in Permission)


def find(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Documents for the search of everything."""
    return [
        Hit(document.title, reverse("documents:detail", args=(document.code,)), document.number)
        for document in list_documents(actor, text)[:limit]
    ]


def waiting(actor: Actor) -> list[Duty]:
    """Documents about to expire that the actor keeps. One query."""
    places = spans(actor, Permission.DOCUMENTS_MANAGE)
    if not places:
        return []
    count = NormativeDocument.objects.filter(_expiring(today())).filter(inside(places, "keeper__")).count()
    if not count:
        return []
    url = reverse("documents:list", query={"expiring": "1"})
    return [Duty(_("即将失效的制度文件"), url, count=count, tone="watch")]


def _begun(day: dt.date) -> Q:
    return Q(in_force_from__isnull=True) | Q(in_force_from__lte=day)


def _not_ended(day: dt.date) -> Q:
    return Q(in_force_to__isnull=True) | Q(in_force_to__gte=day)


def _expiring(day: dt.date) -> Q:
    return Q(in_force_to__gte=day, in_force_to__lte=day + SOON, superseded_by__isnull=True)
