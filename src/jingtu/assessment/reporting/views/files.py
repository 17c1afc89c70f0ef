"""The pages of timeliness and of burden as files: every unit, never cut, with who took them out."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.audit.exporting import Kind, Outgoing
from jingtu.core.kernel.actor import Actor

from .. import services
from ..visibility import LOOKING
from .common import desk
from .keeping import asked_burden, asked_progress


@desk(*LOOKING)
@require_GET
@confirmed_page
def progress(request: HttpRequest, extension: Kind) -> StreamingHttpResponse:
    """Completeness and timeliness: a row for all, for every form and for every unit."""
    actor = actor_of(request)
    found = asked_progress(request, actor)
    header = [
        _("统计对象"),
        _("代码"),
        _("名称"),
        _("上级"),
        _("应报"),
        _("已报"),
        _("按时"),
        _("迟报"),
        _("未报"),
        _("完整率"),
        _("及时率"),
    ]
    kept = [(_("合计"), "", "", found.whole)]
    kept += [(_("报表"), form.code, form.name, row) for form, row in found.forms]
    kept += [(_("填报单位"), row.region.code, row.region.name, row) for row in found.units if row.region]
    rows = [
        [
            kind,
            code,
            name,
            row.parent,
            row.due,
            row.handed_in,
            row.on_time,
            row.late,
            row.missing,
            row.complete_percent,
            row.on_time_percent,
        ]
        for kind, code, name, row in kept
    ]
    scope = (_("完整与及时"), f"{found.start.isoformat()} – {found.end.isoformat()}")
    fictional = any(form.tree.fictional for form, _kept in found.forms)
    return _file(actor, extension, "progress", scope, header, rows, fictional)


@desk(*LOOKING)
@require_GET
@confirmed_page
def burden(request: HttpRequest, extension: Kind) -> StreamingHttpResponse:
    """What each unit typed by hand in a month, by form."""
    actor = actor_of(request)
    found = asked_burden(request, actor)
    header = [_("代码"), _("填报单位"), _("上级"), *(form.name for form in found.forms)]
    header += [_("手工填写"), _("上月"), _("系统填好")]
    rows = [
        [
            unit.region.code,
            unit.region.name,
            unit.parent,
            *unit.by_form,
            unit.typed,
            unit.before,
            unit.locked,
        ]
        for unit in found.units
    ]
    scope = (_("填报负担"), found.month.label(actor.language))
    fictional = any(form.tree.fictional for form in found.forms)
    return _file(actor, extension, "burden", scope, header, rows, fictional)


def _file(
    actor: Actor,
    extension: Kind,
    name: str,
    scope: tuple[str, str],
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    fictional: bool,
) -> StreamingHttpResponse:
    table = Outgoing(scope[0], header, rows, len(rows), scope=scope[1], fictional=fictional)
    return services.export_page(actor, name, table, extension)
