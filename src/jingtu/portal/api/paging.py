"""Pages by cursor: opaque, signed, and stable while rows are added in front."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from pydantic import Field

from jingtu.engine.problems import refuse

Row = TypeVar("Row", bound=Model)

SALT = "jingtu.api.cursor"
Limit = Annotated[int, Field(ge=1, le=200, description="Rows on a page.")]
Cursor = Annotated[
    str, Field(max_length=2000, description="`next` of the page before; the other parameters unchanged.")
]


def encode(place: Any, **filters: object) -> str:
    """The cursor behind ``place`` (JSON types) of a list narrowed by ``filters``."""
    return signing.dumps([_fingerprint(filters), place], salt=SALT)


def decode(cursor: str, **filters: object) -> Any:
    """The place that a cursor stands for. Raises InvalidInput for one that was altered or belongs elsewhere."""
    try:
        fingerprint, place = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise refuse("api.cursor", column="cursor") from error
    if fingerprint != _fingerprint(filters):
        raise refuse("api.cursor", column="cursor")
    return place


def newest_first(
    rows: QuerySet[Row], limit: int, cursor: str, **filters: object
) -> tuple[list[Row], str | None]:
    """A page of rows by falling own id, and the cursor of the next page (None on the last). One query."""
    rows = rows.order_by("-pk")
    if cursor:
        rows = rows.filter(pk__lt=decode(cursor, **filters))
    found = list(rows[: limit + 1])
    return found[:limit], encode(found[limit - 1].pk, **filters) if len(found) > limit else None


def _fingerprint(filters: dict[str, object]) -> str:
    text = repr(sorted((name, str(value)) for name, value in filters.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
