"""Which stored files somebody may open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound

MayOpen = Callable[[Actor, StoredFile], bool]

_readers: dict[str, MayOpen] = {}


def register_purpose(purpose: str, may_open: MayOpen) -> None:
    """Say who besides its owner may open files of ``purpose``; called when an app starts."""
    _readers[purpose] = may_open


def get_file(actor: Actor, file_id: int) -> StoredFile:
    """The file, if ``actor`` owns it or its purpose lets them open it; NotFound otherwise."""
    stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None or not may_open(actor, stored):
        raise NotFound(file_id, "file")
    return stored


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """Whether ``actor`` may read the content of ``stored``.

    The owner's rule applies only while the purpose names none: rights that ended with a post end
    for the files too.
    """
    rule = _readers.get(stored.purpose)
    if rule is not None:
        return rule(actor, stored)
    return stored.owner_id is not None and actor.actor_id == f"user:{stored.owner_id}"


def blob_path(sha256: str) -> Path:
    """Where the content with this hash lives."""
    return Path(settings.STORE) / "files" / sha256[:2] / sha256


def content_path(stored: StoredFile) -> Path:
    """Where the content of ``stored`` lives. For code that has already asked :func:`get_file`."""
    return blob_path(stored.sha256)
