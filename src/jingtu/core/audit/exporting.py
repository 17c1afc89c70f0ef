"""The one way a table leaves as a file: counted in the audit trail, stamped with who, when and what, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Any, Literal, TypeVar

from django.forms import BaseForm
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.engine.tablefile import Around, Row, csv_blocks, write_xlsx

from .services import record

Line = tuple[str, str]
Kind = Literal["csv", "xlsx"]
Response = TypeVar("Response", bound=StreamingHttpResponse)
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Outgoing:
    """A table on its way out. ``scope``: by what it was narrowed, in words; ``count``: its rows, known beforehand."""

    title: str
    header: Row
    rows: Iterable[Row]
    count: int
    scope: str = ""
    fictional: bool = False
    more: Sequence[Line] = field(default=())


def stamped(actor: Actor, table: Outgoing, *, entry: int | None = None, end: bool = True) -> Around:
    """What stands about the table, in the language that is being spoken.

    ``entry``: under which number of the audit trail the export is recorded, where that is known before
    writing; ``end``: whether a last line repeats the count (a file that is read in again has none).
    """
    moment = timezone.localtime(now()).isoformat(timespec="seconds")
    mark = watermark(actor, moment, entry)
    lines: list[Line] = [
        (_("导出内容"), table.title),
        (_("导出人"), actor.label),
        (_("导出时间"), moment),
        (_("筛选条件"), table.scope or _("全部")),
        *table.more,
        (_("记录数"), str(table.count)),
    ]
    if entry is not None:
        lines.append((_("导出登记"), f"#{entry}"))
    lines.append((_("水印"), mark))
    if table.fictional:
        lines.append((_("说明"), _("虚构示范数据")))
    last = _("完，共 %(count)s 条")
    return Around(
        lines,
        facts=_("数据"),
        about=_("关于本表"),
        mark=mark,
        end=(lambda count: last % {"count": count}) if end else None,
    )


def in_words(form: BaseForm, *more: str) -> str:
    """The filters of a list as the page shows them, for :attr:`Outgoing.scope`; ``more``: what narrows it beside them."""
    chosen = []
    if form.is_bound:
        form.is_valid()  # what makes no sense narrows nothing
        for bound in form:
            value = form.cleaned_data.get(bound.name)
            if value is True:
                chosen.append(str(bound.label))
            elif value and not bound.is_hidden:
                chosen.append(f"{bound.label}={dict(getattr(bound.field, 'choices', ())).get(value, value)}")
    return "；".join([*chosen, *filter(None, more)])


def watermark(actor: Actor, moment: str, entry: int | None = None) -> str:
    """Whose copy it is, so that a copy that went astray can be traced."""
    if entry is None:
        return _("%(who)s %(when)s 导出，仅供公务使用，不得外传") % {"who": actor.label, "when": moment}
    told = {"who": actor.label, "when": moment, "entry": entry}
    return _("%(who)s %(when)s 导出（登记 #%(entry)s），仅供公务使用，不得外传") % told


def export_table(
    actor: Actor,
    table: Outgoing,
    name: str,
    action: str,
    *,
    kind: Kind = "csv",
    target_type: str,
    target_id: object,
    region_id: int | None = None,
    after: Mapping[str, Any] | None = None,
) -> StreamingHttpResponse:
    """Record that the table is taken out, then hand it out row by row as ``name``.csv, or as a workbook."""
    entry = record(
        actor,
        action,
        target_type=target_type,
        target_id=target_id,
        region_id=region_id,
        after={"rows": table.count, "filter": table.scope, **(after or {})},
    )
    around = stamped(actor, table, entry=entry.sequence)
    if kind == "csv":
        return streamed(around, table, name)
    workbook = TemporaryFile()  # noqa: SIM115  the response closes it
    write_xlsx(workbook, around, table.header, table.rows)
    workbook.seek(0)
    response = FileResponse(workbook, as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK)
    return _private(response)


def streamed(around: Around, table: Outgoing, name: str) -> StreamingHttpResponse:
    """The answer to a browser; for an export that is already recorded."""
    blocks = _speaking(translation.get_language(), csv_blocks(around, table.header, table.rows))
    response = StreamingHttpResponse(blocks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or "attachment"
    return _private(response)


def _private(response: Response) -> Response:
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _speaking(language: str | None, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks in the language of the request, which is over when the server fetches them."""
    while True:
        with translation.override(language):
            block = next(blocks, None)
        if block is None:
            return
        yield block
