"""Secrets encrypted in the database with keys that lie elsewhere.

A key ring is numbered keys, the highest of which encrypts; every secret names its key (``v2:…``), so that keys
change while the site runs and a secret whose key is gone is known as such instead of failing somehow. The ring
comes from the environment (``JINGTU_FIELD_KEYS`` = ``2:…,1:…``) or from a file that only the owner reads; it is
part of neither the database nor its backup.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_SECRET = re.compile(r"v(\d+):(.+)", re.DOTALL)
_lock = threading.Lock()
_known: dict[int, Fernet] = {}


class LostKey(Exception):
    """A secret cannot be read: its key is not in the ring, or is not the one that encrypted it."""

    def __init__(self, version: int | None) -> None:
        super().__init__(f"key version {version} is missing or wrong")
        self.version = version


def encrypt(text: str) -> str:
    """The secret under the newest key."""
    version = newest()
    return f"v{version}:{_known[version].encrypt(text.encode()).decode()}"


def decrypt(secret: str) -> str:
    """The text behind a secret. Raises LostKey."""
    version = version_of(secret)
    if version is None:
        raise LostKey(None)
    if version not in _known:
        _load()  # another process may have turned the ring since
    if version not in _known:
        raise LostKey(version)
    try:
        return _known[version].decrypt(secret.partition(":")[2].encode()).decode()
    except InvalidToken as error:
        raise LostKey(version) from error


def version_of(secret: str) -> int | None:
    """The number of the key that encrypted a secret; None for what is no secret of ours."""
    found = _SECRET.fullmatch(secret)
    return int(found[1]) if found else None


def newest() -> int:
    """The number of the key that encrypts now; the first ring is made when there is none."""
    _load()
    if not _known:
        _write({1: Fernet.generate_key().decode()}, only_if_absent=True)
        _load()
    return max(_known)


def versions() -> list[int]:
    """The numbers of all keys in the ring."""
    _load()
    return sorted(_known)


def add_key() -> int:
    """Add a newer key, which encrypts from now on; its number. Secrets under older keys stay readable.

    Raises ImproperlyConfigured when the ring comes from the environment, which only its keeper can change.
    """
    version = newest() + 1
    _write({**_read(), version: Fernet.generate_key().decode()})
    _load()
    return version


def drop_keys(used: set[int]) -> list[int]:
    """Take out of the ring every key but the newest and those ``used``; the numbers of those taken out."""
    ring = _read()
    kept = {number: key for number, key in ring.items() if number in used or number == max(ring)}
    if kept != ring:
        _write(kept)
        _load()
    return sorted(ring.keys() - kept.keys())


# --- where secrets stand: each app says how its own are counted and encrypted anew

Reencrypt = Callable[[], int]
Used = Callable[[], set[int]]
_places: dict[str, tuple[Used, Reencrypt]] = {}


def register_place(name: str, used: Used, reencrypt: Reencrypt) -> None:
    """Say where secrets are kept: ``used()`` gives the key numbers, ``reencrypt()`` moves all to the newest key."""
    _places[name] = (used, reencrypt)


def used_versions() -> set[int]:
    """The numbers of all keys that some secret needs."""
    return {version for used, _again in _places.values() for version in used()}


def reencrypt_all() -> int:
    """Move every readable secret to the newest key; how many were moved. It may run while the site serves."""
    return sum(again() for _used, again in _places.values())


def _load() -> None:
    with _lock:
        try:
            fresh = {number: Fernet(key) for number, key in _read().items()}
        except ValueError as error:
            raise ImproperlyConfigured("JINGTU_FIELD_KEYS: a key is not 32 bytes in base64") from error
        _known.clear()
        _known.update(fresh)


def _read() -> dict[int, str]:
    """The ring as text; empty where none was made yet."""
    given: str = settings.FIELD_KEYS
    path: Path = settings.FIELD_KEYS_FILE
    text = given or (path.read_text() if path.exists() else "")
    ring = {}
    for part in re.split(r"[,\s]+", text.strip()):
        if part:
            number, colon, key = part.partition(":")
            if not colon or not number.isdigit():
                raise ImproperlyConfigured("JINGTU_FIELD_KEYS: write NUMBER:KEY, separated by commas")
            ring[int(number)] = key
    return ring


def _write(ring: dict[int, str], only_if_absent: bool = False) -> None:
    if settings.FIELD_KEYS:
        raise ImproperlyConfigured("JINGTU_FIELD_KEYS comes from the environment: change it there")
    path: Path = settings.FIELD_KEYS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{number}:{key}\n" for number, key in sorted(ring.items()))
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    if only_if_absent:
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)  # of two processes that start together one makes the ring
        partial.unlink()
    else:
        partial.replace(path)
