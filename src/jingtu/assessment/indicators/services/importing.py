"""Bringing a catalogue in force."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import Max

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.documents.services import DocumentData, store_documents
from jingtu.core.facts.services import store_elements
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied, Problem
from jingtu.engine.catalogue import Catalogue, check_catalogue, dump_yaml, load_catalogue

from ..models import CatalogueVersion

register_actions(
    {
        "indicators.catalogue_imported": ("导入指标目录", "Catalogue imported"),
        "indicators.catalogue_enforced": ("施行指标目录草案", "Catalogue draft put in force"),
    }
)
register_objects({"catalogue": ("指标目录", "Catalogue")})


def import_catalogue(
    actor: Actor,
    source: str | Path,
    note: str = "",
    in_force_from: dt.date | None = None,
) -> tuple[CatalogueVersion, bool]:
    """Check a catalogue (YAML text, a file or a folder of files) and bring it in force as the next version.

    Returns the version and whether it is new: the content of the version in force is not stored again.
    Elements and documents are handed to the apps that keep them, in the same transaction. Needs
    CATALOGUE_MANAGE; raises InvalidInput with everything found wrong, and then stores nothing.
    """
    if not actor.can(Permission.CATALOGUE_MANAGE):
        raise PermissionDenied(Permission.CATALOGUE_MANAGE)
    catalogue = load_catalogue(source)
    errors = [problem for problem in check_catalogue(catalogue) if problem.severity == "error"]
    if errors:
        raise InvalidInput(errors)
    digest = catalogue.digest()
    try:
        with transaction.atomic():
            newest = CatalogueVersion.objects.select_for_update().order_by("-number").first()
            if newest is not None and newest.digest == digest:
                return newest, False
            version = store_version(
                actor, catalogue, note, in_force_from or today(), action="indicators.catalogue_imported"
            )
    except IntegrityError as error:
        raise Conflict(Problem("indicators.somebody_faster")) from error
    return version, True


def store_version(
    actor: Actor,
    catalogue: Catalogue,
    note: str,
    in_force_from: dt.date,
    applies_from: dt.date | None = None,
    *,
    action: str,
) -> CatalogueVersion:
    """The next version, its elements and documents handed to the apps that keep them. Inside a transaction.

    An earlier content brought back gets a new number all the same: numbers say what came when.
    """
    digest = catalogue.digest()
    version = CatalogueVersion.objects.create(
        number=(CatalogueVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        code=catalogue.code,
        digest=digest,
        text=dump_yaml(catalogue),
        in_force_from=in_force_from,
        applies_from=applies_from,
        note=note.strip(),
        indicator_count=len(catalogue.indicators),
        element_count=len(catalogue.elements),
        scorecard_count=len(catalogue.scorecards),
        imported_by_id=user_id_of(actor),
        imported_at=now(),
    )
    store_elements(actor, catalogue.elements.values())
    store_documents(actor, _documents(catalogue))
    record(
        actor,
        action,
        target_type="catalogue",
        target_id=version.number,
        after={
            "code": version.code,
            "digest": digest,
            "applies_from": applies_from.isoformat() if applies_from else None,
            "indicators": version.indicator_count,
            "elements": version.element_count,
            "scorecards": version.scorecard_count,
        },
        reason=note,
    )
    return version


def _documents(catalogue: Catalogue) -> list[DocumentData]:
    return [
        DocumentData(
            code=document.code,
            title_zh=document.title_zh,
            title_en=document.title_en,
            issuer=document.issuer,
            number=document.number,
            date=document.date,
            kind=document.kind,
            url=document.url,
        )
        for document in catalogue.documents.values()
    ]
