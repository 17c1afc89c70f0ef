"""What an office does with its normative documents: add, change, replace by a new version, set out articles."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.documents.models import Article, NormativeDocument
from jingtu.core.documents.queries import get_document, may_keep
from jingtu.core.documents.rules import (
    CODE,
    NO_CODES,
    NUMBER_LENGTH,
    SOON,
    date_is_well_written,
    split_articles,
)
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.core.regions.models import Region

PURPOSE = "normative_document"
ACCEPTED_KINDS = ("pdf", "docx")

register_actions(
    {
        "documents.added": ("新增制度文件", "Normative document added"),
        "documents.changed": ("修改制度文件", "Normative document changed"),
        "documents.superseded": ("以新版本替代制度文件", "Normative document superseded"),
        "documents.article_set": ("录入或修改条文", "Article written"),
        "documents.article_removed": ("删除条文", "Article removed"),
    }
)
register_notices(
    {
        "documents.expiring": NoticeText(
            "制度文件即将失效：{title}",
            "A document is about to expire: {title}",
            "该文件将于{day}失效，请修订、延长或登记新版本。",
            "It ceases to be in force on {day}: revise it, extend it or register a new version.",
        ),
    }
)


@dataclass(frozen=True)
class Draft:
    """What an office writes about a document."""

    title_zh: str
    kind: str
    title_en: str = ""
    issuer: str = ""
    number: str = ""
    date: str = ""
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None
    url: str = ""
    text: str = ""


def add_document(
    actor: Actor, draft: Draft, *, keeper_id: int | None, code: str = "", file: Upload | None = None
) -> NormativeDocument:
    """Register a document of the office at ``keeper_id``; without one it belongs to the whole installation.

    ``code`` is what citations name; where none is given one is made. Raises PermissionDenied, InvalidInput.
    """
    keeper = _keeper(actor, keeper_id)
    code = code.strip()
    problems = _problems(draft, code)
    if problems:
        raise InvalidInput(problems)
    return _add(actor, draft, keeper, code, file, None)


def add_version(
    actor: Actor, code: str, draft: Draft, *, new_code: str = "", file: Upload | None = None
) -> NormativeDocument:
    """Register the version that follows a document; both stay, and citations of the older one stand.

    The older one ceases on the day before the newer takes effect, where it did not cease earlier.
    """
    older = _kept(actor, code)
    new_code = new_code.strip() or _next_code(older.code)
    problems = _problems(draft, new_code)
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        older = NormativeDocument.objects.select_for_update().get(pk=older.pk)
        if NormativeDocument.objects.filter(supersedes=older).exists():
            raise Conflict(Problem("documents.superseded"))
        newer = _add(actor, draft, older.keeper, new_code, file, older)
        last = (draft.in_force_from or today()) - dt.timedelta(days=1)
        before = older.in_force_to
        if before is None or before > last:
            older.in_force_to = max(last, older.in_force_from or last)
        older.by_hand = sorted({*older.by_hand, "in_force_to"})
        older.updated_at = now()
        older.save(update_fields=["in_force_to", "by_hand", "updated_at"])
        record(
            actor,
            "documents.superseded",
            target_type="document",
            target_id=older.code,
            before={"in_force_to": before},
            after={"in_force_to": older.in_force_to, "by": newer.code},
            region_id=older.keeper_id,
        )
    return newer


def change_document(
    actor: Actor, code: str, draft: Draft, reason: str, *, file: Upload | None = None
) -> NormativeDocument:
    """Change what is said about a document, with the reason. No import overwrites what was changed here."""
    document = _kept(actor, code)
    problems = _problems(draft, document.code, known=True)
    if not reason.strip():
        problems.append(Problem("documents.reason_missing", column="reason"))
    if problems:
        raise InvalidInput(problems)
    stored = _receive(actor, file, document.keeper_id)
    with transaction.atomic():
        document = NormativeDocument.objects.select_for_update().get(pk=document.pk)
        values: dict[str, object] = dict(asdict(_trimmed(draft)))
        if stored is not None:
            values["file_id"] = stored
        differing = [name for name, value in values.items() if getattr(document, name) != value]
        if not differing:
            return document
        before = {name: getattr(document, name) for name in differing}
        for name in differing:
            setattr(document, name, values[name])
        document.by_hand = sorted({*document.by_hand, *differing})
        document.updated_at = now()
        document.save()
        record(
            actor,
            "documents.changed",
            target_type="document",
            target_id=document.code,
            before=before,
            after={name: values[name] for name in differing},
            reason=reason.strip(),
            region_id=document.keeper_id,
        )
    return document


def write_article(
    actor: Actor, code: str, number: str, text: str, *, article_id: int | None = None
) -> Article:
    """Add an article at the end, or change the one named by ``article_id``."""
    document = _kept(actor, code)
    number, text = number.strip(), text.strip()
    problems = []
    if not number or len(number) > NUMBER_LENGTH or "#" in number:
        problems.append(Problem("documents.article_number_missing", {"most": NUMBER_LENGTH}, column="number"))
    if not text:
        problems.append(Problem("documents.article_text_missing", column="text"))
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        NormativeDocument.objects.select_for_update().get(pk=document.pk)
        if document.articles.filter(number=number).exclude(pk=article_id or 0).exists():
            raise refuse("documents.article_taken", column="number", number=number)
        before: dict[str, object] = {}
        if article_id is None:
            last = document.articles.aggregate(last=Max("position"))["last"] or 0
            article = Article(document=document, position=last + 1)
        else:
            article = _article(document, article_id)
            before = {"number": article.number, "text": article.text}
        article.number, article.text, article.updated_at = number, text, now()
        article.save()
        record(
            actor,
            "documents.article_set",
            target_type="document",
            target_id=document.code,
            before=before,
            after={"number": number, "text": text},
            region_id=document.keeper_id,
        )
    return article


def remove_article(actor: Actor, code: str, article_id: int, reason: str) -> None:
    """Take out an article that was written down by mistake; the audit trail keeps its words."""
    document = _kept(actor, code)
    if not reason.strip():
        raise refuse("documents.reason_missing", column="reason")
    with transaction.atomic():
        article = _article(document, article_id)
        before = {"number": article.number, "text": article.text}
        article.delete()
        record(
            actor,
            "documents.article_removed",
            target_type="document",
            target_id=document.code,
            before=before,
            reason=reason.strip(),
            region_id=document.keeper_id,
        )


def articles_from_text(actor: Actor, code: str) -> int:
    """Set out the articles of a document as its text has them; how many. Only where there are none yet."""
    document = _kept(actor, code)
    found = split_articles(document.text)
    if not found:
        raise Conflict(Problem("documents.no_articles_found"))
    with transaction.atomic():
        NormativeDocument.objects.select_for_update().get(pk=document.pk)
        if document.articles.exists():
            raise Conflict(Problem("documents.articles_exist"))
        Article.objects.bulk_create(
            Article(document=document, position=position, number=number, text=text, updated_at=now())
            for position, (number, text) in enumerate(found, start=1)
        )
        record(
            actor,
            "documents.article_set",
            target_type="document",
            target_id=document.code,
            after={"numbers": [number for number, _ in found]},
            region_id=document.keeper_id,
        )
    return len(found)


def tell_of_expiry() -> int:
    """Tell those who keep a document that it is about to cease, once for each date; how many were told of."""
    told = 0
    day = today()
    ending = NormativeDocument.objects.filter(
        in_force_to__gte=day, in_force_to__lte=day + SOON, superseded_by__isnull=True, keeper__isnull=False
    )
    for document in ending.order_by("pk"):
        if document.expiry_told_for == document.in_force_to:
            continue
        with transaction.atomic():
            claimed = (
                NormativeDocument.objects.filter(pk=document.pk)
                .exclude(expiry_told_for__isnull=False, expiry_told_for=document.in_force_to)
                .update(expiry_told_for=document.in_force_to)
            )
            if not claimed or document.keeper_id is None or document.in_force_to is None:
                continue
            people = {user.pk for user in holders(SYSTEM, Permission.DOCUMENTS_MANAGE, document.keeper_id)}
            notify(
                SYSTEM,
                people,
                "documents.expiring",
                params={
                    "title": document.title_zh,
                    "title_en": document.title_en or document.title_zh,
                    "day": document.in_force_to.isoformat(),
                },
                link=reverse("documents:detail", args=[document.code]),
            )
            told += 1
    return told


def _add(
    actor: Actor,
    draft: Draft,
    keeper: Region | None,
    code: str,
    file: Upload | None,
    supersedes: NormativeDocument | None,
) -> NormativeDocument:
    stored = _receive(actor, file, keeper.pk if keeper else None)
    values = asdict(_trimmed(draft))
    try:
        with transaction.atomic():
            document = NormativeDocument.objects.create(
                code=code or f"own-{now().timestamp():.0f}",
                keeper=keeper,
                supersedes=supersedes,
                file_id=stored,
                by_hand=sorted(values),
                updated_at=now(),
                **values,
            )
            if not code:
                document.code = f"own-{document.pk}"
                document.save(update_fields=["code"])
            record(
                actor,
                "documents.added",
                target_type="document",
                target_id=document.code,
                after={name: value for name, value in values.items() if value},
                region_id=document.keeper_id,
            )
    except IntegrityError as error:
        raise refuse("documents.code_taken", column="code", code=code) from error
    return document


def _problems(draft: Draft, code: str, *, known: bool = False) -> list[Problem]:
    found = []
    if not draft.title_zh.strip():
        found.append(Problem("documents.title_missing", column="title_zh"))
    if draft.kind not in NormativeDocument.Kind.values:
        kinds = ", ".join(NormativeDocument.Kind.values)
        values = {"code": code, "kind": draft.kind, "known": kinds}
        found.append(Problem("documents.unknown_kind", values, column="kind"))
    if not date_is_well_written(draft.date.strip()):
        found.append(Problem("documents.bad_date", column="date"))
    if draft.in_force_from and draft.in_force_to and draft.in_force_to < draft.in_force_from:
        found.append(Problem("documents.force_reversed", column="in_force_to"))
    if code and not known:
        if not CODE.fullmatch(code) or code in NO_CODES:
            found.append(Problem("documents.bad_code", column="code"))
        elif NormativeDocument.objects.filter(code=code).exists():
            found.append(Problem("documents.code_taken", {"code": code}, column="code"))
    return found


def _trimmed(draft: Draft) -> Draft:
    texts: dict[str, Any] = {
        name: value.strip() for name, value in asdict(draft).items() if isinstance(value, str)
    }
    return replace(draft, **texts)


def _next_code(code: str) -> str:
    """``rules`` → ``rules-v2`` → ``rules-v3``."""
    stem, mark, version = code.rpartition("-v")
    if mark and version.isdecimal():
        return f"{stem}-v{int(version) + 1}"
    return f"{code[:90]}-v2"


def _receive(actor: Actor, file: Upload | None, region_id: int | None) -> int | None:
    if file is None:
        return None
    name, blocks = file
    stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=ACCEPTED_KINDS, region_id=region_id)
    return stored.pk


def _keeper(actor: Actor, region_id: int | None) -> Region | None:
    keeper = None if region_id is None else Region.objects.filter(pk=region_id).first()
    if region_id is not None and keeper is None:
        raise NotFound(region_id, "region")
    if not may_keep(actor, keeper):
        raise PermissionDenied(Permission.DOCUMENTS_MANAGE)
    return keeper


def _kept(actor: Actor, code: str) -> NormativeDocument:
    document = get_document(actor, code)
    if not may_keep(actor, document.keeper):
        raise PermissionDenied(Permission.DOCUMENTS_MANAGE)
    return document


def _article(document: NormativeDocument, article_id: int) -> Article:
    article = document.articles.filter(pk=article_id).first()
    if article is None:
        raise NotFound(article_id, "article")
    return article
