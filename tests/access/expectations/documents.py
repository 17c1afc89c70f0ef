"""Laws and notices are open to everybody who is signed in."""

from __future__ import annotations

from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.clock import now
from tests.access.cast import Cast
from tests.access.doors import Known, Row, everyone_signed_in


def prepare(cast: Cast) -> Known:
    NormativeDocument.objects.create(code="law-1", title_zh="某法", kind="law", updated_at=now())
    return {}


ROWS = [
    Row("documents:list", open_to=everyone_signed_in()),
    Row("documents:detail", kwargs=lambda known: {"code": "law-1"}, open_to=everyone_signed_in()),
]
