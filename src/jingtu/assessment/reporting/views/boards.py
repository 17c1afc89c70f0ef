"""Boards of reporting."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.ids import id_in
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period

from .. import queries
from ..forms import BoardForm
from ..queries import BoardFilter
from ..rules import ReportState
from ..visibility import LOOKING
from ..words import MARKS, STATES
from .common import desk, tabs

PAGE_SIZE = 50


@desk(*LOOKING)
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """Every unit of a form and period with where it stands; whoever reviews passes many at once."""
    actor = actor_of(request)
    wanted = BoardFilter(
        form=request.GET.get("form", ""),
        period=request.GET.get("period", ""),
        state=request.GET.get("state", ""),
        within=id_in(request.GET.get("within")),
        text=request.GET.get("q", "")[:60],
    )
    found = queries.board(actor, wanted)
    context: dict[str, object] = {"tabs": tabs(actor, "review"), "board": found}
    if found is not None:
        page = Paginator(found.units, PAGE_SIZE).get_page(request.GET.get("page"))
        language = interface_language()
        states = [("", _("全部")), ("waiting", _("待审核")), ("missing", _("未提交"))]
        if actor.can(Permission.FORMS_REVIEW):
            states.insert(1, ("mine", _("待我审核")))
        states += [(state.value, str(STATES[state])) for state in ReportState]
        data = {
            "form": found.form.code,
            "period": found.period.key,
            "state": wanted.state,
            "q": wanted.text,
        }
        context |= {
            "page": page,
            "rows": found.rows(list(page)),
            "filters": BoardForm(
                data,
                forms=[(form.code, form.name) for form in found.forms],
                periods=[
                    (period.key, period.label(language)) for period in _with(found.periods, found.period)
                ],
                states=states,
            ),
            "counts": [
                (state, STATES[state], *MARKS[state], count) for state, count in found.counts.items() if count
            ],
            "may_review": actor.can(Permission.FORMS_REVIEW),
            "may_remind": actor.can(Permission.FORMS_REVIEW),
            "fictional": found.form.tree.fictional,
            "address": request.get_full_path(),
            "steps": [(_("填报"), reverse("reporting:due")), (_("审核与进度"), "")],
        }
    return render(request, "reporting/review.html", context)


def _with(periods: Sequence[Period], chosen: Period) -> list[Period]:
    return list(periods) if chosen in periods else [*periods, chosen]
