"""Survey results by file: checked whole, stored whole or refused whole, as on the page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from jingtu.assessment.surveys import queries, services
from jingtu.assessment.surveys.models import SurveyImport
from jingtu.assessment.surveys.services import About
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.errors import refuse
from jingtu.core.regions.queries import tree_by_slug

from . import errors
from .catalogue_schemas import PeriodKey
from .schemas import Code, Id

router = Router(tags=["targets"])
Agency = Annotated[str, Field(max_length=128, pattern=r"\S", description="Who asked.")]
_FIELDS = {"tree", "element", "period", "agency", "method", "source", "confirm", "csrfmiddlewaretoken"}


class SurveyImportOut(Schema):
    """What became of a file. ready: found right, waits for confirmation; `wave`: what it was stored as."""

    id: int
    tree: str
    element: str
    period: str
    agency: str
    state: str
    file: str
    sha256: str
    rows: int
    wave: int | None
    created_at: dt.datetime
    errors: list[dict[str, Any]]


@router.post("/surveys/imports", response={201: SurveyImportOut}, summary="导入调查结果")
def import_wave(
    request: HttpRequest,
    tree: Form[Code],
    element: Form[Code],
    period: Form[PeriodKey],
    agency: Form[Agency],
    file: File[UploadedFile],
    method: Form[str] = "",
    source: Form[str] = "",
    confirm: Form[bool] = False,
) -> Status[SurveyImportOut] | HttpResponse:
    """Import the results of one wave from a CSV or Excel file, a place a row.

    201: found right; waiting for confirmation, or stored when `confirm` is true. 422: refused with everything
    found wrong; nothing is stored.
    """
    unknown = sorted(set(request.POST) - _FIELDS)
    if unknown:
        raise refuse("api.field_unknown", column=unknown[0][:80], field=unknown[0][:80])
    actor = actor_of(request)
    about = About(element, period, agency, method, source)
    made = services.begin_import(actor, tree_by_slug(actor, tree), about, file.chunks(), file.name or "file")
    if made.state == SurveyImport.State.REFUSED:
        return errors.document(422, "surveys.refused", _errors(made), **{"import": made.pk})
    if confirm:
        services.confirm_import(actor, made.pk)
    return Status(201, _import(request, made.pk))


@router.get("/surveys/imports/{int:import_id}", response=SurveyImportOut, summary="一次调查结果导入")
def get_survey_import(request: HttpRequest, import_id: Id) -> SurveyImportOut:
    """What became of a file the caller handed in."""
    return _import(request, import_id)


@router.post("/surveys/imports/{int:import_id}/confirm", response=SurveyImportOut, summary="确认导入调查结果")
def confirm_survey_import(request: HttpRequest, import_id: Id) -> SurveyImportOut:
    """Store a file that was found right. It is checked once more, because rights and places may have moved on."""
    services.confirm_import(actor_of(request), import_id)
    return _import(request, import_id)


def _import(request: HttpRequest, import_id: int) -> SurveyImportOut:
    made = queries.get_import(actor_of(request), import_id)
    stored = made.state == SurveyImport.State.STORED
    return SurveyImportOut(
        id=made.pk,
        tree=made.tree.slug,
        element=made.about["element"],
        period=made.about["period"],
        agency=made.about["agency"],
        state=made.state,
        file=made.file.name,
        sha256=made.file.sha256,
        rows=made.row_count,
        wave=made.wave.pk if stored else None,
        created_at=made.created_at,
        errors=_errors(made),
    )


def _errors(made: SurveyImport) -> list[dict[str, Any]]:
    return [errors.entry(problem) for problem in made.listed_problems()]
