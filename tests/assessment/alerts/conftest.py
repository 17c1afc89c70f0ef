"""The small office with alert rules in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.assessment.alerts.watched import WatchedOffice


@pytest.fixture
def watched(db: None, own_store: Path) -> WatchedOffice:
    return WatchedOffice()
