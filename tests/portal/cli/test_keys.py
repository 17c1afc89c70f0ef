"""Keys are turned and watched from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from typer.testing import CliRunner

from jingtu.core.accounts.models import User
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import SYSTEM
from jingtu.portal.cli.keys import app
from jingtu.portal.maintenance.checks import examine

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring(tmp_path: Path, settings: Any) -> Path:
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    user = User.objects.create_user("wang", full_name="王分析")
    Authenticator.objects.create(user=user, type="totp", data={"secret": vault.encrypt("A" * 32)})
    return tmp_path / "keys"


def test_rotation_moves_every_secret_and_drops_the_old_key(ring: Path) -> None:
    done = CliRunner().invoke(app, ["rotate", "--json"])
    assert json.loads(done.output) == {"version": 2, "moved": 1, "dropped": [1]}
    assert vault.decrypt(Authenticator.objects.get().data["secret"]) == "A" * 32
    assert AuditEntry.objects.get(action="keys.rotated").after == {"moved": 1, "dropped": [1]}


def test_a_missing_key_is_named_by_status_and_doctor(ring: Path) -> None:
    assert CliRunner().invoke(app, ["status"]).exit_code == 0
    ring.unlink()
    told = CliRunner().invoke(app, ["status", "--json"])
    assert (told.exit_code, json.loads(told.output)["missing"]) == (1, [1])
    problems = [problem.code for finding in examine(SYSTEM) for problem in finding.problems]
    assert "doctor.key_missing" in problems
