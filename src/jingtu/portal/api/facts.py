"""Facts in, facts out: only of regions where the caller may read or report."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

import numpy as np
from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from numpy.typing import NDArray
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.facts import queries, services
from jingtu.core.facts.disclosure import hidden_rows
from jingtu.core.facts.models import FactBatch, FactImport
from jingtu.core.files.queries import get_file
from jingtu.core.files.services import record_download
from jingtu.core.files.views import CONTENT_TYPES, attachment
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.queries import engine_tree, get_region, tree_by_slug
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import refuse

from . import errors, paging
from .catalogue_schemas import PeriodKey
from .schemas import Body, Code, Id, Place, Reason

router = Router(tags=["facts"])

MOST_ROWS = 5000
COLUMNS = ("region", "level", "element", "period", "category", "value", "qualifier", "source")
ImportState = Literal["", "checking", "ready", "stored", "refused"]
Cell = Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")]
Codes = Annotated[str, Field(max_length=2000, description="One code, or several separated by commas.")]


class Fact(Schema):
    """One value. `value` null with `hidden` true: it counts few persons, or would tell such a count, and is not the
    caller's to see.

    `batch` is the number of the batch that stored it, `source_row` the row of its file.
    """

    region: Place
    element: str
    period: str
    category: str
    value: str | None
    qualifier: str
    hidden: bool
    batch: int
    source_row: int


class FactPage(Schema):
    """A page of facts by region, element, period, category."""

    items: list[Fact]
    next: str | None


class Row(Body):
    """One value to import, as a row of a long table."""

    region: Cell
    element: Cell
    period: Cell
    value: Cell
    level: Cell = ""
    category: Cell = ""
    qualifier: Cell = ""
    source: Cell = ""


class Rows(Body):
    """Values to import: checked whole, stored whole or refused whole."""

    tree: Code
    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]
    confirm: bool = False


class Change(Body):
    """One value to set (or, with value null, to take back), with the reason."""

    region: Id
    element: Code
    period: PeriodKey
    category: Code = ""
    value: Annotated[str | None, Field(max_length=64)]
    qualifier: Annotated[str, Field(max_length=16)] = ""
    reason: Reason


class Undo(Body):
    """Why an import is undone."""

    reason: Reason


class ImportOut(Schema):
    """What became of an import. ready: found right, waits for confirmation; refused: see `errors`."""

    id: int
    tree: str
    state: str
    file: str
    sha256: str
    rows: int
    added: int
    changed: int
    unchanged: int
    problems: int
    job: int | None
    batch: int | None
    undone: bool
    marked: bool
    created_at: dt.datetime


class ImportDetail(ImportOut):
    """An import with the first problems of a refused one."""

    errors: list[dict[str, Any]]


class ImportPage(Schema):
    """A page of imports, the newest first."""

    items: list[ImportOut]
    next: str | None


class Batch(Schema):
    """Values that became visible together."""

    id: int
    sequence: int
    kind: str
    rows: int
    actor: str
    note: str
    created_at: dt.datetime


@router.get("/facts", response=FactPage, summary="查询数据")
def list_facts(
    request: HttpRequest,
    tree: Code,
    region: Id | None = None,
    element: Codes = "",
    period: Codes = "",
    limit: paging.Limit = 100,
    cursor: paging.Cursor = "",
) -> FactPage:
    """Facts in force of the regions whose facts the caller may read; `region` means its subtree."""
    actor = actor_of(request)
    grown = tree_by_slug(actor, tree)
    within = get_region(actor, region) if region is not None else None
    if within is not None and within.tree_id != grown.pk:
        raise NotFound(region, "region")
    periods = [Period.parse(text).key for text in _listed(period)]
    found = queries.facts(
        actor, grown, within=within, elements=_listed(element) or None, periods=periods or None
    )
    wanted = {"tree": tree, "region": region, "element": element, "period": period}
    if cursor:
        found = found.where(_behind(found, *paging.decode(cursor, **wanted)))
    order = _order(found)
    shown = found.where(order[:limit])
    rows = _facts(actor, grown, shown)
    following = None
    if len(order) > limit:
        last = rows[-1]
        following = paging.encode([last.region.id, last.element, last.period, last.category], **wanted)
    return FactPage(items=rows, next=following)


@router.post("/facts/changes", response={201: Batch}, summary="修改或撤回一个数值")
def change_fact(request: HttpRequest, change: Change) -> Status[Batch]:
    """Set one value, or take it back with `value` null. What was there before stays in the history."""
    actor = actor_of(request)
    key: dict[str, Any] = {
        "region_id": change.region,
        "element": change.element,
        "period": change.period,
        "category": change.category,
        "reason": change.reason,
    }
    if change.value is None:
        batch = services.retract_fact(actor, **key)
    else:
        batch = services.change_fact(actor, value=change.value, qualifier=change.qualifier, **key)
    return Status(201, _batch(batch))


@router.get("/facts/imports", response=ImportPage, summary="导入列表")
def list_imports(
    request: HttpRequest,
    tree: Code = "",
    state: ImportState = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> ImportPage:
    """Imports that the caller may know of, the newest first."""
    actor = actor_of(request)
    imports = queries.list_imports(actor, tree_by_slug(actor, tree) if tree else None, state)
    found, following = paging.newest_first(imports, limit, cursor, tree=tree, state=state)
    return ImportPage(items=[ImportOut(**_import(made)) for made in found], next=following)


@router.post("/facts/imports", response={201: ImportDetail, 202: ImportDetail}, summary="上传文件导入数据")
def import_file(
    request: HttpRequest, tree: Form[Code], file: File[UploadedFile], confirm: Form[bool] = False
) -> Status[ImportDetail] | HttpResponse:
    """Import a CSV or Excel file, long or wide.

    201: found right; waiting for confirmation, or stored when `confirm` is true. 202: large, a job checks
    and stores it. 422: refused with everything found wrong; nothing is stored, and the import named by the
    member `import` has the file with an extra column of errors.
    """
    unknown = sorted(set(request.POST) - {"tree", "confirm", "csrfmiddlewaretoken"})
    if unknown:
        raise refuse("api.field_unknown", column=unknown[0][:80], field=unknown[0][:80])
    actor = actor_of(request)
    made = services.begin_import(actor, tree_by_slug(actor, tree), file.chunks(), file.name or "file")
    return _answer(request, made, confirm)


@router.post(
    "/facts/imports/rows", response={201: ImportDetail, 202: ImportDetail}, summary="以 JSON 行导入数据"
)
def import_rows(request: HttpRequest, given: Rows) -> Status[ImportDetail] | HttpResponse:
    """Import up to 5,000 values given as JSON; they are kept as a CSV file like any other import.

    Answers as for a file; each error of a refused import points at its row.
    """
    actor = actor_of(request)
    name = f"api-{len(given.rows)}.csv"
    made = services.begin_import(actor, tree_by_slug(actor, given.tree), _as_csv(given.rows), name)
    return _answer(request, made, given.confirm, as_rows=True)


@router.get("/facts/imports/{int:import_id}", response=ImportDetail, summary="一次导入")
def get_import(request: HttpRequest, import_id: Id) -> ImportDetail:
    """What became of one import."""
    return _detail(queries.get_import(actor_of(request), import_id))


@router.post("/facts/imports/{int:import_id}/confirm", response=ImportDetail, summary="确认导入")
def confirm_import(request: HttpRequest, import_id: Id) -> ImportDetail | HttpResponse:
    """Store an import that was found right. It is checked once more, because facts may have moved on."""
    made = services.confirm_import(actor_of(request), import_id)
    return _refused(made, as_rows=False) if made.state == FactImport.State.REFUSED else _detail(made)


@router.post("/facts/imports/{int:import_id}/undo", response={201: Batch}, summary="撤销导入")
def undo_import(request: HttpRequest, import_id: Id, undo: Undo) -> Status[Batch]:
    """Bring back what a stored import replaced and take back what it added."""
    actor = actor_of(request)
    made = queries.get_import(actor, import_id)
    if made.batch_id is None:
        raise NotFound(import_id, "import")
    return Status(201, _batch(services.undo_import(actor, made.batch_id, undo.reason)))


_FILE = {
    "responses": {
        200: {
            "description": "The file",
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in CONTENT_TYPES.values()
            },
        }
    }
}


@router.get(
    "/facts/imports/{int:import_id}/marked",
    response={200: None},
    summary="下载标注错误的文件",
    openapi_extra=_FILE,
)
def get_marked_file(request: HttpRequest, import_id: Id) -> FileResponse:
    """The uploaded sheet of a refused import with an extra column of errors."""
    actor = actor_of(request)
    made = queries.get_import(actor, import_id)
    if made.marked_file_id is None:
        raise NotFound(import_id, "import")
    stored = get_file(actor, made.marked_file_id)
    record_download(actor, stored)
    return attachment(stored)


def _answer(
    request: HttpRequest, made: FactImport, confirm: bool, as_rows: bool = False
) -> Status[ImportDetail] | HttpResponse:
    if confirm and made.state == FactImport.State.READY:
        made = services.confirm_import(actor_of(request), made.pk)
    if made.state == FactImport.State.REFUSED:
        return _refused(made, as_rows)
    return Status(202 if made.state == FactImport.State.CHECKING else 201, _detail(made))


def _refused(made: FactImport, as_rows: bool) -> HttpResponse:
    return errors.document(422, "facts.refused", _errors(made, as_rows), **{"import": made.pk})


def _errors(made: FactImport, as_rows: bool = False) -> list[dict[str, Any]]:
    """Problems of a refused import; for JSON rows each with a pointer (the header of the file is row 1)."""
    found = []
    for problem in services.problems_of(made):
        pointer = None
        if as_rows and problem.row is not None and problem.row >= 2:
            pointer = f"/rows/{problem.row - 2}"
            if problem.column in COLUMNS:
                pointer += f"/{problem.column}"
        found.append(errors.entry(problem, pointer))
    return found


def _as_csv(rows: Iterable[Row]) -> list[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, column) for column in COLUMNS] for row in rows)
    return [text.getvalue().encode()]


def _import(made: FactImport) -> dict[str, Any]:
    return {
        "id": made.pk,
        "tree": made.tree.slug,
        "state": made.state,
        "file": made.file.name,
        "sha256": made.file.sha256,
        "rows": made.row_count,
        "added": made.added,
        "changed": made.changed,
        "unchanged": made.unchanged,
        "problems": made.problem_count,
        "job": made.job_id,
        "batch": made.batch_id,
        "undone": made.batch is not None and getattr(made.batch, "undone_by", None) is not None,
        "marked": made.marked_file_id is not None,
        "created_at": made.created_at,
    }


def _detail(made: FactImport) -> ImportDetail:
    return ImportDetail(**_import(made), errors=_errors(made))


def _batch(batch: FactBatch) -> Batch:
    return Batch(
        id=batch.pk,
        sequence=batch.sequence,
        kind=batch.kind,
        rows=batch.row_count,
        actor=batch.actor_label,
        note=batch.note,
        created_at=batch.created_at,
    )


def _facts(actor: Actor, tree: RegionTree, shown: FactTable) -> list[Fact]:
    known = queries.elements(actor)
    hidden = hidden_rows(actor, tree, shown, known)
    shape = engine_tree(actor, tree)
    positions = shape.positions_of_ids(shown.region_id).tolist()
    rows = []
    for fact, position, few in zip(shown.rows(), positions, hidden.tolist(), strict=True):
        element = known.get(fact.element)
        value = None
        if fact.value is not None and not few:
            value = format(Decimal(fact.value).scaleb(-(element.decimals if element else 0)), "f")
        rows.append(
            Fact(
                region=Place(
                    id=fact.region_id,
                    code=shape.codes[position] if position >= 0 else "",
                    name=shape.names[position] if position >= 0 else "",
                    level=shape.levels[position] if position >= 0 else "",
                ),
                element=fact.element,
                period=fact.period,
                category=fact.category,
                value=value,
                qualifier=fact.qualifier.value,
                hidden=few,
                batch=fact.batch,
                source_row=fact.source_row,
            )
        )
    return rows


def _listed(text: str) -> Collection[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _order(table: FactTable) -> NDArray[np.int64]:
    """Indices by region, element, period, category, the texts as Python orders them."""
    return np.lexsort(
        (
            _ranks(table.categories)[table.category],
            _ranks(table.period_keys)[table.period],
            _ranks(table.element_codes)[table.element],
            table.region_id,
        )
    )


def _ranks(codes: tuple[str, ...]) -> NDArray[np.int64]:
    ranks = np.zeros(max(len(codes), 1), dtype=np.int64)
    for rank, index in enumerate(sorted(range(len(codes)), key=codes.__getitem__)):
        ranks[index] = rank
    return ranks


def _behind(table: FactTable, region: int, element: str, period: str, category: str) -> NDArray[np.bool_]:
    """Which rows come after this key in the order of :func:`_order`."""
    after = _beyond(table.categories, category)[table.category]
    for codes, column, text in (
        (table.period_keys, table.period, period),
        (table.element_codes, table.element, element),
    ):
        same = np.array([code == text for code in codes] or [False])[column]
        after = _beyond(codes, text)[column] | (same & after)
    result: NDArray[np.bool_] = (table.region_id > region) | ((table.region_id == region) & after)
    return result


def _beyond(codes: tuple[str, ...], text: str) -> NDArray[np.bool_]:
    return np.array([code > text for code in codes] or [False])
