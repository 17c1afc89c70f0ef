"""Issued bulletins and their printed files."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.assessment.bulletins import distributing, queries, services
from jingtu.assessment.bulletins.models import Addressee, Bulletin
from jingtu.assessment.bulletins.rules import BulletinKind
from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.access import actor_of
from jingtu.core.files.views import CONTENT_TYPES, attachment

from . import paging
from .schemas import Body, Id, Text

router = Router(tags=["bulletins"])


class BulletinOut(Schema):
    """A bulletin of a run. It is not `valid` once `run_state` is `superseded` (replaced by a newer version)
    or `withdrawn` (taken back)."""

    id: int
    run: int
    run_state: RunState
    valid: bool
    kind: str
    number: str
    issuer_zh: str
    issuer_en: str
    distribution: list[str]
    issued_by: str | None
    issued_at: dt.datetime


class Printed(Schema):
    """One printed form; `address` is where it is downloaded."""

    format: str
    language: str
    size: int
    sha256: str
    address: str


class BulletinDetail(BulletinOut):
    """A bulletin with its printed files."""

    files: list[Printed]


class BulletinPage(Schema):
    """A page of bulletins, the newest first."""

    items: list[BulletinOut]
    next: str | None


class Issue(Body):
    """The bulletin of a published run: its number and signature."""

    run: Id
    number: Annotated[str, Field(max_length=64)]
    issuer_zh: Annotated[str, Field(max_length=64)]
    issuer_en: Annotated[str, Field(max_length=128)] = ""
    distribution: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=50)
    kind: Literal["full", "weekly", "daily"] | None = None


class Receipt(Schema):
    """One person a bulletin was sent to; `read_at` is empty until the receipt is given."""

    name: str
    as_whom: str
    place: str
    role: str
    sent_at: dt.datetime
    read_at: dt.datetime | None


class Receipts(Schema):
    """Whom a bulletin was sent to: for those who may issue it; others see their own line."""

    items: list[Receipt]


FILE = {
    "responses": {
        200: {
            "description": "The file",
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in CONTENT_TYPES.values()
            },
        }
    }
}


@router.get("/bulletins", response=BulletinPage, summary="通报列表")
def list_bulletins(
    request: HttpRequest, q: Text = "", limit: paging.Limit = 50, cursor: paging.Cursor = ""
) -> BulletinPage:
    """Bulletins of the runs that the caller may read, the newest first, narrowed by words."""
    found, following = paging.newest_first(queries.bulletins(actor_of(request), q), limit, cursor, q=q)
    return BulletinPage(items=[BulletinOut(**_bulletin(bulletin)) for bulletin in found], next=following)


@router.post("/bulletins", response={201: BulletinDetail}, summary="印发通报")
def issue_bulletin(request: HttpRequest, new: Issue) -> Status[BulletinDetail]:
    """Issue the bulletin of a published run: every format is printed in both languages and kept."""
    actor = actor_of(request)
    bulletin = services.issue(
        actor,
        new.run,
        number=new.number,
        issuer_zh=new.issuer_zh,
        issuer_en=new.issuer_en,
        distribution=new.distribution,
        kind=BulletinKind(new.kind) if new.kind else None,
    )
    return Status(201, _detail(queries.get_bulletin(actor, bulletin.pk)))


@router.get("/bulletins/{int:bulletin_id}", response=BulletinDetail, summary="一份通报")
def get_bulletin(request: HttpRequest, bulletin_id: Id) -> BulletinDetail:
    """One bulletin with its printed files."""
    return _detail(queries.get_bulletin(actor_of(request), bulletin_id))


@router.get("/bulletins/{int:bulletin_id}/receipts", response=Receipts, summary="签收情况")
def list_receipts(request: HttpRequest, bulletin_id: Id) -> Receipts:
    """Who has confirmed a bulletin, and who has not yet."""
    actor = actor_of(request)
    return Receipts(
        items=[
            _receipt(row.user.full_name, row)
            for row in queries.receipts(actor, queries.get_bulletin(actor, bulletin_id))
        ]
    )


@router.post("/bulletins/{int:bulletin_id}/receipt", response=Receipt, summary="签收")
def give_receipt(request: HttpRequest, bulletin_id: Id) -> Receipt:
    """Confirm that one has read a bulletin that was sent to one."""
    actor = actor_of(request)
    row = distributing.confirm_read(actor, bulletin_id)
    return _receipt(actor.label, row)


@router.get(
    "/bulletins/{int:bulletin_id}/{language}/{format}",
    response={200: None},
    summary="下载通报文件",
    openapi_extra=FILE,
)
def get_bulletin_file(
    request: HttpRequest,
    bulletin_id: Id,
    language: Literal["zh", "en"],
    format: Literal["docx", "pdf", "xlsx"],
) -> FileResponse:
    """One printed file; the download is written into the audit trail."""
    return attachment(services.download(actor_of(request), bulletin_id, format, language))


def _bulletin(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "id": bulletin.pk,
        "run": bulletin.run_id,
        "run_state": bulletin.run.state,
        "valid": bulletin.run.state not in (RunState.SUPERSEDED, RunState.WITHDRAWN),
        "kind": bulletin.kind,
        "number": bulletin.number,
        "issuer_zh": bulletin.issuer_zh,
        "issuer_en": bulletin.issuer_en,
        "distribution": list(bulletin.distribution),
        "issued_by": bulletin.issued_by.full_name if bulletin.issued_by else None,
        "issued_at": bulletin.issued_at,
    }


def _receipt(name: str, row: Addressee) -> Receipt:
    return Receipt(
        name=name,
        as_whom=row.as_whom,
        place=row.place,
        role=row.role,
        sent_at=row.sent_at,
        read_at=row.read_at,
    )


def _detail(bulletin: Bulletin) -> BulletinDetail:
    return BulletinDetail(
        **_bulletin(bulletin),
        files=[
            Printed(
                format=printed.format,
                language=printed.language,
                size=printed.file.size,
                sha256=printed.file.sha256,
                address=f"/api/v1/bulletins/{bulletin.pk}/{printed.language}/{printed.format}",
            )
            for printed in queries.files_of(bulletin)
        ],
    )
