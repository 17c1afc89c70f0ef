"""Secrets under numbered keys: turned while in use, and known as lost when their key is gone."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from jingtu.core.kernel import vault


@pytest.fixture
def ring(tmp_path: Path, settings: Any) -> Path:
    settings.FIELD_KEYS = ""
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    return tmp_path / "keys"


def test_a_secret_does_not_show_its_text_and_comes_back(ring: Path) -> None:
    secret = vault.encrypt("验证器密钥")
    assert "验证器" not in secret
    assert vault.version_of(secret) == 1
    assert vault.decrypt(secret) == "验证器密钥"


def test_only_the_owner_reads_the_file_of_keys(ring: Path) -> None:
    vault.encrypt("x")
    assert stat.S_IMODE(ring.stat().st_mode) == 0o600


def test_a_newer_key_encrypts_and_the_older_still_reads(ring: Path) -> None:
    old = vault.encrypt("x")
    assert vault.add_key() == 2
    assert vault.version_of(vault.encrypt("x")) == 2
    assert vault.decrypt(old) == "x"
    assert stat.S_IMODE(ring.stat().st_mode) == 0o600


def test_a_key_that_another_process_added_is_found(ring: Path) -> None:
    vault.encrypt("x")
    key = Fernet.generate_key().decode()
    ring.write_text(f"{ring.read_text()}7:{key}\n")
    secret = f"v7:{Fernet(key).encrypt(b'theirs').decode()}"
    assert vault.decrypt(secret) == "theirs"


def test_unused_keys_are_dropped_but_never_the_newest(ring: Path) -> None:
    vault.encrypt("x")
    vault.add_key()
    vault.add_key()
    assert vault.drop_keys({2}) == [1]
    assert vault.versions() == [2, 3]


@pytest.mark.parametrize("number", [1, 2])
def test_a_lost_key_is_said_to_be_lost(ring: Path, number: int) -> None:
    """Gone from the ring, or another key under its number."""
    secret = vault.encrypt("x")
    ring.write_text(f"{number}:{Fernet.generate_key().decode()}\n")
    vault.versions()
    with pytest.raises(vault.LostKey) as caught:
        vault.decrypt(secret)
    assert caught.value.version == 1


@pytest.mark.parametrize("text", ["", "plain", "v:abc", "vx:abc"])
def test_what_is_no_secret_is_refused(ring: Path, text: str) -> None:
    with pytest.raises(vault.LostKey):
        vault.decrypt(text)


@pytest.mark.parametrize("given", ["nonsense", "1:short", "x:" + "A" * 44])
def test_a_ring_that_makes_no_sense_stops(settings: Any, given: str) -> None:
    settings.FIELD_KEYS = given
    with pytest.raises(ImproperlyConfigured):
        vault.versions()


def test_a_ring_from_the_environment_is_changed_only_there(settings: Any) -> None:
    settings.FIELD_KEYS = f"3:{Fernet.generate_key().decode()}"
    assert vault.decrypt(vault.encrypt("x")) == "x"
    with pytest.raises(ImproperlyConfigured):
        vault.add_key()
