"""Shapes that several parts of the API share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import ConfigDict, Field

from jingtu.core.accounts.models import Unit, User
from jingtu.core.files.models import StoredFile

Id = Annotated[int, Field(ge=1, le=2**53, description="The thing's own id.")]
Code = Annotated[str, Field(max_length=96)]
Text = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=1000, description="Why; kept in the history and the audit trail.")]


class Body(Schema):
    """A request body: a field that is not described is refused, so a misspelt one cannot be ignored."""

    model_config = ConfigDict(extra="forbid")


class ProblemEntry(Schema):
    """One thing wrong. `pointer` leads into a JSON body, `row` and `column` into a file or query."""

    pointer: str | None
    row: int | None
    column: str | None
    code: str
    message: str


class ProblemDocument(Schema):
    """A refusal (RFC 9457): `type` is stable, `title` and `detail` are in the caller's language."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemEntry]


class Named(Schema):
    """A code with its name in both languages."""

    code: str
    name_zh: str
    name_en: str


class EvidenceOut(Schema):
    """A file of evidence."""

    name: str
    size: int
    sha256: str


class UnitOut(Schema):
    """A member unit or department in short."""

    id: int
    name: str


class Place(Schema):
    """A region in short."""

    id: int
    code: str
    name: str
    level: str


def evidence_of(stored: StoredFile) -> EvidenceOut:
    """A kept file in short."""
    return EvidenceOut(name=stored.name, size=stored.size, sha256=stored.sha256)


def unit_of(unit: Unit | None) -> UnitOut | None:
    """A unit in short."""
    return None if unit is None else UnitOut(id=unit.pk, name=unit.name)


def name_of(person: User | None) -> str | None:
    """The name of a person, where there is one."""
    return None if person is None else person.full_name


def number(value: Decimal | None) -> str | None:
    """A decimal as text, exactly as it is."""
    return None if value is None else format(value, "f")


def plain(value: Any) -> Any:
    """JSON types only, decimals as text."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value
