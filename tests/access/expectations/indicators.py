"""Definitions are no secret: whoever is signed in may read them. Drafts are for those who draw up, manage or
read drafts: an analyst edits the drafts of their own, who manages the catalogue edits all."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from jingtu.assessment.indicators.services import import_catalogue, open_draft, put_entry, validate
from jingtu.core.kernel.actor import SYSTEM
from jingtu.engine.catalogue.editing import entry_of, entry_yaml
from tests.access.cast import Cast
from tests.access.doors import Known, Row, everyone_signed_in, roles
from tests.assessment.office import CATALOGUE

READERS = roles("analyst", "reviewer", "system_administrator")
MAKERS = roles("analyst", "system_administrator")
EDITORS = frozenset({("analyst", "ancestor"), ("system_administrator", "")})
MANAGERS = roles("system_administrator")


def prepare(cast: Cast) -> Known:
    import_catalogue(SYSTEM, CATALOGUE)
    import_catalogue(SYSTEM, CATALOGUE.replace("'< 60'", "'< 50'"))
    analyst = cast.actor("analyst", "ancestor")
    draft = open_draft(analyst, "提高要求")
    entry = entry_of(draft.content, "indicators", "RATE")
    assert entry is not None
    draft = put_entry(analyst, draft.pk, 0, "indicators", "RATE", {**entry, "target": ">= 95"})
    waiting = open_draft(analyst, "待施行")
    waiting = put_entry(analyst, waiting.pk, 0, "indicators", "RATE", {**entry, "target": ">= 96"})
    validate(analyst, waiting.pk)
    return {
        "draft": draft.pk,
        "waiting": waiting.pk,
        "revision": draft.revision,
        "source": entry_yaml({**entry, "target": ">= 94"}),
    }


def draft(known: Known) -> dict[str, object]:
    return {"draft_id": known["draft"]}


def rate(known: Known) -> dict[str, object]:
    return {**draft(known), "kind": "indicators", "code": "RATE"}


def act(name: str, draft: str = "draft") -> object:
    return lambda known: {"draft_id": known[draft], "act": name}


def revised(**more: object) -> object:
    return lambda known: {"revision": known["revision"], **more}


FIELDS = {
    "name_zh": "到位率", "name_en": "Rate", "formula": "share(done, due)", "unit": "%", "decimals": "1",
    "direction": "up", "strand": "recovery", "status": "G",
}  # fmt: skip

ROWS = [
    Row("indicators:catalogue", open_to=everyone_signed_in()),
    Row("indicators:versions", open_to=everyone_signed_in()),
    Row("indicators:export", open_to=everyone_signed_in()),
    Row("indicators:indicator", kwargs=lambda known: {"code": "RATE"}, open_to=everyone_signed_in()),
    Row("indicators:element", kwargs=lambda known: {"code": "due"}, open_to=everyone_signed_in()),
    Row("indicators:scorecard", kwargs=lambda known: {"code": "card"}, open_to=everyone_signed_in()),
    Row("indicators:group", kwargs=lambda known: {"code": "both"}, open_to=everyone_signed_in()),
    Row("indicators:compare", data=lambda known: {"old": 1, "new": 2}, open_to=everyone_signed_in()),
    Row(
        "indicators:version-entry",
        kwargs=lambda known: {"number": 1, "kind": "elements", "code": "due"},
        open_to=everyone_signed_in(),
    ),
    Row("indicators:integrity", open_to=READERS),
    Row("indicators:drafts", open_to=READERS),
    Row("indicators:drafts", method="POST", data=lambda known: {"title": "新草案"}, open_to=MAKERS),
    Row("indicators:draft", kwargs=draft, open_to=READERS),
    Row("indicators:draft-difference", kwargs=draft, open_to=READERS),
    Row("indicators:draft-impact", kwargs=draft, open_to=READERS),
    Row("indicators:draft-impact", method="POST", kwargs=draft, open_to=MAKERS),
    Row("indicators:draft-integrity", kwargs=draft, open_to=READERS),
    Row("indicators:draft-history", kwargs=draft, data=lambda known: {"edit": 1}, open_to=READERS),
    Row("indicators:draft-export", kwargs=draft, open_to=READERS),
    Row("indicators:draft-import", kwargs=draft, open_to=READERS),
    Row(
        "indicators:draft-import",
        method="POST",
        kwargs=draft,
        data=lambda known: {
            "revision": known["revision"],
            "file": SimpleUploadedFile("catalogue.yaml", CATALOGUE.encode(), "application/yaml"),
        },
        open_to=EDITORS,
    ),
    Row(
        "indicators:draft-check",
        method="POST",
        kwargs=draft,
        data=lambda known: dict(FIELDS),
        open_to=READERS,
    ),
    Row("indicators:draft-entry", kwargs=rate, open_to=READERS),
    Row("indicators:draft-entry", method="POST", kwargs=rate, data=revised(**FIELDS), open_to=EDITORS),
    Row("indicators:draft-new", kwargs=lambda known: {**draft(known), "kind": "elements"}, open_to=READERS),
    Row(
        "indicators:draft-new",
        method="POST",
        kwargs=lambda known: {**draft(known), "kind": "indicators"},
        data=revised(**FIELDS, code="SECOND"),
        open_to=EDITORS,
    ),
    Row("indicators:draft-source", kwargs=rate, open_to=READERS),
    Row(
        "indicators:draft-source",
        method="POST",
        kwargs=rate,
        data=lambda known: {"revision": known["revision"], "text": known["source"]},
        open_to=EDITORS,
    ),
    Row("indicators:draft-head", kwargs=draft, open_to=READERS),
    Row("indicators:draft-remove", method="POST", kwargs=rate, data=revised(), open_to=EDITORS),
    Row("indicators:draft-act", method="POST", kwargs=act("undo"), open_to=EDITORS),
    Row("indicators:draft-act", method="POST", kwargs=act("validate"), open_to=EDITORS),
    Row(
        "indicators:draft-act",
        method="POST",
        kwargs=act("discard"),
        data=lambda known: {"reason": "不再需要"},
        open_to=EDITORS,
    ),
    # The analyst who drew it up has no right to put it in force; the system administrator had no hand in it.
    Row(
        "indicators:draft-act",
        method="POST",
        kwargs=act("enforce", "waiting"),
        data=lambda known: {"period": "2026-12", "reason": "会议决定"},
        open_to=MANAGERS,
    ),
]

ROWS += [
    Row("api:v1:list_versions", open_to=everyone_signed_in()),
    Row("api:v1:get_difference", data=lambda known: {"old": 1, "new": 2}, open_to=everyone_signed_in()),
    Row("api:v1:list_drafts", open_to=READERS),
    Row("api:v1:get_draft", kwargs=draft, open_to=READERS),
    Row("api:v1:get_draft_difference", kwargs=draft, open_to=READERS),
    Row("api:v1:get_draft_impact", kwargs=draft, open_to=READERS),
]
