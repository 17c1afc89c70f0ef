"""The values a step's document is written from, as they are at the step; names that change later do not change it."""

from __future__ import annotations

from typing import Any

from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.clock import today
from jingtu.engine.workdays import add_working_days

from .models import Measure
from .rules import Act, term_end


def frozen_of(measure: Measure, act: Act, months: int | None = None) -> dict[str, Any]:
    """Plain values for the document of ``act``."""
    kind = measure.kind
    basis = NormativeDocument.objects.filter(code=kind.basis).first() if kind.basis else None
    first = measure.steps.filter(act=Act.NOTICE.value).order_by("id").first()
    decided = measure.steps.filter(act=Act.DECIDE.value).order_by("id").first()
    return {
        "office": measure.office.name,
        "place": measure.region.name,
        "post": measure.post,
        "fictional": measure.region.tree.fictional,
        "kind_zh": kind.name_zh,
        "kind_en": kind.name_en,
        "template": kind.template,
        "form": kind.form,
        "basis_zh": basis.title_zh if basis else "",
        "basis_en": (basis.title_en or basis.title_zh) if basis else "",
        "basis_number": basis.number if basis else "",
        "tag": kind.tag,
        "facts": measure.facts,
        "reply_days": kind.reply_days,
        "objection_days": kind.objection_days,
        "review_due": add_working_days(today(), kind.review_days).day.isoformat(),
        "term": months or kind.term,
        "from": measure.in_force_from.isoformat() if measure.in_force_from else "",
        "until": _until(measure, months),
        "notice_number": first.number if first else "",
        "decision_number": decided.number if decided else "",
        "replied": measure.steps.filter(act=Act.REPLY.value).exists(),
    }


def _until(measure: Measure, months: int | None) -> str:
    if months and measure.in_force_from:
        return term_end(measure.in_force_from, months).isoformat()
    return measure.ends_on.isoformat() if measure.ends_on else ""
