"""Documents are open to everybody who is signed in; those of county A are written by who keeps documents there."""

from __future__ import annotations

from jingtu.core.documents import keeping
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now
from tests.access.cast import Cast
from tests.access.doors import Known, Row, everyone_signed_in, roles

WRITERS = roles("analyst", "secretary", "system_administrator")
KEEPERS = roles("analyst", "secretary", "system_administrator", relations=("own", "ancestor"))


def prepare(cast: Cast) -> Known:
    NormativeDocument.objects.create(code="law-1", title_zh="某法", kind="law", updated_at=now())
    draft = keeping.Draft("县责任制", "responsibility", text="第一条 责任。")
    keeping.add_document(SYSTEM, draft, keeper_id=cast.places["county_a"].pk, code="rules")
    keeping.add_document(SYSTEM, draft, keeper_id=cast.places["county_a"].pk, code="whole")
    return {"article": keeping.write_article(SYSTEM, "rules", "第一条", "责任。").pk}


def _rules(known: Known) -> dict[str, object]:
    return {"code": "rules"}


def _article(known: Known) -> dict[str, object]:
    return {"code": "rules", "article_id": known["article"]}


ROWS = [
    Row("documents:list", open_to=everyone_signed_in()),
    Row("documents:detail", kwargs=lambda known: {"code": "law-1"}, open_to=everyone_signed_in()),
    Row("documents:detail", kwargs=_rules, open_to=everyone_signed_in()),
    Row("documents:new", open_to=WRITERS),
    Row("documents:edit", kwargs=_rules, open_to=KEEPERS),
    Row("documents:edit", kwargs=lambda known: {"code": "law-1"}, open_to=roles("system_administrator")),
    Row(
        "documents:edit",
        method="POST",
        kwargs=_rules,
        data=lambda known: {"title_zh": "县责任制规定", "kind": "responsibility", "reason": "更名"},
        open_to=KEEPERS,
    ),
    Row("documents:version", kwargs=_rules, open_to=KEEPERS),
    Row("documents:articles", kwargs=_rules, open_to=KEEPERS),
    Row("documents:split", method="POST", kwargs=lambda known: {"code": "whole"}, open_to=KEEPERS),
    Row("documents:article", kwargs=_article, open_to=KEEPERS),
    Row(
        "documents:remove",
        method="POST",
        kwargs=_article,
        data=lambda known: {"reason": "录入有误"},
        open_to=KEEPERS,
    ),
]
