"""The reporting desk as a fixture, on a morning before the deadline."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.assessment.office import Office
from tests.assessment.reporting.desk import Desk, on


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    with on(3):
        yield Desk(office)
