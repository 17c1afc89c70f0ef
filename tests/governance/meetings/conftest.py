"""The scene as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.access.cast import make_cast
from tests.governance.meetings.scene import Scene


@pytest.fixture
def scene(db: None, tmp_path: Path, settings: Settings) -> Scene:
    settings.STORE = tmp_path
    return Scene(make_cast())
