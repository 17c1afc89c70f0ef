"""Strict reading of settings from the environment: a value that makes no sense stops the start."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from jingtu.core.accounts.rules import Rate, parse_rate


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def boolean(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}")


def integer(name: str, default: int) -> int:
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error


def words(name: str, default: tuple[str, ...]) -> list[str]:
    value = os.environ.get(name)
    return list(default) if value is None else [word.strip() for word in value.split(",") if word.strip()]


def secret(name: str, home: Path) -> str:
    """The value of ``name``, of the file named by ``name_FILE``, or of a key made once in ``home``."""
    if value := os.environ.get(name):
        return value
    path = Path(os.environ.get(f"{name}_FILE", home / name.lower()))
    if not path.exists():
        import secrets

        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


def given_secret(name: str) -> str:
    """The value of ``name`` or of the file named by ``name_FILE``; empty when neither is given."""
    if value := os.environ.get(name):
        return value
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text().strip() if path else ""


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def rates(name: str, default: dict[str, str]) -> dict[str, Rate]:
    """``door=number/unit`` pairs over the defaults; ``door=off`` lifts a limit."""
    written = dict(default)
    for pair in words(name, ()):
        door, _, rate = pair.partition("=")
        if door not in default:
            raise ImproperlyConfigured(f"{name}: no door {door!r}; there are {', '.join(default)}")
        written[door] = rate
    try:
        return {door: parse_rate(rate) for door, rate in written.items() if rate != "off"}
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
