"""The small office as a fixture."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from jingtu.assessment.runs import snapshots
from jingtu.assessment.runs.books import shelf
from jingtu.core.facts import store
from tests.assessment.office import Office


@pytest.fixture
def own_store(tmp_path: Path, settings: Settings) -> Path:
    """Frozen files of a test in a folder of its own."""
    settings.STORE = tmp_path
    store.clear_cache()
    snapshots.forget()
    shelf.clear()
    return tmp_path


@pytest.fixture
def office(db: None, own_store: Path) -> Office:
    return Office()
