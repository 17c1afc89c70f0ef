"""Keeping the list of normative documents equal to what the catalogue cites. What an office writes: keeping.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.db import transaction

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.engine.problems import refuse, register_texts

register_texts(
    {
        "documents.unknown_kind": (
            "文件 {code} 的种类“{kind}”不在可用种类之内：{known}。",
            'Document {code} has the kind "{kind}", which is none of: {known}.',
        ),
    }
)
register_actions(
    {
        "documents.stored": ("登记制度文件", "Normative document stored"),
    }
)
register_objects({"document": ("制度文件", "Document")})


@dataclass(frozen=True)
class DocumentData:
    """What a catalogue says of a document. ``date`` may be a year, a month or a day."""

    code: str
    title_zh: str
    kind: str
    title_en: str = ""
    issuer: str = ""
    number: str = ""
    date: str = ""
    url: str = ""
    text: str = ""
    in_force_from: dt.date | None = None
    in_force_to: dt.date | None = None


def store_documents(actor: Actor, documents: Iterable[DocumentData]) -> dict[str, int]:
    """Add new documents and update changed ones; the same list twice changes nothing.

    Documents absent from the list stay: published runs may cite them. Returns counts of
    ``added``, ``changed`` and ``unchanged``. Needs DOCUMENTS_MANAGE.
    """
    if not actor.can(Permission.DOCUMENTS_MANAGE):
        raise PermissionDenied(Permission.DOCUMENTS_MANAGE)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    with transaction.atomic():
        known = NormativeDocument.objects.in_bulk(field_name="code")
        for data in documents:
            if data.kind not in NormativeDocument.Kind.values:
                kinds = ", ".join(NormativeDocument.Kind.values)
                raise refuse("documents.unknown_kind", code=data.code, kind=data.kind, known=kinds)
            counts[_store(actor, known.get(data.code), asdict(data))] += 1
    return counts


def _store(actor: Actor, stored: NormativeDocument | None, values: Mapping[str, object]) -> str:
    if stored is None:
        stored = NormativeDocument(updated_at=now())
        before: dict[str, object] = {}
        after = {name: value for name, value in values.items() if value}
        outcome = "added"
    else:
        # What an office wrote itself stands until it changes it again.
        values = {name: value for name, value in values.items() if name not in stored.by_hand}
        differing = [name for name, value in values.items() if getattr(stored, name) != value]
        if not differing:
            return "unchanged"
        before = {name: getattr(stored, name) for name in differing}
        after = {name: values[name] for name in differing}
        outcome = "changed"
    for name, value in values.items():
        setattr(stored, name, value)
    stored.updated_at = now()
    stored.save()
    record(
        actor,
        "documents.stored",
        target_type="document",
        target_id=stored.code,
        before=before,
        after=after,
    )
    return outcome
